"""An object of S3 as a file that is read at any place. Parts that will surely be wanted come whole, one ahead of its use."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from typing import Any

from slipher.warehouse.copy.files import File
from slipher.warehouse.s3 import S3

SPAN = 32 * 1024 * 1024  # of a part that is fetched whole; a file has at most two of them in memory

Span = tuple[int, int]  # where it begins and ends


class Remote(io.RawIOBase):
    """Used by one thread at a time; `fetching` is what gets the part that comes next."""

    def __init__(self, s3: S3, file: File, fetching: Executor) -> None:
        self._s3, self._file, self._fetching, self._at = s3, file, fetching, 0
        self._spans: Sequence[Span] = [(0, file.size)] if file.size <= SPAN else []
        self._coming: dict[int, Future[bytes]] = {}

    def expect(self, spans: Sequence[Span]) -> bool:
        """Parts of the file that will be read, in their order. False if some are too large to be held whole; then nothing
        changes."""
        if any(end - start > SPAN for start, end in spans) or list(spans) != sorted(spans):
            return False
        if self._file.size > SPAN:
            self._spans = spans
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Exactly so many bytes, fewer only at the end."""
        end = self._file.size if size is None or size < 0 else min(self._at + size, self._file.size)
        if end <= self._at:
            return b""
        place = bisect_right(self._spans, self._at, key=lambda span: span[0]) - 1
        if place >= 0 and end <= self._spans[place][1]:
            start = self._spans[place][0]
            data = self._span(place)[self._at - start : end - start]
        else:
            data = self._fetch(self._at, end)
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """The same into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _span(self, place: int) -> bytes:
        for one in (place, place + 1):
            if one < len(self._spans) and one not in self._coming:
                self._coming[one] = self._fetching.submit(self._fetch, *self._spans[one])
        for gone in [one for one in self._coming if one < place]:
            del self._coming[gone]
        return self._coming[place].result()

    def _fetch(self, start: int, end: int) -> bytes:
        file = self._file
        with self._s3.open(file.bucket, file.key, etag=file.etag, start=start, end=end) as pieces:
            return b"".join(pieces)
