"""Binding of calls: scalar functions by the table, those with rules of their own, aggregates, windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import dates
from slipher.sql.bind.casts import FLOATS, INTEGERS, NUMBERS, STRINGS, allowed, common
from slipher.sql.bind.expressions import Expressions, written_type
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, call, cast, paren
from slipher.sql.functions import BY_NAME, LEADER_ONLY, UNSUPPORTED, Function
from slipher.types.sqltype import BOOL, FLOAT8, INT4, INT8, VARCHAR, SqlType, numeric, varchar
from slipher.types.table import BY_ALIAS

HINT = "No function matches the given name and argument types. You may need to add explicit type casts."


class Calls(Expressions):
    """Expressions with calls."""

    def function(self, node: Any, scope: Scope) -> Typed:
        """A call without OVER."""
        if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
            raise SqlError("42601", "IGNORE NULLS needs an OVER clause")
        inner, order = (node.this, node.expression) if isinstance(node, exp.WithinGroup) else (node, None)
        name = str(inner.this).lower()
        if name in AGGREGATES:
            return self.aggregate(name, inner, order, scope, None)
        if name in WINDOW_ONLY:
            raise SqlError("42809", f"window function call requires an OVER clause: {name}")
        special = SPECIAL.get(name)
        if special is not None:
            return special(self, inner, scope)
        if name in dates.FUNCTIONS:
            return dates.FUNCTIONS[name](self, inner, scope)
        if name in self.settings.values and not inner.expressions:
            return self.session_value(name)
        return self.scalar(name, [self.bind(one, scope) for one in inner.expressions])

    def scalar(self, name: str, arguments: list[Typed]) -> Typed:
        """A function of the table, by name and argument types."""
        rows = BY_NAME.get(name)
        if rows is None:
            if name in UNSUPPORTED:
                raise not_supported(f"function {name.upper()}")
            raise self.no_function(name, arguments)
        best, best_cost = None, None
        for row in rows:
            cost = _fits(row, arguments)
            if cost is not None and (best_cost is None or cost < best_cost):
                best, best_cost = row, cost
        if best is None:
            raise self.no_function(name, arguments)
        if best.leader:
            self.leader_calls.append(
                f'Function "{name}({", ".join(one.type.row.sql_name for one in arguments)})" not supported.'
            )
        settled = self._settled(best, arguments)
        kinds = [one.type for one in settled]
        kind = _result(best, kinds)
        tree = call(best.engine, *[one.tree for one in settled])
        if kind.name not in STRINGS and kind.name in ("int4", "int2", "int8", "numeric"):
            tree = cast(tree, kind)
        self.volatile = self.volatile or best.volatile
        constant = all(one.constant for one in settled) and not best.volatile
        return Typed(tree, kind, best.title or best.name, constant)

    def _settled(self, row: Function, arguments: list[Typed]) -> list[Typed]:
        wanted = _parameters(row, len(arguments))
        if "common" in wanted:
            return self.unify(
                [self.close(one) if one.parameter is not None else one for one in arguments], row.name.upper()
            )[1]
        return [self.argument(one, kind) for one, kind in zip(arguments, wanted, strict=True)]

    def argument(self, value: Typed, wanted: str) -> Typed:
        """An argument as a row of the table wants it."""
        if wanted == "any":
            return self.close(value)
        if wanted == "number":
            return self.settle(value, FLOAT8) if value.unknown else value
        if wanted == "text":
            return (
                self.settle(value, VARCHAR)
                if value.unknown
                else value
                if value.type.name in STRINGS
                else self.coerce(value, VARCHAR, "implicit")
            )
        kind = SqlType(wanted)
        if value.unknown:
            return self.settle(value, kind)
        if value.type.name in STRINGS and wanted in ("date", "timestamp", "timestamptz"):
            return self.coerce(value, kind, "explicit")
        return value if value.type.name == wanted else self.coerce(value, kind, "assignment")

    def no_function(self, name: str, arguments: Sequence[Typed]) -> SqlError:
        """42883."""
        kinds = ", ".join('"unknown"' if one.unknown else one.type.row.sql_name for one in arguments)
        return SqlError("42883", f"function {name}({kinds}) does not exist", hint=HINT)

    # Aggregates

    def aggregate(self, name: str, node: Any, order: Any, scope: Scope, over: Any) -> Typed:
        """An aggregate, plain or with OVER (`over` makes the window's tree of a call)."""
        grouping = scope.grouping
        if over is None:
            if grouping is None:
                raise SqlError("42803", f"aggregates not allowed in {self.clause} clause")
            if grouping.inside:
                raise SqlError("42803", "aggregate function calls may not have nested aggregate or window function")
        distinct = bool(node.expressions) and isinstance(node.expressions[0], exp.Distinct)
        nodes = node.expressions[0].expressions if distinct else node.expressions
        star = bool(nodes) and isinstance(nodes[0], exp.Star)
        mark = len(grouping.ungrouped) if grouping is not None else 0
        if grouping is not None and over is None:
            grouping.inside += 1
        try:
            arguments = [] if star else [self.bind(one, scope) for one in nodes]
            keys = self.ordering(order.expressions, scope) if order is not None else []
        finally:
            if grouping is not None and over is None:
                grouping.inside -= 1
        if grouping is not None and over is None:
            del grouping.ungrouped[mark:]
        if star and name != "count":
            raise self.no_function(name, [])
        wrap = over if over is not None else (lambda tree: tree)
        value = AGGREGATES[name](self, name, arguments, distinct, keys, wrap)
        return replace(value, name=name, constant=False)

    clause = "WHERE"

    def ordering(self, items: Sequence[Any], scope: Scope) -> list[exp.Ordered]:
        """ORDER BY of a window or WITHIN GROUP."""
        return [ordered(self.value(item.this, scope).tree, item) for item in items]

    # Windows

    def window(self, node: Any, scope: Scope) -> Typed:
        inner, order = node.this, None
        nulls = None
        if isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
            nulls, inner = type(inner), inner.this
        if isinstance(inner, exp.WithinGroup):
            inner, order = inner.this, inner.expression
        if not isinstance(inner, exp.Anonymous):
            raise not_supported("OVER after this expression")
        name = str(inner.this).lower()
        if inner.expressions and isinstance(inner.expressions[0], exp.IgnoreNulls | exp.RespectNulls):
            nulls = type(inner.expressions[0])
            inner = exp.Anonymous(this=name, expressions=[inner.expressions[0].this, *inner.expressions[1:]])
        if self.clause in ("WHERE", "GROUP BY", "JOIN/ON"):
            raise SqlError("42P20", f"window functions not allowed in {self.clause} clause")
        partition = [self.value(one, scope).tree for one in node.args.get("partition_by") or ()]
        order_by = node.args.get("order")
        keys = self.ordering(order_by.expressions, scope) if order_by is not None else []
        spec = node.args.get("spec")

        def over(tree: exp.Expr) -> exp.Expr:
            this = nulls(this=tree) if nulls is exp.IgnoreNulls else tree
            return exp.Window(
                this=this,
                partition_by=[one.copy() for one in partition],
                order=exp.Order(expressions=[one.copy() for one in keys]) if keys else None,
                spec=self._frame(spec),
            )

        if name in AGGREGATES:
            if keys and spec is None and name not in ("listagg", "median", "percentile_cont"):
                raise SqlError("42601", "Aggregate window functions with an ORDER BY clause require a frame clause")
            return self.aggregate(name, inner, order, scope, over)
        if name not in WINDOW_ONLY:
            raise SqlError("42809", f"{name}() is not a window function")
        arguments = [self.close(self.bind(one, scope)) for one in inner.expressions]
        return replace(WINDOW_ONLY[name](self, name, arguments, over), name=name)

    def _frame(self, spec: Any) -> exp.Expr | None:
        if spec is None:
            return None
        if str(spec.args.get("kind") or "ROWS").upper() != "ROWS":
            return (
                exp.WindowSpec(**_bounds(spec, "RANGE")) if _unbounded(spec) else _refuse("RANGE frames with an offset")
            )
        return exp.WindowSpec(**_bounds(spec, "ROWS"))


def _refuse(what: str) -> exp.Expr:
    raise not_supported(what)


def _unbounded(spec: Any) -> bool:
    return all(isinstance(spec.args.get(side), str | None) for side in ("start", "end"))


def _bounds(spec: Any, kind: str) -> dict[str, Any]:
    def bound(one: Any) -> Any:
        return one.copy() if isinstance(one, exp.Expr) else one

    facts = {"kind": kind, "start": bound(spec.args.get("start")), "start_side": spec.args.get("start_side")}
    facts["end"] = bound(spec.args.get("end")) or "CURRENT ROW"
    facts["end_side"] = spec.args.get("end_side")
    return facts


def ordered(tree: exp.Expr, item: Any) -> exp.Ordered:
    """A sort key: NULL is the greatest value unless the query says otherwise."""
    descending = bool(item.args.get("desc"))
    nulls_first = item.args.get("nulls_first")
    first = descending if nulls_first is None else bool(nulls_first)
    return exp.Ordered(this=tree, desc=descending, nulls_first=first)


def _parameters(row: Function, count: int) -> list[str]:
    arguments = list(row.arguments)
    if arguments and arguments[-1].endswith("..."):
        last = arguments.pop()[:-3]
        arguments += [last] * max(count - len(arguments), 1)
    return arguments


def _fits(row: Function, arguments: Sequence[Typed]) -> int | None:
    """How far the arguments are from the row's, None if they do not fit."""
    wanted = _parameters(row, len(arguments))
    if len(wanted) != len(arguments):
        return None
    cost = 0
    for one, kind in zip(arguments, wanted, strict=True):
        if one.unknown or kind in ("any", "common"):
            cost += 1
        elif kind == "number":
            if one.type.name not in NUMBERS:
                return None
        elif kind == "text":
            if one.type.name not in STRINGS:
                if not allowed(one.type, VARCHAR, "implicit"):
                    return None
                cost += 3
        elif one.type.name == kind:
            pass
        elif allowed(one.type, SqlType(kind), "implicit"):
            cost += 2
        elif (one.type.name in NUMBERS and kind in ("int4", "int8")) or (
            one.type.name in STRINGS and kind in ("date", "timestamp", "timestamptz")
        ):
            cost += 5
        elif allowed(one.type, SqlType(kind), "assignment"):
            cost += 6
        else:
            return None
    return cost


def _result(row: Function, kinds: Sequence[SqlType]) -> SqlType:
    if callable(row.result):
        return row.result(kinds)
    if row.result in ("arg0", "common"):
        return kinds[0]
    if row.result == "text":
        return VARCHAR
    return SqlType(row.result)


# Functions with rules of their own


def _coalesce(calls: Calls, node: Any, scope: Scope) -> Typed:
    values = [calls.bind(one, scope) for one in node.expressions]
    if not values:
        raise SqlError("42601", "COALESCE needs arguments")
    kind, settled = calls.unify(values, "COALESCE")
    tree = call("coalesce", *[one.tree for one in settled]) if len(settled) > 1 else settled[0].tree
    return Typed(tree, kind, "coalesce", all(one.constant for one in values))


def _nvl2(calls: Calls, node: Any, scope: Scope) -> Typed:
    if len(node.expressions) != 3:
        raise calls.no_function("nvl2", [calls.bind(one, scope) for one in node.expressions])
    test = calls.value(node.expressions[0], scope)
    kind, (yes, no) = calls.unify([calls.bind(one, scope) for one in node.expressions[1:]], "NVL2")
    condition = exp.Not(this=exp.Is(this=paren(test.tree), expression=exp.Null()))
    return Typed(exp.Case(ifs=[exp.If(this=condition, true=yes.tree)], default=no.tree), kind, "case")


def _decode(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DECODE treats two NULLs as equal."""
    items = node.expressions
    if len(items) < 3:
        raise SqlError("42883", "function decode() does not exist", hint=HINT)
    subject = calls.bind(items[0], scope)
    pairs = list(zip(items[1::2], items[2::2], strict=False))
    default = items[-1] if len(items) % 2 == 0 else None
    conditions: list[exp.Expr] = []
    values: list[Typed] = []
    for search, result in pairs:
        if isinstance(search, exp.Null):
            conditions.append(exp.Is(this=paren(subject.tree.copy()), expression=exp.Null()))
        else:
            from slipher.sql.bind import operators

            conditions.append(operators.compare(exp.EQ, subject, calls.bind(search, scope), calls.settle).tree)
        values.append(calls.bind(result, scope))
    if default is not None:
        values.append(calls.bind(default, scope))
    kind, settled = calls.unify(values, "CASE")
    ifs = [exp.If(this=c, true=v.tree) for c, v in zip(conditions, settled, strict=False)]
    return Typed(exp.Case(ifs=ifs, default=settled[-1].tree if default is not None else None), kind, "case")


def _nullif(calls: Calls, node: Any, scope: Scope) -> Typed:
    from slipher.sql.bind import operators

    if len(node.expressions) != 2:
        raise SqlError("42601", "NULLIF takes two arguments")
    left, right = (calls.bind(one, scope) for one in node.expressions)
    equal = operators.compare(exp.EQ, left, right, calls.settle).tree
    value = calls.settle(left, right.type) if left.unknown and not right.unknown else calls.close(left)
    name = value.name if value.name != "?column?" else "nullif"
    null = cast(exp.Null(), value.type)
    return Typed(exp.Case(ifs=[exp.If(this=equal, true=null)], default=value.tree), value.type, name)


def _convert(calls: Calls, node: Any, scope: Scope) -> Typed:
    """CONVERT(type, expression)."""
    if len(node.expressions) != 2:
        raise SqlError("42601", "CONVERT takes a type and an expression")
    written = node.expressions[0]
    text = written.sql(dialect="redshift")
    name = str(written.this).lower() if isinstance(written, exp.Anonymous) else written.name.lower()
    if BY_ALIAS.get(name) is None:
        raise SqlError("42704", f'type "{text}" does not exist')
    return calls.bind(exp.Cast(this=node.expressions[1], to=exp.DataType.build(text, dialect="redshift")), scope)


def _date(calls: Calls, node: Any, scope: Scope) -> Typed:
    """DATE(x), TEXT(x): function forms of casts."""
    to = exp.DataType.build("date")
    return replace(calls.bind(exp.Cast(this=node.expressions[0], to=to), scope), name="date")


def _current_setting(calls: Calls, node: Any, scope: Scope) -> Typed:
    if not node.expressions or not isinstance(node.expressions[0], exp.Literal):
        raise not_supported("current_setting of an expression")
    key = f"setting:{str(node.expressions[0].this).lower()}"
    if key not in calls.settings.values:
        raise SqlError("42704", f'unrecognized configuration parameter "{node.expressions[0].this}"')
    return calls.session_value(key, "current_setting")


SPECIAL: dict[str, Callable[[Calls, Any, Scope], Typed]] = {
    "coalesce": _coalesce,
    "nvl": _coalesce,
    "ifnull": _coalesce,
    "nvl2": _nvl2,
    "decode": _decode,
    "nullif": _nullif,
    "convert": _convert,
    "date": _date,
    "current_setting": _current_setting,
}


# Aggregates: how each is computed, and its type

Wrap = Callable[[exp.Expr], exp.Expr]
Aggregate = Callable[[Calls, str, list[Typed], bool, list[exp.Ordered], Wrap], Typed]


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
    between = calls.close(arguments[1]).tree if len(arguments) == 2 else exp.Literal.string("")
    item = call("rs_listagg_item", value.tree)
    items: list[exp.Expr] = [exp.Distinct(expressions=[item])] if distinct else [item]
    inner: exp.Expr = exp.Anonymous(this="list", expressions=items)
    if keys:
        ordered_items = exp.Order(this=items[0], expressions=[one.copy() for one in keys])
        inner = exp.Anonymous(this="list", expressions=[ordered_items])
    return Typed(call("rs_listagg", wrap(inner), between), varchar(65535))


def _median(calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: Any, wrap: Wrap) -> Typed:
    calls.compute_calls.append("median")
    value = _number(calls, name, arguments)
    kind = FLOAT8 if value.type.name != "numeric" else value.type
    return Typed(cast(wrap(_call("median", [cast(value.tree, FLOAT8)], distinct)), kind), kind)


def _percentile(
    calls: Calls, name: str, arguments: list[Typed], distinct: bool, keys: list[exp.Ordered], wrap: Wrap
) -> Typed:
    calls.compute_calls.append(name)
    share = calls.coerce(_one(calls, name, arguments), FLOAT8, "implicit")
    if len(keys) != 1:
        raise SqlError("42601", f"{name.upper()} needs WITHIN GROUP (ORDER BY expression)")
    position = (
        exp.Sub(this=exp.Literal.number(1), expression=paren(share.tree)) if keys[0].args.get("desc") else share.tree
    )
    tree = call("quantile_cont", cast(keys[0].this.copy(), FLOAT8), position)
    return Typed(wrap(tree), FLOAT8)


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
}

WindowMaker = Callable[[Calls, str, list[Typed], Wrap], Typed]


def _rank(kind: SqlType) -> WindowMaker:
    def make(calls: Calls, name: str, arguments: list[Typed], wrap: Wrap) -> Typed:
        trees = [cast(one.tree, INT4) if name == "ntile" else one.tree for one in arguments]
        return Typed(cast(wrap(call(name, *trees)), kind), kind)

    return make


def _value(calls: Calls, name: str, arguments: list[Typed], wrap: Wrap) -> Typed:
    if not arguments:
        raise calls.no_function(name, arguments)
    first, *rest = arguments
    return Typed(wrap(call(name, first.tree, *[one.tree for one in rest])), first.type)


def _ratio(calls: Calls, name: str, arguments: list[Typed], wrap: Wrap) -> Typed:
    value = calls.coerce(arguments[0], FLOAT8, "implicit").tree
    return Typed(exp.Div(this=paren(value), expression=paren(wrap(call("sum", value.copy())))), FLOAT8)


WINDOW_ONLY: dict[str, WindowMaker] = {
    "row_number": _rank(INT8),
    "rank": _rank(INT8),
    "dense_rank": _rank(INT8),
    "ntile": _rank(INT8),
    "cume_dist": _rank(FLOAT8),
    "percent_rank": _rank(FLOAT8),
    "lag": _value,
    "lead": _value,
    "first_value": _value,
    "last_value": _value,
    "nth_value": _value,
    "ratio_to_report": _ratio,
}

__all__ = ["LEADER_ONLY", "Calls", "common", "written_type"]
