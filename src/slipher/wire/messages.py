"""Backend messages of the PostgreSQL protocol 3.0, built as bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from slipher.types.sqltype import SqlType

INT = struct.Struct("!i")
SHORT = struct.Struct("!h")


def message(kind: bytes, body: bytes = b"") -> bytes:
    """A message: its letter, its length, its body."""
    return kind + INT.pack(len(body) + 4) + body


def text(value: str) -> bytes:
    """A zero-terminated string; a NUL inside ends it, as it would for the client."""
    return value.encode("utf-8", "replace").replace(b"\0", b"") + b"\0"


AUTHENTICATION_OK = message(b"R", INT.pack(0))
CLEARTEXT_PASSWORD = message(b"R", INT.pack(3))
PARSE_COMPLETE = message(b"1")
BIND_COMPLETE = message(b"2")
CLOSE_COMPLETE = message(b"3")
NO_DATA = message(b"n")
EMPTY_QUERY = message(b"I")
PORTAL_SUSPENDED = message(b"s")


def md5_password(salt: bytes) -> bytes:
    """AuthenticationMD5Password with 4 bytes of salt."""
    return message(b"R", INT.pack(5) + salt)


def digest_password(salt: bytes, nonce: bytes) -> bytes:
    """Redshift's AuthenticationDigest (13), algorithm 0 = SHA-256 (source: Amazon's drivers)."""
    return message(b"R", INT.pack(13) + INT.pack(0) + INT.pack(len(salt)) + salt + INT.pack(len(nonce)) + nonce)


def parameter_status(name: str, value: str) -> bytes:
    """ParameterStatus."""
    return message(b"S", text(name) + text(value))


def backend_key(pid: int, key: int) -> bytes:
    """BackendKeyData."""
    return message(b"K", INT.pack(pid) + struct.pack("!I", key))


def ready(status: str) -> bytes:
    """ReadyForQuery: I, T or E."""
    return message(b"Z", status.encode())


def command_complete(tag: str) -> bytes:
    """CommandComplete."""
    return message(b"C", text(tag))


def row_description(columns: Sequence[tuple[str, int, int, SqlType]], formats: Sequence[int]) -> bytes:
    """RowDescription: (name, table oid, attribute number, type) by column."""
    parts = [SHORT.pack(len(columns))]
    for (name, table, number, kind), form in zip(columns, formats, strict=True):
        parts.append(text(name) + struct.pack("!ihihih", table, number, kind.oid, kind.row.size, kind.typmod, form))
    return message(b"T", b"".join(parts))


def parameter_description(oids: Sequence[int]) -> bytes:
    """ParameterDescription."""
    return message(b"t", SHORT.pack(len(oids)) + b"".join(INT.pack(oid) for oid in oids))


def negotiate(minor: int) -> bytes:
    """NegotiateProtocolVersion: the newest minor version that is spoken here, and no options refused."""
    return message(b"v", INT.pack(minor) + INT.pack(0))


def fields(kind: bytes, values: Sequence[tuple[str, str | None]]) -> bytes:
    """ErrorResponse (E) or NoticeResponse (N): fields by letter, those without value left out."""
    body = b"".join(letter.encode() + text(value) for letter, value in values if value is not None)
    return message(kind, body + b"\0")
