"""The objects of an UNLOAD: nothing can be listed before all rows are there, and after a failure nothing is left.

While rows come, full parts go to multipart uploads that stay open, and an object's last part waits in memory. publish()
completes them all, the manifest last; discard() aborts what is open and deletes what was completed.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import pyarrow as pa
from isal import isal_zlib

from slipher.base.errors import SqlError, engine_error
from slipher.warehouse.s3 import S3
from slipher.warehouse.unload.lines import pieces

PART = 8 << 20  # bytes of an upload's part (S3's least is 5 MB)
PIECE = 1 << 20  # bytes of text that a file takes at a time, so that it ends close to its largest size
SLACK = 1 << 17  # what the compressor may still hold, and the file's end


class Compressor(Protocol):
    """zlib's compression object."""

    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


@dataclass
class Object:
    """One object on its way: parts uploaded so far, and what waits for the next one."""

    key: str
    slice: int
    started: datetime
    lines: int = 0
    size: int = 0
    upload: str | None = None
    etags: list[str] = field(default_factory=list)
    waiting: list[bytes | memoryview] = field(default_factory=list)
    waiting_size: int = 0
    ended: datetime | None = None
    published: bool = False

    def take(self) -> bytes:
        """What waits, as one piece of bytes; nothing waits after it."""
        data = b"".join(self.waiting)
        self.waiting, self.waiting_size = [], 0
        return data


@dataclass(frozen=True, slots=True)
class Target:
    """Where objects go: bucket, the client that writes, and how a slice's n-th object is called."""

    s3: S3
    bucket: str
    name: Callable[[int, int], str]
    max_size: int
    gzip: bool
    header: bytes
    overwrite: bool
    now: Callable[[], datetime]


class Writer:
    """Writes the lines of one slice into objects of bounded size. Used by one thread at a time."""

    def __init__(self, target: Target, number: int) -> None:
        self._target = target
        self._slice = number
        self.objects: list[Object] = []
        self._compressor: Compressor | None = None

    def write(self, lines: pa.LargeStringArray) -> None:
        """Append lines."""
        if not self.objects:
            self._open()
        for data, count in pieces(lines, PIECE):
            current = self.objects[-1]
            if current.lines and current.size + len(data) + SLACK > self._target.max_size:
                self._end()
                current = self._open()
            self._append(current, data)
            current.lines += count

    def finish(self) -> None:
        """End the last object; a slice without rows has an empty one."""
        if not self.objects:
            self._open()
        self._end()

    def _open(self) -> Object:
        key = self._target.name(self._slice, len(self.objects))
        current = Object(key, self._slice, self._target.now())
        self.objects.append(current)
        self._compressor = isal_zlib.compressobj(1, zlib.DEFLATED, 31) if self._target.gzip else None
        if self._target.header:
            self._append(current, memoryview(self._target.header))
            current.lines += 1
        return current

    def _append(self, current: Object, data: memoryview) -> None:
        self._add(current, self._compressor.compress(data) if self._compressor else data)

    def _add(self, current: Object, data: bytes | memoryview) -> None:
        current.size += len(data)
        current.waiting.append(data)
        current.waiting_size += len(data)
        if current.waiting_size >= PART:
            s3, bucket = self._target.s3, self._target.bucket
            if current.upload is None:
                with writing(bucket, current.key):
                    current.upload = s3.create_multipart(bucket, current.key)
            part = s3.upload_part(bucket, current.key, current.upload, len(current.etags) + 1, current.take())
            current.etags.append(part)

    def _end(self) -> None:
        current = self.objects[-1]
        if self._compressor is not None:
            self._add(current, self._compressor.flush())
            self._compressor = None
        if current.upload is not None and current.waiting_size:
            s3, bucket = self._target.s3, self._target.bucket
            part = s3.upload_part(bucket, current.key, current.upload, len(current.etags) + 1, current.take())
            current.etags.append(part)


def publish(target: Target, found: Sequence[Object]) -> None:
    """Make every object visible."""
    for one in found:
        # a lost answer must not leave an object behind; but what stood there before is not ours to delete
        one.published = not target.overwrite
        with writing(target.bucket, one.key):
            if one.upload is not None:
                target.s3.complete_multipart(target.bucket, one.key, one.upload, one.etags)
            else:
                target.s3.put(target.bucket, one.key, one.take())
        one.published, one.ended = True, target.now()


@contextlib.contextmanager
def writing(bucket: str, key: str) -> Iterator[None]:
    """Errors inside get the context of an object that cannot be written."""
    try:
        yield
    except SqlError as error:
        if error.engine is not None:
            context = f"Failed to initialize S3 output stream. S3 path: s3://{bucket}/{key}"
            raise engine_error(error.message, context=context, hint=error.hint, process="query") from None
        raise


def discard(s3: S3, bucket: str, found: Sequence[Object]) -> None:
    """After a failure: abort open uploads, delete what was made visible; as far as the role's permissions go."""
    for one in found:
        if one.upload is not None:
            with contextlib.suppress(SqlError):
                s3.abort_multipart(bucket, one.key, one.upload)
        if one.published:
            with contextlib.suppress(SqlError):
                s3.delete(bucket, [one.key], cancellable=False)
