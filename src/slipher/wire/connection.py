"""The server's side of a connection, sans-IO: bytes in, events out, and a table of which event may come when."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
PROTOCOL_3 = 196608
MAX_STARTUP = 10000
MAX_PASSWORD = 64 * 1024  # before login nobody may make us keep much
MAX_MESSAGE = 64 * 1024 * 1024  # a statement has at most 16 MB


class ProtocolError(Exception):
    """What came is not the protocol: the connection ends with 08P01 and this text."""


@dataclass(frozen=True, slots=True)
class SslRequest:
    pass


@dataclass(frozen=True, slots=True)
class GssRequest:
    pass


@dataclass(frozen=True, slots=True)
class Cancel:
    pid: int
    key: int


@dataclass(frozen=True, slots=True)
class Startup:
    """`minor` is the protocol's minor version that the client would like; ours is 0."""

    parameters: dict[str, str]
    minor: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class PasswordMessage:
    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class DigestAnswer:
    digest: bytes
    client_nonce: bytes


@dataclass(frozen=True, slots=True)
class Query:
    text: str


@dataclass(frozen=True, slots=True)
class Parse:
    name: str
    text: str
    types: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    portal: str
    statement: str
    formats: tuple[int, ...]
    values: tuple[bytes | None, ...]
    result_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Describe:
    kind: str  # S or P
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    portal: str
    limit: int


@dataclass(frozen=True, slots=True)
class Close:
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Sync:
    pass


@dataclass(frozen=True, slots=True)
class Flush:
    pass


@dataclass(frozen=True, slots=True)
class Terminate:
    pass


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message whose frame is whole and whose body is not: an error of that message, not the connection's end."""

    simple: bool  # a Query, which ReadyForQuery answers; otherwise what follows up to Sync is skipped
    sqlstate: str
    message: str


Event = (
    SslRequest
    | GssRequest
    | Cancel
    | Startup
    | PasswordMessage
    | DigestAnswer
    | Query
    | Parse
    | Bind
    | Describe
    | Execute
    | Close
    | Sync
    | Flush
    | Terminate
    | Malformed
)

# phase -> the letters of the messages that may come in it, and how long one may be
ALLOWED: dict[str, bytes] = {"password": b"pdX", "ready": b"QPBDECSHXFdcf"}
LONGEST: dict[str, int] = {"password": MAX_PASSWORD, "ready": MAX_MESSAGE}
STRAY = b"dcf"  # COPY's data after its COPY failed: passed over


class BodyError(Exception):
    """A message's body is not what its letter promises."""

    def __init__(self, message: str, sqlstate: str = "08P01") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class Reader:
    """Reads the fields of one message's body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def string(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise BodyError("invalid string in message")
        value = self._body[self._at : end]
        self._at = end + 1
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise BodyError(f'invalid byte sequence for encoding "UTF8": 0x{value[error.start]:02x}', "22021") from None

    def number(self, form: str) -> int:
        size = struct.calcsize(form)
        value: int = struct.unpack(form, self.take(size))[0]
        return value

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._body):
            raise BodyError("insufficient data left in message")
        value = self._body[self._at : self._at + size]
        self._at += size
        return value

    def rest(self) -> bytes:
        value, self._at = self._body[self._at :], len(self._body)
        return value

    def end(self) -> None:
        if self._at != len(self._body):
            raise BodyError("invalid message format")


class Connection:
    """Feed it bytes, take events. `phase` is startup, then password, then ready; the server moves it on."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.phase = "startup"

    def feed(self, data: bytes) -> None:
        """More bytes from the client."""
        self._buffer += data

    @property
    def buffered(self) -> int:
        """Bytes that wait to be taken: none may wait when TLS starts."""
        return len(self._buffer)

    def events(self) -> Iterator[Event]:
        """The events that are whole. The phase may change between two of them."""
        while True:
            event = self._startup() if self.phase == "startup" else self._message()
            if event is None:
                return
            yield event

    def _startup(self) -> Event | None:
        if len(self._buffer) < 8:
            return None
        length, code = struct.unpack_from("!ii", self._buffer)
        if not 8 <= length <= MAX_STARTUP:
            raise ProtocolError("invalid length of startup packet")
        if len(self._buffer) < length:
            return None
        body = Reader(bytes(self._buffer[8:length]))
        del self._buffer[:length]
        try:
            return self._first(code, body)
        except BodyError as error:
            raise ProtocolError(f"invalid startup packet: {error}") from None

    def _first(self, code: int, body: Reader) -> Event:
        if code == SSL_REQUEST:
            return SslRequest()
        if code == GSS_REQUEST:
            return GssRequest()
        if code == CANCEL_REQUEST:
            return Cancel(body.number("!i"), body.number("!I"))
        if code >> 16 != 3:
            raise ProtocolError(
                f"unsupported frontend protocol {(code >> 16) & 0xFFFF}.{code & 0xFFFF}: server supports 3.0 to 3.0"
            )
        parameters = {}
        while name := body.string():
            parameters[name] = body.string()
        return Startup(parameters, code & 0xFFFF)

    def _message(self) -> Event | None:
        while True:
            if len(self._buffer) < 5:
                return None
            kind = bytes(self._buffer[:1])
            (length,) = struct.unpack_from("!i", self._buffer, 1)
            if kind not in ALLOWED[self.phase]:
                raise ProtocolError(f"invalid frontend message type {kind[0]}")
            if not 4 <= length <= LONGEST[self.phase]:
                raise ProtocolError("invalid message length")
            if len(self._buffer) < length + 1:
                return None
            body = Reader(bytes(self._buffer[5 : length + 1]))
            del self._buffer[: length + 1]
            if self.phase == "ready" and kind in STRAY:
                continue
            try:
                event = PARSERS[kind](body)
                body.end()
            except BodyError as error:
                if self.phase == "password":
                    raise ProtocolError(str(error)) from None
                return Malformed(kind == b"Q", error.sqlstate, str(error))
            return event


def _parse(body: Reader) -> Event:
    name, statement = body.string(), body.string()
    return Parse(name, statement, tuple(body.number("!I") for _ in range(body.number("!H"))))


def _bind(body: Reader) -> Event:
    portal, statement = body.string(), body.string()
    formats = tuple(body.number("!h") for _ in range(body.number("!H")))
    values: list[bytes | None] = []
    for _ in range(body.number("!H")):
        size = body.number("!i")
        values.append(None if size == -1 else body.take(size))
    results = tuple(body.number("!h") for _ in range(body.number("!H")))
    return Bind(portal, statement, formats, tuple(values), results)


def _target(body: Reader) -> tuple[str, str]:
    kind = body.take(1).decode("latin-1")
    if kind not in "SP":
        raise BodyError(f"invalid message subtype {ord(kind)}")
    return kind, body.string()


def _digest(body: Reader) -> Event:
    digest = body.take(body.number("!i"))
    return DigestAnswer(digest, body.take(body.number("!i")))


def _password(body: Reader) -> Event:
    return PasswordMessage(body.rest().rstrip(b"\0"))


def _function(body: Reader) -> Event:
    raise BodyError("fastpath function calls are not supported", "0A000")


PARSERS: dict[bytes, Callable[[Reader], Event]] = {
    b"p": _password,
    b"d": _digest,
    b"Q": lambda body: Query(body.string()),
    b"P": _parse,
    b"B": _bind,
    b"D": lambda body: Describe(*_target(body)),
    b"E": lambda body: Execute(body.string(), body.number("!i")),
    b"C": lambda body: Close(*_target(body)),
    b"S": lambda body: Sync(),
    b"H": lambda body: Flush(),
    b"X": lambda body: Terminate(),
    b"F": _function,
}
