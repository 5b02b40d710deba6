"""One child process of the supervisor: started with a lifeline, restarted with growing pauses, given up in a crash loop.

A crash loop is a row of runs that never came to serve, or served only for a moment. A process that served is restarted at once,
however often it is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from slipher.base.lifeline import VARIABLE
from slipher.host.spare import Spare

PAUSES = (0.0, 0.2, 1.0, 2.0)  # seconds before each restart; a failure more, and the child is given up
STABLE_SECONDS = 2.0  # a child that served this long starts again with the first pause
STOP_SECONDS = 15.0  # between SIGTERM and SIGKILL


class Child:
    """A process that shall run. `poll()` is called by the supervisor's loop and does what is due."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log_file: Path,
        serves: Callable[[], bool],
        spare: Spare | None = None,
    ) -> None:
        """`serves` tells whether the process that runs has begun to take connections; `spare` becomes the first process."""
        self._spare = spare
        self.name = name
        self._serves = serves
        self._serving_since: float | None = None
        self.arguments = list(arguments)
        self.log_file = log_file
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.error: str | None = None
        self._due = 0.0
        self._stop_deadline: float | None = None

    @property
    def pid(self) -> int | None:
        """The running process's pid."""
        return self.process.pid if self.process is not None else None

    @property
    def given_up(self) -> bool:
        """Whether the crash loop was ended."""
        return self.failures > len(PAUSES)

    @property
    def serving(self) -> bool:
        """Whether the process that runs takes connections."""
        return self.process is not None and self._serving_since is not None

    def forgive(self) -> None:
        """Forget earlier failures: somebody asked for the process anew."""
        self.failures, self.error, self._due = 0, None, 0.0

    def start(self) -> None:
        """Start the process now."""
        environment = dict(os.environ, **{VARIABLE: "stdin"}, PYTHONUNBUFFERED="1")
        with self.log_file.open("ab") as log:
            self.log_file.chmod(0o600)
            self._log_offset = log.tell()
            spare, self._spare = self._spare, None
            self.process = spare.take(self.arguments[-1], self.log_file) if spare is not None else None
            self.process = self.process or subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
                close_fds=True,
            )
        self._serving_since = None
        self._stop_deadline = None

    def poll(self) -> bool:
        """Start the process when that is due; note its end. True if something changed."""
        now = time.monotonic()
        if self.process is None:
            if self.given_up or now < self._due:
                return False
            self.start()
            return True
        status = self.process.poll()
        if status is None:
            if self._serving_since is None and self._serves():
                self._serving_since = now
                return True
            return False
        self._close_lifeline()
        self.process = None
        if self._serving_since is not None and now - self._serving_since >= STABLE_SECONDS:
            self.failures = 0
        self.failures += 1
        self.error = f"{_ending(status)}: {self._last_words()}"
        if not self.given_up:
            self._due = now + PAUSES[self.failures - 1]
        return True

    def stop(self) -> None:
        """Ask the process to stop; `stopped()` tells when it has, and forces it after a while."""
        if self.process is not None and self._stop_deadline is None:
            self.process.send_signal(signal.SIGTERM)
            self._stop_deadline = time.monotonic() + STOP_SECONDS

    def stopped(self) -> bool:
        """Whether the process that was asked to stop has ended."""
        if self.process is None:
            return True
        if self.process.poll() is not None:
            self._close_lifeline()
            self.process = None
            self._stop_deadline = None
            return True
        if self._stop_deadline is not None and time.monotonic() > self._stop_deadline:
            self.process.kill()
        return False

    def _close_lifeline(self) -> None:
        pipe: IO[bytes] | None = self.process.stdin if self.process is not None else None
        if pipe is not None:
            pipe.close()

    def _last_words(self) -> str:
        """The last line that the process wrote, for `slipher status`."""
        with self.log_file.open("rb") as log:
            log.seek(max(self._log_offset, self.log_file.stat().st_size - 4096))
            lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip()[:500] if lines else "it wrote nothing"


def _ending(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
