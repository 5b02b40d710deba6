# ruff: noqa: E501
"""Whatever bytes a file holds, however it is cut: the way of two speeds gives the rows, errors and replacements of the exact
parser alone on the whole file, with their codes, lines, columns and positions."""

from __future__ import annotations

import functools
from typing import Any

from copy_rules import Both, statement, table, tuples
from hypothesis import given, settings, strategies as st

from slipher.types.sqltype import BOOL, DATE, FLOAT8, INT2, INT4, SUPER, TIMESTAMP, char, numeric, varbyte, varchar
from slipher.warehouse.copy.chunks import Chunk
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.jsonrows import JsonParser, NoShredParser
from slipher.warehouse.copy.jsontext import JsonCutter
from slipher.warehouse.copy.layout import layout
from slipher.warehouse.copy.paths import by_name
from slipher.warehouse.statement import CancelToken

LINES = (
    "", "delimiter ','", "delimiter ',' null as 'x'", "escape", "removequotes", "delimiter ',' escape removequotes", "fillrecord",
    "delimiter ',' fillrecord ignoreblanklines emptyasnull blanksasnull trimblanks", "delimiter ',' truncatecolumns acceptanydate",
    "delimiter ',' dateformat 'auto' timeformat 'auto'", "acceptinvchars delimiter ','", "acceptinvchars '^' escape",
    "delimiter ',' ignoreheader 1", "delimiter ',' null as '\\0'",
    "csv", "csv ignoreheader 2", "csv quote '''' delimiter '|'", "csv null as 'x' fillrecord acceptinvchars",
    "csv emptyasnull ignoreblanklines trimblanks", "csv delimiter ' '",
    "fixedwidth 'a:2,b:3,c:1'", "fixedwidth 'a:2,b:3,c:1' trimblanks ignoreblanklines", "fixedwidth 'a:2,b:3,c:1' acceptinvchars",
    "fixedwidth 'a:2,b:3,c:1' fillrecord null as ' x '",
)  # fmt: skip
COLUMNS = (
    (INT4, varchar(6), char(1)),
    (varchar(20), varchar(3), INT2),
    (DATE, FLOAT8, BOOL),
    (TIMESTAMP, numeric(6, 2), varchar(4)),
    (SUPER, char(3), varchar(4)),
    (varbyte(2), varchar(4), INT4),  # not with FIXEDWIDTH
)
PIECES = [
    b"|", b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'""', b"'", b"\\", b"\\N", b"\\\n", b" ", b"\t", b"\x00", b"x", b"1", b"12", b"-7",
    b"1.5", b"t", b"abc", b"2020-02-29", b"2020-02-29 10:00:00", b"00ff", b"[1]", b'{"a":1}', b"1,abc,a\n", b"12|a|b\n", b"12abcd\n",
    b"1,2,3", "é".encode(), "日".encode(), "\U0001f600".encode(), b"\xff", b"\xc3", b"\xe6\x97", b"\xed\xa0\x80", b"\xef\xbf\xbe",
    b"\xef\xbb\xbf", b"\xc0\x80", b"\x1a", b"\x0b",
]  # fmt: skip
SOUP = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=25).map(b"".join),
    st.binary(max_size=120),
)
JSON_PIECES = [
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\n", b"\n", b"\r\n", b" ", b"\t", b"\\", b'"c1":', b'"c2":', b'"c3":', b'"C1":', b'"x":', b"1", b"-2",
    b"1.5", b"1e3", b"true", b"null", b"nan", b'"abc"', b'"2020-02-29"', b'"\\u00e9"', b'"\\ud800"', b'"\\uZZ"', b"[1,2]", b'{"a":1}',
    b'{"c1":1,"c2":"a"}\n', b'{"c1":2,"c2":"b","c3":"c"}\n{"c1":3}\n', b'{"c1":4}{"c1":5}\n', b"\xff", b"\xc3", "é".encode(), b"\x00", b"\xef\xbb\xbf",
]  # fmt: skip
JSON_SOUP = st.one_of(
    st.lists(st.sampled_from(JSON_PIECES), max_size=30).map(b"".join),
    st.lists(st.one_of(st.sampled_from(JSON_PIECES), st.binary(max_size=3)), max_size=20).map(b"".join),
    st.binary(max_size=80),
)
STEPS = st.sampled_from([1, 2, 5, 13, 40, 1000])
JSON_OPTIONS = (
    "json 'auto'",
    "json 'auto ignorecase'",
    "json 'auto' acceptinvchars",
    "json 'auto' emptyasnull trimblanks",
)


@functools.cache
def both_of(options: str, columns: int) -> Both:
    return Both(options, *COLUMNS[columns])


def same(one: Parsed, other: Parsed) -> None:
    assert list(map(repr, tuples(one.batches))) == list(map(repr, tuples(other.batches)))
    assert one.errors == other.errors
    assert one.replaced == other.replaced


@settings(max_examples=2500, deadline=None)
@given(st.sampled_from(LINES), st.integers(0, len(COLUMNS) - 1), SOUP, STEPS, STEPS)
def test_lines_of_any_bytes(options: str, columns: int, data: bytes, step: int, size: int) -> None:
    both = both_of(options, columns % (len(COLUMNS) - ("fixedwidth" in options)))
    found, alone = Parsed(), Parsed()
    for chunk in both.cut(data, step, size):
        found.add(both.parser.parse(chunk))
    for chunk in both.cut(data):
        assert chunk.error is None
        alone.add(both.exact.parse(chunk.data, chunk.first_line))
    same(found, alone)


@functools.cache
def json_of(options: str, columns: int) -> tuple[Any, JsonParser]:
    made = statement(options)
    chosen = layout(table(*COLUMNS[columns]), made)
    return made, JsonParser(made, chosen, CancelToken(), by_name(chosen.columns, "ignorecase" in options))


@settings(max_examples=2500, deadline=None)
@given(st.sampled_from(JSON_OPTIONS), st.integers(0, len(COLUMNS) - 1), JSON_SOUP, STEPS, STEPS)
def test_json_of_any_bytes(options: str, columns: int, data: bytes, step: int, size: int) -> None:
    made, parser = json_of(options, columns)
    cutter = JsonCutter(made, size)
    chunks = [chunk for at in range(0, len(data), step) for chunk in cutter.feed(data[at : at + step])]
    found = Parsed()
    for chunk in [*chunks, *cutter.finish()]:
        found.add(parser.parse(chunk))
    same(found, parser.exact(data, 1))


class Alone(NoShredParser):
    """The exact way of 'noshred'."""

    def fast(self, data: bytes) -> None:
        """Always in doubt."""


@settings(max_examples=1000, deadline=None)
@given(JSON_SOUP, STEPS, STEPS)
def test_whole_json_values_of_any_bytes(data: bytes, step: int, size: int) -> None:
    made = statement("json 'noshred'")
    chosen = layout(table(SUPER), made)
    cutter = JsonCutter(made, size)
    chunks = [chunk for at in range(0, len(data), step) for chunk in cutter.feed(data[at : at + step])]
    found = Parsed()
    for chunk in [*chunks, *cutter.finish()]:
        found.add(NoShredParser(chosen, CancelToken()).parse(chunk))
    same(found, Alone(chosen, CancelToken()).parse(Chunk(data, 1)))
