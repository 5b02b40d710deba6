"""A result kept for a client that fetches it in parts: cursors and suspended portals. In memory while small, else on disk.

The file has no name (it is unlinked as it is made), so nothing is left of it whatever happens to the process.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from slipher.base.errors import engine_error

IN_MEMORY = 32 * 1024 * 1024


class Kept:
    """Batches go in by add(), rows come out once and in order by take()."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ready: deque[pa.RecordBatch] = deque()
        self._bytes = 0
        self._file: Any = None
        self._writer: Any = None
        self._reader: Any = None

    def add(self, batch: pa.RecordBatch) -> None:
        """More rows; all of them before the first take()."""
        if self._writer is None:
            self._ready.append(batch)
            self._bytes += batch.nbytes
            if self._bytes <= IN_MEMORY:
                return
            self._spill(batch.schema)
            return
        self._write(batch)

    def take(self, count: int | None) -> Iterator[pa.RecordBatch]:
        """The next rows, at most `count` (None: all)."""
        left = count
        while left is None or left > 0:
            batch = self._next()
            if batch is None:
                return
            if left is not None and batch.num_rows > left:
                self._ready.appendleft(batch.slice(left))
                batch = batch.slice(0, left)
            if left is not None:
                left -= batch.num_rows
            yield batch

    def close(self) -> None:
        """Give memory and file back."""
        self._ready.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
        self._reader = None

    def _spill(self, schema: pa.Schema) -> None:
        try:
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 (close() ends it)
        except OSError as error:
            raise engine_error("Disk Full", code=1016) from error
        self._writer = pa.ipc.new_stream(self._file, schema)
        while self._ready:
            self._write(self._ready.popleft())

    def _write(self, batch: pa.RecordBatch) -> None:
        try:
            self._writer.write_batch(batch)
        except OSError as error:
            raise engine_error("Disk Full", code=1016) from error

    def _next(self) -> pa.RecordBatch | None:
        if self._ready:
            return self._ready.popleft()
        if self._file is None:
            return None
        if self._reader is None:
            self._writer.close()
            self._file.seek(0)
            self._reader = pa.ipc.open_stream(self._file)
        try:
            batch: pa.RecordBatch = self._reader.read_next_batch()
        except StopIteration:
            self.close()
            return None
        return batch
