"""The `slipher` command as a person types it, and what the operating system says of its processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS = 120


def environment() -> dict[str, str]:
    """This process's environment without what clients of some instance would take."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PG", "SLIPHER_"))}


def slipher(*arguments: str | Path, ok: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `ok` is whether it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "slipher", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment() | more,
    )
    assert (done.returncode == 0) is ok, (done.returncode, done.stdout, done.stderr)
    return done


def refused(*arguments: str | Path) -> str:
    """The one line that a command which cannot be done says, with exit status 1 and nothing on its output."""
    done = slipher(*arguments, ok=False)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("slipher: ")
    return line.removeprefix("slipher: ")


def start(directory: Path, *options: str) -> dict[str, Any]:
    """`slipher up --detach` on any free ports of a new directory; what `slipher status` says then."""
    slipher("up", "--detach", "--data-dir", directory, "--aws-port", "0", "--sql-port", "0", *options)
    return status(directory)


def status(directory: Path) -> dict[str, Any]:
    """`slipher status --format json`."""
    found: dict[str, Any] = json.loads(slipher("status", "--data-dir", directory, "--format", "json").stdout)
    return found


def running(directory: Path) -> dict[str, Any]:
    """What `slipher status` would say, from the file that it reads: quicker where it is asked again and again."""
    found: dict[str, Any] = json.loads((directory / "run" / "state.json").read_bytes())
    return found


def variables(directory: Path, *options: str) -> dict[str, str]:
    """`slipher env --format json`."""
    found: dict[str, str] = json.loads(slipher("env", "--data-dir", directory, "--format", "json", *options).stdout)
    return found


def pids(report: dict[str, Any]) -> list[int]:
    """Every process of an instance."""
    return [report["supervisor"]["pid"], report["gateway"]["pid"], *(row["pid"] for row in report["clusters"])]


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be noticed by its parent does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def until(what: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for something to be true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)
    return found
