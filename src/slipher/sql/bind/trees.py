"""Pieces of queries as trees: output columns, derived tables, what a node mentions."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.aggregates import AGGREGATES
from slipher.sql.bind.scope import SourceColumn


class Direct:
    """A column of a source taken by position, where its name is not unique."""

    alias = ""

    def __init__(self, source_column: SourceColumn) -> None:
        self.column = source_column

    @property
    def alias_or_name(self) -> str:
        return self.column.name

    def copy(self) -> exp.Expr:
        raise SqlError("42701", f'column "{self.column.name}" specified more than once')


def engine_table(name: str) -> exp.Table:
    """An engine's table name, given as SQL text, as a tree."""
    parts = [part.strip('"') for part in name.split(".")]
    made = exp.Table(this=exp.to_identifier(parts[-1], quoted=True))
    if len(parts) > 1:
        made.set("db", exp.to_identifier(parts[-2], quoted=True))
    if len(parts) > 2:
        made.set("catalog", exp.to_identifier(parts[-3], quoted=True))
    return made


def output(tree: exp.Expr, index: int) -> exp.Expr:
    return exp.Alias(this=tree, alias=exp.to_identifier(f"o{index}", quoted=True))


def derived(tree: exp.Expr, alias: str) -> exp.Subquery:
    inner = tree.this if isinstance(tree, exp.Subquery) and not tree.alias else tree
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def operand(tree: exp.Expr) -> exp.Expr:
    simple = isinstance(tree, exp.Select) and not any(
        tree.args.get(key) for key in ("order", "limit", "offset", "with_")
    )
    return tree if simple else exp.Subquery(this=tree)


def mentions(node: exp.Expr, name: str) -> bool:
    return any(isinstance(one, exp.Table) and one.name == name and not one.db for one in node.walk())


def ordinal(node: exp.Literal, count: int, clause: str) -> int:
    text = str(node.this)
    if not text.isdigit():
        raise SqlError("42601", f"non-integer constant in {clause}")
    place = int(text)
    if not 1 <= place <= count:
        raise SqlError("42P10", f"{clause} position {place} is not in select list")
    return place


def aggregates(node: Any) -> bool:
    """Whether an expression holds an aggregate of its own query: not in a subquery, not the function of an OVER."""
    if isinstance(node, Direct) or not isinstance(node, exp.Expr):
        return False
    if isinstance(node, exp.Query | exp.Subquery):
        return False
    children: list[Any] = []
    if isinstance(node, exp.Window):
        inner = node.this
        while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
            inner = inner.this
        children = [
            *(inner.expressions if isinstance(inner, exp.Anonymous) else []),
            *(node.args.get("partition_by") or ()),
        ]
        if node.args.get("order") is not None:
            children += [one.this for one in node.args["order"].expressions]
    else:
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES:
            return True
        for part in node.args.values():
            children += part if isinstance(part, list) else [part]
    return any(aggregates(child) for child in children)
