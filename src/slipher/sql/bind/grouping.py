"""GROUP BY: which expressions are its keys, and what may stand outside of aggregates."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.scope import Grouping, Scope
from slipher.sql.bind.sources import Sources
from slipher.sql.bind.trees import Direct, aggregates, ordinal
from slipher.sql.bind.typed import Typed, call

SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)


class Groups(Sources):
    """The binder of grouped queries."""

    def require_grouped(self, scope: Scope) -> None:
        grouping = scope.grouping
        if grouping is not None and grouping.ungrouped:
            name = grouping.ungrouped[0]
            raise SqlError(
                "42803", f'column "{name}" must appear in the GROUP BY clause or be used in an aggregate function'
            )

    def grouping(self, node: exp.Select, items: list[Any], scope: Scope, made: exp.Select) -> None:
        """Decide whether a query groups, and by what; its expressions are checked against that from here on."""
        group = node.args.get("group")
        parts = [*items, *([node.args["having"].this] if node.args.get("having") else [])]
        parts += [one.this for one in (node.args["order"].expressions if node.args.get("order") else [])]
        if node.args.get("qualify"):
            parts.append(node.args["qualify"].this)
        if group is None and node.args.get("having") is None and not any(aggregates(part) for part in parts):
            return
        self.clause = "GROUP BY"
        scope.grouping = None
        wanted = list(group.expressions) if group is not None else []
        if group is not None and group.args.get("all"):
            wanted = [item for item in items if not aggregates(item)]
        keys: list[Typed] = []
        trees = [self._group_item(one, items, scope, keys) for one in wanted]
        scope.grouping = Grouping(keys=keys)
        trees = [tree for tree in trees if tree is not None]
        if trees:
            made.set("group", exp.Group(expressions=trees))
        elif keys and not any(aggregates(part) for part in parts):
            made.set("group", exp.Group(expressions=[call("rs_one_group")]))

    def _group_item(self, node: Any, items: list[Any], scope: Scope, keys: list[Typed]) -> exp.Expr | None:
        """An item of GROUP BY as a tree; its keys are added to `keys`. None for a constant, which groups nothing."""
        if isinstance(node, SETS):
            inner = [self._group_item(one, items, scope, keys) for one in node.expressions]
            return type(node)(expressions=[one for one in inner if one is not None])
        if isinstance(node, exp.Tuple):
            inner = [self._group_item(one, items, scope, keys) for one in node.expressions]
            return exp.Tuple(expressions=[one for one in inner if one is not None])
        key = self._group_key(node, items, scope)
        keys.append(key)
        return None if key.constant else key.tree.copy()

    def _group_key(self, node: Any, items: list[Any], scope: Scope) -> Typed:
        inner = node.this if isinstance(node, exp.Paren) else node
        if isinstance(inner, exp.Alias):
            inner = inner.this
        if isinstance(inner, exp.Literal) and not inner.is_string:
            place = ordinal(inner, len(items), "GROUP BY")
            inner = items[place - 1]
            inner = inner.this if isinstance(inner, exp.Alias) else inner
        elif isinstance(inner, exp.Column) and not inner.table and scope.lookup(inner.name, None, None) is None:
            named = [one for one in items if isinstance(one, exp.Alias) and one.alias == inner.name]
            if named:
                inner = named[0].this
        if not isinstance(inner, Direct) and aggregates(inner):
            raise SqlError("42803", "aggregates not allowed in GROUP BY clause")
        return self.close(self.bind(inner, scope))
