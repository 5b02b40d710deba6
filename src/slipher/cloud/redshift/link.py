"""Statements of the gateway to a cluster's process: the simple query protocol on its unix socket, as rdsdb."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from pathlib import Path

PROTOCOL = 196608  # 3.0
log = logging.getLogger("slipher.gateway")


class NotRunning(Exception):
    """Nobody listens on the socket."""


class Refused(Exception):
    """The cluster answered with an error; its text."""


def tell(path: Path, statement: str, seconds: float) -> str:
    """Run a statement that has no rows; its tag. Raises NotRunning, or Refused, or OSError if the process goes away meanwhile."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(seconds)
        try:
            link.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning from None
        words = b"user\0rdsdb\0database\0dev\0\0"
        link.sendall(struct.pack(">ii", 8 + len(words), PROTOCOL) + words)
        _until_ready(link)
        text = statement.encode() + b"\0"
        link.sendall(b"Q" + struct.pack(">i", 4 + len(text)) + text)
        tag = _until_ready(link)
        link.sendall(b"X" + struct.pack(">i", 4))
        return tag


def reload(path: Path) -> None:
    """Have a running cluster read its settings again; one that does not run reads them when it starts."""
    with contextlib.suppress(NotRunning):
        try:
            tell(path, "ALTER SYSTEM RELOAD", 30.0)
        except (Refused, OSError) as error:
            log.warning("a cluster could not read its new settings: %s", error)


def _until_ready(link: socket.socket) -> str:
    error, tag = None, ""
    while True:
        kind, size = struct.unpack(">ci", _exactly(link, 5))
        body = _exactly(link, size - 4)
        if kind == b"E":
            fields = {one[:1]: one[1:].decode(errors="replace") for one in body.split(b"\0") if one}
            error = fields.get(b"M", "an error without a text")
            if fields.get(b"S") == "FATAL":
                raise Refused(error)
        elif kind == b"C":
            tag = body.rstrip(b"\0").decode()
        elif kind == b"Z":
            if error is not None:
                raise Refused(error)
            return tag


def _exactly(link: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = link.recv(size - len(found))
        if not piece:
            raise ConnectionResetError("the cluster's process has ended")
        found += piece
    return bytes(found)
