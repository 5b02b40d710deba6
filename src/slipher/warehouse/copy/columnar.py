"""PARQUET and ORC: objects read by ranges, a row group or stripe's part at a time, columns by position.

What is wrong with a file ends the load with its first error, as Redshift's Spectrum layer says it (source: reference on COPY,
section 6, and public logs). Nothing is converted but what the types of both sides allow.
"""

from __future__ import annotations

import bz2
import gzip
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq

from slipher.base.errors import SqlError, engine_error, not_supported
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.ahead import AT_ONCE
from slipher.warehouse.copy.columnar_errors import scan_error
from slipher.warehouse.copy.columnar_types import Columns
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.remote import Remote, Span
from slipher.warehouse.s3 import S3
from slipher.warehouse.statement import CancelToken

ROWS = 122_880  # of a batch at most: what the engine stores together
BATCH = 16 * 1024 * 1024  # bytes of a batch, about
BUFFER = 4 * 1024 * 1024  # of a column of a row group
PACKED: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": lambda file: bz2.BZ2File(file),
}


class Columnar:
    """Reads the files of one COPY."""

    def __init__(
        self, s3: S3, statement: Copy, layout: Layout, cancel: CancelToken, now: Callable[[], datetime], spool: Path
    ) -> None:
        self._s3, self._statement, self._layout, self._cancel, self._now = s3, statement, layout, cancel, now
        self._spool = spool
        self._fetching = ThreadPoolExecutor(AT_ONCE, "copy-range")

    def close(self) -> None:
        """Nothing is read any more; returns when the threads have ended."""
        self._fetching.shutdown(cancel_futures=True)

    def read(self, file: File) -> Iterator[Parsed]:
        """A file's rows."""
        file.started = self._now()
        remote = Remote(self._s3, file, self._fetching)
        with self._opened(file, remote) as source:
            try:
                if self._statement.format == "parquet":
                    schema, batches = self._parquet(source, remote)
                else:
                    schema, batches = self._orc(source)
            except (pa.ArrowException, OSError) as error:
                raise self._corrupt(file, error) from None
            columns = Columns(self._statement, self._layout, schema, file)
            try:
                for batch in batches:
                    self._cancel.check()
                    file.lines += batch.num_rows
                    yield columns.convert(batch, file.lines - batch.num_rows)
            except (pa.ArrowException, OSError) as error:
                raise self._corrupt(file, error) from None
        file.ended, file.bytes, file.scanned = self._now(), file.size, True

    def _parquet(self, source: pa.NativeFile, remote: Remote) -> tuple[Any, Iterator[pa.RecordBatch]]:
        facts = pq.read_metadata(source)
        found = pq.ParquetFile(
            source,
            metadata=facts,
            pre_buffer=False,
            # row groups come whole, the next one while one is decoded; of larger ones some of each column at a time
            buffer_size=0 if remote.expect(_spans(facts)) else BUFFER,
            coerce_int96_timestamp_unit="us",
            page_checksum_verification=True,  # of the pages that have one; ranges of an object have none of S3's
        )
        size = max((facts.row_group(index).total_byte_size for index in range(facts.num_row_groups)), default=0)
        longest = max((facts.row_group(index).num_rows for index in range(facts.num_row_groups)), default=0)
        return found, found.iter_batches(_rows(size, longest), use_threads=False)

    def _orc(self, source: pa.NativeFile) -> tuple[Any, Iterator[pa.RecordBatch]]:
        found = orc.ORCFile(source)

        def stripes() -> Iterator[pa.RecordBatch]:
            for index in range(found.nstripes):
                stripe = found.read_stripe(index)
                rows = _rows(stripe.nbytes, stripe.num_rows)
                for at in range(0, stripe.num_rows, rows):
                    yield stripe.slice(at, rows)

        return found, stripes()

    def _corrupt(self, file: File, error: Exception) -> SqlError:
        name = "Parquet" if self._statement.format == "parquet" else "ORC"
        return scan_error(f"File '{file.url}' is not a valid {name} file: {str(error)[:200]}")

    def _opened(self, file: File, remote: Remote) -> pa.NativeFile:
        """The object as Arrow reads it; packed ones (by the name, for these formats alone) by way of a temporary file."""
        if file.key.endswith(".snappy"):
            raise not_supported(f"COPY of {self._statement.format.upper()} files that are packed whole with snappy")
        unpack = next((made for end, made in PACKED.items() if file.key.endswith(end)), None)
        if unpack is None:
            return pa.PythonFile(remote, "r")
        spool = tempfile.TemporaryFile(dir=self._spool)  # noqa: SIM115
        try:
            with unpack(io.BufferedReader(remote, BUFFER)) as plain:
                shutil.copyfileobj(plain, spool, BUFFER)
        except (OSError, EOFError) as error:
            spool.close()
            raise self._corrupt(file, error) from None
        spool.seek(0)
        return pa.PythonFile(spool, "r")


def _rows(size: int, rows: int) -> int:
    """How many rows of a part of a file go at a time: whole groups of the engine, fewer where they are wide."""
    return max(1024, min(ROWS, BATCH * max(rows, 1) // max(size, 1)))


def _spans(facts: pq.FileMetaData) -> list[Span]:
    """Where each row group lies in the file."""
    found = []
    for index in range(facts.num_row_groups):
        group = facts.row_group(index)
        columns = [group.column(place) for place in range(group.num_columns)]
        starts = [one.dictionary_page_offset if one.dictionary_page_offset else one.data_page_offset for one in columns]
        ends = [start + one.total_compressed_size for start, one in zip(starts, columns, strict=True)]
        if columns:
            found.append((min(starts), max(ends)))
    return found


def check_lengths(statement: Copy, url: str, length: int | None, size: int) -> None:
    """A manifest of columnar files says how long each is, rightly."""
    if statement.format not in ("parquet", "orc"):
        return
    if length is None:
        text = f"Manifest entry for {url} needs meta.content_length for {statement.format.upper()} based COPY"
        raise engine_error(text, context=url, location="s3_utility.cpp:284")
    if length != size:
        raise scan_error(f"File '{url}' has {size} bytes, but the manifest says {length}")
