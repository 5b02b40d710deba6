"""DataRow messages of a batch, vectorised: columns become pieces, and Arrow joins the pieces of each row.

A row is 'D', its length, the number of columns, and for each cell a 4-byte length (-1 for NULL) and its data. Everything of one
width in every row (the head, lengths, cells such as integers in binary) is a field of a packed record; fields that follow each
other are one piece. Cells of varying width are pieces of their own, NULLs being nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slipher.types.binary import fixed, numeric
from slipher.types.sqltype import SqlType
from slipher.types.text import as_text

ROWS = 20_000  # rows encoded at a time: what a chunk needs stays in the processor's cache
CHUNK_BYTES = 4 * 1024 * 1024  # fewer rows where they are wide
WIDEST = 64  # bytes of a cell that may be a field
LENGTH = ">i4"


def encode(
    batch: pa.RecordBatch,
    types: Sequence[SqlType],
    formats: Sequence[int],
    *,
    float_digits: int = 0,
    zone: str = "UTC",
) -> Iterator[memoryview]:
    """The batch's DataRow messages, in pieces of many rows. `formats` are 0 text, 1 binary, by column."""
    if not batch.num_rows:
        return
    padding = sum(kind.length or 0 for kind in types if kind.name == "bpchar")
    step = max(1, min(ROWS, CHUNK_BYTES // (batch.nbytes // batch.num_rows + padding + 1)))
    for start in range(0, batch.num_rows, step):
        yield _encode(batch.slice(start, step), types, formats, float_digits, zone)


@dataclass(slots=True)
class _Fields:
    """Fields of a packed record: form and values, or the value of all."""

    forms: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, form: str, values: Any) -> None:
        self.forms.append(form)
        self.values.append(values)

    def piece(self, rows: int) -> pa.Array:
        """As an array of binaries."""
        names = [f"f{index}" for index in range(len(self.forms))]
        record = np.dtype({"names": names, "formats": self.forms})
        out = np.empty(rows, record)
        for name, values in zip(names, self.values, strict=True):
            out[name] = values
        return _binary(out, np.arange(0, (rows + 1) * record.itemsize, record.itemsize, dtype=np.int64), None)


def _encode(
    batch: pa.RecordBatch, types: Sequence[SqlType], formats: Sequence[int], float_digits: int, zone: str
) -> memoryview:
    rows, columns = batch.num_rows, batch.num_columns
    head = _Fields()
    pieces: list[_Fields | pa.Array] = [head]
    sizes: Any = 6 + 4 * columns  # of a row, without its first byte
    head.add("u1", ord("D"))
    head.add(LENGTH, 0)
    head.add(">i2", columns)
    for array, kind, form in zip(batch.columns, types, formats, strict=True):
        last = pieces[-1]
        if not isinstance(last, _Fields):
            pieces.append(last := _Fields())
        cell = _field(array, kind, form)
        made = _cells(array, kind, form, float_digits, zone) if cell is None else None
        if made is not None and not made.null_count:
            cell = _same_width(made)
        if cell is not None:
            width = cell.dtype.itemsize
            last.add(LENGTH, width)
            last.add(cell.dtype.str, cell)
            sizes = sizes + width
            continue
        assert made is not None
        lengths = np.diff(_offsets(made))
        if made.null_count:
            valid = np.asarray(made.is_valid())
            last.add(LENGTH, np.where(valid, lengths, -1))
            sizes = sizes + np.where(valid, lengths, 0)
        else:
            last.add(LENGTH, lengths)
            sizes = sizes + lengths
        pieces.append(made)
    head.values[1] = sizes
    arrays = [one.piece(rows) if isinstance(one, _Fields) else one for one in pieces]
    whole = arrays[0]
    if len(arrays) > 1:
        nothing = pa.scalar(b"", pa.large_binary())
        whole = pc.binary_join_element_wise(*arrays, nothing, null_handling="replace", null_replacement="")
    return memoryview(whole.buffers()[2])[: int(_offsets(whole)[-1])]


def _field(array: pa.Array, kind: SqlType, form: int) -> np.ndarray | None:
    """A column without NULLs, of one width by its type."""
    if array.null_count or pa.types.is_null(array.type):
        return None
    if form == 1:
        return fixed(array, kind)
    if kind.name == "bool":
        return np.where(array.to_numpy(zero_copy_only=False), np.uint8(ord("t")), np.uint8(ord("f")))
    return None


def _same_width(array: pa.Array) -> np.ndarray | None:
    """Cells that happen to have one width, such as dates in text."""
    offsets = _offsets(array)
    width = int(offsets[1] - offsets[0])
    if not 0 < width <= WIDEST or int(offsets[-1] - offsets[0]) != width * len(array):
        return None
    if not (np.diff(offsets) == width).all():
        return None
    return np.frombuffer(array.buffers()[2], f"V{width}", len(array), int(offsets[0]))


def _cells(array: pa.Array, kind: SqlType, form: int, float_digits: int, zone: str) -> pa.Array:
    """The cells as binaries, NULL for NULL."""
    if form == 1:
        if pa.types.is_null(array.type):
            return array.cast(pa.large_binary())
        valid = None
        if array.null_count:
            valid = pa.py_buffer(np.packbits(np.asarray(array.is_valid()), bitorder="little"))
        values = fixed(array, kind)
        if values is not None:
            width = values.dtype.itemsize
            offsets = np.arange(0, (len(array) + 1) * width, width, dtype=np.int64)
            return _binary(values, offsets, valid)
        if kind.name == "numeric":
            data, lengths = numeric(array, kind.scale or 0)
            offsets = np.zeros(len(array) + 1, np.int64)
            np.cumsum(lengths, out=offsets[1:])
            return _binary(data, offsets, valid)
        if kind.name == "varbyte":
            return array.cast(pa.large_binary())
    return as_text(array, kind, float_digits=float_digits, zone=zone).cast(pa.large_binary())


def _binary(data: np.ndarray, offsets: np.ndarray, valid: pa.Buffer | None) -> pa.Array:
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def _offsets(array: pa.Array) -> np.ndarray:
    return np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
