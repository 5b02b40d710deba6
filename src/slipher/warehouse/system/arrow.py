"""Columns of a live relation as Arrow arrays: the declared types' limits kept, text cut to its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from slipher.sql.names import Column
from slipher.types.sqltype import SqlType

ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float8": pa.float64(),
    "oid": pa.uint32(),
    "xid": pa.int64(),
    "timestamp": pa.timestamp("us"),
}
LIMITS = {"int2": 2**15 - 1, "int4": 2**31 - 1}


def arrow_type(kind: SqlType) -> pa.DataType:
    """The Arrow type of a column; text of all kinds is a string."""
    if kind.name == "numeric":
        return pa.decimal128(kind.precision or 38, kind.scale or 0)
    return ARROW.get(kind.name, pa.string())


def fit(array: pa.Array | pa.ChunkedArray, kind: SqlType) -> pa.Array | pa.ChunkedArray:
    """The values in a column's type: numbers beyond its range become its greatest, text is cut to its length in bytes."""
    limit = LIMITS.get(kind.name)
    if limit is not None and pa.types.is_integer(array.type):
        array = pc.min_element_wise(array, pa.scalar(limit, array.type) if array.type.bit_width >= 32 else limit)
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        array = array.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(pa.timestamp("us"))
    made = array.cast(arrow_type(kind))
    return cut(made, kind.length) if kind.length is not None else made


def cut(array: pa.Array | pa.ChunkedArray, length: int) -> pa.Array | pa.ChunkedArray:
    """Text of at most `length` bytes, never with a part of a character."""
    longest = pc.max(pc.binary_length(array)).as_py()
    if longest is None or longest <= length:
        return array
    short = pc.utf8_slice_codeunits(array, 0, length)
    if pc.max(pc.binary_length(short)).as_py() <= length:
        return short
    texts = [None if text is None else text.encode()[:length].decode(errors="ignore") for text in short.to_pylist()]
    return pa.array(texts, pa.string())


def constant(value: Any, rows: int, kind: SqlType) -> pa.Array:
    """One value in every row."""
    return pa.repeat(pa.scalar(value, arrow_type(kind)), rows)


def from_rows(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A small table from rows as maps; what a map lacks is NULL."""
    found = list(rows)
    arrays = []
    for column in columns:
        values = [row.get(column.name) for row in found]
        base = arrow_type(column.type)
        if pa.types.is_timestamp(base):
            values = [None if value is None else value.replace(tzinfo=None) for value in values]
        wide = pa.int64() if pa.types.is_integer(base) else base
        arrays.append(fit(pa.array(values, wide), column.type))
    return pa.table(arrays, names=[column.name for column in columns])
