"""Binding of calls: scalar functions by the table, aggregates and windows by theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import dates
from slipher.sql.bind.aggregates import AGGREGATES
from slipher.sql.bind.casts import NUMBERS, STRINGS, allowed
from slipher.sql.bind.expressions import Expressions
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.special import HINT, SPECIAL
from slipher.sql.bind.typed import Typed, call, cast
from slipher.sql.bind.windows import WINDOW_ONLY, frame, ignoring_nulls
from slipher.sql.functions import BY_NAME, UNSUPPORTED, Function
from slipher.types.sqltype import FLOAT8, VARCHAR, SqlType


class Calls(Expressions):
    """Expressions with calls."""

    clause = "WHERE"  # of the query, for errors
    order_types: Sequence[SqlType] = ()  # of the last ORDER BY bound

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

    def ordering(self, items: Sequence[Any], scope: Scope) -> list[exp.Ordered]:
        """ORDER BY of a window or WITHIN GROUP."""
        values = [self.value(item.this, scope) for item in items]
        self.order_types = [one.type for one in values]
        return [ordered(one.tree, item) for one, item in zip(values, items, strict=True)]

    def ordered_value(self, keys: Sequence[exp.Ordered]) -> Typed:
        """The one value of WITHIN GROUP (ORDER BY ...), just bound."""
        return Typed(keys[0].this, self.order_types[0])

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
            this = ignoring_nulls(name, tree) if nulls is exp.IgnoreNulls else tree
            return exp.Window(
                this=this,
                partition_by=[one.copy() for one in partition],
                order=exp.Order(expressions=[one.copy() for one in keys]) if keys else None,
                spec=frame(spec),
            )

        if name in AGGREGATES:
            if keys and spec is None and name not in ("listagg", "median", "percentile_cont", "percentile_disc"):
                raise SqlError("42601", "Aggregate window functions with an ORDER BY clause require a frame clause")
            return self.aggregate(name, inner, order, scope, over)
        if name not in WINDOW_ONLY:
            raise SqlError("42809", f"{name}() is not a window function")
        arguments = [self.close(self.bind(one, scope)) for one in inner.expressions]
        return replace(WINDOW_ONLY[name](self, name, arguments, over), name=name)


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
