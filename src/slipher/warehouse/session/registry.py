"""The sessions of a cluster: by pid, with what cancel and stv_sessions need."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from slipher.base.errors import SqlError
from slipher.warehouse.catalog.bootstrap import RDSDB
from slipher.warehouse.run.state import SessionState, SessionUser

MAX_SESSIONS = 500  # source: reference on limits; the rest of the descriptors and threads is for those who log in


def too_many() -> SqlError:
    """53300 for the cluster's limit."""
    return SqlError("53300", f'connection limit "{MAX_SESSIONS}" exceeded for non-bootstrap users', severity="FATAL")


@dataclass(slots=True)
class Entry:
    """A session with its cancel key and socket."""

    state: SessionState
    key: int
    socket: socket.socket


class Sessions:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, Entry] = {}

    def add(self, entry: Entry) -> None:
        """A session begins, unless the cluster or its user has as many as may be."""
        state = entry.state
        internal = state.session_user.oid == RDSDB
        with self._lock:
            others = [one.state.session_user.oid for one in self._entries.values()]
            if not internal and sum(oid != RDSDB for oid in others) >= MAX_SESSIONS:
                raise too_many()
            limit = state.connection_limit
            if limit is not None and 0 <= limit <= others.count(state.session_user.oid):
                raise SqlError("53300", f'too many connections for user "{state.session_user.name}"')
            self._entries[state.pid] = entry

    def remove(self, pid: int) -> None:
        """A session has ended."""
        with self._lock:
            self._entries.pop(pid, None)

    def __iter__(self) -> Iterator[SessionState]:
        with self._lock:
            entries = list(self._entries.values())
        return iter([entry.state for entry in entries])

    def __len__(self) -> int:
        return len(self._entries)

    def cancel_by_key(self, pid: int, key: int) -> None:
        """CancelRequest: stops what the session runs, if the key is right; silent otherwise."""
        entry = self._entries.get(pid)
        if entry is not None and entry.key == key:
            _cancel(entry.state, None)

    def cancel(self, pid: int, user: SessionUser, message: str | None) -> None:
        """CANCEL: one's own sessions, or all for superusers."""
        entry = self._reachable(pid, user.oid, user.superuser)
        if entry is None:
            raise SqlError("22023", f"PID {pid} is not a PostgreSQL server process")
        _cancel(entry.state, message)

    def signal(self, action: str, pid: int, user: int, superuser: bool) -> bool:
        """pg_cancel_backend stops what a session runs, pg_terminate_backend the session; whether there was one."""
        entry = self._reachable(pid, user, superuser)
        if entry is None:
            return False
        if action == "terminate":  # the client sees the connection end, and no error of its statement
            _hang_up(entry.socket)
        _cancel(entry.state, None)
        return True

    def _reachable(self, pid: int, user: int, superuser: bool) -> Entry | None:
        entry = self._entries.get(pid)
        if entry is not None and not superuser and entry.state.session_user.oid != user:
            raise SqlError("42501", "must be superuser to signal other server processes")
        return entry

    def close_all(self) -> None:
        """The cluster stops: every statement is cancelled, every connection closed."""
        with self._lock:
            entries = list(self._entries.values())
        for entry in entries:
            _cancel(entry.state, "terminating connection due to administrator command")
            with suppress(OSError):
                entry.socket.shutdown(socket.SHUT_RDWR)


def _hang_up(sock: socket.socket) -> None:
    """End a connection that another thread uses; a TLS socket's own shutdown would take its state away from that thread."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _cancel(state: SessionState, message: str | None) -> None:
    statement = state.statement
    if statement is not None:
        text = f"Query ({statement.query_id}) cancelled on user's request"
        statement.cancel.cancel(SqlError("57014", text, detail=message))
