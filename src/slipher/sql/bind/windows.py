"""Window functions: those that exist only with OVER, and frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind.aggregates import Wrap
from slipher.sql.bind.typed import Typed, call, cast, paren
from slipher.types.sqltype import FLOAT8, INT4, INT8, SqlType

if TYPE_CHECKING:
    from slipher.sql.bind.calls import Calls

WindowMaker = Callable[["Calls", str, list[Typed], Wrap], Typed]


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


def frame(spec: Any) -> exp.Expr | None:
    """A window's frame: ROWS, or RANGE without offsets."""
    if spec is None:
        return None
    if str(spec.args.get("kind") or "ROWS").upper() != "ROWS":
        return exp.WindowSpec(**_bounds(spec, "RANGE")) if _unbounded(spec) else _refuse("RANGE frames with an offset")
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


# The nodes of which the generator knows that they take IGNORE NULLS, and their arguments' names.
IGNORING: dict[str, tuple[type[exp.Expr], tuple[str, ...]]] = {
    "first_value": (exp.FirstValue, ("this",)),
    "last_value": (exp.LastValue, ("this",)),
    "nth_value": (exp.NthValue, ("this", "offset")),
    "lag": (exp.Lag, ("this", "offset", "default")),
    "lead": (exp.Lead, ("this", "offset", "default")),
}


def ignoring_nulls(name: str, tree: exp.Expr) -> exp.Expr:
    """A call with IGNORE NULLS."""
    if name not in IGNORING:
        raise SqlError("42601", f"IGNORE NULLS is not allowed for {name}")
    node, names = IGNORING[name]
    return exp.IgnoreNulls(this=node(**dict(zip(names, tree.expressions, strict=False))))
