"""Lines of text and CSV: what is written reads back, by Python's own reader and by COPY's rules for ESCAPE."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT8,
    INT4,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    SqlType,
    char,
    numeric,
    varchar,
)
from slipher.warehouse.unload.lines import LineFormat, pieces

V = varchar(100)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
DELIMITERS = st.sampled_from(["|", ",", "\t", "^", "]", "-", "\\", "\x01", " ", "a", "."])


def batch(*columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns), names=[f"c{number}" for number in range(len(columns))])


def text(form: LineFormat, *columns: pa.Array) -> str:
    return b"".join(bytes(data) for data, _ in pieces(form.lines(batch(*columns)), 1 << 20)).decode()


@pytest.mark.parametrize(
    ("kind", "array", "written"),
    [
        (BOOL, pa.array([True, False]), "t\nf\n"),
        (INT4, pa.array([-7, 0], pa.int32()), "-7\n0\n"),
        (numeric(8, 2), pa.array([Decimal("1.50"), Decimal("-0.01")]), "1.50\n-0.01\n"),
        (numeric(20, 10), pa.array([Decimal("0.0000000001")], pa.decimal128(20, 10)), "0.0000000001\n"),
        (FLOAT8, pa.array([0.1, 1e300, float("nan")]), "0.1\n1e+300\nNaN\n"),
        (FLOAT8, pa.array([float("inf"), None, float("-inf"), 2.5]), "Infinity\n\n-Infinity\n2.5\n"),
        (char(5), pa.array(["ab", "ab  "]), "ab\nab\n"),
        (V, pa.array(["x ", "é"]), "x \né\n"),
        (DATE, pa.array([date(2024, 2, 29)]), "2024-02-29\n"),
        (TIME, pa.array([time(1, 2, 3, 500000)]), "01:02:03.5\n"),
        (TIMESTAMP, pa.array([datetime(2024, 1, 1, 10, 0, 0)]), "2024-01-01 10:00:00\n"),
        (TIMESTAMPTZ, pa.array([datetime(2024, 1, 1, tzinfo=UTC)]), "2024-01-01 00:00:00+00\n"),
    ],
)
def test_a_value_of_each_type(kind: SqlType, array: pa.Array, written: str) -> None:
    assert text(LineFormat((kind,), "|"), array) == written


def test_null_and_empty_string() -> None:
    columns = pa.array([None, ""]), pa.array([1, None], pa.int32())
    assert text(LineFormat((V, INT4), "|"), *columns) == "|1\n|\n"
    assert text(LineFormat((V, INT4), "|", null="\\N"), *columns) == "\\N|1\n|\\N\n"
    assert text(LineFormat((V, INT4), ",", csv=True, null="\\N"), *columns) == "\\N,1\n,\\N\n"
    assert text(LineFormat((V, INT4), "|", null="\\N", escape=True), *columns) == "\\N|1\n|\\N\n"
    assert text(LineFormat((V, INT4), "|", null="\\N", quotes=True), *columns) == '"\\N"|"1"\n""|"\\N"\n'


def test_text_protects_nothing_unless_asked() -> None:
    column = pa.array(['a|b"c', "d\\e"])
    assert text(LineFormat((V,), "|"), column) == 'a|b"c\nd\\e\n'
    assert text(LineFormat((V,), "|", escape=True), column) == 'a\\|b"c\nd\\\\e\n'
    assert text(LineFormat((V,), "|", escape=True, quotes=True), column) == '"a\\|b\\"c"\n"d\\\\e"\n'


def test_csv_quotes_only_what_needs_it_in_columns_of_any_type() -> None:
    column = pa.array(["plain", "a,b", 'say "x"', "two\nlines", "cr\r", "it's|ok", ""])
    written = 'plain\n"a,b"\n"say ""x"""\n"two\nlines"\n"cr\r"\nit\'s|ok\n\n'
    assert text(LineFormat((V,), ",", csv=True), column) == written
    assert text(LineFormat((numeric(3, 1),), ".", csv=True), pa.array([Decimal("1.5")])) == '"1.5"\n'


def test_header_follows_the_same_rules() -> None:
    names = ["a", "b,c", 'd"']
    assert LineFormat((V, V, V), ",", csv=True).header(names) == b'a,"b,c","d"""\n'
    assert LineFormat((V, V, V), ",", quotes=True).header(names) == b'"a","b,c","d""\n'
    assert LineFormat((V, V, V), ",", escape=True).header(names) == b'a,b\\,c,d"\n'


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1), DELIMITERS)
def test_csv_reads_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    form = LineFormat((V, V), delimiter, csv=True)
    written = text(form, pa.array([row[0] for row in rows]), pa.array([row[1] for row in rows]))
    assert [tuple(row) for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)] == rows


@given(st.lists(st.tuples(TEXTS, st.one_of(st.none(), TEXTS)), min_size=1), DELIMITERS.filter(lambda one: one != "\\"))
def test_escaped_text_reads_back(rows: list[tuple[str, str | None]], delimiter: str) -> None:
    form = LineFormat((V, V), delimiter, null="\\N", escape=True)
    written = text(form, pa.array([row[0] for row in rows]), pa.array([row[1] for row in rows], pa.string()))
    assert _read_escaped(written, delimiter) == rows


def _read_escaped(written: str, delimiter: str) -> list[tuple[str | None, ...]]:
    """COPY's ESCAPE, read a character at a time."""
    rows: list[tuple[str | None, ...]] = []
    fields: list[str | None] = []
    field, raw, at = "", "", 0
    while at < len(written):
        one = written[at]
        if one == "\\":
            field += written[at + 1]
            raw += written[at : at + 2]
            at += 2
            continue
        at += 1
        if one in (delimiter, "\n"):
            fields.append(None if raw == "\\N" else field)
            field = raw = ""
            if one == "\n":
                rows.append(tuple(fields))
                fields = []
        else:
            field += one
            raw += one
    return rows


@given(st.lists(TEXTS, min_size=1), st.integers(1, 50), st.integers(0, 5))
def test_pieces_are_whole_lines_and_lose_nothing(values: list[str], size: int, start: int) -> None:
    lines = pa.array([f"{value}\n" for value in values], pa.large_string())[start:]
    found = list(pieces(lines, size))
    assert b"".join(bytes(data) for data, _ in found) == "".join(lines.to_pylist()).encode()
    assert sum(count for _, count in found) == len(lines)
    assert all(count == 1 or len(data) <= size for data, count in found)
    assert all(bytes(data).endswith(b"\n") for data, _ in found)
