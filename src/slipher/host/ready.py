"""Starting a supervisor and waiting until the instance is ready: shared by `slipher up` and slipher.testing."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from slipher.host.datadir import DataDirectory, StartError

START_SECONDS = 60.0


def launch(
    directory: DataDirectory,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a supervisor on a prepared directory; the process, and where its log begins. Raises StartError."""
    directory.prepare()
    with (directory.logs / "supervisor.log").open("ab") as log:
        start = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "slipher.host.supervisor", "--data-dir", str(directory.root), *arguments],
            stdin=stdin,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    return process, start


def wait_ready(directory: DataDirectory, process: subprocess.Popen[bytes], start: int) -> dict[str, Any]:
    """The instance's state as soon as the gateway answers and every cluster listens or has been given up.

    Raises StartError, with the process ended or told to end, if that does not come to be.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            words = _words(directory.logs / "supervisor.log", start)
            raise StartError(words.removeprefix("slipher: ") or "the supervisor ended before it was ready")
        state = directory.state()
        if state.get("supervisor", {}).get("pid") == process.pid:
            if state["gateway"].get("error"):
                process.terminate()
                raise StartError(f"the gateway does not start: {state['gateway']['error']}")
            if _settled(state) and _healthy(state["gateway"]["endpoint"]):
                return state
        if time.monotonic() > deadline:
            process.terminate()
            raise StartError(f"not ready after {START_SECONDS:.0f} seconds; see {directory.logs}")
        time.sleep(0.02)


def _words(log_file: Path, start: int) -> str:
    try:
        return log_file.read_bytes()[start:].decode(errors="replace").strip()
    except FileNotFoundError:
        return ""


def _settled(state: dict[str, Any]) -> bool:
    clusters = state["clusters"]
    return bool(state["synced"] and state["gateway"].get("pid")) and all(row["settled"] for row in clusters)


def _healthy(endpoint: str) -> bool:
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{endpoint}/_slipher/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
