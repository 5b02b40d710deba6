"""A small client of the PostgreSQL protocol 3.0 that keeps everything the server sends, in order.

Drivers hand rows, notices and errors over apart from each other; tests of what a client sees, and when, need this.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from slipher.testing.values import text_of

PROTOCOL = 3 << 16
SSL_REQUEST = 80877103
CANCEL_REQUEST = 80877102
TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a row description; `format` is 0 for text, 1 for binary."""

    name: str
    table_oid: int
    number: int
    type_oid: int
    size: int
    typmod: int
    format: int


@dataclass(frozen=True, slots=True)
class RowDescription:
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class DataRow:
    """A row: each value's bytes as they came, None for NULL."""

    values: tuple[bytes | None, ...]

    def texts(self, fields: Sequence[Field]) -> tuple[str | None, ...]:
        """The values in text form, whichever format they came in."""
        return tuple(
            None if value is None else text_of(value, field.type_oid, field.format)
            for value, field in zip(self.values, fields, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Report:
    """An error or a notice: its fields by letter (S severity, C code, M message, D detail, H hint, P position)."""

    error: bool
    fields: Mapping[str, str]

    @property
    def code(self) -> str:
        """The SQLSTATE."""
        return self.fields.get("C", "")

    @property
    def message(self) -> str:
        """The primary message."""
        return self.fields.get("M", "")


@dataclass(frozen=True, slots=True)
class Complete:
    tag: str


@dataclass(frozen=True, slots=True)
class ParameterStatus:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Ready:
    """ReadyForQuery: I idle, T in a transaction block, E in a failed one."""

    status: str


@dataclass(frozen=True, slots=True)
class Other:
    """Any other message, e.g. kind b'1' ParseComplete, b's' PortalSuspended."""

    kind: bytes
    body: bytes


Message = RowDescription | DataRow | Report | Complete | ParameterStatus | Ready | Other


class ServerError(Exception):
    """The server refused the connection, or a statement run by Connection.rows()."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.code}: {report.message}")
        self.report = report


class Connection:
    """A session. `parameters` are the ParameterStatus values, `status` the last ReadyForQuery's letter."""

    def __init__(self, sock: socket.socket, address: tuple[str, int] | str) -> None:
        self._socket = sock
        self._address = address
        self._file = sock.makefile("rb")
        self.parameters: dict[str, str] = {}
        self.pid = 0
        self.key = 0
        self.status = ""

    def send(self, kind: bytes, body: bytes = b"") -> None:
        """Send one message; kind b'' for those of the start-up phase."""
        self._socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def receive(self) -> Message:
        """The next message. ConnectionError when the server has closed the connection."""
        header = self._file.read(5)
        if len(header) < 5:
            raise ConnectionError("the server closed the connection")
        (length,) = struct.unpack("!i", header[1:])
        body = self._file.read(length - 4)
        if len(body) < length - 4:
            raise ConnectionError("the server closed the connection inside a message")
        message = _read(header[:1], body)
        if isinstance(message, ParameterStatus):
            self.parameters[message.name] = message.value
        elif isinstance(message, Ready):
            self.status = message.status
        return message

    def until_ready(self) -> list[Message]:
        """All messages up to ReadyForQuery, which is the last; or up to a FATAL error, after which the server hangs up."""
        found: list[Message] = []
        while True:
            found.append(message := self.receive())
            if isinstance(message, Ready):
                return found
            if isinstance(message, Report) and message.error and message.fields.get("S") == "FATAL":
                return found

    def simple(self, text: str) -> list[Message]:
        """Run a text by the simple protocol; everything that came."""
        self.send_simple(text)
        return self.until_ready()

    def send_simple(self, text: str) -> None:
        """Only send it: until_ready() gets the answer."""
        self.send(b"Q", text.encode() + b"\0")

    def extended(
        self, text: str, parameters: Sequence[str | None] = (), *, binary: bool = False, max_rows: int = 0
    ) -> list[Message]:
        """Run a statement by Parse, Bind, Describe, Execute and Sync; parameters go as text."""
        self.send_extended(text, parameters, binary=binary, max_rows=max_rows)
        return self.until_ready()

    def send_extended(
        self, text: str, parameters: Sequence[str | None] = (), *, binary: bool = False, max_rows: int = 0
    ) -> None:
        """Only send it: until_ready() gets the answer."""
        values = b"".join(
            struct.pack("!i", -1) if value is None else struct.pack("!i", len(value.encode())) + value.encode()
            for value in parameters
        )
        self.send(b"P", b"\0" + text.encode() + b"\0" + struct.pack("!h", 0))
        self.send(b"B", b"\0\0" + struct.pack("!hh", 0, len(parameters)) + values + struct.pack("!hh", 1, int(binary)))
        self.send(b"D", b"P\0")
        self.send(b"E", b"\0" + struct.pack("!i", max_rows))
        self.send(b"S")

    def rows(self, text: str, parameters: Sequence[str | None] | None = None) -> list[tuple[str | None, ...]]:
        """The rows of a query as text values; ServerError for an error."""
        messages = self.simple(text) if parameters is None else self.extended(text, parameters)
        return rows(messages)

    def cancel(self) -> None:
        """Ask, over a connection of its own, to cancel what runs; returns when the server has taken the request."""
        with _dial(self._address, TIMEOUT_SECONDS) as sock:
            sock.sendall(struct.pack("!iiiI", 16, CANCEL_REQUEST, self.pid, self.key))
            while sock.recv(64):
                pass

    def close(self) -> None:
        """Say goodbye and close."""
        with contextlib.suppress(OSError):
            self.send(b"X")
        self.abort()

    def abort(self) -> None:
        """Close without a word, as a client that died."""
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(
    host: str,
    port: int,
    *,
    user: str,
    password: str = "",
    database: str = "dev",
    root_cert: Path | None = None,
    tls: bool = True,
    options: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Connection:
    """Connect and log in. A `host` that begins with '/' is a unix socket's path (no TLS).

    With `root_cert` the server's certificate must be good for `host`. `timeout`: seconds that the server may be silent
    (TimeoutError after them). Raises ServerError with the server's refusal.
    """
    address: tuple[str, int] | str = host if host.startswith("/") else (host, port)
    sock = _dial(address, timeout)
    try:
        if tls and not isinstance(address, str):
            sock = _encrypt(sock, host, root_cert)
        connection = Connection(sock, address)
        settings = {"user": user, "database": database, **(options or {})}
        words = "".join(f"{name}\0{value}\0" for name, value in settings.items())
        connection.send(b"", struct.pack("!i", PROTOCOL) + words.encode() + b"\0")
        _log_in(connection, user, password)
    except BaseException:
        sock.close()
        raise
    return connection


def _dial(address: tuple[str, int] | str, timeout: float) -> socket.socket:
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        sock.connect(address)
        return sock
    sock = socket.create_connection(address, timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _encrypt(sock: socket.socket, host: str, root_cert: Path | None) -> socket.socket:
    sock.sendall(struct.pack("!ii", 8, SSL_REQUEST))
    if sock.recv(1) != b"S":
        raise ConnectionError("the server does not speak TLS")
    context = ssl.create_default_context(cafile=str(root_cert) if root_cert else None)
    if root_cert is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(sock, server_hostname=host)


def _log_in(connection: Connection, user: str, password: str) -> None:
    while True:
        message = connection.receive()
        if isinstance(message, Ready):
            return
        if isinstance(message, Report) and message.error:
            raise ServerError(message)
        if not isinstance(message, Other):
            continue
        if message.kind == b"K":
            connection.pid, connection.key = struct.unpack("!iI", message.body)
        elif message.kind == b"R" and (answer := _authenticate(message.body, user, password)):
            connection.send(*answer)


def _authenticate(body: bytes, user: str, password: str) -> tuple[bytes, bytes] | None:
    """The answer to an authentication request: clear (3), MD5 (5) or Redshift's digest (13)."""
    (kind,) = struct.unpack_from("!i", body)
    if kind == 0:
        return None
    if kind == 3:
        return b"p", password.encode() + b"\0"
    if kind == 5:
        inner = hashlib.md5(password.encode() + user.encode()).hexdigest().encode()
        return b"p", b"md5" + hashlib.md5(inner + body[4:8]).hexdigest().encode() + b"\0"
    if kind == 13:
        (size,) = struct.unpack_from("!i", body, 8)
        salt, rest = body[12 : 12 + size], body[12 + size :]
        nonce, own = rest[4:], secrets.token_bytes(8)
        digest = hashlib.sha256(hashlib.sha256(password.encode() + salt).digest() + nonce + own).digest()
        counted = [struct.pack("!i", len(part)) + part for part in (digest, own)]
        return b"d", b"".join(counted)
    raise ConnectionError(f"the server asks for authentication of an unknown kind, {kind}")


def rows(messages: Sequence[Message]) -> list[tuple[str | None, ...]]:
    """The rows among messages as text values; ServerError if an error is among them."""
    found: list[tuple[str | None, ...]] = []
    fields: tuple[Field, ...] = ()
    for message in messages:
        if isinstance(message, Report) and message.error:
            raise ServerError(message)
        if isinstance(message, RowDescription):
            fields = message.fields
        elif isinstance(message, DataRow):
            found.append(message.texts(fields))
    return found


def _read(kind: bytes, body: bytes) -> Message:
    if kind == b"D":
        return DataRow(tuple(_cells(body)))
    if kind == b"T":
        return RowDescription(tuple(_fields(body)))
    if kind in (b"E", b"N"):
        parts = [part.decode() for part in body.split(b"\0") if part]
        return Report(kind == b"E", {part[0]: part[1:] for part in parts})
    if kind == b"C":
        return Complete(body[:-1].decode())
    if kind == b"S":
        name, value, _ = body.decode().split("\0")
        return ParameterStatus(name, value)
    if kind == b"Z":
        return Ready(body.decode())
    return Other(kind, body)


def _cells(body: bytes) -> Iterator[bytes | None]:
    (count,) = struct.unpack_from("!h", body)
    at = 2
    for _ in range(count):
        (size,) = struct.unpack_from("!i", body, at)
        at += 4
        if size < 0:
            yield None
            continue
        yield body[at : at + size]
        at += size


def _fields(body: bytes) -> Iterator[Field]:
    (count,) = struct.unpack_from("!h", body)
    at = 2
    for _ in range(count):
        end = body.index(b"\0", at)
        yield Field(body[at:end].decode(), *struct.unpack_from("!ihihih", body, end + 1))
        at = end + 19
