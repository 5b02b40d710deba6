"""Arithmetic of integers and decimals: types, scales and values against a model of Redshift's rules, on random expressions.

The model is written from the guide's tables (computations with numeric values), apart from the binder's code.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings, strategies as st

from slipher.base.errors import SqlError
from slipher.sql.bind import BindSettings, bind
from slipher.sql.names import Relation
from slipher.sql.parse import parse
from slipher.sql.statements.names import QName
from slipher.warehouse.engine.duckdb import functions, macros
from slipher.warehouse.engine.duckdb.errors import translate
from slipher.warehouse.engine.duckdb.generate import generate

BITS = {"int2": 15, "int4": 31, "int8": 63}
DIGITS = {"int2": 5, "int4": 10, "int8": 19}
ORDER = ["int2", "int4", "int8"]


class NoNames:
    """A catalog without relations."""

    database = "dev"
    user_id = 100
    search_path = ("public",)
    version = 1

    def relation(self, name: QName) -> Relation | None:
        return None

    def relation_by_oid(self, oid: int) -> Relation | None:
        return None

    def has_schema(self, name: str, database: str | None) -> bool:
        return False


@dataclass(frozen=True)
class Value:
    """An expression's text, type and value; None for one that must fail."""

    text: str
    kind: str
    precision: int
    scale: int
    value: Fraction | None
    risky: bool = False  # its way there may need more than 38 digits: an error is as good

    @property
    def sql_type(self) -> tuple[str, int, int]:
        return (self.kind, self.precision, self.scale) if self.kind == "numeric" else (self.kind, 0, 0)


def integer(value: int, kind: str) -> Value:
    return Value(f"({value})::{kind}", kind, DIGITS[kind], 0, Fraction(value))


def decimal(unscaled: int, precision: int, scale: int) -> Value:
    text = format(Decimal(unscaled).scaleb(-scale), "f")
    return Value(f"({text})::decimal({precision},{scale})", "numeric", precision, scale, Fraction(unscaled, 10**scale))


@st.composite
def leaves(draw: st.DrawFn) -> Value:
    if draw(st.booleans()):
        kind = draw(st.sampled_from(ORDER))
        edge = 2 ** BITS[kind]
        return integer(draw(st.one_of(st.integers(-20, 20), st.integers(-edge + 1, edge - 1))), kind)
    precision = draw(st.integers(1, 18))
    scale = draw(st.integers(0, precision))
    return decimal(draw(st.integers(-(10**precision) + 1, 10**precision - 1)), precision, scale)


def truncated(value: Fraction, scale: int) -> Fraction:
    units = abs(value.numerator) * 10**scale // value.denominator
    return Fraction(-units if value < 0 else units, 10**scale)


def combine(left: Value, symbol: str, right: Value) -> Value:
    """What the guide says of `left symbol right`."""
    text = f"({left.text} {symbol} {right.text})"
    integers = left.kind in BITS and right.kind in BITS
    one, two, fails = left.value, right.value, left.value is None or right.value is None
    if symbol in "/%" and two == 0:
        fails = True
    if integers:
        kind = max(left.kind, right.kind, key=ORDER.index)
        value = None if fails else whole(one, symbol, two)
        if value is not None and not -(2 ** BITS[kind]) <= value < 2 ** BITS[kind]:
            value = None
        return Value(text, kind, DIGITS[kind], 0, value, left.risky or right.risky)
    p1, s1, p2, s2 = left.precision, left.scale, right.precision, right.scale
    if symbol == "/":
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
        if precision > 38:
            precision, scale = 38, max(38 + scale - precision, 4)
    elif symbol == "*":
        precision, scale = min(p1 + p2 + 1, 38), s1 + s2
    else:
        scale = max(s1, s2)
        precision = min(max(p1 - s1, p2 - s2) + 1 + scale, 38)
    value = None
    risky = left.risky or right.risky
    if not fails:
        assert one is not None and two is not None
        exact = {"+": lambda: one + two, "-": lambda: one - two, "*": lambda: one * two, "/": lambda: one / two}[
            symbol
        ]()
        value = truncated(exact, scale)
        shifted = abs(one) * 10 ** (scale + s2) if symbol == "/" else abs(exact) * 10**scale
        risky = risky or scale > 37 or shifted >= 10**38
        if abs(value) >= 10 ** (precision - scale):
            value = None
    return Value(text, "numeric", precision, min(scale, 37), value, risky)


def whole(one: Fraction | None, symbol: str, two: Fraction | None) -> Fraction:
    assert one is not None and two is not None
    if symbol in "/%":
        quotient = truncated(one / two, 0)
        return quotient if symbol == "/" else one - quotient * two
    return {"+": one + two, "-": one - two, "*": one * two}[symbol]


def trees() -> st.SearchStrategy[Value]:
    def extend(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        made = st.tuples(inner, st.sampled_from("+-*/%"), inner)
        return made.filter(lambda three: three[1] != "%" or (three[0].kind in BITS and three[2].kind in BITS)).map(
            lambda three: combine(*three)
        )

    return st.recursive(leaves(), extend, max_leaves=4)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    functions.install(connection)
    connection.execute(macros.script())
    return connection


def run(engine: duckdb.DuckDBPyConnection, text: str) -> tuple[tuple[str, int, int], Decimal]:
    bound = bind(parse(f"select {text}")[0].statement, NoNames(), settings=BindSettings())  # type: ignore[arg-type]
    kind = bound.columns[0].type
    try:
        row = engine.execute(generate(bound.tree)).fetchone()
    except duckdb.Error as error:
        raise translate(error, lambda oid, number: None) from None
    assert row is not None
    shown = (kind.name, kind.precision or 0, kind.scale or 0) if kind.name == "numeric" else (kind.name, 0, 0)
    return shown, Decimal(row[0])


@settings(max_examples=120, deadline=None)
@given(expected=trees())
def test_types_and_values_are_the_guides(engine: duckdb.DuckDBPyConnection, expected: Value) -> None:
    try:
        kind, value = run(engine, expected.text)
    except SqlError as error:
        assert expected.value is None or expected.risky, f"{expected.text}: {error.message}"
        assert "internal error" not in error.message, expected.text
        return
    assert kind == expected.sql_type, expected.text
    assert expected.value is not None, f"{expected.text} gave {value}"
    with localcontext() as context:
        context.prec = 80
        assert Fraction(value) == expected.value, expected.text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1.5 * 2.25", ("numeric", 6, 3), "3.375"),
        ("10::decimal(8,2) / 3::decimal(8,2)", ("numeric", 17, 9), "3.333333333"),
        # a product of more than 18 digits
        ("3333233::decimal(8,0) * 3561.64383561::decimal(14,8)", ("numeric", 23, 8), "11871788767.10182713"),
        ("7 / 2", ("int4", 0, 0), "3"),
        ("-7 / 2", ("int4", 0, 0), "-3"),
        ("-7 % 3", ("int4", 0, 0), "-1"),
    ],
)
def test_the_guides_examples(
    engine: duckdb.DuckDBPyConnection, text: str, kind: tuple[str, int, int], value: str
) -> None:
    assert run(engine, text) == (kind, Decimal(value))
