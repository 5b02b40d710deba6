"""The way of the chunks: parsed by several threads, given on in their order, errors counted against MAXERROR."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Fast
from slipher.warehouse.copy.chunks import Chunk, halves
from slipher.warehouse.copy.errors import INVALID_TYPE, LoadError, Replacement
from slipher.warehouse.copy.exact import Exact, Parsed
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.formats import ChunkParser, record_parser
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector
from slipher.warehouse.copy.sieve import Sieve
from slipher.warehouse.statement import CancelToken

THREADS = max(2, min(os.cpu_count() or 2, 8))
WINDOW = THREADS + 1  # chunks being parsed or waiting for their turn
SMALL = 64 * 1024  # bytes that go to the exact parser as they are
PARTS = 8
REPLACEMENTS = 100  # rows of a slice that are recorded (source: Redshift's guide, STL_REPLACEMENTS)


class TooManyErrors(Exception):
    """MAXERROR is reached."""


class Parser:
    """Both parsers of one COPY: the fast one, and in doubt, for as little as possible, the exact one."""

    def __init__(self, statement: Copy, layout: Layout, cancel: CancelToken) -> None:
        self._statement, self._cancel = statement, cancel
        self._fast, self._exact = Fast(statement, layout), Exact(statement, layout, cancel)
        self._sieve = Sieve(statement, layout, self._fast, self._exact)

    def parse(self, chunk: Chunk) -> Parsed:
        """A chunk's rows and errors."""
        self._cancel.check()
        if chunk.error is not None:
            return Parsed(errors=[LoadError(chunk.first_line, -1, 0, "", "", chunk.error.code, chunk.error.reason)])
        batch = self._fast.parse(chunk.data, chunk.quotes) if chunk.plain else None
        if batch is not None:
            return Parsed([batch] if batch.num_rows else [])
        sifted = self._sieve.parse(chunk) if chunk.plain else None
        if sifted is not None:
            return sifted
        pieces = halves(chunk, self._statement, PARTS) if chunk.plain and len(chunk.data) > SMALL else []
        if len(pieces) < 2:
            return self._exact.parse(chunk.data, chunk.first_line)
        found = Parsed()
        for piece in pieces:
            found.add(self.parse(piece))
        return found


class Load:
    """The rows of all files in order; `errors` and `rows` grow while it is read. Raises TooManyErrors with the errors kept."""

    def __init__(self, statement: Copy, layout: Layout, cancel: CancelToken, selector: Selector | None = None) -> None:
        self._parser: ChunkParser
        if statement.format in ("json", "avro"):
            self._parser = record_parser(statement, layout, cancel, selector)
        else:
            self._parser = Parser(statement, layout, cancel)
        self._limit = None if statement.all_errors else max(statement.max_error, 1)
        self.errors: list[tuple[File, LoadError]] = []
        self.replaced: list[tuple[File, Replacement]] = []
        self._kept: dict[int, int] = {}
        self.replacements = 0  # rows with replaced characters; `replaced` holds the first of each slice
        self.rows = 0

    def batches(self, source: Iterable[tuple[File, Chunk]]) -> Iterator[pa.RecordBatch]:
        """Parse chunks; their rows."""
        waiting: deque[tuple[File, Future[Parsed]]] = deque()
        pool = ThreadPoolExecutor(THREADS, "copy-parse")
        try:
            for file, chunk in source:
                waiting.append((file, pool.submit(self._parser.parse, chunk)))
                if len(waiting) >= WINDOW:
                    first, future = waiting.popleft()
                    yield from self.take(first, future.result())
            for first, future in waiting:
                yield from self.take(first, future.result())
        finally:
            pool.shutdown(cancel_futures=True)

    def take(self, file: File, parsed: Parsed) -> Iterator[pa.RecordBatch]:
        """Count what was parsed; its rows."""
        for error in parsed.errors:
            self.errors.append((file, error))
            file.errors += 1
            if error.code == INVALID_TYPE or (self._limit is not None and len(self.errors) >= self._limit):
                raise TooManyErrors
        self.replacements += len(parsed.replaced)
        room = REPLACEMENTS - self._kept.get(file.slice, 0)
        if parsed.replaced and room > 0:
            self._kept[file.slice] = self._kept.get(file.slice, 0) + len(parsed.replaced)
            self.replaced += [(file, one) for one in parsed.replaced[:room]]
        self.rows += parsed.rows
        yield from parsed.batches
