"""DataRow messages of a batch, vectorised: every cell's place is computed, then each column is copied in one go.

A row is 'D', its length, the number of columns, and for each cell a 4-byte length (-1 for NULL) and its data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from slipher.types.binary import fixed, numeric
from slipher.types.sqltype import SqlType
from slipher.types.text import as_text

Cells = tuple[np.ndarray, np.ndarray, int]  # data bytes, lengths, fixed width (0 for varying)
ROWS = 20_000  # rows encoded at a time: what a chunk needs stays in the processor's cache
CHUNK_BYTES = 4 * 1024 * 1024  # fewer rows where they are wide


def encode(
    batch: pa.RecordBatch,
    types: Sequence[SqlType],
    formats: Sequence[int],
    *,
    float_digits: int = 0,
    zone: str = "UTC",
) -> Iterator[bytes]:
    """The batch's DataRow messages, in pieces of many rows. `formats` are 0 text, 1 binary, by column."""
    if not batch.num_rows:
        return
    padding = sum(kind.length or 0 for kind in types if kind.name == "bpchar")
    step = max(1, min(ROWS, CHUNK_BYTES // (batch.nbytes // batch.num_rows + padding + 1)))
    for start in range(0, batch.num_rows, step):
        yield _encode(batch.slice(start, step), types, formats, float_digits, zone)


def _encode(
    batch: pa.RecordBatch, types: Sequence[SqlType], formats: Sequence[int], float_digits: int, zone: str
) -> bytes:
    rows, columns = batch.num_rows, batch.num_columns
    cells = [
        _cells(array, kind, form, float_digits, zone)
        for array, kind, form in zip(batch.columns, types, formats, strict=True)
    ]
    valid = [np.asarray(array.is_valid()) if array.null_count else None for array in batch.columns]
    sizes = np.full(rows, 7 + 4 * columns, dtype=np.int64)
    for (_, lengths, _), ok in zip(cells, valid, strict=True):
        sizes += lengths if ok is None else np.where(ok, lengths, 0)
    starts = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    out = np.empty(int(starts[-1]), dtype=np.uint8)
    at = starts[:-1].copy()
    out[at] = ord("D")
    _put(out, at + 1, (sizes - 1).astype(">i4"), 4)
    _put(out, at + 5, np.full(rows, columns, dtype=">i2"), 2)
    at += 7
    for (data, lengths, width), ok in zip(cells, valid, strict=True):
        shown = lengths if ok is None else np.where(ok, lengths, -1)
        _put(out, at, shown.astype(">i4"), 4)
        at += 4
        if width and ok is not None:
            _put(out, at[ok], data[ok], width)
            at += np.where(ok, width, 0)
        elif width:
            _put(out, at, data, width)
            at += width
        else:
            present = lengths if ok is None else np.where(ok, lengths, 0)
            _scatter(out, at, data, lengths, present)
            at += present
    return out.tobytes()


def _put(out: np.ndarray, at: np.ndarray, values: np.ndarray, width: int) -> None:
    """Copy items of one width to their places, byte by byte of the item."""
    columns = np.ascontiguousarray(values).view(np.uint8).reshape(-1, width)
    for index in range(width):
        out[at + index] = columns[:, index]


def _scatter(out: np.ndarray, at: np.ndarray, data: np.ndarray, lengths: np.ndarray, present: np.ndarray) -> None:
    """Copy cells of varying length, stored one after the other in `data`, to their places."""
    total = int(present.sum())
    if not total:
        return
    source = np.zeros(len(lengths), dtype=np.int64)
    np.cumsum(lengths[:-1], out=source[1:])
    shift = np.repeat(at - source, present)
    if total == len(data):
        out[np.arange(total) + shift] = data
        return
    index = np.arange(total) + np.repeat(source - np.concatenate(([0], np.cumsum(present)[:-1])), present)
    out[index + shift] = data[index]


def _cells(array: pa.Array, kind: SqlType, form: int, float_digits: int, zone: str) -> Cells:
    if form == 1:
        if pa.types.is_null(array.type):
            return np.zeros(0, np.uint8), np.zeros(len(array), np.int64), 0
        values = fixed(array, kind)
        if values is not None:
            width = values.dtype.itemsize
            return values, np.full(len(array), width, dtype=np.int64), width
        if kind.name == "numeric":
            data, lengths = numeric(array, kind.scale or 0)
            return data, lengths, 0
        if kind.name == "varbyte":
            return _strings(array.cast(pa.large_binary()))
    return _strings(as_text(array, kind, float_digits=float_digits, zone=zone))


def _strings(array: pa.Array) -> Cells:
    """Bytes and lengths of a (large) string or binary array. A NULL cell may have bytes, which its length counts."""
    big = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    buffers = array.buffers()
    offsets = np.frombuffer(buffers[1], dtype=np.int64 if big else np.int32)[
        array.offset : array.offset + len(array) + 1
    ]
    data = np.frombuffer(buffers[2], dtype=np.uint8) if buffers[2] is not None else np.zeros(0, np.uint8)
    return data[offsets[0] : offsets[-1]], np.diff(offsets).astype(np.int64), 0
