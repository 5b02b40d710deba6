"""Compressions of UNLOAD's objects: the name's ending, a compressor of a stream, and how much it may hold back."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import zstandard
from isal import isal_zlib


class Compressor(Protocol):
    """zlib's compression object."""

    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Compression:
    """One compression; `slack` is in bytes: what the compressor may still hold, and the stream's end."""

    ending: str
    start: Callable[[], Compressor | None]
    slack: int


COMPRESSIONS: dict[str | None, Compression] = {
    None: Compression("", lambda: None, 0),
    "gzip": Compression(".gz", lambda: isal_zlib.compressobj(1, zlib.DEFLATED, 31), 1 << 17),
    "bzip2": Compression(".bz2", lambda: bz2.BZ2Compressor(9), 1 << 20),
    "zstd": Compression(".zst", lambda: zstandard.ZstdCompressor().compressobj(), 1 << 18),
}
