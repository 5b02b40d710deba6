"""Processes that a killed supervisor left behind: ended before a new one starts, so that ports and files are free."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from slipher.host.datadir import DataDirectory


def end_orphans(directory: DataDirectory) -> None:
    """Kill what the last supervisor of this directory started and that still runs."""
    state = directory.state()
    pids = [(state.get("gateway") or {}).get("pid")] + [row.get("pid") for row in state.get("clusters", [])]
    left = {pid for pid in pids if pid and is_ours(pid, directory)}
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while any(is_ours(pid, directory) for pid in left) and time.monotonic() < deadline:
        time.sleep(0.02)


def is_ours(pid: int, directory: DataDirectory) -> bool:
    """Whether the process is one of this directory's; without /proc the lifeline alone ends orphans."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        zombie = ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not zombie and "slipher." in command and str(directory.root) in command
