"""BZIP2, ZSTD and LZOP: the text of packed objects, in bounded pieces; GZIP is where objects are fetched.

Each takes the pieces of an object as they come. What is not of the format, or ends too early, is refused; several members one
after the other are one text.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
from lzallright import LZOCompressor, LZOError

from slipher.base.errors import SqlError, engine_error

STEP = 4 * 1024 * 1024

Unpacker = Callable[[Iterator[bytes], str], Iterator[bytes]]


def refused(method: str, reason: str, url: str) -> SqlError:
    """What is not of its format (source: the text for lzop, issue of snowplow/snowplow #1265)."""
    return engine_error(
        f"failed to inflate with {method}: {reason}.",
        code=9001,
        context=f"S3 key being read : {url}",
        location="table_s3_scanner.cpp:348",
        process="query",
    )


def bunzip2(pieces: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The text of one or more bzip2 streams."""
    unpacker: bz2.BZ2Decompressor | None = None
    for piece in pieces:
        while piece:
            if unpacker is None:
                unpacker = bz2.BZ2Decompressor()
            try:
                out = unpacker.decompress(piece, STEP)
                while out:
                    yield out
                    out = b"" if unpacker.needs_input or unpacker.eof else unpacker.decompress(b"", STEP)
            except OSError:
                raise refused("bzip2", "invalid data", url) from None
            piece = b""
            if unpacker.eof:
                piece, unpacker = unpacker.unused_data, None
    if unpacker is not None:
        raise refused("bzip2", "unexpected end of file", url)


def unzstd(pieces: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The text of one or more zstd frames: by Arrow's reader, which alone bounds what a few packed bytes become."""
    source = _Bytes(pieces)
    if source.empty():
        return
    stream = pa.CompressedInputStream(pa.PythonFile(source, "r"), "zstd")
    while True:
        try:
            out = stream.read(STEP)
        except OSError as error:
            short = "runcated" in str(error) or "end of" in str(error)
            raise refused("zstd", "unexpected end of file" if short else "invalid data", url) from None
        if not out:
            return
        yield out


# The lzop container (source: the format as described by its own documentation and the file(1) magic): a header, then blocks.
MAGIC = b"\x89LZO\x00\r\n\x1a\n"
ADLER_OUT, ADLER_IN, EXTRA, CRC_OUT, CRC_IN = 0x1, 0x2, 0x40, 0x100, 0x200
MULTIPART, FILTER, HEADER_CRC = 0x400, 0x800, 0x1000
NEWER = 0x0940  # the version from which the header has more fields
METHODS = (1, 2, 3)  # LZO1X-1, LZO1X-1(15), LZO1X-999: all one decompressor
MAX_BLOCK = 64 * 1024 * 1024


def unlzop(pieces: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The text of one or more lzop files, block by block, checksums checked."""
    reader = _Bytes(pieces)
    while True:
        magic = reader.take(len(MAGIC), maybe=True)
        if not magic:
            return
        if magic != MAGIC:
            raise refused("lzop", "not a lzop file" if MAGIC[: len(magic)] != magic else "unexpected end of file", url)
        try:
            flags = _lzop_header(reader, url)
            yield from _lzop_blocks(reader, flags, url)
        except EOFError:
            raise refused("lzop", "unexpected end of file", url) from None


def _lzop_header(reader: _Bytes, url: str) -> int:
    """Read a header behind its magic; its flags."""
    raw = reader.take(2)
    (version,) = struct.unpack(">H", raw)
    newer = version >= NEWER
    rest = reader.take(2 + (2 if newer else 0) + 1 + (1 if newer else 0) + 4)
    raw += rest
    method = rest[4 if newer else 2]
    (flags,) = struct.unpack(">I", rest[-4:])
    if flags & FILTER:
        raise refused("lzop", "filters are not supported", url)
    if flags & MULTIPART or method not in METHODS:
        raise refused("lzop", "unsupported format", url)
    raw += reader.take(4 + 4 + (4 if newer else 0))  # mode, time
    length = reader.take(1)
    raw += length + reader.take(length[0])
    _check_sum(reader, zlib.crc32 if flags & HEADER_CRC else zlib.adler32, raw, "header", url)
    if flags & EXTRA:
        size = reader.take(4)
        extra = size + reader.take(struct.unpack(">I", size)[0])
        _check_sum(reader, zlib.crc32 if flags & HEADER_CRC else zlib.adler32, extra, "header", url)
    return int(flags)


def _lzop_blocks(reader: _Bytes, flags: int, url: str) -> Iterator[bytes]:
    while True:
        (size,) = struct.unpack(">I", reader.take(4))
        if size == 0:
            return
        (packed,) = struct.unpack(">I", reader.take(4))
        if size > MAX_BLOCK or packed > size:
            raise refused("lzop", "invalid data", url)
        after = [
            (test, reader.take(4)) for bit, test in ((ADLER_OUT, zlib.adler32), (CRC_OUT, zlib.crc32)) if flags & bit
        ]
        before = []
        if packed < size:
            before = [
                (test, reader.take(4)) for bit, test in ((ADLER_IN, zlib.adler32), (CRC_IN, zlib.crc32)) if flags & bit
            ]
        data = reader.take(packed)
        if any(test(data) != int.from_bytes(wanted, "big") for test, wanted in before):
            raise refused("lzop", "checksum error", url)
        if packed < size:
            try:
                data = LZOCompressor.decompress(data, size)
            except LZOError:
                raise refused("lzop", "invalid data", url) from None
        if len(data) != size or any(test(data) != int.from_bytes(wanted, "big") for test, wanted in after):
            raise refused("lzop", "checksum error", url)
        yield data


def _check_sum(reader: _Bytes, test: Callable[[bytes], int], data: bytes, what: str, url: str) -> None:
    if test(data) != int.from_bytes(reader.take(4), "big"):
        raise refused("lzop", f"{what} checksum error", url)


class _Bytes:
    """Exactly so many bytes of pieces that come in any size; also a file for Arrow, which only reads on."""

    closed = False

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held, self._at = iter(pieces), b"", 0

    def empty(self) -> bool:
        """Whether there are no more bytes."""
        while self._at == len(self._held):
            piece = next(self._pieces, None)
            if piece is None:
                return True
            self._held, self._at = piece, 0
        return False

    def read(self, count: int) -> bytes:
        """At most so many bytes; b'' at the end."""
        return self.take(count, maybe=True)

    def take(self, count: int, maybe: bool = False) -> bytes:
        """The next `count` bytes; EOFError if there are fewer, unless `maybe`, which then gives what there is."""
        parts, missing = [], count
        while missing:
            if self.empty():
                if maybe:
                    break
                raise EOFError
            part = self._held[self._at : self._at + missing]
            parts.append(part)
            self._at += len(part)
            missing -= len(part)
        return b"".join(parts)


UNPACKERS: dict[str, Unpacker] = {"bzip2": bunzip2, "zstd": unzstd, "lzop": unlzop}
