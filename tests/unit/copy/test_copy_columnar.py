# ruff: noqa: E501
"""COPY of PARQUET, ORC and AVRO from a running instance: every type, by position, and Spectrum's errors."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection, Report

BUCKET = "copy-columnar"


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> str:
    environment = slipher.environment
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return f"access_key_id '{key}' secret_access_key '{secret}'"


@pytest.fixture(scope="module")
def put(slipher: Instance) -> Iterator[Callable[[str, bytes], str]]:
    s3 = slipher.client("s3")
    s3.create_bucket(Bucket=BUCKET)

    def write(key: str, data: bytes) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        return f"s3://{BUCKET}/{key}"

    yield write
    slipher.empty_bucket(BUCKET)
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        yield connection
        connection.rows("drop table if exists t")


def parquet(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def orced(table: pa.Table) -> bytes:
    out = io.BytesIO()
    orc.write_table(table, out)
    return out.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {"parquet": parquet, "orc": orced}
COMMON = {
    "b": pa.array([True, None, False]),
    "i2": pa.array([1, None, -2], pa.int16()),
    "i4": pa.array([1, None, -2], pa.int32()),
    "i8": pa.array([2**62, None, -2], pa.int64()),
    "f4": pa.array([1.5, None, -2], pa.float32()),
    "f8": pa.array([1e300, None, -2], pa.float64()),
    "n": pa.array([Decimal("1.50"), None, Decimal("-999999.99")], pa.decimal128(8, 2)),
    "wide": pa.array([Decimal("1" * 38), None, Decimal(0)], pa.decimal128(38, 0)),
    "v": pa.array(["é", None, ""]),
    "c": pa.array(["ab  ", None, "x"]),
    "d": pa.array([date(2020, 2, 29), None, date(1, 1, 1)]),
    "ts": pa.array([datetime(2020, 1, 2, 3, 4, 5, 678901), None, datetime(1960, 1, 1)], pa.timestamp("us")),
    "raw": pa.array([b"\x00\xff", None, b""]),
}
DDL = (
    "b bool, i2 smallint, i4 int, i8 bigint, f4 real, f8 float8, n numeric(8, 2), wide numeric(38), v varchar(4), c char(4), "
    "d date, ts timestamp, raw varbyte(4)"
)


@pytest.mark.parametrize("form", WRITERS)
def test_every_type(session: Connection, keys: str, put: Callable[[str, bytes], str], form: str) -> None:
    names = [f"other_{name}" for name in COMMON]  # columns go by their places
    url = put(f"types-{form}", WRITERS[form](pa.table(list(COMMON.values()), names=names)))
    session.rows(f"create table t ({DDL})")
    session.rows(f"copy t from '{url}' {keys} format as {form}")
    assert session.rows("select * from t order by i4") == [
        ("f", "-2", "-2", "-2", "-2", "-2", "-999999.99", "0", "", "x   ", "0001-01-01", "1960-01-01 00:00:00", ""),
        ("t", "1", "1", str(2**62), "1.5", "1e+300", "1.50", "1" * 38, "é", "ab  ", "2020-02-29", "2020-01-02 03:04:05.678901", "00ff"),
        (None,) * 13,
    ]  # fmt: skip
    ((history,),) = session.rows("select file_format from sys_load_history where query_id = pg_last_copy_id()")
    assert history == form
    assert session.rows("select lines_scanned, trim(file_format) from stl_load_commits where query = pg_last_copy_id()") == [
        ("3", {"parquet": "Parquet", "orc": "ORC"}[form])
    ]  # fmt: skip


def test_times_of_parquet(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    moments = [datetime(2020, 1, 1, 12, tzinfo=UTC), None]
    table = pa.table(
        {
            "ns": pa.array([1577836800123456789, None], pa.timestamp("ns")),
            "ms": pa.array(moments, pa.timestamp("ms", "UTC")),
            "zoned": pa.array(moments, pa.timestamp("us", "America/New_York")),
            "t": pa.array([time(1, 2, 3, 4), None], pa.time64("us")),
        }
    )
    session.rows("create table t (a timestamp, b timestamptz, c timestamp, d time)")
    for number, options in enumerate(({}, {"use_deprecated_int96_timestamps": True})):
        url = put(f"times{number}", parquet(table, **options))
        session.rows(f"copy t from '{url}' {keys} parquet")
    expected = ("2020-01-01 00:00:00.123456", "2020-01-01 12:00:00+00", "2020-01-01 12:00:00", "01:02:03.000004")
    assert session.rows("select * from t order by a") == [expected, expected, (None,) * 4, (None,) * 4]


@pytest.mark.parametrize("form", WRITERS)
def test_nested_values_become_super(
    session: Connection, keys: str, put: Callable[[str, bytes], str], form: str
) -> None:
    table = pa.table(
        {
            "s": pa.array([{"a": 1, "b": ["x", None]}, None]),
            "l": pa.array([[{"k": Decimal("1.50")}], []]),
            "m": pa.array([[("key", 1)], []], pa.map_(pa.string(), pa.int64())),
            "t": pa.array(["text", None]),
        }
    )
    url = put(f"nested-{form}", WRITERS[form](table))
    session.rows("create table t (s super, l super, m super, t super)")
    assert "has an incompatible" in detail(session, f"copy t from '{url}' {keys} {form}")
    session.rows(f"copy t from '{url}' {keys} {form} serializetojson")
    assert session.rows("select * from t where s is not null") == [
        ('{"a":1,"b":["x",null]}', '[{"k":1.50}]', '{"key":1}', '"text"')
    ]


def test_moments_in_nested_values(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    moments = pa.array([1577836800123456789], pa.timestamp("ns"))
    nested = pa.ListArray.from_arrays([0, 1], moments)
    struct = pa.StructArray.from_arrays([moments, pa.array([b"\x01"])], ["at", "raw"])
    url = put("moments", parquet(pa.table({"l": nested, "s": struct, "d": pa.array([date(2020, 1, 2)])})))
    session.rows("create table t (l super, s super, d super)")
    session.rows(f"copy t from '{url}' {keys} parquet serializetojson")
    assert session.rows("select * from t") == [
        ('["2020-01-01T00:00:00.123456"]', '{"at":"2020-01-01T00:00:00.123456","raw":"01"}', '"2020-01-02"')
    ]


def test_large_files_come_in_parts(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    count = 300_000
    numbers = pa.array(range(count), pa.int64())
    table = pa.table({"a": numbers, "b": numbers.cast(pa.string())})
    for part in range(3):
        put(f"large/{part}", parquet(table, row_group_size=70_000, compression="zstd"))
    session.rows("create table t (a bigint, b varchar(10))")
    session.rows(f"copy t from 's3://{BUCKET}/large/' {keys} parquet")
    assert session.rows("select count(*), sum(a), count(distinct b) from t where b = a") == [
        (str(3 * count), str(3 * count * (count - 1) // 2), str(count))
    ]


@pytest.mark.parametrize(("end", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_files_packed_whole(
    session: Connection, keys: str, put: Callable[[str, bytes], str], end: str, pack: Callable[[bytes], bytes]
) -> None:
    url = put(f"packed{end}", pack(parquet(pa.table({"a": [1, 2]}))))
    session.rows("create table t (a bigint)")
    session.rows(f"copy t from '{url}' {keys} parquet")
    assert session.rows("select count(*) from t") == [("2",)]


def detail(session: Connection, text: str) -> str:
    session.send_simple(text)
    (error,) = [one for one in session.until_ready() if isinstance(one, Report) and one.error]
    return f"{error.code} {error.message} {error.fields.get('D')}"


CASES: list[tuple[str, str, pa.Table, str, str]] = [
    ("a int", "", pa.table({"a": [1], "b": [2]}), "Spectrum Scan Error", "Unmatched number of columns between table and file. Table columns: 1, Data columns: 2"),
    ("a bigint, b int", "", pa.table({"a": [1]}), "Spectrum Scan Error", "Table columns: 2, Data columns: 1"),
    ("a int", "", pa.table({"a": [1]}), "Spectrum Scan Error", "Column type: INT, Parquet schema:\noptional int64 a"),
    ("a varchar(5)", "", pa.table({"a": [1]}), "Spectrum Scan Error", "Column type: VARCHAR(5), Parquet schema:\noptional int64 a"),
    ("a timestamp", "", pa.table({"a": ["x"]}), "Spectrum Scan Error", "Column type: TIMESTAMP, Parquet schema:\noptional byte_array a"),
    ("a numeric(8, 2)", "", pa.table({"a": pa.array([Decimal("1.5")], pa.decimal128(8, 1))}), "Spectrum Scan Error", "Column type: DECIMAL(8,2)"),
    ("a varchar(3)", "", pa.table({"a": ["abcd"]}), "Spectrum Scan Error", "The length of the data column a is longer than the length defined in the table. Table: 3, Data: 4"),
    ("a char(3)", "", pa.table({"a": ["é"]}), "Spectrum Scan Error", "Multibyte character not supported for CHAR"),
    ("a bigint not null", "", pa.table({"a": pa.array([None], pa.int64())}), "Spectrum Scan Error", "NULL value in column a"),
    ("a bigint", "region 'us-east-1'", pa.table({"a": [1]}), "REGION argument is not supported for PARQUET based COPY", ""),
    ("a bigint", "truncatecolumns", pa.table({"a": [1]}), "TRUNCATECOLUMNS argument is not supported for PARQUET based COPY", ""),
    ("a bigint", "maxerror 3", pa.table({"a": [1]}), "MAXERROR argument is not supported for PARQUET based COPY", ""),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[3][:12] + case[4][:50])
def test_what_does_not_fit(
    session: Connection, keys: str, put: Callable[[str, bytes], str], case: tuple[str, str, pa.Table, str, str]
) -> None:
    columns, options, table, message, context = case
    url = put("wrong", parquet(table))
    session.rows(f"create table t ({columns})")
    found = detail(session, f"copy t from '{url}' {keys} parquet {options}")
    assert message in found and context in found
    if message == "Spectrum Scan Error":
        assert "code:      15007" in found
    assert session.rows("select count(*) from t") == [("0",)]


def test_other_bytes_are_no_parquet(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    session.rows("create table t (a bigint)")
    whole = parquet(pa.table({"a": list(range(1000))}))
    for form, data in (("parquet", b"a,b\n" * 10), ("parquet", b""), ("orc", b"a,b\n" * 10), ("parquet", whole[:-200])):
        url = put("nothing", data)
        assert f"is not a valid {'Parquet' if form == 'parquet' else 'ORC'} file" in detail(
            session, f"copy t from '{url}' {keys} {form}"
        )


def test_fillrecord_and_replaced_characters(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    url = put("short", parquet(pa.table({"a": [1], "b": pa.array([b"x\xff"], pa.binary())})))
    session.rows("create table t (a bigint, b varchar(4), c int)")
    assert "invalid or unsupported UTF8" in detail(session, f"copy t from '{url}' {keys} parquet fillrecord")
    session.rows(f"copy t from '{url}' {keys} parquet fillrecord acceptinvchars '^'")
    assert session.rows("select * from t") == [("1", "x^", None)]
    assert session.rows("select line_number, trim(colname) from stl_replacements where query = pg_last_copy_id()") == [
        ("-1", "b")
    ]  # fmt: skip


def test_manifests_say_how_long_files_are(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    data = parquet(pa.table({"a": [1, 2, 3]}))
    url = put("counted", data)
    session.rows("create table t (a bigint)")

    def manifest(meta: dict[str, Any]) -> str:
        entry = {"url": url, "mandatory": True, **meta}
        return put("manifest", json.dumps({"entries": [entry]}).encode())

    copy = "copy t from '{}' " + keys + " parquet manifest"
    assert "content_length" in detail(session, copy.format(manifest({})))
    assert "but the manifest says 5" in detail(session, copy.format(manifest({"meta": {"content_length": 5}})))
    session.rows(copy.format(manifest({"meta": {"content_length": len(data)}})))
    assert session.rows("select count(*) from t") == [("3",)]


def test_avro_in_its_three_forms(session: Connection, keys: str, put: Callable[[str, bytes], str]) -> None:
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "Id", "type": "int"}, {"name": "name", "type": ["null", "string"]},
        {"name": "inner", "type": {"type": "record", "name": "i", "fields": [{"name": "x", "type": "long"}]}},
    ]}  # fmt: skip
    out = io.BytesIO()
    fastavro.writer(
        out, schema, [{"Id": n, "name": f"n{n}", "inner": {"x": n * 2}} for n in range(1000)], codec="snappy"
    )
    url = put("rows.avro", out.getvalue())
    paths = put("avropaths", b'{"jsonpaths": ["$.Id", "$.name", "$.inner.x"]}')
    session.rows('create table t (id int, name varchar(10), "inner" varchar(30))')
    session.rows(f"copy t from '{url}' {keys} format as avro 'auto'")
    assert session.rows('select count(id), count(name), max("inner") from t') == [("0", "1000", '{"x":998}')]
    session.rows("truncate t")
    session.rows(f"copy t from '{url}' {keys} avro 'auto ignorecase'")
    assert session.rows("select count(id), sum(id) from t") == [("1000", "499500")]
    session.rows("truncate t")
    session.rows(f"copy t from '{url}' {keys} avro as '{paths}'")
    assert session.rows('select "inner", name from t where id = 7') == [("14", "n7")]
