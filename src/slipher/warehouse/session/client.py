"""One connection, from its first byte to its last: startup (TLS, cancel), login, session.

Each runs in a thread of its own with a blocking socket, so that a slow client holds back itself alone.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import ssl
import time
from dataclasses import dataclass

from slipher.base.errors import SqlError
from slipher.warehouse.context import Warehouse
from slipher.warehouse.run.output import ClientGone
from slipher.warehouse.session import records
from slipher.warehouse.session.login import Knock, login
from slipher.warehouse.session.output import WireOutput
from slipher.warehouse.session.registry import Entry
from slipher.warehouse.session.session import Session
from slipher.warehouse.session.watch import Watcher
from slipher.wire import connection as wire, messages

log = logging.getLogger(__name__)
LOGIN_SECONDS = 60.0
RECEIVE = 256 * 1024
MINOR = 0  # the protocol is 3.0


@dataclass(frozen=True, slots=True)
class Door:
    """What every connection needs of the server."""

    warehouse: Warehouse
    watcher: Watcher
    tls: ssl.SSLContext | None


class Client:
    """A connection. `internal` ones came by the unix socket."""

    def __init__(self, door: Door, sock: socket.socket, internal: bool) -> None:
        self._door = door
        self._socket = sock
        self._internal = internal
        self._wire = wire.Connection()
        self._output = WireOutput(sock)
        self._deadline: float | None = time.monotonic() + LOGIN_SECONDS
        self.remote = "[local]" if internal else "{}:{}".format(*sock.getpeername()[:2])

    def run(self) -> None:
        """Serve until the client goes."""
        try:
            self._serve()
        except SqlError as error:
            self._refuse(error)
        except wire.ProtocolError as error:
            self._refuse(SqlError("08P01", str(error)))
        except (OSError, EOFError, ClientGone):
            pass
        except Exception:
            if self._door.warehouse.closing:
                self._refuse(SqlError("57P03", "the database system is shutting down"))
            else:
                log.exception("a connection failed in an unforeseen way")
                self._refuse(SqlError("XX000", "internal error"))
        finally:
            self._close()

    def _serve(self) -> None:
        startup = self._startup()
        if startup is None:
            return
        if self._door.warehouse.closing:
            raise SqlError("57P03", "the database system is shutting down")
        knock = Knock(startup.parameters, self.remote, self._internal, isinstance(self._socket, ssl.SSLSocket))
        state = login(self._door.warehouse, knock, self._ask)
        session, key = Session(state, self._output), secrets.randbits(32)
        try:
            self._door.warehouse.sessions.add(Entry(state, key, self._socket))
            records.connection(state, "authenticated", self._socket, startup.parameters)
            records.connection(state, "initiating session", self._socket, startup.parameters)
            self._wire.phase = "ready"
            self._deadline = None
            self._socket.settimeout(None)
            self._converse(session, key)
        finally:
            # First what others may wait for (locks, memory), then the seat itself.
            try:
                session.close()
            finally:
                self._door.warehouse.sessions.remove(state.pid)
                records.connection(state, "disconnecting session", self._socket)

    def _converse(self, session: Session, key: int) -> None:
        session.greet(key)
        watcher, state = self._door.watcher, session.state
        while True:
            for event in self._wire.events():
                watcher.begin(self._socket, state)
                try:
                    if not session.handle(event):
                        return
                finally:
                    watcher.end(state)
            self._output.flush()
            self._receive()

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def _refuse(self, error: SqlError) -> None:
        error.severity = "FATAL"
        with contextlib.suppress(OSError, ClientGone):
            self._output.error(error, 0)
            self._output.flush()

    def _receive(self) -> None:
        if self._deadline is not None:
            self._socket.settimeout(max(self._deadline - time.monotonic(), 0.001))
        try:
            data = self._socket.recv(RECEIVE)
        except ValueError:  # closed by the end of the server
            raise EOFError from None
        if not data:
            raise EOFError
        self._wire.feed(data)

    def _next(self) -> wire.Event:
        while True:
            for event in self._wire.events():
                return event
            self._receive()

    def _ask(self, request: bytes) -> wire.Event:
        self._socket.sendall(request)
        return self._next()

    def _startup(self) -> wire.Startup | None:
        while True:
            event = self._next()
            if isinstance(event, wire.SslRequest):
                self._start_tls()
            elif isinstance(event, wire.GssRequest):
                self._socket.sendall(b"N")
            elif isinstance(event, wire.Cancel):
                self._door.warehouse.sessions.cancel_by_key(event.pid, event.key)
                return None
            elif isinstance(event, wire.Startup):
                self._wire.phase = "password"
                if event.minor > MINOR:
                    self._socket.sendall(messages.negotiate(MINOR))
                return event

    def _start_tls(self) -> None:
        if self._wire.buffered:
            raise wire.ProtocolError("received unencrypted data after SSL request")
        context = self._door.tls
        if context is None or self._internal or isinstance(self._socket, ssl.SSLSocket):
            self._socket.sendall(b"N")
            return
        self._socket.sendall(b"S")
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._output.sender = self._socket
