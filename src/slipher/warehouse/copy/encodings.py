"""How many bytes a sample of a column takes under each encoding: what COMPUPDATE ON chooses by.

The sizes follow each encoding's description in Redshift's guide (compression encodings): LZO and ZSTD are run, the others are
counted, by blocks of 1 MB. AZ64 is Amazon's own, and nobody has published it: it is counted as 64 values at a time,
packed into as many bits as their range needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import zstandard
from lzallright import LZOCompressor

from slipher.types.sqltype import SqlType
from slipher.warehouse.catalog.encodings import TAKEN_BY, default_encoding

BLOCK = 1024 * 1024
PREFIX = 4  # bytes of a text's length
WIDTHS = {"bool": 1, "int2": 2, "int4": 4, "date": 4, "float4": 4}  # others: 8
GROUP = 64
DICTIONARY = 256  # values
WORDS = 245
WORD_BYTES = 32 * 1024


@dataclass(frozen=True)
class Sample:
    """A column's values, none of them NULL: fixed ones as numbers, others as texts or bytes."""

    kind: SqlType
    array: pa.Array

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.array)

    @cached_property
    def texts(self) -> pa.Array | None:
        """The values, where they have no fixed width."""
        if self.kind.name == "bpchar":
            return pc.utf8_rpad(self.array, self.kind.length or 1).cast(pa.large_binary())
        kind = self.array.type
        variable = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
        return self.array.cast(pa.large_binary()) if variable else None

    @property
    def prefix(self) -> int:
        """Bytes of each value's length."""
        return 0 if self.texts is None or self.kind.name == "bpchar" else PREFIX

    @cached_property
    def width(self) -> int:
        """Bytes of a value; 0 where they differ."""
        if self.texts is not None:
            return 0
        if self.kind.name == "numeric":
            return 8 if (self.kind.precision or 18) <= 19 else 16
        return WIDTHS.get(self.kind.name, 8)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Bytes of each value as it is stored raw."""
        if self.texts is None:
            return np.full(self.rows, self.width, np.int64)
        return np.asarray(pc.binary_length(self.texts)) + self.prefix

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """The values as whole numbers, where they are that and fit into 64 bits."""
        name = self.kind.name
        if name == "numeric":
            halves = np.frombuffer(self.array.buffers()[1], np.int64).reshape(-1, 2)
            halves = halves[self.array.offset : self.array.offset + self.rows]
            return halves[:, 0] if (halves[:, 1] == halves[:, 0] >> 63).all() else None
        if name in ("int2", "int4", "int8"):
            return np.asarray(self.array.cast(pa.int64()))
        if name == "date":
            return np.asarray(self.array.cast(pa.int32()).cast(pa.int64()))
        if name in ("timestamp", "timestamptz", "time"):
            return np.asarray(self.array.cast(pa.int64()))
        return None

    @cached_property
    def codes(self) -> np.ndarray:
        """Equal values have equal codes, numbered as they first come."""
        coded = (self.texts if self.texts is not None else self.array).dictionary_encode()
        return np.asarray(coded.indices).astype(np.int64)

    @cached_property
    def raw(self) -> bytes:
        """The values as they are stored raw."""
        if self.texts is not None:
            sizes = (self.lengths - PREFIX).astype(np.uint32) if self.prefix else np.array([], np.uint32)
            offsets = np.frombuffer(self.texts.buffers()[1], np.int64)
            data = self.texts.buffers()[2]
            begin, end = offsets[self.texts.offset], offsets[self.texts.offset + self.rows]
            return sizes.tobytes() + (bytes(memoryview(data)[begin:end]) if data is not None else b"")
        numbers = self.numbers
        if self.kind.name == "bool":
            return bytes(np.asarray(self.array.cast(pa.uint8())))
        if numbers is not None and self.width <= 8:
            return bytes(numbers.astype(f"<i{self.width}"))
        return bytes(self.array.buffers()[1])[self.array.offset * self.width :][: self.rows * self.width]

    def blocks(self) -> list[slice]:
        """The rows of each block."""
        ends = np.cumsum(self.lengths)
        cuts = np.searchsorted(ends, np.arange(BLOCK, int(ends[-1]) + BLOCK, BLOCK), side="left") + 1
        places = [0, *np.minimum(cuts, self.rows).tolist()]
        return [slice(at, to) for at, to in pairwise(places) if to > at]


def _raw(sample: Sample) -> int:
    return int(sample.lengths.sum())


def _packed(compress: Callable[[bytes], bytes]) -> Callable[[Sample], int]:
    """As much as blocks take that are really packed."""

    def measure(sample: Sample) -> int:
        data = sample.raw
        return sum(len(compress(data[at : at + BLOCK])) for at in range(0, len(data), BLOCK))

    return measure


def _az64(sample: Sample) -> int | None:
    numbers = sample.numbers
    if numbers is None:
        return None
    padded = np.concatenate((numbers, np.full(-len(numbers) % GROUP, numbers[-1]))).reshape(-1, GROUP)
    low, high = padded.min(axis=1), padded.max(axis=1)
    ranges = high.astype(np.uint64) - low.astype(np.uint64)
    bits = np.ceil(np.log2(ranges.astype(np.float64) + 1))
    return int((bits * GROUP / 8).sum()) + len(padded) * (1 + min(sample.width, 8))


def _runlength(sample: Sample) -> int:
    """A value and a byte that counts it, for each run of up to 255."""
    begins = np.flatnonzero(np.concatenate(([True], sample.codes[1:] != sample.codes[:-1])))
    runs = np.diff(np.append(begins, sample.rows))
    return int(((sample.lengths[begins] + 1) * np.ceil(runs / 255)).sum())


def _bytedict(sample: Sample) -> int:
    """A byte for each value of a block's first 256, a byte and the value for others."""
    total = 0
    for block in sample.blocks():
        codes, lengths = sample.codes[block], sample.lengths[block]
        _, first, place = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))[place]  # of first coming
        known = order < DICTIONARY
        inside = np.sort(first)[:DICTIONARY]
        total += len(codes) + int(lengths[inside].sum()) + int(lengths[~known].sum())
    return total


def _delta(size: int) -> Callable[[Sample], int | None]:
    """The difference to the value before, in so many bytes, or a mark and the value."""

    def measure(sample: Sample) -> int | None:
        numbers = sample.numbers
        if numbers is None or sample.width <= size:
            return None
        steps = np.diff(numbers)
        grew = (numbers[1:] >= numbers[:-1]) == (steps >= 0)  # what does not wrap round
        limit = 2 ** (8 * size - 1)
        fits = int(((np.abs(steps.astype(np.float64)) < limit) & grew).sum())
        return fits * size + (sample.rows - fits) * (sample.width + size)

    return measure


def _mostly(bits: int) -> Callable[[Sample], int | None]:
    """The value in fewer bits, or raw beside."""

    def measure(sample: Sample) -> int | None:
        numbers = sample.numbers
        if numbers is None or sample.width * 8 <= bits:
            return None
        limit = 2 ** (bits - 1)
        outside = int(((numbers < -limit) | (numbers >= limit)).sum())
        return sample.rows * bits // 8 + outside * sample.width

    return measure


def _words(size: int) -> Callable[[Sample], int | None]:
    """Words of a block's dictionary in so many bytes, others as they are behind a byte."""

    def measure(sample: Sample) -> int | None:
        if sample.texts is None:
            return None
        total = 0
        for block in sample.blocks():
            try:
                lists = pc.utf8_split_whitespace(sample.texts[block].cast(pa.large_string()))
            except pa.ArrowInvalid:
                return None
            words = lists.flatten().dictionary_encode()
            lengths = np.asarray(pc.binary_length(words.dictionary)).astype(np.int64)
            fits = np.arange(len(lengths)) < WORDS if size == 1 else np.cumsum(lengths) <= WORD_BYTES
            used = np.bincount(np.asarray(words.indices), minlength=len(lengths))
            total += int(lengths[fits].sum()) + int(used[fits].sum()) * size
            total += int(((lengths[~fits] + 1) * used[~fits]).sum()) + len(lists) * sample.prefix
        return total

    return measure


MEASURES: dict[str, Callable[[Sample], int | None]] = {
    "none": _raw,
    "az64": _az64,
    "lzo": _packed(lambda data: bytes(LZOCompressor().compress(data))),
    "zstd": _packed(lambda data: zstandard.ZstdCompressor(level=1).compress(data)),
    "runlength": _runlength,
    "bytedict": _bytedict,
    "delta": _delta(1),
    "delta32k": _delta(2),
    "mostly8": _mostly(8),
    "mostly16": _mostly(16),
    "mostly32": _mostly(32),
    "text255": _words(1),
    "text32k": _words(2),
}


def sizes(sample: Sample) -> dict[str, int]:
    """Bytes of a sample that is not empty under each encoding that its type takes."""
    found = {name: measure(sample) for name, measure in MEASURES.items() if sample.kind.name in TAKEN_BY[name]}
    return {name: size for name, size in found.items() if size is not None}


def best(kind: SqlType, array: pa.Array) -> str:
    """The encoding under which values take least; the type's usual one where nothing tells."""
    usual = default_encoding(kind, False)
    sample = Sample(kind, array.drop_null())
    if not sample.rows:
        return usual
    measured = sizes(sample)
    least = min(measured.values())
    return usual if measured.get(usual) == least else min(measured, key=lambda name: measured[name])
