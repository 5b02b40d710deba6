"""Objects of S3 as chunks: several are fetched and unpacked ahead in bounded memory, their chunks come in order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from isal import isal_zlib

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.chunks import CHUNK, Chunk
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.formats import cutter as new_cutter
from slipher.warehouse.copy.transcode import transcode
from slipher.warehouse.copy.unpack import UNPACKERS as OTHERS, Unpacker, refused
from slipher.warehouse.s3 import S3
from slipher.warehouse.statement import CancelToken

AHEAD = 4  # objects worked on at once
GZIP = 31  # window bits of a gzip header and the largest window
MAGIC = b"\x1f\x8b"
WAIT = 0.1


@dataclass(slots=True)
class _Lane:
    """The chunks of one file on their way; None ends them, an exception is raised by who takes it."""

    file: File
    chunks: queue.Queue[Chunk | BaseException | None]


class Fetcher:
    """Iterates over (file, chunk) in the order of the files. close() ends the threads."""

    def __init__(
        self, s3: S3, statement: Copy, files: Sequence[File], cancel: CancelToken, now: Callable[[], datetime]
    ) -> None:
        self._s3, self._statement, self._cancel, self._now = s3, statement, cancel, now
        self._lanes = [_Lane(file, queue.Queue(maxsize=1)) for file in files]
        self._next = iter(self._lanes)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name="copy-fetch", daemon=True) for _ in range(min(AHEAD, len(files)))
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[tuple[File, Chunk]]:
        for lane in self._lanes:
            while True:
                found = self._take(lane)
                if found is None:
                    break
                if isinstance(found, BaseException):
                    raise found
                yield lane.file, found

    def close(self) -> None:
        """Stop fetching; returns when the threads have ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _take(self, lane: _Lane) -> Chunk | BaseException | None:
        while True:
            self._cancel.check()
            try:
                return lane.chunks.get(timeout=WAIT)
            except queue.Empty:
                continue

    def _put(self, lane: _Lane, item: Chunk | BaseException | None) -> None:
        while not self._stopping.is_set():
            try:
                lane.chunks.put(item, timeout=WAIT)
                return
            except queue.Full:
                continue
        raise _Stopped

    def _work(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                lane = next(self._next, None)
            if lane is None:
                return
            try:
                self._fetch(lane)
                self._put(lane, None)
            except _Stopped:
                return
            except BaseException as error:  # handed to the load, which raises it
                try:
                    self._put(lane, error)
                except _Stopped:
                    return

    def _fetch(self, lane: _Lane) -> None:
        file = lane.file
        file.started = self._now()
        cutter = new_cutter(self._statement)
        with self._s3.open(file.bucket, file.key, etag=file.etag) as pieces:
            unpacker = UNPACKERS.get(self._statement.compression)
            counted = _counted(pieces, file)
            unpacked = unpacker(counted, file.url) if unpacker else counted
            try:
                for piece in transcode(unpacked, self._statement.encoding):
                    for chunk in cutter.feed(piece):
                        self._put(lane, chunk)
                for chunk in cutter.finish():
                    self._put(lane, chunk)
            except FieldError as error:  # not in the encoding: the file is left out
                self._put(lane, Chunk(b"", cutter.line, error=error))
        file.ended, file.lines, file.bytes, file.scanned = self._now(), cutter.line - 1, cutter.bytes, True


def _counted(pieces: Iterator[bytes], file: File) -> Iterator[bytes]:
    for piece in pieces:
        file.fetched += len(piece)
        yield piece


class _Stopped(Exception):
    """Nobody wants the chunks any more."""


def gunzip(pieces: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The text of one or more gzip members, in bounded pieces; whatever else is refused (source: the text for lzop, issue of
    snowplow/snowplow #1265)."""
    unpacker, members = None, 0
    for piece in pieces:
        while piece:
            if unpacker is None:
                piece = piece.lstrip(b"\0") if members else piece  # padding between members
                if not piece:
                    break
                if not MAGIC.startswith(piece[:2]):
                    raise refused("gzip", "incorrect header check", url)
                unpacker, members = isal_zlib.decompressobj(GZIP), members + 1
            try:
                out = unpacker.decompress(piece, CHUNK)
                while out:
                    yield out
                    full = len(out) == CHUNK and not unpacker.eof
                    out = unpacker.decompress(unpacker.unconsumed_tail, CHUNK) if full else b""
            except isal_zlib.IsalError:  # type: ignore[misc]
                raise refused("gzip", "invalid data", url) from None
            piece = unpacker.unused_data if unpacker.eof else b""
            if unpacker.eof:
                unpacker = None
    if unpacker is not None:
        raise refused("gzip", "unexpected end of file", url)


UNPACKERS: dict[str, Unpacker] = {"gzip": gunzip, **OTHERS}
