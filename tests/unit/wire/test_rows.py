"""DataRow messages made by columns are those made row by row."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, strategies as st

from slipher.types.binary import one_numeric
from slipher.types.sqltype import SqlType
from slipher.types.text import as_text
from slipher.wire.rows import ROWS, encode

NUMERIC = SqlType("numeric", ((12 << 16) | 2) + 4)
FINE = SqlType("numeric", ((18 << 16) | 17) + 4)
WIDE = SqlType("numeric", ((38 << 16) | 6) + 4)
dates = st.dates(date(1, 1, 1), date(9999, 12, 31))
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
# type, Arrow's type, values, the binary form of one
KINDS: list[tuple[SqlType, pa.DataType, st.SearchStrategy[Any], Any]] = [
    (SqlType("bool"), pa.bool_(), st.booleans(), lambda one: bytes([one])),
    (SqlType("int2"), pa.int16(), st.integers(-(2**15), 2**15 - 1), lambda one: struct.pack("!h", one)),
    (SqlType("int4"), pa.int32(), st.integers(-(2**31), 2**31 - 1), lambda one: struct.pack("!i", one)),
    (SqlType("int8"), pa.int64(), st.integers(-(2**63), 2**63 - 1), lambda one: struct.pack("!q", one)),
    (SqlType("float8"), pa.float64(), st.floats(allow_nan=False), lambda one: struct.pack("!d", one)),
    (SqlType("varchar", 68), pa.string(), st.text(max_size=9), lambda one: one.encode()),
    (SqlType("varchar", 68), pa.string(), st.sampled_from(["same", "size"]), lambda one: one.encode()),
    (SqlType("date"), pa.date32(), dates, lambda one: struct.pack("!i", (one - date(2000, 1, 1)).days)),
    (
        SqlType("timestamp"),
        pa.timestamp("us"),
        moments,
        lambda one: struct.pack("!q", (one - datetime(2000, 1, 1)) // timedelta(microseconds=1)),
    ),
    (NUMERIC, pa.decimal128(12, 2), st.decimals(-(10**9), 10**9, places=2), lambda one: one_numeric(one, 2)),
    (FINE, pa.decimal128(18, 17), st.decimals(-9, 9, places=17), lambda one: one_numeric(one, 17)),
    (WIDE, pa.decimal128(38, 6), st.decimals(-(10**5), 10**5, places=6), lambda one: one_numeric(one, 6)),
    (WIDE, pa.decimal128(38, 6), st.decimals(-(10**30), 10**30, places=6), lambda one: one_numeric(one, 6)),
]


@st.composite
def results(draw: st.DrawFn) -> tuple[pa.RecordBatch, list[SqlType], list[int], list[list[bytes | None]]]:
    """A batch (a slice of a longer one), its types and formats, and the cells by column."""
    rows, skipped = draw(st.integers(0, 6)), draw(st.integers(0, 3))
    arrays, types, formats, cells = [], [], [], []
    for index in draw(st.lists(st.integers(0, len(KINDS) - 1), max_size=6)):
        kind, arrow, values, binary = KINDS[index]
        form, nullable = draw(st.integers(0, 1)), draw(st.booleans())
        size = rows + skipped
        chosen = draw(st.lists(values | st.none() if nullable else values, min_size=size, max_size=size))
        array = pa.array(chosen, arrow).slice(skipped)
        texts = as_text(array, kind).to_pylist()
        made = texts if form == 0 else [None if one is None else binary(one) for one in chosen[skipped:]]
        arrays.append(array)
        types.append(kind)
        formats.append(form)
        cells.append([one.encode() if isinstance(one, str) else one for one in made])
    return _batch(arrays, rows), types, formats, cells


def _batch(arrays: Sequence[pa.Array], rows: int) -> pa.RecordBatch:
    if not arrays:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
    return pa.RecordBatch.from_arrays(list(arrays), names=[f"o{index}" for index in range(len(arrays))])


def row(cells: Sequence[bytes | None]) -> bytes:
    body = struct.pack("!h", len(cells))
    for cell in cells:
        body += struct.pack("!i", -1) if cell is None else struct.pack("!i", len(cell)) + cell
    return b"D" + struct.pack("!i", len(body) + 4) + body


@given(results())
def test_rows_are_framed_as_one_by_one(
    result: tuple[pa.RecordBatch, list[SqlType], list[int], list[list[bytes | None]]],
) -> None:
    batch, types, formats, cells = result
    wanted = [row([column[index] for column in cells]) for index in range(batch.num_rows)]
    assert b"".join(encode(batch, types, formats)) == b"".join(wanted)


def test_many_rows_come_in_pieces() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(range(ROWS + 5), pa.int32())], names=["a"])
    pieces = [*encode(batch, [SqlType("int4")], [1])]
    assert [len(piece) for piece in pieces] == [15 * ROWS, 15 * 5]
    assert bytes(pieces[1][-15:]) == row([struct.pack("!i", ROWS + 4)])


def test_decimals_in_binary_keep_their_scale() -> None:
    values = [Decimal("0.00"), Decimal("-0.01"), Decimal("10000.00"), Decimal("9999999999.99"), None, Decimal("1.20")]
    batch = pa.RecordBatch.from_arrays([pa.array(values, pa.decimal128(12, 2))], names=["a"])
    wanted = [row([None if one is None else one_numeric(one, 2)]) for one in values]
    assert b"".join(encode(batch, [NUMERIC], [1])) == b"".join(wanted)


def test_decimals_at_the_edges_of_64_bits() -> None:
    edges = [2**63, 2**63 - 1, -(2**63) + 1, -(2**63), -(2**63) - 1, 10**18, 1 - 10**18, 2**64, 0]
    for several in ([one] for one in edges):
        values = [Decimal(one).scaleb(-6) for one in several]
        batch = pa.RecordBatch.from_arrays([pa.array(values, pa.decimal128(38, 6))], names=["a"])
        wanted = [row([one_numeric(one, 6)]) for one in values]
        assert b"".join(encode(batch, [WIDE], [1])) == b"".join(wanted), several
