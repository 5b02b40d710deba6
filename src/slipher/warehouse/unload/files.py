"""A slice's rows into files of bounded size: lines or Parquet, in one folder or in a folder for each partition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from slipher.types.sqltype import SqlType
from slipher.types.text import as_text
from slipher.warehouse.unload.compress import Compression, Compressor
from slipher.warehouse.unload.lines import pieces
from slipher.warehouse.unload.names import folder
from slipher.warehouse.unload.objects import Object, Writer
from slipher.warehouse.unload.parquet import STEP, ParquetFormat

PIECE = 1 << 20  # bytes of text that a file takes at a time, so that it ends close to its largest size
TEXT = pa.large_string()
SEPARATOR = "\0"  # no value of a table holds it


class Files(Protocol):
    """Takes a slice's rows, in order."""

    def write(self, batch: pa.RecordBatch) -> None: ...
    def finish(self) -> None: ...


Make = Callable[[Writer, str], Files]  # the slice's objects and a partition's folder -> its files


class Lines(Protocol):
    """Makes a line of each row."""

    def lines(self, batch: pa.RecordBatch) -> pa.LargeStringArray: ...


class LineFiles:
    """Files of lines, each with the header. `empty`: a slice without rows leaves a file without lines."""

    def __init__(
        self, writer: Writer, folder: str, form: Lines, compression: Compression, header: bytes, *, empty: bool
    ) -> None:
        self._writer = writer
        self._folder = folder
        self._form = form
        self._compression = compression
        self._header = header
        self._empty = empty
        self._parts = 0
        self._current: Object | None = None
        self._compressor: Compressor | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        for data, count in pieces(self._form.lines(batch), PIECE):
            current = self._current or self._open()
            size = current.size + len(data) + self._compression.slack
            if current.records and size > self._writer.max_size:
                self._end(current)
                current = self._open()
            self._append(current, data)
            current.records += count

    def finish(self) -> None:
        """End the last file."""
        if self._parts == 0 and self._empty:
            self._open()
        if self._current is not None:
            self._end(self._current)

    def _open(self) -> Object:
        current = self._current = self._writer.open(self._folder, self._parts)
        self._parts += 1
        self._compressor = self._compression.start()
        if self._header:
            self._append(current, memoryview(self._header))
            current.records += 1
        return current

    def _append(self, current: Object, data: memoryview) -> None:
        self._writer.add(current, self._compressor.compress(data) if self._compressor else data)

    def _end(self, current: Object) -> None:
        if self._compressor is not None:
            self._writer.add(current, self._compressor.flush())
        self._current = self._compressor = None
        self._writer.end(current)


class ParquetFiles:
    """Files of Parquet. A slice without rows leaves none."""

    def __init__(self, writer: Writer, folder: str, form: ParquetFormat) -> None:
        self._writer = writer
        self._folder = folder
        self._form = form
        self._max_size = max(writer.max_size // STEP, 1) * STEP
        self._parts = 0
        self._current: Object | None = None
        self._file: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_size = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        table = self._form.table(batch)
        self._waiting.append(table)
        self._waiting_size += table.nbytes
        if self._waiting_size >= self._form.row_group_size:
            self._flush()

    def finish(self) -> None:
        """End the last file."""
        if self._waiting:
            self._flush()
        if self._current is not None:
            self._end(self._current)

    def _flush(self) -> None:
        rows = pa.concat_tables(self._waiting)
        self._waiting, self._waiting_size = [], 0
        current = self._current
        if current is None:
            current = self._current = self._writer.open(self._folder, self._parts)
            self._parts += 1
            opened = current
            self._file = self._form.file(lambda data: self._writer.add(opened, data), rows)
        assert self._file is not None
        self._file.write_table(rows, row_group_size=rows.num_rows)
        current.records += rows.num_rows
        if current.size >= self._max_size:
            self._end(current)

    def _end(self, current: Object) -> None:
        assert self._file is not None
        self._file.close()
        self._file = self._current = None
        self._writer.end(current)


@dataclass(frozen=True, slots=True)
class Partitioning:
    """PARTITION BY: names and places of the columns, and the places of those that stay in the files."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    kinds: tuple[SqlType, ...]
    kept: tuple[int, ...]


class PartitionedFiles:
    """Files in a folder for each partition. Rows come with those of a partition together."""

    def __init__(self, writer: Writer, by: Partitioning, make: Make) -> None:
        self._writer = writer
        self._by = by
        self._make = make
        self._key: str | None = None
        self._files: Files | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        runs = pc.run_end_encode(self._keys(batch))
        start = 0
        for key, stop in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            if self._files is None or key != self._key:
                self.finish()
                values = tuple(one[1:] if one else None for one in key.split(SEPARATOR))
                self._files, self._key = self._make(self._writer, folder(self._by.names, values)), key
            self._files.write(batch.slice(start, stop - start).select(list(self._by.kept)))
            start = stop

    def finish(self) -> None:
        """End the last partition's files."""
        if self._files is not None:
            self._files.finish()
            self._files = None

    def _keys(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        """The values that the rows' partitions are named by, one text a row: '=' before each, nothing for NULL."""
        texts = [
            _partition_text(batch.column(place), kind)
            for place, kind in zip(self._by.places, self._by.kinds, strict=True)
        ]
        return pc.binary_join_element_wise(*texts, pa.scalar(SEPARATOR, TEXT)) if len(texts) > 1 else texts[0]


def _partition_text(array: pa.Array, kind: SqlType) -> pa.LargeStringArray:
    if kind.name == "bool":
        text = array.cast(TEXT)
    else:
        text = as_text(array, kind, pad=False)
    if kind.name == "bpchar":
        text = pc.ascii_rtrim(text, " ")
    marked = pc.binary_join_element_wise(pa.scalar("=", TEXT), text, pa.scalar("", TEXT))
    return marked.fill_null(pa.scalar("", TEXT))
