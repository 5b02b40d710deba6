# ruff: noqa: E501
"""Where the fast parser accepts, the exact one agrees, value by value; and the way of the chunks changes nothing."""

from __future__ import annotations

import math
from typing import Any

from copy_rules import Both, tuples
from hypothesis import example, given, settings, strategies as st

from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT4,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    SUPER,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    SqlType,
    char,
    numeric,
    varbyte,
    varchar,
)  # fmt: skip

KINDS: tuple[SqlType, ...] = (
    BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, numeric(8, 2), numeric(38, 0), DATE, TIME, TIMESTAMP, TIMESTAMPTZ, char(3), varchar(4),
    SUPER, varbyte(3), SqlType("timetz"),
)  # fmt: skip
DELIMITED = (
    "", "delimiter ','", "delimiter '\\t' null as 'x'", "null as ''", "escape", "removequotes", "escape removequotes delimiter ','",
    "ignoreblanklines", "fillrecord", "emptyasnull blanksasnull trimblanks", "truncatecolumns roundec", "acceptanydate",
    "dateformat 'auto' timeformat 'auto'", "dateformat 'MM/DD/YYYY' timeformat 'epochsecs'", "null as '\\0'", "maxerror 5 delimiter ' '",
    "dateformat 'YYYYMMDD' timeformat 'YYYY-MM-DDTHH:MI:SS'", "timeformat 'epochmillisecs'",
    "dateformat 'DD-MON-YY' timeformat 'MM.DD.YYYY HH24:MI'",
    "acceptinvchars", "acceptinvchars '^' emptyasnull",
)  # fmt: skip
CSV = (
    "csv",
    "csv quote '''' delimiter '|'",
    "csv null as 'x' fillrecord",
    "csv emptyasnull ignoreblanklines",
    "csv delimiter ' '",
)

# Texts near the border of some type.
TEXTS = st.one_of(
    st.sampled_from(
        [
            "", " ", "\\N", "0", "-0", "+1", "1", "12", " 12 ", "007", "32768", "-32768", "2147483648", "1e3", "1E-3", "0x1F", "0X1f", "1_0",
            "1.", ".5", "-", "+", ".", "1.005", "-1.999", "999999.99", "999999.999", "1000000", "1e400", "-1e39", "nan", "NaN", "inf",
            "-Infinity", "1e-400", "t", "TRUE", "Yes", "n", "0 ", "tr", "2020-02-29", "2019-02-29", "0000-01-01", "0001-01-01",
            "9999-12-31", "2020-1-5", "20200105", "2020-01-05T10:00:00", "2020-01-05 10:00:00", "2020-01-05 10:00", "2020-01-05 10",
            "2020-01-05 10:00:00.5", "2020-01-05 10:00:00.1234567", "2020-01-05 10:00:00.", "2020-01-05 10:00:00Z",
            "2020-01-05 10:00:00+02", "2020-01-05T10:00:00Z", "2020-01-05T10:00:00.25Z", "2020-01-05Z", "2020-01-05T10:00:00ZZ", "Z", "2020-01-05 24:00:00", "2020-01-05 23:59:60", "10:00", "10:00:00", "24:00:00", "10:00:00.123456",
            "10", "1000", "01/05/2020", "1577836800", "abc", "abcd", "abcde", "abc  ", "  ", "é", "éé", "日本", "\U0001f600", "a\rb", "x",
            "\x00", "a\x00", "\ufeff", "\\", "a\\", "\\\\N", '"', '""', '"a"', "'a'", "'", 'a"b', "\ufeff1", "１", "20200229", "20190229", "1577836800123", "-1", "2020-01-05T10:00:00.1234567", "01.05.2020 10:00", "5-Jan-20", "1_0", "NULL", "\x0b", "6162", "FFf", "00112233", '{"a":1}', '[1, 2]', '{"a" : "b  c" }', "null", "1e400", '"\\ud800"', "[1,]",
        ]
    ),
    st.text(alphabet="0123456789+-.eE xX_nNaAtT:/\\\"'|,\r\u00e9", max_size=6),
    st.integers(-(2**65), 2**65).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.floats().map(repr),
)  # fmt: skip


# Letters of one to four bytes, a byte that is none, a character that Unicode does not count as one.
FIXED = "12é日\U0001f600 \r\\\udc80\ufffe"


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def agree(both: Both, data: bytes, quotes: bool) -> bool:
    """Whether the fast parser accepted, having checked that then the exact one agrees."""
    batch = both.fast.parse(data, quotes)
    if batch is None:
        return False
    exact = both.exact.parse(data, 1)
    assert not exact.errors, f"accepted: {exact.errors[0]}"
    fast_rows, exact_rows = tuples([batch]), tuples(exact.batches)
    assert len(fast_rows) == len(exact_rows)
    for fast_row, exact_row in zip(fast_rows, exact_rows, strict=True):
        assert all(map(same, fast_row, exact_row)), (fast_row, exact_row)
    return True


CACHE: dict[Any, Both] = {}


def both_of(options: str, *kinds: SqlType) -> Both:
    key = (options, kinds)
    if key not in CACHE:
        CACHE[key] = Both(options, *kinds)
    return CACHE[key]


@settings(max_examples=2500)
@given(st.sampled_from(DELIMITED), st.sampled_from(KINDS), st.lists(TEXTS, min_size=1, max_size=3))
@example("", INT4, ["0x1F"])
@example("", FLOAT8, ["1e400"])
@example("", TIMESTAMP, ["2020-01-05T10:00:00"])
@example("", DATE, ["0000-01-01"])
@example("", numeric(8, 2), ["1.005", "-1.999"])
def test_one_column_of_delimited_text(options: str, kind: SqlType, texts: list[str]) -> None:
    agree(both_of(options, kind), "\n".join(texts).encode("utf-8", "surrogatepass"), False)


@settings(max_examples=1500)
@given(
    st.sampled_from(DELIMITED), st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=4), st.booleans()
)
def test_rows_of_delimited_text(options: str, rows: list[list[str]], final: bool) -> None:
    both = both_of(options, varchar(20), INT4, char(3))
    lines = [both.statement.delimiter.join(row) for row in rows]
    agree(both, ("\n".join(lines) + "\n" * final).encode("utf-8", "surrogatepass"), False)


@settings(max_examples=2000)
@given(st.sampled_from(CSV), st.text(alphabet="1a \"',|\r\n\\N", max_size=60), st.integers(1, 30))
def test_csv_in_whatever_steps(options: str, text: str, step: int) -> None:
    both = both_of(options, varchar(20), varchar(3))
    data = text.encode()
    for chunk in both.cut(data, step, step):
        if chunk.plain:
            agree(both, chunk.data, chunk.quotes)


@settings(max_examples=2000)
@given(
    st.sampled_from(DELIMITED + CSV),
    st.text(alphabet="1a \"',|\r\n\\N", max_size=80),
    st.integers(1, 30),
    st.integers(1, 30),
)
def test_chunks_are_whole_records_of_the_file(options: str, text: str, step: int, size: int) -> None:
    """However a file is cut, its records, their lines and errors are those of the uncut file."""
    both = both_of(options, varchar(20), INT4)
    data = text.encode()
    chunks = both.cut(data, step, size)
    assert b"".join(chunk.data for chunk in chunks) == data
    whole = both.exact.parse(data, 1)
    parsed = [both.exact.parse(chunk.data, chunk.first_line) for chunk in chunks]
    assert [row for one in parsed for row in tuples(one.batches)] == tuples(whole.batches)
    assert [error for one in parsed for error in one.errors] == whole.errors
    mixed = [both.parser.parse(chunk) for chunk in chunks]
    assert [row for one in mixed for row in tuples(one.batches)] == tuples(whole.batches)
    assert [error for one in mixed for error in one.errors] == whole.errors


@settings(max_examples=600)
@given(
    st.sampled_from(("", "trimblanks", "fillrecord ignoreblanklines", "blanksasnull acceptinvchars", "null as '12'")),
    st.lists(st.text(alphabet=FIXED, min_size=4, max_size=8), min_size=1, max_size=4),
    st.booleans(),
)
def test_rows_of_fixed_width(options: str, lines: list[str], final: bool) -> None:
    both = both_of("fixedwidth 'a:2,b:3,c:1' " + options, INT4, varchar(6), char(1))
    data = ("\n".join(lines) + "\n" * final).encode("utf-8", "surrogateescape")
    agree(both, data, False)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(-9, 99), st.text(alphabet="aé日", min_size=3, max_size=3)), min_size=1))
def test_the_fast_parser_takes_fixed_width(rows: list[tuple[int, str]]) -> None:
    both = both_of("fixedwidth 'a:2,b:3'", INT4, varchar(9))
    assert agree(both, "".join(f"{number:2}{text}\n" for number, text in rows).encode(), False)


def test_the_fast_parser_takes_what_is_common() -> None:
    """A fast parser that doubts everything would pass the properties above."""
    both = Both("csv", *KINDS)
    row = "t,1,-2,3,1.5,2.5,3.14159,7,2020-02-29,10:00:00,2020-02-29 10:00:00,2020-02-29 10:00:00.25,abc,héy,12,00ff,10:00:00+02"
    data = (row + "\n" + "," * (len(KINDS) - 1) + "\n").encode()
    assert agree(both, data, False)
    assert agree(both, data.replace(b"abc", b'"a,"""'), True)
    assert agree(Both("", INT4, varchar(10)), b"1|a\r\n2|\\N\r\n", False)
    assert agree(Both("escape", INT4, varchar(10)), b"1|a\n", False)
    assert agree(Both("timeformat 'epochmillisecs'", TIMESTAMPTZ), b"1577836800123\n", False)
    assert agree(Both("dateformat 'MM/DD/YYYY'", DATE), b"01/31/2020\n\\N\n", False)
    assert agree(Both("timeformat 'auto'", TIMESTAMP), b"2013-01-01T10:00:00Z\n" * 10, False)
