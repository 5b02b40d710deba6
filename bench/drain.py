"""A client that costs next to nothing: sends a query, reads whatever comes until the server is ready again."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass

from slipher.testing.wire import Connection, Report, connect

READY = b"Z\0\0\0\5I"


@dataclass(frozen=True, slots=True)
class Drained:
    """What a query gave: seconds until all of it had come, and until its first bytes; its size."""

    seconds: float
    first: float
    size: int


def simple(text: str) -> bytes:
    """The message of the simple protocol."""
    body = text.encode() + b"\0"
    return b"Q" + struct.pack("!i", len(body) + 4) + body


def extended(text: str, *, binary: bool = False, parameter: str | None = None) -> bytes:
    """Parse, Bind, Describe, Execute, Sync."""
    values = [] if parameter is None else [parameter.encode()]
    given = b"".join(struct.pack("!i", len(one)) + one for one in values)
    parts = [
        (b"P", b"\0" + text.encode() + b"\0\0\0"),
        (b"B", b"\0\0" + struct.pack("!hh", 0, len(values)) + given + struct.pack("!hh", 1, int(binary))),
        (b"D", b"P\0"),
        (b"E", b"\0" + struct.pack("!i", 0)),
        (b"S", b""),
    ]
    return b"".join(kind + struct.pack("!i", len(body) + 4) + body for kind, body in parts)


def drain(connection: Connection, request: bytes, buffer: bytearray) -> Drained:
    """Send a request; read until ReadyForQuery of an idle session, which only the end of an answer looks like."""
    sock: socket.socket = connection._socket
    view = memoryview(buffer)
    begin = time.perf_counter()
    sock.sendall(request)
    first, size, tail = 0.0, 0, b""
    while tail != READY:
        count = sock.recv_into(view)
        if not count:
            raise ConnectionError("the server hung up")
        if not size:
            first = time.perf_counter() - begin
            if view[0] == ord("E"):
                raise RuntimeError(bytes(view[:count]).decode(errors="replace"))
        size += count
        tail = bytes(view[max(count - 6, 0) : count]) if count >= 6 else (tail + bytes(view[:count]))[-6:]
        if tail[-6:-1] == READY[:-1] and tail[-1:] in b"E":
            raise RuntimeError("the statement failed")
    return Drained(time.perf_counter() - begin, first, size)


def run(connection: Connection, text: str) -> float:
    """Run a statement; its seconds. RuntimeError with the server's words if it fails."""
    begin = time.perf_counter()
    for message in connection.simple(text):
        if isinstance(message, Report) and message.error:
            raise RuntimeError(f"{message.code}: {message.message} ({text[:80]})")
    return time.perf_counter() - begin


def by_socket(path: str, user: str, database: str) -> Connection:
    """A session over a unix socket, whose owner is trusted."""
    return connect(path, 0, user=user, database=database, tls=False)
