"""The record of one statement, and its cancel token: passed down everywhere that works for the statement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slipher.base.errors import SqlError


class CancelToken:
    """Set once, with the error that the statement shall end with; looked at in every loop that can last.

    Interrupting the engine alone is lost when the engine is idle at that moment, so listeners (the engine's interrupt, the
    wake-up of a lock wait, closing an HTTP exchange) are called as well.
    """

    def __init__(self) -> None:
        self.settled = False  # the statement has failed: what undoes it is not to be stopped
        self._error: SqlError | None = None
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether the token is set."""
        return self._error is not None

    @property
    def error(self) -> SqlError | None:
        """The error that the statement ends with, once the token is set."""
        return self._error

    def cancel(self, error: SqlError) -> None:
        """Set the token; only the first error counts, but who asks again is heard again. Safe from any thread."""
        with self._lock:
            self._error = self._error or error
            listeners = [] if self.settled else list(self._listeners)
        for listener in listeners:
            listener()

    def check(self) -> None:
        """Raise the error if the token is set."""
        if self._error is not None:
            raise self._error

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when the token gets set (at once if it is); returns a function that removes it."""
        with self._lock:
            self._listeners.append(listener)
            late = self._error is not None
        if late:
            listener()

        def remove() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return remove


@dataclass(slots=True)
class Statement:
    """One statement of one session: feeds stl_query, sys_*, the `query:` line of errors, pg_last_*_id and cancel.

    `text` has its secrets redacted. `state` is running, success, failed or canceled. Times are aware, in UTC.
    """

    query_id: int
    xid: int
    pid: int
    user_id: int
    user_name: str
    database: str
    text: str
    started: datetime
    kind: str = "OTHER"
    label: str = "default"
    ended: datetime | None = None
    state: str = "running"
    rows: int = 0
    bytes: int = 0
    lock_wait_us: int = 0
    error: str | None = None
    progress: Any = None  # of a COPY: copy/progress
    cancel: CancelToken = field(default_factory=CancelToken)
