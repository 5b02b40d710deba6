"""The objects of an UNLOAD: nothing can be listed before all rows are there, and after a failure nothing is left.

While rows come, full parts go to multipart uploads that stay open, one of a slice at a time and beside the work on its next
rows; an object's last part waits in memory, and where many objects end (partitions), their last parts are uploaded too.
publish() completes them all, the manifest last; discard() aborts what is open and deletes what was completed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from slipher.base.errors import SqlError, engine_error
from slipher.warehouse import s3uploads
from slipher.warehouse.s3 import S3
from slipher.warehouse.unload.journal import Journal
from slipher.warehouse.unload.names import Name

PART = 8 << 20  # bytes of an upload's part (S3's least is 5 MB, save for the last)
KEPT = 32 << 20  # bytes of last parts that a slice keeps in memory
AT_ONCE = 4  # objects that are made visible at a time


@dataclass
class Object:
    """One object on its way: parts uploaded so far, and what waits for the next one. `records` counts header lines too."""

    key: str
    slice: int
    started: datetime
    records: int = 0
    size: int = 0
    opening: bool = False  # an upload was asked for
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
    """Where objects go: bucket, the client that writes, and how they are called. `max_size` is in bytes, `headers` ask for
    encryption."""

    s3: S3
    bucket: str
    name: Name
    max_size: int
    overwrite: bool
    journal: Journal
    now: Callable[[], datetime]
    headers: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """The objects of one slice, one open at a time. Used by one thread at a time; `uploads` is what uploads."""

    def __init__(self, target: Target, number: int, uploads: Executor) -> None:
        self._target, self._uploads = target, uploads
        self._uploading: Future[None] | None = None
        self._slice = number
        self._kept = 0
        self.objects: list[Object] = []

    @property
    def max_size(self) -> int:
        """Bytes that an object should not exceed."""
        return self._target.max_size

    def open(self, folder: str, part: int) -> Object:
        """Begin an object: the part-th of the folder."""
        made = Object(self._target.name(folder, self._slice, part), self._slice, self._target.now())
        self.objects.append(made)
        return made

    def add(self, current: Object, data: bytes | memoryview) -> None:
        """Append to an object; full parts are uploaded."""
        current.size += len(data)
        current.waiting.append(data)
        current.waiting_size += len(data)
        if current.waiting_size >= PART:
            self._upload(current)

    def end(self, current: Object) -> None:
        """The object is whole."""
        self._kept += current.waiting_size
        self.settle()
        if current.waiting_size and (current.upload is not None or self._kept > KEPT):
            self._kept -= current.waiting_size
            self._upload(current)

    def settle(self) -> None:
        """Wait for what is being uploaded; raises what it failed with."""
        last, self._uploading = self._uploading, None
        if last is not None:
            last.result()

    def _upload(self, current: Object) -> None:
        self.settle()
        self._uploading = self._uploads.submit(self._put, current, current.take())

    def _put(self, current: Object, data: bytes) -> None:
        s3, bucket = self._target.s3, self._target.bucket
        if current.upload is None:
            self._target.journal.opening(bucket, current.key)
            with writing(bucket, current.key):
                current.opening = True
                current.upload = s3uploads.create(s3, bucket, current.key, self._target.headers)
        part = s3uploads.part(s3, bucket, current.key, current.upload, len(current.etags) + 1, data)
        current.etags.append(part)


def publish(target: Target, found: Sequence[Object]) -> None:
    """Make every object visible, several at once; raises what the first of them failed with, when none is on its way any more."""
    with ThreadPoolExecutor(AT_ONCE, "unload-publish") as pool:
        for done in [pool.submit(_publish, target, one) for one in found]:
            try:
                done.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _publish(target: Target, one: Object) -> None:
    # a lost answer must not leave an object behind; but what stood there before is not ours to delete
    one.published = not target.overwrite
    with writing(target.bucket, one.key):
        if one.upload is not None:
            s3uploads.complete(target.s3, target.bucket, one.key, one.upload, one.etags)
        else:
            target.s3.put(target.bucket, one.key, one.take(), target.headers)
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
                s3uploads.abort(s3, bucket, one.key, one.upload)
        elif one.opening:
            with contextlib.suppress(SqlError):
                s3uploads.abort_since(s3, bucket, one.key, one.started)
        if one.published:
            with contextlib.suppress(SqlError):
                s3.delete(bucket, [one.key], cancellable=False)
