"""What of a COPY depends on its format of rows: how a file is cut, and what reads the chunks. One list, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from slipher.base.errors import SqlError, engine_error
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.avro import AvroCutter, AvroParser
from slipher.warehouse.copy.chunks import Chunk, Cutter
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.jsonrows import JsonParser, NoShredParser
from slipher.warehouse.copy.jsontext import JsonCutter
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector, by_name, by_paths
from slipher.warehouse.s3 import S3
from slipher.warehouse.statement import CancelToken

Bytes = bytes  # a cutter counts its `bytes`


class ChunkCutter(Protocol):
    """Cuts one file's text into chunks of whole records; `line` and `bytes` count what has gone by."""

    line: int
    bytes: int

    def feed(self, data: Bytes) -> Iterator[Chunk]:
        """Take more bytes; the chunks that are whole now."""

    def finish(self) -> Iterator[Chunk]:
        """The rest."""


class ChunkParser(Protocol):
    """Turns chunks into rows and errors, from any thread."""

    def parse(self, chunk: Chunk) -> Parsed:
        """A chunk's rows and errors."""


def cutter(statement: Copy) -> ChunkCutter:
    """What cuts a file."""
    if statement.format == "avro":
        return AvroCutter()
    return JsonCutter(statement) if statement.format == "json" else Cutter(statement)


def selector(statement: Copy, layout: Layout, s3: S3) -> Selector | None:
    """JSON's and Avro's way from records to columns, a JSONPaths file read if one is named; None for other formats."""
    if statement.format not in ("json", "avro"):
        return None
    if statement.paths == "noshred":
        if len(layout.columns) != 1 or layout.columns[0].type.name != "super":
            raise SqlError("42601", "JSON 'noshred' needs a table, or a column list, of one SUPER column")
        return None
    if not statement.paths.startswith("s3://"):
        return by_name(layout.columns, statement.paths == "auto ignorecase")
    bucket, _, key = statement.paths[5:].partition("/")
    if s3.find(bucket, key) is None:
        raise engine_error(f"Jsonpath file {statement.paths} was not found", location="s3_utility.cpp:670")
    return by_paths(s3.read(bucket, key), statement.paths, layout.columns)


def record_parser(statement: Copy, layout: Layout, cancel: CancelToken, chosen: Selector | None) -> ChunkParser:
    """What reads chunks of JSON or Avro."""
    if chosen is None:
        return NoShredParser(layout, cancel)
    if statement.format == "avro":
        return AvroParser(statement, layout, cancel, chosen)
    return JsonParser(statement, layout, cancel, chosen)
