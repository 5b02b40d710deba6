"""The exact parser: values and errors as Redshift's guide and its users' logs have them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from copy_rules import Both

from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT4,
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
)  # fmt: skip

V = varchar(10)


@pytest.mark.parametrize(
    ("options", "kind", "text", "value"),
    [
        ("", INT4, " 12\t", 12),
        ("", INT4, "+7", 7),
        ("", INT4, "  ", None),
        ("", INT8, "-9223372036854775808", -(2**63)),
        ("", numeric(8, 2), "20.259", Decimal("20.25")),
        ("", numeric(8, 2), "-20.259", Decimal("-20.25")),
        ("roundec", numeric(8, 2), "20.259", Decimal("20.26")),
        ("roundec", numeric(8, 2), "-0.005", Decimal("-0.01")),
        ("", BOOL, "Yes", True),
        ("", BOOL, "0", False),
        ("", DATE, "2020-02-29 13:00:00", date(2020, 2, 29)),
        ("dateformat 'MM/DD/YYYY'", DATE, "03/31/2003", date(2003, 3, 31)),
        ("dateformat 'MON DD, YYYY'", DATE, "March 31, 2003", date(2003, 3, 31)),
        ("dateformat 'auto'", DATE, "20040229", date(2004, 2, 29)),
        ("dateformat 'auto'", DATE, "J2451187", date(1999, 1, 8)),
        ("acceptanydate", DATE, "00/00/00", None),
        ("", TIMESTAMP, "2020-01-05", datetime(2020, 1, 5)),
        ("", TIMESTAMP, "2020-01-05 10:00:00.25", datetime(2020, 1, 5, 10, 0, 0, 250000)),
        ("timeformat 'auto'", TIMESTAMP, "2019-02-11T05:09:12.195Z", datetime(2019, 2, 11, 5, 9, 12, 195000)),
        ("timeformat 'epochsecs'", TIMESTAMP, "1577836800", datetime(2020, 1, 1)),
        ("timeformat 'epochmillisecs'", TIMESTAMP, "1577836800500", datetime(2020, 1, 1, 0, 0, 0, 500000)),
        ("timeformat 'MM.DD.YYYY HH:MI:SS'", TIMESTAMP, "03.31.2003 18:45:05.123456", datetime(2003, 3, 31, 18, 45, 5, 123456)),
        ("", TIMESTAMPTZ, "2020-01-05 10:00:00+02", datetime(2020, 1, 5, 8, tzinfo=UTC)),
        ("", V, "", ""),
        ("", V, "  ", "  "),
        ("", V, "\\N", None),
        ("csv", V, "\\N", None),
        ("csv", V, '""', ""),
        ("csv", V, ' "a,b" ', "a,b"),
        ("csv", V, '"a""b"', 'a"b'),
        ("csv", V, '"a\r\nb"', "a\r\nb"),
        ("csv quote '%'", V, "%a%%b%", "a%b"),
        ("emptyasnull", V, "", None),
        ("blanksasnull", V, "  ", None),
        ("trimblanks", V, " a  ", " a"),
        ("truncatecolumns", varchar(3), "éé", "é"),
        ("null as 'none'", V, "none", None),
        ("null as 'none'", V, "\\N", "\\N"),
        ("escape", V, "a\\|b", "a|b"),
        ("escape", V, "a\\\nb", "a\nb"),
        ("escape", V, "a\\\\b", "a\\b"),
        ("escape", V, "\\N", None),
        ("escape", V, "\\\\N", None),
        ("escape", V, "ab\x00cd", "ab"),
        ("removequotes", V, "'a|b'", "a|b"),
        ("removequotes", V, "Blue'", "Blue'"),
        ("removequotes", V, '"it\'s"', "it's"),
        ("", V, "a\x00b", "a\x00b"),
        ("null as '\\0'", V, "\x00", None),
        ("", char(3), "ab   ", "ab"),
    ],
)  # fmt: skip
def test_values(options: str, kind: SqlType, text: str, value: Any) -> None:
    assert Both(options, kind).rows(text.encode() + b"\n") == [(value,)]


@pytest.mark.parametrize(
    ("options", "kind", "data", "code", "reason", "position"),
    [
        ("", INT4, b"a", 1207, "Invalid digit, Value 'a', Pos 0, Type: Integer", 0),
        ("", INT2, b"12x", 1207, "Invalid digit, Value 'x', Pos 2, Type: Short", 2),
        ("", INT8, b"1.5", 1207, "Invalid digit, Value '.', Pos 1, Type: Long", 1),
        ("", INT2, b"32768", 1222, "Overflow (Short valid range -32768 to 32767)", 0),
        ("", numeric(8, 2), b"1a", 1207, "Invalid digit, Value 'a', Pos 1, Type: Decimal", 1),
        ("", numeric(4, 2), b"100", 1204, "Numeric data overflow (result precision)", 0),
        ("", BOOL, b"maybe", 1210, "Unknown boolean format", 0),
        ("", FLOAT4, b"x", 1208, "Invalid value for FLOAT, Value 'x'", 0),
        ("", DATE, b"2020-1-5", 1205, "Invalid Date Format - length must be 10 or more", 0),
        ("", DATE, b"2019-02-29", 1205, "Invalid Date Format - YYYY-MM-DD", 0),
        ("", TIMESTAMP, b"2020-01-05T10:00:00", 1206, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]", 0),
        ("", TIME, b"25:00:00", 1206, "Invalid time format or value [HH24:MI:SS]", 0),
        ("", varchar(3), "éé".encode(), 1204, "String length exceeds DDL length", 3),
        ("", char(3), b"abcd", 1204, "Char length exceeds DDL length", 3),
        ("", char(3), "é".encode(), 1215,
         "Multibyte character not supported for CHAR (Hint: Try using  VARCHAR). Invalid char: c3 a9", 0),
        ("", V, b"a\xa4", 1220,
         "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: a4 (error 3)", 1),
        ("", V, b"\xe0\xa1", 1220,
         "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: e0a1 (error 2)", 0),
        ("", V, b"a|b", 1202, "Extra column(s) found", 0),
        ("", V, b"a\rb", 1216, "Missing newline: Unexpected character 0x62 found at location 2", 1),
        ("csv", V, b'"a"b', 1216, "Invalid quote formatting for CSV", 3),
        ("csv", V, b'a"b', 1216, "Invalid quote formatting for CSV", 1),
        ("csv", V, b'"a', 1216, "Invalid quote formatting for CSV", 0),
        ("removequotes", V, b"'a", 1214, "Delimiter not found", 0),
        ("null as '\\0'", V, b"a\0", 1218, "Invalid null byte - field longer than 1 byte", 1),
    ],
)  # fmt: skip
def test_errors(options: str, kind: SqlType, data: bytes, code: int, reason: str, position: int) -> None:
    both = Both(options, kind)
    assert all(both.fast.parse(chunk.data, chunk.quotes) is None for chunk in both.cut(data) if chunk.plain)
    (error,) = both.errors(data)
    assert (error.code, error.reason, error.position, error.line) == (code, reason, position, 1)


def test_one_error_a_row_and_the_rest_is_loaded() -> None:
    both = Both("", INT4, varchar(3), not_null=(1,))
    parsed = both.exact.parse(b"1|a\nx|toolong\n|b\n4\n5|e\n", 10)
    assert [row.as_py() for row in parsed.batches[0].column(0)] == [1, 5]
    found = [(one.line, one.column, one.code, one.raw_field, one.raw_line) for one in parsed.errors]
    assert found == [
        (11, 0, 1207, "x", "x|toolong"),
        (12, 0, 1213, "", "|b"),
        (13, 0, 1214, "4", "4"),
    ]


def test_lines_are_counted_through_quotes() -> None:
    (error,) = Both("csv", V, INT4).errors(b'"a\n\nb",1\n"c\n",x\n')
    assert (error.line, error.column, error.raw_line) == (4, 1, '"c.",x')


def test_a_bad_quote_spoils_one_record_only() -> None:
    both = Both("csv", V, INT4)
    rows = [b'"g, %d",%d\n' % (n, n) for n in range(20000)]
    rows[7000] = b'"bad"x,1\n'
    data = b"".join(rows)
    parsed = [both.parser.parse(chunk) for chunk in both.cut(data, 50_000, 100_000)]
    assert sum(one.rows for one in parsed) == 19999
    (error,) = [error for one in parsed for error in one.errors]
    assert (error.line, error.raw_line) == (7001, '"bad"x,1')
    plain = sum(len(chunk.data) for chunk in both.cut(data, 50_000, 100_000) if chunk.plain)
    assert plain > 0.7 * len(data), "the fast parser keeps the rest"


def test_missing_columns_are_filled() -> None:
    assert Both("fillrecord", INT4, V, INT4, V).rows(b"1\n2|a\n") == [(1, "", None, ""), (2, "a", None, "")]
    assert Both("fillrecord emptyasnull", INT4, V).rows(b"1\n") == [(1, None)]


def test_headers_and_blank_lines() -> None:
    both = Both("ignoreheader 2 ignoreblanklines", INT4, V)
    chunks = both.cut(b"x\ny|z|\n\n1|a\n\n\r\n2|b", 3, 4)
    parsed = [both.parser.parse(chunk) for chunk in chunks]
    assert sum(one.rows for one in parsed) == 2 and not any(one.errors for one in parsed)
    assert Both("ignoreheader 5", INT4).cut(b"a\nb\n") == []
    (error,) = Both("", INT4, V).errors(b"1|a\n\n")
    assert (error.code, error.line) == (1211, 2)


def test_numbers_of_38_digits() -> None:
    both = Both("", numeric(38, 0), numeric(38, 37))
    wide = "9" * 38
    assert both.rows(f"{wide}|9.{'9' * 37}\n-{wide}|-{wide[0]}.{wide[1:]}\n".encode()) == [
        (Decimal(wide), Decimal(f"9.{'9' * 37}")),
        (Decimal(f"-{wide}"), Decimal(f"-9.{'9' * 37}")),
    ]
    batch = both.fast.parse(f"{wide}|1\n".encode(), False)
    assert batch is not None and batch.column(0)[0].as_py() == Decimal(wide)
    assert [one.code for one in both.errors(f"1{wide}|1\n".encode())] == [1204]
