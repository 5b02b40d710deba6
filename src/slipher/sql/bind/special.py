"""Functions with rules of their own: those whose types, or whose evaluation, a row of the table cannot say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import arrays, operators
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, call, cast, paren
from slipher.types.sqltype import INT4, INT8, varchar
from slipher.types.table import BY_ALIAS

if TYPE_CHECKING:
    from slipher.sql.bind.calls import Calls

HINT = "No function matches the given name and argument types. You may need to add explicit type casts."


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
            conditions.append(operators.compare(exp.EQ, subject, calls.bind(search, scope), calls.settle).tree)
        values.append(calls.bind(result, scope))
    if default is not None:
        values.append(calls.bind(default, scope))
    kind, settled = calls.unify(values, "CASE")
    ifs = [exp.If(this=c, true=v.tree) for c, v in zip(conditions, settled, strict=False)]
    return Typed(exp.Case(ifs=ifs, default=settled[-1].tree if default is not None else None), kind, "case")


def _nullif(calls: Calls, node: Any, scope: Scope) -> Typed:
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


def _generate_series(calls: Calls, node: Any, scope: Scope) -> Typed:
    """The leader's set-returning function, as an item of a select list."""
    values = [calls.bind(one, scope) for one in node.expressions]
    if len(values) not in (2, 3):
        raise calls.no_function("generate_series", values)
    kind = INT4 if all(one.unknown or one.type.name in ("int2", "int4") for one in values) else INT8
    if calls.clause != "SELECT":
        raise SqlError("0A000", "set-valued function called in context that cannot accept a set")
    shown = ", ".join(kind.row.sql_name for _ in values)
    calls.leader_calls.append(f'Function "generate_series({shown})" not supported.')
    bounds = [cast(calls.coerce(one, INT8, "implicit").tree, INT8) for one in values]
    return Typed(cast(call("unnest", call("generate_series", *bounds)), kind), kind, "generate_series")


def _grouping_of(calls: Calls, node: Any, scope: Scope) -> Typed:
    """GROUPING, GROUPING_ID: which keys a row of a subtotal does without, as bits."""
    grouping = scope.grouping
    name = str(node.this)
    if grouping is None or not node.expressions:
        raise SqlError("42803", f"{name.upper()} needs GROUP BY and its keys as arguments")
    values = [calls.bind(one, scope) for one in node.expressions]
    for one in values:
        if not any(key.tree == one.tree for key in grouping.keys):
            raise SqlError("42803", f"arguments to {name.upper()} must be grouping expressions of the query")
    return Typed(cast(call("grouping", *[one.tree for one in values]), INT4), INT4, name)


def _json_path(calls: Calls, node: Any, scope: Scope) -> Typed:
    """JSON_EXTRACT_PATH_TEXT(json, key, ... up to five [, null_if_invalid])."""
    values = [calls.bind(one, scope) for one in node.expressions]
    lenient: exp.Expr = exp.Boolean(this=False)
    if len(values) > 2 and values[-1].type.name == "bool":
        lenient = values.pop().tree
    if not 2 <= len(values) <= 6:
        raise calls.no_function("json_extract_path_text", values)
    text, *path = [calls.argument(one, "text") for one in values]
    pointer: exp.Expr = exp.Literal.string("")
    for one in path:
        pointer = exp.DPipe(this=pointer, expression=call("rs_pointer", one.tree))
    tree = call("rs_json_text", text.tree, exp.Paren(this=pointer), lenient)
    return Typed(tree, varchar(65535), "json_extract_path_text", all(one.constant for one in values))


SPECIAL: dict[str, Callable[[Calls, Any, Scope], Typed]] = {
    "array": arrays.array,
    "array_to_string": arrays.to_string,
    "coalesce": _coalesce,
    "nvl": _coalesce,
    "ifnull": _coalesce,
    "nvl2": _nvl2,
    "decode": _decode,
    "nullif": _nullif,
    "convert": _convert,
    "date": _date,
    "current_setting": _current_setting,
    "generate_series": _generate_series,
    "grouping": _grouping_of,
    "grouping_id": _grouping_of,
    "json_extract_path_text": _json_path,
}
