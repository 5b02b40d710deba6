"""A bound statement as the engine takes it: its text, and the values of its parameters in the order of their marks.

Both are made once and stay with the bound statement, which a cache shares between sessions: the tree itself is never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bound import Bound
from slipher.warehouse.engine.base import EngineSession


@dataclass(frozen=True, slots=True)
class Ready:
    """`order` are the numbers of the parameters that the text holds, as $1, $2 ...: the engine takes no others."""

    text: str
    order: tuple[int, ...]

    def values(self, given: Sequence[Any]) -> Sequence[Any]:
        """Of the values of all parameters those that the text takes."""
        if self.order and self.order[-1] > len(given):
            raise SqlError("42601", f'syntax error at or near "${len(given) + 1}"')
        return [given[number - 1] for number in self.order]


def ready(bound: Bound, engine: EngineSession, *, leaves: bool = True) -> Ready:
    """The statement's text and order. `leaves`: its rows leave the engine, in Arrow."""
    name = "leaves" if leaves else "stays"
    found = bound.made.get(name)
    if not isinstance(found, Ready):
        tree = _readable(bound) if leaves else bound.tree
        order = sorted({int(node.this.name) for node in tree.find_all(exp.Parameter)}) if bound.parameters else []
        if order != list(range(1, len(order) + 1)):
            tree = tree.copy()
            for node in list(tree.find_all(exp.Parameter)):
                node.set("this", exp.Literal.number(order.index(int(node.this.name)) + 1))
        found = Ready(engine.text(tree), tuple(order))
        bound.made[name] = found
    return found


def _readable(bound: Bound) -> exp.Expr:
    """The query with times with zone as text: Arrow has no such type, the engine would drop their zone."""
    if not any(one.type.name == "timetz" for one in bound.columns):
        return bound.tree
    names = [f"o{number}" for number in range(1, len(bound.columns) + 1)]
    columns = [exp.column(name, quoted=True) for name in names]
    shown = [
        exp.cast(column, "VARCHAR") if one.type.name == "timetz" else column
        for column, one in zip(columns, bound.columns, strict=True)
    ]
    alias = exp.TableAlias(
        this=exp.to_identifier("shown"), columns=[exp.to_identifier(name, quoted=True) for name in names]
    )
    return exp.select(*shown).from_(exp.Subquery(this=bound.tree.copy(), alias=alias))
