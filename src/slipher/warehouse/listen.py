"""The cluster's process: `python -m slipher.warehouse.listen --config FILE`.

A connection's life: startup (TLS, cancel), password, session; each in a thread of its own with blocking sockets, so that a
slow client holds back itself alone. TCP takes users; the unix socket, which only this account can open, the internal
superuser rdsdb.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import select
import signal
import socket
import ssl
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from slipher.base import lifeline
from slipher.base.errors import SqlError
from slipher.base.secretfiles import write_secret
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.catalog.model import UserRow
from slipher.warehouse.config import ClusterConfig
from slipher.warehouse.context import Warehouse
from slipher.warehouse.run.state import SessionState, SessionUser
from slipher.warehouse.session.output import WireOutput
from slipher.warehouse.session.registry import Entry, Sessions
from slipher.warehouse.session.session import Session
from slipher.warehouse.session.settings import Settings
from slipher.wire import auth, connection as wire, messages

log = logging.getLogger("slipher.warehouse")
LOGIN_SECONDS = 60
RECEIVE = 256 * 1024
REPORTED = (
    ("server_version", "8.0.2"),
    ("server_encoding", "UNICODE"),
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO, MDY"),
    ("TimeZone", "UTC"),
    ("integer_datetimes", "on"),
    ("padb_revision", "1.0.434008"),
    ("padb_version", "1.0.434008"),
)


class Client:
    """One connection, from its first byte to its last."""

    def __init__(self, server: Server, sock: socket.socket, internal: bool) -> None:
        self._server = server
        self._socket = sock
        self._internal = internal
        self._wire = wire.Connection()
        self._output = WireOutput(sock)
        self._encrypted = False
        self.remote = "[local]" if internal else "{}:{}".format(*sock.getpeername()[:2])

    def run(self) -> None:
        """Serve until the client goes."""
        try:
            self._socket.settimeout(LOGIN_SECONDS)
            startup = self._startup()
            if startup is None:
                return
            state, key = self._login(startup)
            self._socket.settimeout(None)
            try:
                self._serve(state, key, startup)
            finally:
                state.warehouse.sessions.remove(state.pid)
                state.close()
                self._server.record(state, "disconnecting session", self.remote, self._socket)
        except SqlError as error:
            self._refuse(error)
        except wire.ProtocolError as error:
            self._refuse(SqlError("08P01", str(error), severity="FATAL"))
        except (OSError, ssl.SSLError, EOFError):
            pass
        except Exception:
            log.exception("a connection failed in an unforeseen way")
            self._refuse(SqlError("XX000", "internal error", severity="FATAL"))
        finally:
            self._close()

    def _close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _refuse(self, error: SqlError) -> None:
        error.severity = "FATAL"
        try:
            self._output.error(error, 0)
            self._output.flush()
        except OSError:
            pass

    def _receive(self) -> None:
        data = self._socket.recv(RECEIVE)
        if not data:
            raise EOFError
        self._wire.feed(data)

    def _next(self) -> wire.Event:
        while True:
            for event in self._wire.events():
                return event
            self._receive()

    def _startup(self) -> wire.Startup | None:
        while True:
            event = self._next()
            if isinstance(event, wire.SslRequest):
                self._start_tls()
            elif isinstance(event, wire.GssRequest):
                self._socket.sendall(b"N")
            elif isinstance(event, wire.Cancel):
                self._server.warehouse.sessions.cancel_by_key(event.pid, event.key)
                return None
            elif isinstance(event, wire.Startup):
                self._wire.phase = "password"
                return event

    def _start_tls(self) -> None:
        if self._wire.buffered:
            raise wire.ProtocolError("received unencrypted data after SSL request")
        context = self._server.tls
        if context is None or self._internal or self._encrypted:
            self._socket.sendall(b"N")
            return
        self._socket.sendall(b"S")
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._output._sender = self._socket
        self._encrypted = True

    def _login(self, startup: wire.Startup) -> tuple[SessionState, int]:
        warehouse = self._server.warehouse
        name = startup.parameters.get("user", "")
        database = startup.parameters.get("database") or name
        if not name:
            raise SqlError("28000", "no user name specified in startup packet")
        if not self._internal and not self._encrypted and warehouse.config.require_ssl:
            host = self.remote.rpartition(":")[0]
            text = f'no pg_hba.conf entry for host "{host}", user "{name}", database "{database}", SSL off'
            raise SqlError("28000", text)
        user = warehouse.catalog.snapshot.user(name)
        if self._internal:
            if name != "rdsdb" or user is None:
                raise SqlError("28000", f'password authentication failed for user "{name}"')
        else:
            self._authenticate(name, user)
        assert user is not None
        self._wire.phase = "ready"
        if warehouse.catalog.snapshot.database(database) is None:
            raise SqlError("3D000", f'database "{database}" does not exist')
        limit = user.connection_limit
        if limit is not None and limit >= 0 and warehouse.sessions.of_user(user.oid) >= limit and not user.superuser:
            raise SqlError("53300", f'too many connections for user "{name}"')
        settings = self._settings(startup, user)
        pid = warehouse.activity.next_pid()
        who = SessionUser(user.oid, user.name, user.superuser, user.unrestricted)
        state = SessionState(
            warehouse=warehouse,
            pid=pid,
            user=who,
            session_user=who,
            database=database,
            settings=settings,
            engine=warehouse.engine.session(),
            temp_namespace=f"pg_temp_{pid}",
            started=warehouse.clock.now(),
            remote=self.remote,
        )
        if settings.get("timezone") != "UTC":
            state.apply_timezone()
        return state, secrets.randbits(32)

    def _authenticate(self, name: str, user: UserRow | None) -> None:
        stored = user.password if user is not None else None
        salt = secrets.token_bytes(4)
        right = False
        if stored is not None and stored.startswith("sha256|"):
            _, sha_salt = auth.sha256_parts(stored)
            nonce = secrets.token_bytes(16)
            self._ask(messages.digest_password(sha_salt, nonce))
            answer = self._next()
            right = isinstance(answer, wire.DigestAnswer) and auth.verify_digest(
                stored, nonce, answer.digest, answer.client_nonce
            )
        else:
            self._ask(messages.md5_password(salt))
            answer = self._next()
            given = answer.data if isinstance(answer, wire.PasswordMessage) else b""
            # An unknown user is asked like a known one, so that nobody learns who exists.
            right = auth.verify_md5(stored or "md5" + secrets.token_hex(16), salt, given) and stored is not None
        expired = user is not None and user.valid_until is not None and user.valid_until <= self._server.now()
        if not right or expired or (user is not None and user.oid == bootstrap.RDSDB):
            self._server.record_failure(name, self.remote)
            raise SqlError("28000", f'password authentication failed for user "{name}"')

    def _ask(self, request: bytes) -> None:
        self._socket.sendall(request)

    def _settings(self, startup: wire.Startup, user: UserRow) -> Settings:
        overrides = {str(name): str(value) for name, value in self._server.warehouse.config.parameters.items()}
        settings = Settings(overrides)
        for setting in user.settings:
            name, _, value = setting.partition("=")
            settings.set(name, value)
        for name, value in _startup_parameters(startup.parameters):
            if settings.has(name.lower()):
                settings.set(name.lower(), value)
            else:
                raise SqlError("42704", f'unrecognized configuration parameter "{name}"')
        return settings

    def _serve(self, state: SessionState, key: int, startup: wire.Startup) -> None:
        output = self._output
        state.warehouse.sessions.add(Entry(state, key, self._socket))
        self._server.record(state, "initiating session", self.remote, self._socket, startup.parameters)
        output.send(messages.AUTHENTICATION_OK)
        told = dict(REPORTED)
        told["client_encoding"] = state.settings.get("client_encoding")
        told["TimeZone"] = state.settings.get("timezone")
        told["application_name"] = state.settings.get("application_name")
        told["session_authorization"] = state.user.name
        told["is_superuser"] = "on" if state.user.superuser else "off"
        for name, value in told.items():
            output.send(messages.parameter_status(name, value))
        output.send(messages.backend_key(state.pid, key))
        output.send(messages.ready("I"))
        output.flush()
        session = Session(state, output)
        watch = self._server.watcher
        while True:
            for event in self._wire.events():
                with watch.busy(self._socket, state):
                    if not session.handle(event):
                        return
            output.flush()
            self._receive()


def _startup_parameters(given: dict[str, str]) -> list[tuple[str, str]]:
    """The parameters of the startup message that are settings, `options` taken apart."""
    skipped = {
        "user", "database", "replication", "options", "client_protocol_version", "driver_version", "os_version", "plugin_name",
        "idp_type", "identity_namespace", "token_type", "provider_name", "driver_discovery_version", "max_conns",
    }  # fmt: skip
    found = [(name, value) for name, value in given.items() if name not in skipped and not name.startswith("_")]
    words = given.get("options", "").split()
    for index, word in enumerate(words):
        text = (
            words[index + 1]
            if word == "-c" and index + 1 < len(words)
            else word[2:]
            if word.startswith(("-c", "--"))
            else ""
        )
        name, equals, value = text.partition("=")
        if equals and not (word == "-c" and not text):
            found.append((name, value))
    return found


class Watcher:
    """Notices clients that go away while their statement runs, and cancels it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[int, tuple[socket.socket, SessionState]] = {}
        threading.Thread(target=self._run, name="watcher", daemon=True).start()

    class _Busy:
        def __init__(self, watcher: Watcher, sock: socket.socket, state: SessionState) -> None:
            self._watcher, self._socket, self._state = watcher, sock, state

        def __enter__(self) -> None:
            self._watcher._busy[self._state.pid] = (self._socket, self._state)

        def __exit__(self, *error: object) -> None:
            self._watcher._busy.pop(self._state.pid, None)

    def busy(self, sock: socket.socket, state: SessionState) -> Watcher._Busy:
        """While this holds, the client is watched."""
        return Watcher._Busy(self, sock, state)

    def _run(self) -> None:
        stop = threading.Event()
        while not stop.wait(0.5):
            for sock, state in list(self._busy.values()):
                statement = state.statement
                if statement is not None and _gone(sock):
                    statement.cancel.cancel(
                        SqlError("57014", f"Query ({statement.query_id}) cancelled on user's request")
                    )


def _gone(sock: socket.socket) -> bool:
    """Whether the client has closed its end. Bytes that wait may be its next message, or TLS's farewell: those are not read."""
    try:
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLRDHUP if hasattr(select, "POLLRDHUP") else select.POLLHUP)
        return any(
            flags & (select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)) for _, flags in poll.poll(0)
        )
    except (OSError, ValueError):
        return True


class Server:
    """The listening cluster."""

    def __init__(self, config: ClusterConfig) -> None:
        self.config = config
        self.warehouse = Warehouse(config)
        self.warehouse.sessions = Sessions()
        self.watcher = Watcher()
        self.tls: ssl.SSLContext | None = None
        if config.tls is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self.tls.load_cert_chain(config.tls.cert, config.tls.key)
        self._sockets: list[socket.socket] = []
        self._stopping = threading.Event()

    def now(self) -> datetime:
        """The time."""
        return self.warehouse.clock.now()

    def listen(self) -> None:
        """Open the sockets and take connections until stop()."""
        family = socket.AF_INET6 if ":" in self.config.host else socket.AF_INET
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((self.config.host, self.config.port))
        tcp.listen(256)
        path = self.config.socket
        path.unlink(missing_ok=True)
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            local.bind(str(path))
        finally:
            os.umask(before)
        local.listen(64)
        self._sockets = [tcp, local]
        for sock, internal in ((tcp, False), (local, True)):
            threading.Thread(target=self._accept, args=(sock, internal), name="accept", daemon=True).start()
        run = {"pid": os.getpid(), "port": tcp.getsockname()[1]}
        write_secret(self.config.socket.parent / "run.json", json.dumps(run).encode())

    def _accept(self, sock: socket.socket, internal: bool) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = sock.accept()
            except OSError:
                return
            if not internal:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            try:
                client = Client(self, connection, internal)
            except OSError:
                connection.close()
                continue
            threading.Thread(target=client.run, name="session", daemon=True).start()

    def record(
        self,
        state: SessionState,
        event: str,
        remote: str,
        sock: socket.socket,
        parameters: dict[str, str] | None = None,
    ) -> None:
        """A row of stl_connection_log."""
        if self._stopping.is_set():
            return
        host, _, port = remote.rpartition(":")
        now = self.warehouse.clock.now()
        version = sock.version() if isinstance(sock, ssl.SSLSocket) else None
        given = parameters or {}
        self.warehouse.activity.append(
            "connection",
            {
                "userid": state.session_user.oid,
                "pid": state.pid,
                "event": event,
                "recordtime": now,
                "remotehost": host or remote,
                "remoteport": port,
                "dbname": state.database,
                "username": state.session_user.name,
                "authmethod": "password",
                "duration": int((now - state.started).total_seconds() * 1e6),
                "sslversion": version,
                "application_name": given.get("application_name"),
                "os_version": given.get("os_version"),
                "driver_version": given.get("driver_version"),
                "plugin_name": given.get("plugin_name"),
                "protocol_version": 0,
                "sessionid": "",
            },
        )

    def record_failure(self, user: str, remote: str) -> None:
        """A failed login, in stl_connection_log."""
        host, _, port = remote.rpartition(":")
        self.warehouse.activity.append(
            "connection",
            {
                "event": "authentication failure",
                "recordtime": self.warehouse.clock.now(),
                "remotehost": host,
                "remoteport": port,
                "username": user,
                "authmethod": "password",
            },
        )

    def stop(self) -> None:
        """Close the sockets, end the sessions, close the warehouse."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        for sock in self._sockets:
            sock.close()
        self.warehouse.sessions.close_all()
        limit = 50
        while len(self.warehouse.sessions) and limit:
            threading.Event().wait(0.1)
            limit -= 1
        self.warehouse.close()


def main() -> None:
    """Run a cluster until SIGTERM."""
    options = argparse.ArgumentParser()
    options.add_argument("--config", type=Path, required=True)
    config = ClusterConfig.read(options.parse_args().config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline.watch()
    server = Server(config)
    server.listen()
    log.info("cluster %s listens on %s:%s", config.cluster_id, config.host, config.port)
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
