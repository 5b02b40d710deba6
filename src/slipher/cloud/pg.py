"""A client of the PostgreSQL protocol for a cluster's unix socket: one statement at a time, rows as they come.

Statements go by the extended protocol, as Redshift's Data API sends them: one statement in a text, values apart from it. What the
gateway itself tells a cluster goes by the simple one (`simple`).
Rows are handed on as the bytes of their DataRow messages, so that a large result costs no object a row.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from slipher.wire.auth import md5_answer, md5_stored

PROTOCOL, CANCEL = 3 << 16, 80877102
CONNECT_SECONDS = 30.0
INTERNAL = "rdsdb"
RECEIVE = 256 * 1024
CLOSED = "The cluster does not take connections."
HEADER, ROW = struct.Struct("!ci"), struct.Struct("!cih")
INT, SHORT = struct.Struct("!i"), struct.Struct("!h")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result. `table` and `number` are 0 where it is no table's."""

    name: str
    table: int
    number: int
    oid: int
    typmod: int


@dataclass
class Failure(Exception):
    """An error that the cluster sent: its fields by letter."""

    fields: dict[str, str]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """As Amazon's JDBC driver, by which the Data API speaks to a cluster, puts it."""
        found = f"{self.fields.get('S', 'ERROR')}: {self.fields.get('M', '')}"
        for letter, name in (("D", "Detail"), ("H", "Hint"), ("P", "Position")):
            if self.fields.get(letter):
                found += f"\n  {name}: {self.fields[letter]}"
        return found


class Lost(Exception):
    """The connection could not be made, or has ended."""


class NotListening(Lost):
    """Nobody listens on the socket: the cluster does not run."""


@dataclass(slots=True)
class Answer:
    """What a statement gave: `columns` None for those without a result set; `size` is the rows' bytes."""

    columns: list[Column] | None = None
    tag: str = ""
    rows: int = 0
    size: int = 0


Sink = Callable[[bytes], None]


def _nowhere(rows: bytes) -> None:
    """For statements whose rows nobody wants."""


@dataclass
class Link:
    """A session. `status` is that of the last ReadyForQuery: I idle, T in a transaction, E in a failed one."""

    path: Path
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pid: int = 0
    key: int = 0
    status: str = "I"
    parameters: dict[str, str] = field(default_factory=dict)

    async def run(self, text: str, values: Sequence[str] = (), sink: Sink = _nowhere) -> Answer:
        """Run a statement; its rows go to `sink` as they come. Failure for an error, Lost if the connection ends."""
        bound = b"".join(INT.pack(len(value)) + value for value in (value.encode() for value in values))
        self.writer.write(
            _message(b"P", b"\0" + _string(text) + SHORT.pack(0))
            + _message(b"B", b"\0\0" + SHORT.pack(0) + SHORT.pack(len(values)) + bound + SHORT.pack(0))
            + _message(b"D", b"P\0")
            + _message(b"E", b"\0" + INT.pack(0))
            + _message(b"S")
        )
        return await self._answer(sink)

    async def simple(self, text: str) -> Answer:
        """Run a text by the simple protocol; rows are not wanted."""
        self.writer.write(_message(b"Q", _string(text)))
        return await self._answer(_nowhere)

    async def _answer(self, sink: Sink) -> Answer:
        answer, failure, buffer = Answer(), None, bytearray()
        while True:
            at = 0
            while (end := _end(buffer, at)) is not None:
                kind, begin = buffer[at], at + 5
                if kind == 68:  # D: as many as there are, in one piece
                    last, count = _run_of_rows(buffer, at)
                    sink(bytes(buffer[at:last]))
                    answer.rows += count
                    answer.size += last - at - (7 + 4 * len(answer.columns or ())) * count
                    at = last
                    continue
                body = bytes(buffer[begin:end])
                at = end
                if kind == 84:  # T
                    answer.columns = _columns(body)
                elif kind == 67:  # C
                    answer.tag = body[:-1].decode()
                elif kind == 69:  # E
                    failure = failure or Failure(_fields(body))
                    if failure.fields.get("S") == "FATAL":
                        self.close()
                        raise failure
                elif kind == 83:  # S
                    name, value, _ = body.decode().split("\0")
                    self.parameters[name] = value
                elif kind == 90:  # Z
                    self.status = chr(body[0])
                    if failure is not None:
                        raise failure
                    return answer
            del buffer[:at]
            await self._receive(buffer)

    async def _receive(self, buffer: bytearray) -> None:
        try:
            data = await self.reader.read(RECEIVE)
        except OSError:
            data = b""
        if not data:
            self.close()
            raise Lost("The connection to the cluster ended.")
        buffer += data

    async def cancel(self) -> None:
        """Ask the cluster to stop what runs here."""
        try:
            _, writer = await asyncio.open_unix_connection(self.path)
            writer.write(struct.pack("!iiiI", 16, CANCEL, self.pid, self.key))
            await writer.drain()
            writer.close()
        except OSError:
            pass  # it is gone, and with it what ran

    def close(self) -> None:
        """Hang up; a transaction that is open is rolled back by the cluster."""
        self.writer.close()

    @property
    def closed(self) -> bool:
        """Whether it was hung up, here or there."""
        return self.writer.is_closing() or self.reader.at_eof()


async def connect(path: Path, user: str, password: str | None, database: str) -> Link:
    """A session for a user with his password, or one of GetClusterCredentials; with None, for the internal superuser.

    The socket lets the internal superuser in without a password, so nobody else may come under that name, nor by words that
    would run into each other (a zero ends one).
    """
    if (user == INTERNAL) != (password is None) or "\0" in f"{user}{password}{database}":
        raise Failure({"S": "FATAL", "C": "28000", "M": f'password authentication failed for user "{user}"'})
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            link = Link(path, *await asyncio.open_unix_connection(path))
            words = {"user": user, "database": database, "client_encoding": "UTF8"}
            body = b"".join(_string(name) + _string(value) for name, value in words.items()) + b"\0"
            link.writer.write(INT.pack(len(body) + 8) + INT.pack(PROTOCOL) + body)
            await _log_in(link, user, password or "")
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotListening(CLOSED) from None
    except (OSError, TimeoutError):
        raise Lost(CLOSED) from None
    return link


async def _log_in(link: Link, user: str, password: str) -> None:
    while True:
        try:
            kind, length = HEADER.unpack(await link.reader.readexactly(5))
            body = await link.reader.readexactly(length - 4)
        except asyncio.IncompleteReadError:
            raise Lost(CLOSED) from None
        if kind == b"R":
            link.writer.write(_proof(body, user, password))
        elif kind == b"E":
            link.close()
            raise Failure(_fields(body))
        elif kind == b"S":
            name, value, _ = body.decode().split("\0")
            link.parameters[name] = value
        elif kind == b"K":
            link.pid, link.key = struct.unpack("!iI", body)
        elif kind == b"Z":
            return


def _proof(body: bytes, user: str, password: str) -> bytes:
    """The answer to a request of authentication: nothing for "you are in", the password in clear, md5, or Redshift's digest."""
    (kind,) = INT.unpack_from(body)
    if kind == 0:
        return b""
    if kind == 3:
        return _message(b"p", _string(password))
    if kind == 5:
        return _message(b"p", md5_answer(md5_stored(user, password), body[4:8]) + b"\0")
    (size,) = INT.unpack_from(body, 8)
    salt, nonce, own = body[12 : 12 + size], body[16 + size :], secrets.token_bytes(8)
    digest = hashlib.sha256(hashlib.sha256(password.encode() + salt).digest() + nonce + own).digest()
    return _message(b"d", INT.pack(len(digest)) + digest + INT.pack(len(own)) + own)


def rows_of(data: bytes) -> tuple[list[list[str | None]], int]:
    """The values, in text, of the DataRow messages that are whole, and the bytes that those are; ValueError for other bytes."""
    found = list[list[str | None]]()
    at, size, head, length = 0, len(data), ROW.unpack_from, INT.unpack_from
    while at + ROW.size <= size:
        kind, long, count = head(data, at)
        end = at + 1 + long
        if kind != b"D" or long < 6:
            raise ValueError("not a row")
        if end > size:
            break
        at += ROW.size
        row = list[str | None]()
        for _ in range(count):
            (bytes_,) = length(data, at)
            at += 4
            if bytes_ < 0:
                row.append(None)
            else:
                row.append(data[at : at + bytes_].decode("utf-8", "replace"))
                at += bytes_
        found.append(row)
        at = end
    return found, at


def _end(buffer: bytearray, at: int) -> int | None:
    """Where the message that begins at `at` ends; None if it has not come whole."""
    if len(buffer) < at + 5:
        return None
    end: int = at + 1 + INT.unpack_from(buffer, at + 1)[0]
    return end if len(buffer) >= end else None


def _run_of_rows(buffer: bytearray, at: int) -> tuple[int, int]:
    count = 0
    while (end := _end(buffer, at)) is not None and buffer[at] == 68:
        at, count = end, count + 1
    return at, count


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + INT.pack(len(body) + 4) + body


def _string(value: str) -> bytes:
    return value.encode() + b"\0"


def _fields(body: bytes) -> dict[str, str]:
    parts = [part.decode("utf-8", "replace") for part in body.split(b"\0") if part]
    return {part[0]: part[1:] for part in parts}


def _columns(body: bytes) -> list[Column]:
    (count,) = SHORT.unpack_from(body)
    at, found = 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        table, number, oid, _, typmod, _ = struct.unpack_from("!ihihih", body, end + 1)
        found.append(Column(body[at:end].decode(), table, number, oid, typmod))
        at = end + 19
    return found
