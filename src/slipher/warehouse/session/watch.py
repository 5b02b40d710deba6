"""Notices clients that go away while their statement runs, and cancels it."""

from __future__ import annotations

import select
import socket
import threading

from slipher.base.errors import SqlError
from slipher.warehouse.run.state import SessionState

EVERY_SECONDS = 0.5
CLOSED = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Watcher:
    """One thread for all sessions."""

    def __init__(self) -> None:
        self._busy: dict[int, tuple[socket.socket, SessionState]] = {}
        threading.Thread(target=self._run, name="watcher", daemon=True).start()

    def begin(self, sock: socket.socket, state: SessionState) -> None:
        """A message is being worked on."""
        self._busy[state.pid] = (sock, state)

    def end(self, state: SessionState) -> None:
        """It has been answered."""
        self._busy.pop(state.pid, None)

    def _run(self) -> None:
        stop = threading.Event()
        while not stop.wait(EVERY_SECONDS):
            for sock, state in list(self._busy.values()):
                statement = state.statement
                if statement is not None and _gone(sock):
                    text = f"Query ({statement.query_id}) cancelled on user's request"
                    statement.cancel.cancel(SqlError("57014", text))


def _gone(sock: socket.socket) -> bool:
    """Whether the client has closed its end. Bytes that wait may be its next message, or TLS's farewell: those are not read."""
    try:
        poll = select.poll()
        poll.register(sock.fileno(), getattr(select, "POLLRDHUP", select.POLLHUP))
        return any(flags & CLOSED for _, flags in poll.poll(0))
    except (OSError, ValueError):
        return True
