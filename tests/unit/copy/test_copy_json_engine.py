"""COPY of JSON by the engine's parser: where it accepts lines, the exact way gives the same rows and no error."""

from __future__ import annotations

import functools
import json

import pytest
from copy_rules import statement, table, tuples
from hypothesis import example, given, settings, strategies as st

from slipher.types.sqltype import BOOL, DATE, FLOAT4, FLOAT8, INT4, INT8, TIMESTAMP, SqlType, numeric, varchar
from slipher.warehouse.copy.jsonengine import JsonEngine, _lines, engine_way
from slipher.warehouse.copy.jsonrows import JsonParser
from slipher.warehouse.copy.layout import layout
from slipher.warehouse.copy.paths import by_name
from slipher.warehouse.statement import CancelToken

KINDS: tuple[SqlType, ...] = (
    BOOL,
    INT4,
    INT8,
    FLOAT4,
    FLOAT8,
    numeric(8, 2),
    numeric(38, 0),
    DATE,
    TIMESTAMP,
    varchar(40),
)


@functools.cache
def ways(*kinds: SqlType, not_null: tuple[int, ...] = ()) -> tuple[JsonEngine, JsonParser]:
    """Both ways of a COPY into columns c1, c2, ..."""
    made = statement("json 'auto'")
    chosen = layout(table(*kinds, not_null=not_null), made)
    selector = by_name(chosen.columns, False)
    engine = engine_way(made, chosen, selector)
    assert engine is not None
    return engine, JsonParser(made, chosen, CancelToken(), selector)


def agree(data: bytes, *kinds: SqlType) -> None:
    engine, parser = ways(*kinds)
    batch = engine.parse(data)
    if batch is not None:
        exact = parser.exact(data, 1)
        assert not exact.errors
        assert list(map(repr, tuples([batch]))) == list(map(repr, tuples(exact.batches)))


def test_flat_objects_are_taken() -> None:
    engine, _ = ways(INT4, numeric(8, 2), varchar(40), DATE, BOOL)
    data = (
        b'{"c1":1,"c2":1.50,"c3":"a \\"b\\" caf\xc3\xa9","c4":"2020-02-29","c5":true,"other":"x"}\n{"c1":null,"c2":2}\n'
    )
    batch = engine.parse(data)
    assert batch is not None
    assert [tuple(map(str, one)) for one in tuples([batch])] == [
        ("1", "1.50", 'a "b" caf\xe9', "2020-02-29", "True"), ("None", "2.00", "None", "None", "None")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"c1":"a","c1":"b"}',  # the last one counts
        '{"c1":"a","c1" :"b"}',
        '{"c1":null,"c1":"b"}',
        '{"c1":"b","c1":null}',
        '{"c1":"a","\\u00631":"b"}',
        '{"c1":"a","x":{"c1":"b"}}',
        '{"c1":NaN}',
        '{"c1":"a","x":-Infinity }',
        '{"c1":"a","x":[1,2, ]}',
        '{"c1":"a",}',
        '{"c1":1e16}',
        '{"c1":1.0}',
        '{"c1":123456789012345678901}',
        '{"c1":{"a":1.0}}',
        '[{"c1":"a"}]',
        '{"c1":"a"\n}',
        '{"c1":"a\tb"}',
        '{"c1":"a"}x',
        '{"c1":"a","x":' + "[" * 2000 + "]" * 2000 + "}",
        "",
        "3",
    ],
)
def test_what_parsers_see_differently_is_a_doubt(line: str) -> None:
    engine, _ = ways(varchar(40))
    assert engine.parse(f'{{"c1":"first"}}\n{line}\n'.encode()) is None
    assert engine.parse(f'{line}\n{{"c1":"second"}}\n'.encode()) is None


def test_a_missing_value_of_a_not_null_column_is_a_doubt() -> None:
    engine, _ = ways(INT4, INT4, not_null=(1,))
    assert engine.parse(b'{"c1":1,"c2":2}\n') is not None
    assert engine.parse(b'{"c1":1}\n') is not None
    assert engine.parse(b'{"c2":2}\n') is None


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**24), 10**24), st.integers(-200, 200), st.floats(),
    st.decimals(-10**6, 10**6, places=2).map(float), st.dates().map(str), st.datetimes().map(str),
    st.text(max_size=8), st.sampled_from(["1", "-1.50", "1e3", "t", "", " 7 ", "nan", "12:00", "2020-01-01", "1.0"]),
)  # fmt: skip
objects = st.dictionaries(
    st.sampled_from(["c1", "c2", "c3", "C1", "x"]), scalars | st.lists(scalars, max_size=2), max_size=4
)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(*[st.sampled_from(KINDS)] * 3),
    st.lists(objects, min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_random_objects(
    kinds: tuple[SqlType, ...], values: list[dict[str, object]], ascii_: bool, compact: bool
) -> None:
    separators = (",", ":") if compact else None
    text = "".join(json.dumps(one, ensure_ascii=ascii_, separators=separators) + "\n" for one in values)
    agree(text.encode("utf-8", "surrogatepass"), *kinds)


# fmt: off
soup = st.sampled_from(
    [
        *'{}[]",:\\ 019-+.eE',
        "c1",
        "c2",
        '"c1":',
        '"c2":',
        "null",
        "true",
        "nan",
        "\t",
        "\r",
        "\xe9",
        "/*",
        "u0063",
        "\x00",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), soup), min_size=1, max_size=3))
@example(KINDS[-1], [(1, 0, "\t")])
def test_random_changes(kind: SqlType, changes: list[tuple[int, int, str]]) -> None:
    text = '{"c1":1,"c2":"12"}\n{"c2":"7","c1":true,"x":0}\n'
    for at, gone, put in changes:
        text = text[:at] + put + text[at + gone :]
    agree(text.encode(), kind, varchar(40))


LIKELY = {
    "bool": st.booleans(), "int4": st.integers(-5, 2**33), "int8": st.integers(-(2**70), 2**70), "date": st.dates().map(str),
    "float4": st.floats(allow_nan=False) | st.integers(-9, 9), "float8": st.floats(allow_nan=False) | st.integers(-9, 9),
    "numeric": st.decimals(-10**7, 10**7, places=2).map(float) | st.integers(-(10**38), 10**38) | st.floats(0, 9),
    "timestamp": st.datetimes().map(str), "varchar": st.text(max_size=5),
}  # fmt: skip
ODD = st.sampled_from([None, True, "1", "true", 1, 0, 1.5, "", "nan", "2020-01-01", {"a": "1"}, "12e-3456789", 9007199254740993])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_lines_with_the_same_keys(data: st.DataObject) -> None:
    """The typed way alone: values of each column's kind, and a few that are not."""
    kinds = data.draw(st.tuples(*[st.sampled_from(KINDS)] * 3))
    rows = data.draw(st.lists(st.tuples(*[LIKELY[kind.name] for kind in kinds]), min_size=1, max_size=4))
    values = [list(row) for row in rows]
    for row, column, odd in data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), ODD), max_size=2)):
        values[row % len(values)][column] = odd
    others = data.draw(st.lists(st.sampled_from(["z", 3, None, False]), min_size=len(values), max_size=len(values)))
    records = [
        {"c1": one, "c2": two, "c3": three, "x": other}
        for (one, two, three), other in zip(values, others, strict=True)
    ]
    if data.draw(st.booleans()):
        for record in records:
            del record["x"]
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records).encode("utf-8", "surrogatepass")
    engine, parser = ways(*kinds)
    lines = _lines(text, False)
    batch = engine.typed.parse(text, lines) if lines is not None else None
    if batch is not None:
        exact = parser.exact(text, 1)
        assert not exact.errors
        assert list(map(repr, tuples([batch]))) == list(map(repr, tuples(exact.batches)))


def test_the_typed_way_takes_what_is_common() -> None:
    engine, _ = ways(INT4, numeric(8, 2), varchar(40), DATE, BOOL, FLOAT8, TIMESTAMP)
    data = (
        b'{"c1":1,"c2":1.5,"c3":"a \\"b\\" caf\xc3\xa9","c4":"2020-02-29","c5":true,"c6":0.5,"c7":"2020-02-29 10:00:00","x":1}\n'
        b'{"c1":2,"c2":-3,"c3":null,"c4":null,"c5":false,"c6":null,"c7":null,"x":"y"}\n'
    )
    lines = _lines(data, False)
    batch = engine.typed.parse(data, lines)
    assert batch is not None
    assert batch.equals(engine.by_texts(data, lines))
    assert [str(one) for one in batch.column(1).to_pylist()] == ["1.50", "-3.00"]


@pytest.mark.parametrize(
    "line",
    [
        '{"c1":"5","c2":1}',
        '{"c1":true,"c2":2}',
        '{"c1":2}',
        '{"c1":2,"c2":3,"c2":4}',
        '{"c1":2,"c2":"a","x":1}',
        '{"c1":"5","c2":"x"}',
    ],
)
def test_the_typed_way_steps_aside(line: str) -> None:
    """A text where a number is wanted, a truth value, a missing, doubled or further key."""
    engine, _ = ways(FLOAT8, varchar(40))
    data = f'{{"c1":7.5,"c2":"x"}}\n{line}\n'.encode()
    assert engine.typed.parse(data, _lines(data, False)) is None
