"""A cluster's process in reserve: it reads its modules while the gateway starts, then waits to be told whose cluster it is."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from slipher.base.lifeline import VARIABLE


class Spare:
    """One process, to be taken once or dismissed."""

    def __init__(self) -> None:
        environment = dict(os.environ, **{VARIABLE: "stdin"}, PYTHONUNBUFFERED="1")
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            [sys.executable, "-m", "slipher.warehouse.listen", "--config", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            close_fds=True,
        )

    def take(self, config: str, log_file: Path) -> subprocess.Popen[bytes] | None:
        """The process, now a cluster's; None if it was taken before, or died."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None or process.stdin is None:
            return None
        try:
            process.stdin.write(json.dumps({"config": config, "log": str(log_file)}).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            return None
        return process

    def dismiss(self) -> None:
        """Nobody needs it."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.wait()
