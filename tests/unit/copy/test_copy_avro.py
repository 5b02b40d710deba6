# ruff: noqa: E501
"""COPY of Avro: codecs, blocks in any pieces, values against fastavro's own reading, what is refused."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import fastavro
import pytest
from copy_rules import statement, table, tuples
from hypothesis import given, settings, strategies as st

from slipher.base.errors import SqlError
from slipher.types.sqltype import BOOL, FLOAT8, INT4, INT8, SUPER, TIMESTAMP, SqlType, numeric, varbyte, varchar
from slipher.warehouse.copy.avro import AvroCutter, AvroParser
from slipher.warehouse.copy.chunks import Chunk
from slipher.warehouse.copy.layout import layout
from slipher.warehouse.copy.paths import by_name, by_paths
from slipher.warehouse.statement import CancelToken

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "row",
    "fields": [
        {"name": "c1", "type": "int"},
        {"name": "c2", "type": ["null", "string"]},
        {"name": "c3", "type": "double"},
        {"name": "c4", "type": {"type": "enum", "name": "e", "symbols": ["RED", "BLUE"]}},
        {"name": "c5", "type": {"type": "map", "values": "long"}},
        {"name": "c6", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "c7", "type": "boolean"},
    ],
}
KINDS: tuple[SqlType, ...] = (INT4, varchar(30), FLOAT8, varchar(5), SUPER, TIMESTAMP, BOOL)
EPOCH = datetime(1970, 1, 1)
ROW = {"c1": 1, "c2": "é", "c3": 1.5, "c4": "RED", "c5": {"k": 2}, "c6": 1577836800000, "c7": True}


def written(
    rows: list[dict[str, Any]], codec: str = "null", schema: dict[str, Any] = SCHEMA, interval: int = 500
) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, rows, codec=codec, sync_interval=interval)
    return out.getvalue()


def cut(data: bytes, step: int, size: int) -> list[Chunk]:
    cutter = AvroCutter(size)
    chunks = [chunk for at in range(0, len(data), step) for chunk in cutter.feed(data[at : at + step])]
    return [*chunks, *cutter.finish()]


def parser(*kinds: SqlType, options: str = "timeformat 'epochmillisecs'", paths: list[str] | None = None) -> AvroParser:
    made = statement(f"avro 'auto' {options}")
    found = layout(table(*kinds), made)
    chosen = by_name(found.columns, False)
    if paths:
        chosen = by_paths(json.dumps({"jsonpaths": paths}).encode(), "s3://b/p", found.columns)
    return AvroParser(made, found, CancelToken(), chosen)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "c1": st.integers(-(2**31), 2**31 - 1),
            "c2": st.none() | st.text(max_size=7),
            "c3": st.floats(allow_nan=False, allow_infinity=False),
            "c4": st.sampled_from(["RED", "BLUE"]),
            "c5": st.dictionaries(st.text(max_size=2), st.integers(-(2**63), 2**63 - 1), max_size=2),
            "c6": st.integers(0, 2**40),
            "c7": st.booleans(),
        }
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(ROWS, st.sampled_from(["null", "deflate", "snappy"]), st.integers(1, 300), st.integers(1, 2000))
def test_rows_are_what_was_written(rows: list[dict[str, Any]], codec: str, step: int, size: int) -> None:
    reads = parser(*KINDS)
    chunks = cut(written(rows, codec), step, size)
    found = [row for chunk in chunks for row in tuples(reads.parse(chunk).batches)]
    assert [row[:4] + row[6:] for row in found] == [
        (row["c1"], row["c2"], row["c3"], row["c4"], row["c7"]) for row in rows
    ]
    assert [json.loads(row[4]) for row in found] == [row["c5"] for row in rows]
    assert [row[5] for row in found] == [EPOCH + timedelta(milliseconds=row["c6"]) for row in rows]
    assert [chunk.first_line for chunk in chunks] == sorted(chunk.first_line for chunk in chunks)


def test_paths_reach_into_records_and_complex_values_are_json_text() -> None:
    reads = parser(varchar(20), INT8, options="", paths=["$.c5", "$.c5.k"])
    (chunk,) = cut(written([ROW]), 100, 1 << 20)
    assert tuples(reads.parse(chunk).batches) == [('{"k":2}', 2)]


def test_errors_tell_the_record() -> None:
    rows = [ROW, {**ROW, "c2": "too long for the column of ten"}, ROW]
    reads = parser(INT4, varchar(10))
    (chunk,) = cut(written(rows), 100, 1 << 20)
    found = reads.parse(chunk)
    assert found.rows == 2
    (error,) = found.errors
    assert (error.line, error.column, error.code, error.raw_field) == (2, 1, 1204, "too long for the column of ten")
    assert error.raw_line.startswith('{"c1":1,"c2":"too long')


def test_bytes_and_decimals_are_what_is_written() -> None:
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "c1", "type": "bytes"}, {"name": "c2", "type": "bytes"}, {"name": "c3", "type": "string"},
    ]}  # fmt: skip
    data = written([{"c1": b"\x00\xff", "c2": b"text", "c3": "12.345"}], schema=schema)
    reads = parser(varbyte(5), varchar(5), numeric(8, 2), options="")
    assert [[str(one) for one in row] for row in tuples(reads.parse(cut(data, 50, 99)[0]).batches)] == [
        ["b'\\x00\\xff'", "text", "12.34"]
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a,b\n", "not an Avro file"),
        (written([ROW])[:-3], "unexpected end of file"),
        (written([ROW])[:40], "unexpected end of file"),
        (written([ROW])[:-20] + b"x" * 20, "marker"),
        (written([ROW], "bzip2"), "unsupported codec bzip2"),
        (written([1], schema={"type": "int"}), "the type must be record"),  # type: ignore[arg-type, list-item]
        (written([{"c1": "x" * 5_000_000}], schema={"type": "record", "name": "r", "fields": [{"name": "c1", "type": "string"}]}), "larger than 4 MB"),
    ],
    ids=["text", "end", "header", "marker", "codec", "schema", "block"],
)  # fmt: skip
def test_what_is_no_avro_is_refused(data: bytes, text: str) -> None:
    with pytest.raises(SqlError, match=text):
        cut(data, 1000, 100)


def test_an_empty_object_has_no_rows() -> None:
    assert cut(b"", 10, 10) == []


@pytest.mark.parametrize("codec", ["deflate", "snappy"])
def test_a_block_that_grows_is_bounded(codec: str) -> None:
    schema = {"type": "record", "name": "row", "fields": [{"name": "c1", "type": "string"}]}
    rows = [{"c1": "x" * 1_000_000}] * 68
    data = written(rows, codec, schema, interval=1 << 30)
    if len(data) > 4 * 1024 * 1024:
        pytest.skip("this packer makes a block that is refused for its own size")
    with pytest.raises(SqlError) as refused:
        cut(data, 1 << 16, 1 << 22)
    assert "when it is unpacked" in refused.value.message
    assert (
        sum(
            len(parser(varchar(65535), options="truncatecolumns").parse(one).batches)
            for one in cut(written(rows[:3], codec, schema, interval=1 << 30), 1 << 16, 1 << 22)
        )
        == 1
    )


def test_a_block_of_more_records_than_bytes_is_refused() -> None:
    schema = {"type": "record", "name": "row", "fields": [{"name": "c1", "type": "null"}]}
    data = written([{"c1": None}], schema=schema)
    place = data.rindex(b"\x02\x00")  # one record, no bytes
    liar = data[:place] + b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\x00" + data[place + 2 :]
    with pytest.raises(SqlError) as refused:
        cut(liar, 1 << 16, 1 << 22)
    assert "more records than bytes" in refused.value.message


def test_many_small_records_are_decoded_in_parts() -> None:
    schema = {"type": "record", "name": "row", "fields": [{"name": "c1", "type": "int"}]}
    data = written([{"c1": one % 50} for one in range(50_000)], "deflate", schema, interval=1 << 30)
    (chunk,) = cut(data, 1 << 16, 1 << 22)
    parsed = parser(INT4, options="").parse(chunk)
    assert [batch.num_rows for batch in parsed.batches] == [20_000, 20_000, 10_000]
