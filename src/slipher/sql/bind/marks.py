"""The outer-join operator (+) of WHERE as LEFT JOINs (source: Redshift's guide, joins, usage notes of the (+) operator)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError

OwnerOf = Callable[[str], str | None]  # the alias of the FROM item that has a column of that name


def is_marked(node: Any) -> bool:
    """Whether a condition has a (+) of its own query."""
    return any(True for _ in _columns(node, marked=True))


def _columns(node: Any, marked: bool = False) -> list[Any]:
    found: list[Any] = []
    for one in node.walk(prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(one, exp.Column) and (one.args.get("join_mark") or not marked):
            found.append(one)
    return found


def outer_joins(select: exp.Select, owner_of: OwnerOf) -> None:
    """Rewrite the tree: each table whose columns are marked becomes the right side of a LEFT JOIN on its conditions."""
    where = select.args["where"].this
    items = {_alias(item): item for item in _items(select)}
    order = list(items)
    conditions: dict[str, list[Any]] = {}
    rest = []
    for part in where.flatten() if isinstance(where, exp.And) else [where]:
        marked = {_owner(one, owner_of) for one in _columns(part, marked=True)}
        if not marked:
            rest.append(part)
            continue
        inner = part.unnest()
        if isinstance(inner, exp.Or | exp.In) or inner.find(exp.Or, exp.In):
            raise SqlError("0A000", "Outer join operator (+) not allowed in operand of OR or IN.")
        if len(marked) > 1:
            raise SqlError("0A000", "a predicate may reference only one outer-joined table")
        conditions.setdefault(next(iter(marked)), []).append(part)
    needed = {table: _others(table, parts, owner_of) & set(order) for table, parts in conditions.items()}
    for table, others in needed.items():
        if table not in items:
            raise SqlError("42P01", f'relation "{table}" does not exist')
        if len(others) > 1:
            raise SqlError("0A000", "A table may be outer joined to at most one other table.")
        if not others:
            raise SqlError("0A000", "An outer-joined table must be joined to another table.")
    placed = [table for table in order if table not in conditions]
    joins = [exp.Join(this=items[table].copy()) for table in placed[1:]]
    waiting = [table for table in order if table in conditions]
    while waiting:
        ready = [table for table in waiting if needed[table] <= set(placed)]
        if not ready:
            raise SqlError("0A000", "Tables are outer joined to each other in a circle.")
        for table in ready:
            on = exp.and_(*[_unmarked(part) for part in conditions[table]], copy=False)
            joins.append(exp.Join(this=items[table].copy(), side="LEFT", on=on))
            placed.append(table)
            waiting.remove(table)
    select.set("from_", exp.From(this=items[placed[0]].copy()))
    select.set("joins", joins)
    select.set("where", exp.Where(this=exp.and_(*rest, copy=False)) if rest else None)


def _items(select: exp.Select) -> list[Any]:
    joins = select.args.get("joins") or ()
    for join in joins:
        if (
            join.args.get("on") is not None
            or join.args.get("using")
            or join.args.get("side")
            or join.args.get("method")
        ):
            raise SqlError("0A000", "The (+) operator cannot be used in a query with a JOIN in its FROM clause")
    return [select.args["from_"].this, *[join.this for join in joins]]


def _alias(item: Any) -> str:
    return str(item.alias or item.name)


def _owner(column: Any, owner_of: OwnerOf) -> str:
    return str(column.table or owner_of(column.name) or "")


def _others(table: str, parts: list[Any], owner_of: OwnerOf) -> set[str]:
    return {_owner(one, owner_of) for part in parts for one in _columns(part)} - {table, ""}


def _unmarked(part: Any) -> Any:
    for one in _columns(part, marked=True):
        one.set("join_mark", None)
    return part
