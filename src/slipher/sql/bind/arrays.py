"""PostgreSQL's arrays, as far as queries of the system catalog hold them; Redshift has them on the leader node only.

An array's value is its text, as the catalog's columns store it: `{a,b}`, or `1 2` for the vector types. Its type's name is
`_` and the element's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import operators
from slipher.sql.bind.casts import STRINGS, convert
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.typed import Typed, call, cast, column, type_text
from slipher.types.sqltype import INT8, VARCHAR, SqlType
from slipher.types.table import BY_NAME

if TYPE_CHECKING:
    from slipher.sql.bind.calls import Calls
    from slipher.sql.bind.core import Binder
    from slipher.sql.bind.sources import Sources

MAKE = 'sys."$array"'
VECTORS = {"int2vector": "int2", "oidvector": "oid"}


def element(kind: SqlType) -> SqlType | None:
    """The type of an array's elements; None for what is no array."""
    if kind.name in VECTORS:
        return SqlType(VECTORS[kind.name])
    if not kind.name.startswith("_"):
        return None
    return SqlType("text" if kind.name == "_aclitem" else kind.name[1:])


def array_of(kind: SqlType) -> SqlType:
    """The array type over an element type."""
    name = f"_{kind.name}"
    return SqlType(name if name in BY_NAME else "_text")


def array(calls: Calls, node: Any, scope: Scope) -> Typed:
    """ARRAY(SELECT ...); with a list of values ARRAY() makes a SUPER."""
    items = node.expressions
    if len(items) != 1 or not isinstance(items[0], exp.Query):
        raise not_supported("function ARRAY")
    query = items[0].this if isinstance(items[0], exp.Subquery) else items[0]
    tree, columns = calls.subquery(query, scope)
    if len(columns) != 1:
        raise SqlError("42601", "subquery must return only one column")
    made = exp.Anonymous(this="array", expressions=[tree])
    calls.leader_calls.append('Function "array()" not supported.')
    return Typed(call(MAKE, made), array_of(columns[0].type), "?column?")


def literal(binder: Binder, node: Any, scope: Scope) -> Typed:
    """ARRAY[a, b]."""
    items = [binder.bind(item, scope) for item in node.expressions]
    if not items:
        raise SqlError("42601", "an ARRAY without elements needs a type")
    kind, settled = binder.unify(items, "ARRAY")
    texts = [convert(replace(one, type=kind), VARCHAR, "explicit").tree for one in settled]
    binder.refused.append(not_supported("an array constructor"))
    return Typed(call(MAKE, call("list_value", *texts)), array_of(kind), "array")


def elements(value: Typed) -> exp.Expr:
    """An array's elements, as a list of texts in the engine."""
    if isinstance(value.tree, exp.Anonymous) and value.tree.this == MAKE:
        inside: exp.Expr = value.tree.expressions[0]
        return inside  # never twice: the engine would run a query inside again
    return call('sys."$elements"', value.tree)


def typed_element(tree: exp.Expr, kind: SqlType, name: str = "?column?") -> Typed:
    """A text of an array as a value of the element's type."""
    text = Typed(tree, VARCHAR, name)
    return text if kind.name in STRINGS else replace(convert(text, kind, "explicit"), name=name)


def any_of(binder: Binder, node: Any, scope: Scope, value: Typed) -> Typed:
    """x = ANY (array), x <> ALL (array)."""
    kind = element(value.type)
    if kind is None:
        raise SqlError("42809", "op ANY/ALL (array) requires array on right side")
    pair = (type(node), type(node.expression))
    if pair not in ((exp.EQ, exp.Any), (exp.NEQ, exp.All)):
        raise not_supported("comparison with ANY or ALL of an array, other than = ANY and <> ALL")
    left, _, shared = operators.matched(binder.bind(node.this, scope), Typed(exp.Null(), kind), "=", binder.settle)
    members = elements(value)
    if shared.name not in STRINGS:
        members = cast(members, f"{type_text(shared)}[]")
    found = call("list_contains", members, operators.comparable(left, shared))
    return Typed(found if pair[0] is exp.EQ else exp.Not(this=found), SqlType("bool"))


def subscript(binder: Binder, node: Any, scope: Scope, value: Typed) -> Typed:
    """array[n]: vectors count from 0, arrays from 1; NULL outside."""
    kind = element(value.type)
    assert kind is not None
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise not_supported("slices of arrays")
    place = binder.coerce(binder.bind(node.expressions[0], scope), INT8, "implicit").tree
    if value.type.name in VECTORS:
        place = exp.Add(this=exp.Paren(this=place), expression=exp.Literal.number(1))
    return typed_element(call("list_extract", elements(value), place), kind, value.name)


def concatenate(left: Typed, right: Typed) -> Typed | None:
    """array || array, array || element, element || array; None if neither is an array."""
    kind = next((one.type for one in (left, right) if element(one.type) is not None), None)
    if kind is None:
        return None
    parts = []
    for one in (left, right):
        if element(one.type) is not None or (one.unknown and one.literal is not None and one.literal.startswith("{")):
            parts.append(elements(one))
        else:
            text = one.tree if one.unknown else convert(one, VARCHAR, "explicit").tree
            parts.append(call("list_value", text))
    both = exp.DPipe(this=parts[0], expression=parts[1])  # NULL if either is
    return Typed(call(MAKE, both), kind)


def to_string(calls: Calls, node: Any, scope: Scope) -> Typed:
    """array_to_string(array, separator)."""
    values = [calls.bind(one, scope) for one in node.expressions]
    if len(values) != 2 or element(values[0].type) is None:
        raise calls.no_function("array_to_string", values)
    calls.leader_calls.append('Function "array_to_string(anyarray, text)" not supported.')
    return Typed(
        call("array_to_string", elements(values[0]), calls.argument(values[1], "text").tree), VARCHAR, "array_to_string"
    )


# Functions in FROM


def unnest(sources: Sources, node: Any, scope: Scope, title: str) -> tuple[exp.Expr, list[tuple[str, Typed]]]:
    """unnest(array): a row for each element."""
    value = sources.bind(_one(sources, node, "unnest"), scope)
    kind = element(value.type)
    if kind is None:
        raise sources.no_function("unnest", [value])
    engine = sources.fresh("f")
    return _rows(call("unnest", elements(value)), engine), [(title, typed_element(column(engine, "o1"), kind, title))]


def expand_array(sources: Sources, node: Any, scope: Scope, title: str) -> tuple[exp.Expr, list[tuple[str, Typed]]]:
    """information_schema._pg_expandarray(array): the elements x and their places n."""
    value = sources.bind(_one(sources, node, "_pg_expandarray"), scope)
    kind = element(value.type)
    if kind is None:
        raise sources.no_function("_pg_expandarray", [value])
    engine = sources.fresh("f")
    places = call("generate_subscripts", elements(value), 1)
    tree = _rows(call("unnest", elements(value)), engine, places)
    return tree, [
        ("x", typed_element(column(engine, "o1"), kind, "x")),
        ("n", Typed(cast(column(engine, "o2"), "INT"), SqlType("int4"), "n")),
    ]


def _one(sources: Sources, node: Any, name: str) -> exp.Expr:
    if len(node.expressions) != 1:
        raise SqlError("42883", f"function {name}() does not exist")
    only: exp.Expr = node.expressions[0]
    return only


def _rows(first: exp.Expr, engine: str, *others: exp.Expr) -> exp.Expr:
    items = [
        exp.Alias(this=one, alias=exp.to_identifier(f"o{index}", quoted=True))
        for index, one in enumerate((first, *others), 1)
    ]
    alias = exp.TableAlias(this=exp.to_identifier(engine, quoted=True))
    return exp.Subquery(this=exp.Select(expressions=items), alias=alias)


TableFunction = Callable[["Sources", Any, Scope, str], tuple[exp.Expr, list[tuple[str, Typed]]]]
TABLE_FUNCTIONS: dict[str, TableFunction] = {"unnest": unnest, "_pg_expandarray": expand_array}
