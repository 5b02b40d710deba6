"""AVRO: a file's blocks as chunks, each behind a header of its own, and their records as rows.

What the schema calls a logical type is loaded as the plain value that is written, as Redshift does: a timestamp is a number,
which TIMEFORMAT 'epochmillisecs' reads (source: reference on COPY, section 4).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import fastavro
import orjson
from isal import isal_zlib

from slipher.base.errors import SqlError, engine_error
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.chunks import CHUNK, Chunk
from slipher.warehouse.copy.errors import LoadError
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector
from slipher.warehouse.copy.records import MAX_RECORD
from slipher.warehouse.copy.values import Record, Values, json_text
from slipher.warehouse.statement import CancelToken

MAGIC = b"Obj\x01"
CODECS = ("null", "deflate", "snappy")
MAX_HEADER = 1024 * 1024
MAX_BLOCK = 4 * 1024 * 1024
MAX_UNPACKED = MAX_RECORD  # of a block: what holds the largest record
MAX_EMPTY = 1_000_000  # records of a block that take no bytes: those of a schema of nulls
PART = 20_000  # records decoded at a time
SYNC = 16


class _Short(Exception):
    """More bytes are needed."""


class AvroCutter:
    """Cuts one file between its blocks: feed() its bytes, then finish(). `line` counts records."""

    def __init__(self, size: int = CHUNK) -> None:
        self._size = size
        self._data = bytearray()
        self._header: bytes | None = None
        self._marker, self._codec = b"", "null"
        self._blocks: list[bytes] = []
        self._waiting = self._records = 0
        self.line = 1
        self.bytes = 0

    def feed(self, data: bytes) -> Iterator[Chunk]:
        """Take more bytes; the chunks that are whole now."""
        self._data += data
        self.bytes += len(data)
        try:
            if self._header is None:
                self._read_header()
            while self._data:
                self._read_block()
                if self._waiting >= self._size:
                    yield self._chunk()
        except _Short:
            return

    def finish(self) -> Iterator[Chunk]:
        """The rest. `line` is then the number of records, and one."""
        if self._header is None and not self.bytes:
            return
        if self._header is None or self._data:
            raise invalid("unexpected end of file")
        if self._blocks:
            yield self._chunk()

    def _chunk(self) -> Chunk:
        assert self._header is not None
        chunk = Chunk(self._header + b"".join(self._blocks), self.line)
        self.line += self._records
        self._blocks, self._waiting, self._records = [], 0, 0
        return chunk

    def _read_header(self) -> None:
        data = bytes(self._data[: MAX_HEADER + SYNC])
        if not MAGIC.startswith(data[:4]) or (len(data) >= 4 and data[:4] != MAGIC):
            raise invalid("not an Avro file")
        facts: dict[str, bytes] = {}
        try:
            at = len(MAGIC)
            while True:
                count, at = _long(data, at)
                if count == 0:
                    break
                if count < 0:
                    _, at = _long(data, at)
                for _ in range(abs(count)):
                    name, at = _bytes(data, at)
                    value, at = _bytes(data, at)
                    facts[name.decode("utf-8", "replace")] = value
            if len(data) < at + SYNC:
                raise _Short
        except _Short:
            if len(self._data) > MAX_HEADER:
                raise invalid("the header is larger than 1 MB") from None
            raise
        self._marker = data[at : at + SYNC]
        codec = facts.get("avro.codec", b"null").decode("utf-8", "replace")
        if codec not in CODECS:
            raise invalid(f"unsupported codec {codec}")
        self._codec = codec
        kept = "null" if codec == "deflate" else codec  # deflate is unpacked here, where its size can be bounded
        self._header = _header(_schema(facts.get("avro.schema", b"")), kept, self._marker)
        del self._data[: at + SYNC]

    def _read_block(self) -> None:
        head = bytes(self._data[:20])
        count, at = _long(head, 0)
        size, at = _long(head, at)
        if count < 0 or size < 0 or size > MAX_BLOCK:
            raise invalid("a block is larger than 4 MB" if size > MAX_BLOCK else "invalid data")
        end = at + size + SYNC
        if len(self._data) < end:
            raise _Short
        if self._data[at + size : end] != self._marker:
            raise invalid("invalid data: a block does not end with the file's marker")
        block, unpacked = bytes(self._data[at : at + size]), size
        if self._codec == "deflate":
            block = _inflate(block)
            unpacked = len(block)
        elif self._codec == "snappy":
            unpacked, _ = _length(block)
        if unpacked > MAX_UNPACKED:
            raise invalid(f"a block is larger than {MAX_UNPACKED} bytes when it is unpacked")
        if count > unpacked + MAX_EMPTY:
            raise invalid("invalid data: a block has more records than bytes")
        self._blocks.append(_put_long(count) + _put_long(len(block)) + block + self._marker)
        del self._data[:end]
        self._waiting += unpacked + SYNC
        self._records += count


def _inflate(block: bytes) -> bytes:
    """A block packed with deflate, unpacked no further than is allowed, and a byte."""
    unpacker = isal_zlib.decompressobj(-15)
    try:
        out = bytes(unpacker.decompress(block, MAX_UNPACKED + 1))
    except isal_zlib.IsalError:  # type: ignore[misc]
        raise invalid("invalid data") from None
    if not unpacker.eof and len(out) <= MAX_UNPACKED:
        raise invalid("invalid data")
    return out


def _length(block: bytes) -> tuple[int, int]:
    """The unpacked size that a block packed with snappy begins with, and what follows it."""
    value = 0
    for at, byte in enumerate(block[:5]):
        value |= (byte & 0x7F) << (7 * at)
        if not byte & 0x80:
            return value, at + 1
    raise invalid("invalid data")


def _long(data: bytes, at: int) -> tuple[int, int]:
    """A number of Avro's, and what follows it."""
    value = shift = 0
    while True:
        if at >= len(data):
            raise _Short
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise invalid("invalid data")


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _long(data, at)
    if size < 0:
        raise invalid("invalid data")
    if at + size > len(data):
        raise _Short
    return data[at : at + size], at + size


def _put_long(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value & ~0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _header(schema: Any, codec: str, marker: bytes) -> bytes:
    facts = {b"avro.schema": orjson.dumps(schema), b"avro.codec": codec.encode()}
    pairs = b"".join(_put_long(len(name)) + name + _put_long(len(value)) + value for name, value in facts.items())
    return MAGIC + _put_long(len(facts)) + pairs + b"\0" + marker


def _schema(text: bytes) -> Any:
    """The schema without logical types; it must be a record's."""
    try:
        schema = orjson.loads(text)
        fastavro.parse_schema(_plain(schema))
    except (orjson.JSONDecodeError, fastavro.schema.SchemaParseException, TypeError, KeyError, AttributeError) as error:
        raise invalid(f"invalid schema: {error}") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise invalid("Invalid Avro schema: the type must be record")
    return _plain(schema)


def _plain(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in ("logicalType", "default")}
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def invalid(reason: str) -> SqlError:
    """What is wrong with a file as a whole."""
    return engine_error(f"Invalid Avro file: {reason}", location="avro_scanner.cpp:0", process="query")


class AvroParser:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, cancel: CancelToken, selector: Selector) -> None:
        self._cancel, self._values = cancel, Values(statement, layout, selector)

    def parse(self, chunk: Chunk) -> Parsed:
        """A chunk's rows and errors."""
        self._cancel.check()
        if chunk.error is not None:
            return Parsed(errors=[LoadError(chunk.first_line, -1, 0, "", "", chunk.error.code, chunk.error.reason)])
        found = Parsed()
        line = chunk.first_line
        reader = _decoded(chunk.data)
        while records := list(islice(reader, PART)):
            self._cancel.check()
            batch = self._values.whole(records)
            if batch is not None:
                found.batches.append(batch)
            else:
                found.add(self._values.parse(list(_named(records, line))))
            line += len(records)
        return found


def _decoded(data: bytes) -> Iterator[Any]:
    """The records of a chunk."""
    try:
        yield from fastavro.reader(io.BytesIO(data))
    except Exception as error:  # whatever a damaged block makes of the decoder
        raise invalid(f"invalid data: {type(error).__name__}") from None


def _named(records: list[Any], first: int) -> Iterator[Record]:
    for number, one in enumerate(records, first):
        yield Record(one, number, json_text(one).encode("utf-8", "replace"))
