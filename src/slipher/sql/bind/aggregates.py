"""Aggregates: how each is computed, and its type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.casts import FLOATS, INTEGERS, NUMBERS
from slipher.sql.bind.typed import Typed, call, cast, paren
from slipher.types.sqltype import BOOL, FLOAT8, INT8, VARCHAR, numeric, varchar

if TYPE_CHECKING:
    from slipher.sql.bind.calls import Calls

Wrap = Callable[[exp.Expr], exp.Expr]
Aggregate = Callable[["Calls", str, list[Typed], bool, list[exp.Ordered], Wrap], Typed]


def _call(name: str, arguments: Sequence[exp.Expr], distinct: bool) -> exp.Expr:
    items = [one.copy() for one in arguments]
    return exp.Anonymous(this=name, expressions=[exp.Distinct(expressions=items)] if distinct else items)


def _one(calls: Calls, name: str, arguments: list[Typed]) -> Typed:
    if len(arguments) != 1:
        raise calls.no_function(name, arguments)
    return arguments[0]


def _count(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    if not arguments:
        return Typed(wrap(exp.Anonymous(this="count", expressions=[exp.Star()])), INT8)
    value = calls.close(_one(calls, name, arguments))
    return Typed(wrap(_call("count", [value.tree], distinct)), INT8)


def _sum(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    value = _number(calls, name, arguments)
    tree = wrap(_call("sum", [value.tree], distinct))
    if value.type.name in INTEGERS:
        return Typed(cast(tree, INT8), INT8)
    if value.type.name == "numeric":
        kind = numeric(38, value.type.scale or 0)
        return Typed(cast(tree, kind), kind)
    return Typed(cast(tree, FLOAT8), FLOAT8)


def _number(calls: Calls, name: str, arguments: list[Typed]) -> Typed:
    value = _one(calls, name, arguments)
    value = calls.settle(value, FLOAT8) if value.unknown else value
    if value.type.name not in NUMBERS:
        raise calls.no_function(name, [value])
    return value


def _avg(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    """Integers give a truncated bigint, decimals decimal(38, s) (source: Redshift's guide, AVG)."""
    value = _number(calls, name, arguments)
    if value.type.name in FLOATS:
        return Typed(cast(wrap(_call("avg", [value.tree], distinct)), FLOAT8), FLOAT8)
    total, count = wrap(_call("sum", [value.tree], distinct)), wrap(_call("count", [value.tree], distinct))
    if value.type.name in INTEGERS:
        return Typed(cast(call("rs_avg_int", total, count), INT8), INT8)
    scale = value.type.scale or 0
    kind = numeric(38, scale)
    return Typed(cast(call("rs_avg_decimal", cast(total, kind), count, scale), kind), kind)


def _same(engine: str) -> Aggregate:
    def make(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
        value = calls.close(_one(calls, name, arguments))
        if value.type.name == "bool" and engine in ("min", "max"):
            raise calls.no_function(name, [value])
        return Typed(wrap(_call(engine, [value.tree], distinct)), value.type)

    return make


def _float(engine: str) -> Aggregate:
    def make(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
        value = _number(calls, name, arguments)
        return Typed(wrap(_call(engine, [cast(value.tree, FLOAT8)], distinct)), FLOAT8)

    return make


def _bool(engine: str) -> Aggregate:
    def make(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
        value = calls.coerce(_one(calls, name, arguments), BOOL, "explicit")
        return Typed(wrap(_call(engine, [value.tree], distinct)), BOOL)

    return make


def _bit(engine: str) -> Aggregate:
    def make(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
        value = _number(calls, name, arguments)
        if value.type.name not in INTEGERS:
            raise calls.no_function(name, [value])
        return Typed(wrap(_call(engine, [value.tree], distinct)), value.type)

    return make


def _listagg(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    """NULL and empty values are left out; more than 65535 bytes is an error."""
    if not 1 <= len(arguments) <= 2:
        raise calls.no_function(name, arguments)
    calls.compute_calls.append("listagg")
    value = calls.coerce(calls.close(arguments[0]), VARCHAR, "implicit")
    between = (
        calls.close(arguments[1]) if len(arguments) == 2 else Typed(exp.Literal.string(""), VARCHAR, constant=True)
    )
    if not between.constant:
        raise SqlError("42601", "LISTAGG delimiter must be a constant")
    item = call("rs_listagg_item", value.tree)
    items: list[exp.Expr] = [exp.Distinct(expressions=[item])] if distinct else [item]
    inner: exp.Expr = exp.Anonymous(this="list", expressions=items)
    if keys:
        order = [one.copy() for one in keys]
        for one in order:
            if one.this == value.tree or one.this == arguments[0].tree:
                one.set("this", item.copy())
            elif distinct:
                raise SqlError("42P10", "for LISTAGG DISTINCT, ORDER BY expressions must be its argument")
        inner = exp.Anonymous(this="list", expressions=[exp.Order(this=items[0], expressions=order)])
    return Typed(call("rs_listagg", wrap(inner), between.tree), varchar(65535))


def _median(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    calls.compute_calls.append("median")
    value = _one(calls, name, arguments)
    value = calls.settle(value, FLOAT8) if value.unknown else value
    return _between(calls, name, value, exp.Literal.number("0.5"), False, wrap, distinct)


def _between(
    calls: Calls, name: str, value: Typed, share: exp.Expr, descending: bool, wrap: Wrap, distinct: bool = False
) -> Typed:
    """A percentile between two values: a float of integers, else the values' own type."""
    if value.type.name in INTEGERS | FLOATS:
        tree, kind = cast(value.tree, FLOAT8), FLOAT8
    elif value.type.name in ("numeric", "date", "timestamp", "timestamptz"):
        tree, kind = value.tree, value.type
    else:
        raise calls.no_function(name, [value])
    position = exp.Sub(this=exp.Literal.number(1), expression=paren(share)) if descending else share
    return Typed(cast(wrap(_call("quantile_cont", [tree, position], distinct)), kind), kind)


def _share(calls: Calls, name: str, arguments: list[Typed], keys: list[exp.Ordered]) -> exp.Expr:
    value = _one(calls, name, arguments)
    if len(keys) != 1:
        raise SqlError("42601", f"{name.upper()} needs WITHIN GROUP (ORDER BY expression)")
    if not value.constant:
        raise SqlError("42601", f"argument of {name.upper()} must be a constant")
    return calls.coerce(value, FLOAT8, "implicit").tree


def _percentile(
    calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: list[exp.Ordered], wrap: Wrap
) -> Typed:
    calls.compute_calls.append(name)
    share = _share(calls, name, arguments, keys)
    return _between(calls, name, calls.ordered_value(keys), share, bool(keys[0].args.get("desc")), wrap)


def _percentile_disc(
    calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: list[exp.Ordered], wrap: Wrap
) -> Typed:
    """The first value whose share of the rows before it, with itself, reaches the argument."""
    calls.compute_calls.append(name)
    share = _share(calls, name, arguments, keys)
    value = calls.ordered_value(keys)
    items = exp.Anonymous(this="list", expressions=[value.tree.copy()])
    return Typed(
        call("rs_percentile_disc", wrap(items), share, exp.Boolean(this=bool(keys[0].args.get("desc")))), value.type
    )


AGGREGATES: dict[str, Aggregate] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _same("min"),
    "max": _same("max"),
    "any_value": _same("any_value"),
    "stddev": _float("stddev_samp"),
    "stddev_samp": _float("stddev_samp"),
    "stddev_pop": _float("stddev_pop"),
    "variance": _float("var_samp"),
    "var_samp": _float("var_samp"),
    "var_pop": _float("var_pop"),
    "bool_and": _bool("bool_and"),
    "bool_or": _bool("bool_or"),
    "bit_and": _bit("bit_and"),
    "bit_or": _bit("bit_or"),
    "listagg": _listagg,
    "median": _median,
    "percentile_cont": _percentile,
    "percentile_disc": _percentile_disc,
}
