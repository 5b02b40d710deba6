# ruff: noqa: E501
"""COPY of JSON: where the fast way accepts, the exact one agrees; cutting changes nothing; what JSONPaths say."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from copy_rules import statement, table, tuples
from hypothesis import example, given, settings, strategies as st

from slipher.base.errors import SqlError
from slipher.sql.names import Column
from slipher.types.sqltype import (
    BOOL,
    DATE,
    FLOAT4,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    SUPER,
    TIMESTAMP,
    SqlType,
    char,
    numeric,
    varbyte,
    varchar,
)
from slipher.warehouse.copy.chunks import Chunk
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.jsonrows import JsonParser, NoShredParser
from slipher.warehouse.copy.jsontext import JsonCutter
from slipher.warehouse.copy.layout import layout
from slipher.warehouse.copy.paths import by_name, by_paths
from slipher.warehouse.statement import CancelToken

KINDS: tuple[SqlType, ...] = (
    BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, numeric(8, 2), numeric(38, 0), DATE, TIMESTAMP, char(3), varchar(6), SUPER, varbyte(3),
)  # fmt: skip
OPTIONS = (
    "",
    "emptyasnull",
    "blanksasnull truncatecolumns",
    "acceptinvchars '^'",
    "roundec",
    "timeformat 'auto' dateformat 'auto'",
)


class Json:
    """Both ways of a COPY into columns c1, c2, ..."""

    def __init__(
        self, options: str, *kinds: SqlType, paths: list[str] | None = None, not_null: tuple[int, ...] = ()
    ) -> None:
        self.statement = statement(f"json 'auto' {options}")
        made = layout(table(*kinds, not_null=not_null), self.statement)
        chosen = by_name(made.columns, False)
        if paths is not None:
            chosen = by_paths(json.dumps({"jsonpaths": paths}).encode(), "s3://b/p", made.columns)
        self.parser = JsonParser(self.statement, made, CancelToken(), chosen)

    def cut(self, data: bytes, step: int, size: int) -> list[Chunk]:
        cutter = JsonCutter(self.statement, size)
        chunks = [chunk for at in range(0, len(data), step) for chunk in cutter.feed(data[at : at + step])]
        return [*chunks, *cutter.finish()]

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        parsed = self.parser.parse(Chunk(text.encode(), 1))
        assert not parsed.errors, parsed.errors
        return tuples(parsed.batches)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def all_same(one: Parsed, other: Parsed) -> None:
    assert one.errors == other.errors
    assert one.replaced == other.replaced
    ours, theirs = tuples(one.batches), tuples(other.batches)
    assert len(ours) == len(theirs)
    assert all(map(same, left, right) for left, right in zip(ours, theirs, strict=True))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, -1, 255, 2**31, 2**63, 1.5, 0.005, 1e300, 1e-7, 12.34, 20.259]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "a", "abc", "abcdefg", "é", "日本日", "12", "1.5", "true", "t", "2020-01-02", "2020-01-02 10:00:00", "ff", "\x00", "\\N", "\ud800", "\ufffe"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
CACHE: dict[Any, Json] = {}


def json_of(options: str, *kinds: SqlType) -> Json:
    key = (options, kinds)
    if key not in CACHE:
        CACHE[key] = Json(options, *kinds)
    return CACHE[key]


@settings(max_examples=2500)
@given(st.sampled_from(OPTIONS), st.sampled_from(KINDS), st.lists(VALUES, min_size=1, max_size=3))
@example("", FLOAT8, [1, 1.5])
@example("", INT8, [2**63])
def test_where_the_fast_way_accepts_the_exact_one_agrees(options: str, kind: SqlType, values: list[Any]) -> None:
    both = json_of(options, kind)
    data = "\n".join(json.dumps({"c1": value}) for value in values).encode()
    batch = both.parser.fast(data)
    if batch is None:
        return
    all_same(Parsed([batch]), both.parser.exact(data, 1))


SOUP = st.lists(
    st.sampled_from(
        ['{"c1": 1}', '{"c1": "a"}', '{"c2": [1, {"x": "}\\n{"}]}', '{"c1":', "[1]", "{", "}", "\n", "\n", " ", "x y", ",", '"', "null",
         '{"c2": "a\nb"}', "{}", '{\n "c1": 5,\n "c2": {\n  "d": []\n }\n}', "\r\n", "\xff", "1e400", '{"c1": 1e400}']
    ), max_size=12,
).map(lambda parts: "".join(parts).encode("latin-1"))  # fmt: skip


@settings(max_examples=2500)
@given(SOUP, st.integers(1, 20), st.integers(1, 40))
def test_however_a_file_is_cut_its_records_and_errors_are_the_same(data: bytes, step: int, size: int) -> None:
    both = json_of("maxerror 9", INT4, varchar(30))
    chunks = both.cut(data, step, size)
    assert b"".join(chunk.data for chunk in chunks) == data
    found = Parsed()
    for chunk in chunks:
        found.add(both.parser.parse(chunk))
    all_same(found, both.parser.exact(data, 1))


def test_the_fast_way_takes_what_is_common() -> None:
    both = Json("", INT4, varchar(20), FLOAT8, numeric(8, 2), DATE, TIMESTAMP, BOOL, SUPER)
    line = {
        "c1": 1,
        "c2": "é",
        "c3": 1.5,
        "c4": 12.345,
        "c5": "2020-01-02",
        "c6": "2020-01-02 03:04:05",
        "c7": True,
        "c8": {"a": [1]},
    }
    assert both.parser.fast(f"{json.dumps(line)}\n{{}}\n".encode()) is not None


def test_values_become_what_they_print_as() -> None:
    both = Json("", varchar(40), numeric(8, 2), INT4, SUPER)
    rows = both.rows(
        '{"c1": {"a": [1, "x"]}, "c2": 20.259, "c3": "7", "c4": "text"}\n{"c1": true, "c2": "1.5", "c3": null, "c4": [1]} {"c1": 2.5}'
    )
    assert [[str(one) for one in row] for row in rows] == [
        ['{"a":[1,"x"]}', "20.25", "7", '"text"'], ["true", "1.50", "None", "[1]"], ["2.5", "None", "None", "None"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "row", "expected"),
    [
        (["$['a']['b']", "$.c[1]"], {"a": {"b": 1}, "c": [1, 2]}, ("1", "2")),
        (["$.a.b", "$['x y']"], {"a": None, "x y": 3}, (None, "3")),
        (["$[0]", "$[1]"], [5, 6], ("5", "6")),
        (["$.a", "$.b"], {"b": {"c": []}}, (None, '{"c":[]}')),
        (["$", "$.b"], {"b": 1}, ('{"b":1}', "1")),
    ],
)
def test_jsonpaths(paths: list[str], row: Any, expected: tuple[str | None, ...]) -> None:
    assert Json("", varchar(20), varchar(20), paths=paths).rows(json.dumps(row)) == [expected]


@pytest.mark.parametrize(
    ("paths", "row", "reason"),
    [
        (["$[2]"], [1], "Invalid JSONPath format: Not an array or index out of range."),
        (["$.a[0]"], {"a": 1}, "Invalid JSONPath format: Not an array or index out of range."),
        (["$.a"], [1], "Invalid JSONPath format: Member is not an object."),
    ],
)
def test_paths_that_lead_nowhere(paths: list[str], row: Any, reason: str) -> None:
    (error,) = Json("", varchar(20), paths=paths).parser.parse(Chunk(json.dumps(row).encode(), 1)).errors
    assert (error.code, error.reason, error.line) == (1216, reason, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not well-formed"), ('{"jsonpaths": ["$.a"]} x', "not well-formed"), ("[]", "not a JSON object"),
        ('{"jsonpaths": [""]}', "empty"), ('{"jsonpaths": [1]}', "not a string"), ('{"jsonpaths": ["a"]}', "begin with"),
        ('{"jsonpaths": ["$.a[\'b\']"]}', "only brackets or only dots"), ('{"jsonpaths": ["$.*"]}', "only brackets"),
        ('{"jsonpaths": ["$[-1]"]}', "only brackets"), ('{"jsonpaths": ["$.a", "$.b"]}', "JSONPath size: 2, Number of columns in table or column list: 1"),
    ],
)  # fmt: skip
def test_wrong_jsonpaths_files(text: str, reason: str) -> None:
    with pytest.raises(SqlError, match=reason.replace("[", "\\[")):
        by_paths(text.encode(), "s3://b/p", [Column("c1", INT4, 1)])


def test_a_document_without_jsonpaths_is_auto() -> None:
    assert by_paths(b'{"paths": []}', "s3://b/p", [Column("c1", INT4, 1)]).keys == ("c1",)


def test_lines_of_errors_are_the_last_of_their_object() -> None:
    text = b'{"c1": 1}\n{\n "c1": "x"\n}\nnonsense here\n{"c1": 2}, {"c1": 3}\n{"c1": nope}\n{"c1": 4}\n'
    found = Json("", INT4).parser.parse(Chunk(text, 1))
    assert tuples(found.batches) == [(1,), (2,), (3,), (4,)]
    assert [(one.line, one.code, one.raw_line) for one in found.errors] == [
        (4, 1207, '{. "c1": "x".}'), (5, 1216, "nonsense"), (5, 1216, "here"), (6, 1216, ","), (7, 1216, '{"c1": nope}'),
    ]  # fmt: skip


def test_noshred_keeps_the_text() -> None:
    made = layout(table(SUPER), statement("json 'noshred'"))
    parser = NoShredParser(made, CancelToken())
    found = parser.parse(Chunk(b'{"a": 1.10}\n[1,\n 2]\nx', 1))
    assert tuples(found.batches) == [('{"a":1.10}',), ("[1,2]",)]
    assert [(one.line, one.code) for one in found.errors] == [(4, 1216)]


def test_one_long_line_is_cut_between_objects() -> None:
    both = Json("", INT4)
    data = b'{"c1": 1} ' * 5000
    chunks = both.cut(data, 1000, 4096)
    assert len(chunks) > 3
    assert sum(parsed.rows for parsed in map(both.parser.parse, chunks)) == 5000
