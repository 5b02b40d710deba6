"""A bound expression: an engine-neutral tree with its Redshift type; and the few builders of such trees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlglot import exp

from slipher.types.sqltype import SqlType


@dataclass(frozen=True, slots=True)
class Typed:
    """`constant` tells that no column is read: such expressions are what Redshift's leader folds. `parameter` is the number of
    an untyped $n. `literal` is the text of a string literal that has no type yet."""

    tree: exp.Expr
    type: SqlType
    name: str = "?column?"
    constant: bool = False
    literal: str | None = None
    parameter: int | None = None
    table_oid: int = 0
    number: int = 0

    @property
    def unknown(self) -> bool:
        """Whether the type is still open."""
        return self.type.name == "unknown"

    def named(self, name: str) -> Typed:
        """The same under another name."""
        return replace(self, name=name)


def call(name: str, *arguments: Any) -> exp.Expr:
    """A call of an engine function or macro; plain Python values become literals."""
    return exp.Anonymous(this=name, expressions=[as_tree(one) for one in arguments])


def as_tree(value: Any) -> exp.Expr:
    """A tree, or a Python value as a literal."""
    if isinstance(value, exp.Expr):
        return value
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float):
        return number(str(value))
    return exp.Literal.string(str(value))


def number(text: str) -> exp.Expr:
    """A number, in parentheses if negative."""
    if text.startswith("-"):
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(text[1:])))
    return exp.Literal.number(text)


@cache
def _data_type(text: str) -> exp.DataType:
    return exp.DataType.build(text, dialect="duckdb")


ENGINE_NEUTRAL = {
    "bool": "BOOLEAN",
    "int2": "SMALLINT",
    "int4": "INT",
    "int8": "BIGINT",
    "float4": "REAL",
    "float8": "DOUBLE",
    "date": "DATE",
    "time": "TIME",
    "timetz": "TIMETZ",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "varbyte": "BLOB",
    "oid": "UINTEGER",
    "xid": "BIGINT",
}


def type_text(kind: SqlType) -> str:
    """The type's name in a cast of a tree; strings have one type whatever their length."""
    if kind.name == "numeric":
        return f"DECIMAL({kind.precision or 38},{kind.scale or 0})"
    return ENGINE_NEUTRAL.get(kind.name, "TEXT")


def cast(tree: exp.Expr, kind: SqlType | str) -> exp.Expr:
    """A plain cast; values that do not fit raise the engine's error."""
    text = kind if isinstance(kind, str) else type_text(kind)
    return exp.Cast(this=tree, to=_data_type(text).copy())


def column(source: str, name: str) -> exp.Expr:
    """A column of a source in FROM."""
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(source, quoted=True))


def paren(tree: exp.Expr) -> exp.Expr:
    """The tree as an operand: in parentheses unless it is atomic."""
    atomic = (
        exp.Column
        | exp.Literal
        | exp.Anonymous
        | exp.Paren
        | exp.Cast
        | exp.Null
        | exp.Boolean
        | exp.Case
        | exp.Parameter
    )
    return tree if isinstance(tree, atomic) else exp.Paren(this=tree)
