"""What UNLOAD writes, read by others: JSON by Python, Parquet by Arrow and DuckDB; partitions named as Hive does."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT4,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    SqlType,
    char,
    numeric,
    varchar,
)
from slipher.warehouse.unload.fixedwidth import FixedWidthFormat
from slipher.warehouse.unload.jsonlines import JsonFormat
from slipher.warehouse.unload.lines import pieces
from slipher.warehouse.unload.names import folder
from slipher.warehouse.unload.parquet import ParquetFormat

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def batch(*columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns), names=[f"c{number}" for number in range(len(columns))])


def text(lines: pa.LargeStringArray) -> str:
    return b"".join(bytes(data) for data, _ in pieces(lines, 1 << 20)).decode()


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | st.integers(-(2**31), 2**31 - 1)), min_size=1), TEXTS)
def test_json_reads_back(rows: list[tuple[str | None, int | None]], name: str) -> None:
    form = JsonFormat((name, name + "2"), (varchar(100), INT4))
    texts, numbers = (pa.array(list(column)) for column in zip(*rows, strict=True))
    written = text(form.lines(batch(texts.cast(pa.string()), numbers.cast(pa.int32()))))
    read = [json.loads(line) for line in written.split("\n")[:-1]]
    assert read == [{name: one, name + "2": two} for one, two in rows]


@pytest.mark.parametrize(
    ("kind", "array", "written"),
    [
        (BOOL, pa.array([True]), "true"),
        (numeric(20, 10), pa.array([Decimal("0.0000000001")], pa.decimal128(20, 10)), "0.0000000001"),
        (FLOAT8, pa.array([float("nan")]), '"NaN"'),
        (FLOAT8, pa.array([float("-inf")]), '"-Infinity"'),
        (FLOAT8, pa.array([1.5]), "1.5"),
        (char(5), pa.array(["ab  "]), '"ab"'),
        (DATE, pa.array([date(2024, 2, 29)]), '"2024-02-29"'),
        (TIMESTAMPTZ, pa.array([datetime(2024, 1, 1, tzinfo=UTC)]), '"2024-01-01 00:00:00+00"'),
    ],
)
def test_json_of_each_type(kind: SqlType, array: pa.Array, written: str) -> None:
    assert text(JsonFormat(("x",), (kind,)).lines(batch(array))) == f'{{"x":{written}}}\n'


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), max_size=5), min_size=2, max_size=2)
    )
)
def test_fixed_width_is_in_characters(rows: list[list[str]]) -> None:
    form = FixedWidthFormat((varchar(20), varchar(20)), (5, 7))
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(2)]
    lines = form.lines(batch(*columns)).to_pylist()
    assert lines == [f"{one:<5}{two:<7}\n" for one, two in rows]


TYPES: list[tuple[SqlType, pa.Array, list[Any], str]] = [
    (BOOL, pa.array([True, None]), [True, None], "BOOLEAN"),
    (INT2, pa.array([-7, None], pa.int16()), [-7, None], "INT32"),
    (INT8, pa.array([2**60, None]), [2**60, None], "INT64"),
    (FLOAT4, pa.array([0.5, None], pa.float32()), [0.5, None], "FLOAT"),
    (numeric(8, 2), pa.array([Decimal("1.50"), None], pa.decimal128(8, 2)), [Decimal("1.50"), None], "INT32"),
    (
        numeric(38, 4),
        pa.array([Decimal("-1.5000"), None], pa.decimal128(38, 4)),
        [Decimal("-1.5000"), None],
        "FIXED_LEN_BYTE_ARRAY",
    ),
    (char(5), pa.array(["ab  ", None]), ["ab", None], "BYTE_ARRAY"),
    (varchar(9), pa.array(["x ", None]), ["x ", None], "BYTE_ARRAY"),
    (DATE, pa.array([date(2024, 2, 29), None]), [date(2024, 2, 29), None], "INT32"),
    (TIME, pa.array([time(1, 2, 3, 4), None]), [time(1, 2, 3, 4), None], "INT64"),
    (TIMESTAMP, pa.array([datetime(2024, 1, 1, 2, 3, 4, 5), None]), [datetime(2024, 1, 1, 2, 3, 4, 5), None], "INT64"),
    (TIMESTAMPTZ, pa.array([datetime(2024, 1, 1, tzinfo=UTC), None]), [datetime(2024, 1, 1), None], "INT64"),
]


@pytest.mark.parametrize(("kind", "array", "values", "physical"), TYPES)
def test_parquet_of_each_type(kind: SqlType, array: pa.Array, values: list[Any], physical: str) -> None:
    sink = io.BytesIO()
    form = ParquetFormat(("x",), (kind,), 32 << 20)
    rows = form.table(batch(array))
    with form.file(sink.write, rows) as file:
        file.write_table(rows)
    table = pq.read_table(io.BytesIO(sink.getvalue()))
    assert table.column("x").to_pylist() == values
    facts = pq.ParquetFile(io.BytesIO(sink.getvalue()))
    assert facts.schema.column(0).physical_type == physical
    assert facts.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert duckdb.from_arrow(table).fetchall() == [(value,) for value in values]


@pytest.mark.parametrize(
    ("values", "made"),
    [
        (("eu", "1"), "a=eu/b=1/"),
        ((None, ""), "a=__HIVE_DEFAULT_PARTITION__/b=__HIVE_DEFAULT_PARTITION__/"),
        (("x/y", "2024-01-01 10:00:00"), "a=x%2Fy/b=2024-01-01 10%3A00%3A00/"),
    ],
)
def test_folders(values: tuple[str | None, ...], made: str) -> None:
    assert folder(("a", "b"), values) == made
