"""A shell that shows what a person would type and what came back, and that checks it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from typing import IO

Expected = str | re.Pattern[str]
PATIENCE_SECONDS = 120.0


class StoryError(Exception):
    """A step that did not do what the story says."""


def check(output: str, expected: tuple[Expected, ...]) -> None:
    """Each of `expected` comes in the output, in this order; StoryError names the first that does not."""
    at = 0
    for one in expected:
        found = re.compile(one if isinstance(one, re.Pattern) else re.escape(one)).search(output, at)
        if found is None:
            raise StoryError(f"expected {one.pattern if isinstance(one, re.Pattern) else one!r}, got:\n{output}")
        at = found.end()


class Shell:
    """Commands one after another with one environment, as in a terminal: what a command exports, the next ones see."""

    def __init__(self, folder: Path, environment: dict[str, str], colours: bool = False) -> None:
        self.folder = folder
        self.environment = environment
        self.colours = colours

    def _print(self, text: str, style: str = "") -> None:
        print(f"\033[{style}m{text}\033[0m" if style and self.colours else text, flush=True)

    def title(self, text: str) -> None:
        """A step begins."""
        self._print(f"\n== {text}", "1;36")

    def note(self, text: str) -> None:
        """A remark between commands."""
        self._print(f"# {text}", "2")

    def type(self, command: str, *expected: Expected, status: int | None = 0) -> str:
        """Show a command, run it, show what came back, check it; status None allows every one. Returns the output."""
        self._print(f"$ {command}", "1")
        with tempfile.TemporaryFile() as kept:
            os.set_inheritable(kept.fileno(), True)
            script = f"{command}\n_status=$?\nenv -0 >&{kept.fileno()}\nexit $_status"
            done = subprocess.run(
                ["sh", "-c", script],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=(kept.fileno(),),
            )
            kept.seek(0)
            lines = kept.read().decode().split("\0")
        if any(lines):
            self.environment = dict(line.split("=", 1) for line in lines if "=" in line)
        output = done.stdout.rstrip("\n")
        if output:
            self._print(output)
        if status is not None and done.returncode != status:
            raise StoryError(f"expected exit status {status}, got {done.returncode}")
        check(output, expected)
        return output


class Session:
    """A psql that stays open, in a second terminal."""

    MARK = "--done--"

    def __init__(self, shell: Shell, command: str) -> None:
        self._shell = shell
        shell._print(f"(second terminal) $ {command}", "1;33")
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=shell.folder,
            env=shell.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def type(self, text: str, *expected: Expected) -> str:
        """Type SQL; show and check what comes back."""
        for line in text.splitlines():
            self._shell._print(f"(second terminal) => {line}", "1;33")
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n\\echo {self.MARK}\n")
        self._process.stdin.flush()
        output = "".join(self._until_mark()).rstrip("\n")
        if output:
            self._shell._print(output)
        check(output, expected)
        return output

    def _until_mark(self) -> list[str]:
        lines: list[str] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise StoryError(f"the session did not answer in {PATIENCE_SECONDS:.0f} seconds") from None
            if line is None:
                raise StoryError(f"the session ended: {''.join(lines)}")
            if line.strip() == self.MARK:
                return lines
            lines.append(line)

    def close(self) -> None:
        """Leave."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def wants_colours() -> bool:
    """Whether a person looks on."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
