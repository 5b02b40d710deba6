"""BZIP2, ZSTD, LZOP and ENCODING: what packed objects give, in whatever pieces they come, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
import zstandard
from hypothesis import given, settings, strategies as st
from lzallright import LZOCompressor

from slipher.base.errors import SqlError
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.fetch import UNPACKERS
from slipher.warehouse.copy.transcode import transcode
from slipher.warehouse.copy.unpack import MAGIC


def lzop(data: bytes, block: int = 256 * 1024, flags: int = 0x3, version: int = 0x1040) -> bytes:
    """A file as lzop writes it; 0x3 has Adler-32 of both sides, 0x300 CRC-32."""
    newer = version >= 0x0940
    head = struct.pack(">HH", version, 0x20A0) + (struct.pack(">H", 0x0940) if newer else b"") + b"\x01"
    head += (
        (b"\x05" if newer else b"") + struct.pack(">II", flags, 0o644) + b"\0" * (8 if newer else 4) + b"\x04a.csv"[:5]
    )
    test: Callable[[bytes], int] = zlib.crc32 if flags & 0x1000 else zlib.adler32
    out = MAGIC + head + struct.pack(">I", test(head))
    for at in range(0, len(data), block):
        plain = data[at : at + block]
        packed = LZOCompressor().compress(plain)
        packed = packed if len(packed) < len(plain) else plain
        out += struct.pack(">II", len(plain), len(packed))
        sums = [(bit, one) for bit, one in ((0x1, zlib.adler32), (0x100, zlib.crc32)) if flags & bit]
        out += b"".join(struct.pack(">I", one(plain)) for _, one in sums)
        if len(packed) < len(plain):
            sums = [(bit, one) for bit, one in ((0x2, zlib.adler32), (0x200, zlib.crc32)) if flags & bit]
            out += b"".join(struct.pack(">I", one(packed)) for _, one in sums)
        out += packed
    return out + b"\0\0\0\0"


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "zstd": zstandard.compress,
    "lzop": lzop,
}


def pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


def unpack(method: str, data: bytes, step: int = 1000) -> bytes:
    return b"".join(UNPACKERS[method](pieces(data, step), "s3://b/k"))


@pytest.mark.parametrize("method", PACKERS)
@given(st.lists(st.binary(max_size=300).map(lambda one: one * 7), min_size=1, max_size=3), st.integers(1, 400))
@settings(max_examples=40)
def test_members_in_any_pieces(method: str, parts: list[bytes], step: int) -> None:
    packed = b"".join(map(PACKERS[method], parts))
    assert unpack(method, packed, step) == b"".join(parts)


@pytest.mark.parametrize("method", PACKERS)
def test_large_text_comes_in_bounded_pieces(method: str) -> None:
    data = b"the same line again and again\n" * 800_000
    sizes = [len(one) for one in UNPACKERS[method](pieces(PACKERS[method](data), 1 << 20), "s3://b/k")]
    assert sum(sizes) == len(data)
    assert max(sizes) <= 8 * 1024 * 1024


@pytest.mark.parametrize("method", PACKERS)
def test_what_is_cut_off_or_of_another_format_is_refused(method: str) -> None:
    packed = PACKERS[method](b"line\n" * 1000)
    for wrong in (packed[:-3], packed[: len(packed) // 2], b"a,b\n1,2\n3,4\n5,6\n"):
        with pytest.raises(SqlError, match=f"failed to inflate with {method}: "):
            unpack(method, wrong)


@pytest.mark.parametrize("flags", [0x0, 0x1, 0x3, 0x303, 0x1000])
@pytest.mark.parametrize("version", [0x0930, 0x1040])
def test_lzop_headers(flags: int, version: int) -> None:
    data = b"some text, some text, some text\n" * 30_000 + bytes(range(256)) * 3
    assert unpack("lzop", lzop(data, flags=flags, version=version)) == data


def test_lzop_checks_its_sums() -> None:
    packed = bytearray(lzop(b"x" * 1000))
    packed[-10] ^= 1
    with pytest.raises(SqlError, match="checksum error"):
        unpack("lzop", bytes(packed))
    with pytest.raises(SqlError, match="filters are not supported"):
        unpack("lzop", lzop(b"x", flags=0x800))


TEXT = "a|é|日本|😀\nline\r\n"


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf16", "utf-16"), ("utf16le", "utf-16-le"), ("utf16be", "utf-16-be"), ("utf8", "utf-8"), ("utf16le", "utf-16"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_encodings(encoding: str, codec: str, step: int) -> None:
    assert b"".join(transcode(pieces(TEXT.encode(codec), step), encoding)) == TEXT.encode()


def test_big_endian_with_its_mark_and_latin_letters() -> None:
    assert b"".join(transcode(iter([b"\xfe\xff" + TEXT.encode("utf-16-be")]), "utf16")) == TEXT.encode()
    assert b"".join(transcode(iter([bytes(range(256))]), "iso88591")) == bytes(range(256)).decode("latin-1").encode()
    assert b"".join(transcode(iter([]), "utf16")) == b""


@pytest.mark.parametrize(
    ("encoding", "data"),
    [("utf16", b"a|b\n"), ("utf16le", b"\xfe\xff\x00a"), ("utf16be", b"\xff\xfea\x00"), ("utf16le", b"a\x00b")],
)
def test_another_encoding_is_1221(encoding: str, data: bytes) -> None:
    with pytest.raises(FieldError) as caught:
        list(transcode(iter([data]), encoding))
    assert caught.value.code == 1221
