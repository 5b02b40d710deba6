"""Starting a supervisor and waiting until the instance is ready: shared by `slipher up` and slipher.testing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipher.base.lifeline import VARIABLE
from slipher.host.datadir import DataDirectory, StartError, already_runs

START_SECONDS = 60.0


def launch(
    directory: DataDirectory, arguments: Sequence[str], *, attached: bool
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a supervisor; the process, and where its log begins. Raises StartError.

    With `attached` it stops when this process ends, however that comes.
    """
    holder = directory.holder()
    if holder is not None:
        raise already_runs(directory.root, holder)
    directory.prepare()
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if attached:
        environment[VARIABLE] = "stdin"
    log_file = directory.logs / "supervisor.log"
    with log_file.open("ab") as log:
        log_file.chmod(0o600)
        start = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "slipher.host.supervisor", "--data-dir", str(directory.root), *arguments],
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
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
            raise StartError(_reason(directory.logs / "supervisor.log", start))
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


def _reason(log_file: Path, start: int) -> str:
    """What the supervisor said at its end."""
    try:
        lines = log_file.read_bytes()[start:].decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    said = [line.removeprefix("slipher: ") for line in lines if line.startswith("slipher: ")]
    if said:
        return said[-1]
    return f"the supervisor ended before it was ready: {lines[-1] if lines else 'it wrote nothing'}; see {log_file}"


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
