"""Binding of queries: SELECT lists, order, set operations, common table expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import marks
from slipher.sql.bind.calls import ordered
from slipher.sql.bind.casts import STRINGS, common, convert
from slipher.sql.bind.grouping import Groups
from slipher.sql.bind.scope import Scope
from slipher.sql.bind.trees import Direct, derived, mentions, operand, ordinal, output
from slipher.sql.bind.typed import Typed, column
from slipher.sql.bound import OutputColumn
from slipher.types.sqltype import SqlType

SELECT_PARTS = {
    "with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "order", "limit", "offset", "distinct",
    "kind", "hint", "operation_modifiers", "exclude",
}  # fmt: skip
UNREAD = {
    "connect": "CONNECT BY",
    "locks": "SELECT ... FOR UPDATE or SHARE",
    "laterals": "LATERAL",
    "into": "SELECT INTO here",
}
SET_NAMES = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


class Queries(Groups):
    """The binder of whole queries."""

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[exp.Expr, Sequence[OutputColumn]]:
        clause, self.clause = self.clause, "WHERE"
        before = self.correlations
        try:
            tree, columns = self.query(query, scope)
        finally:
            self.clause = clause
        if self.correlations > before and (clause == "JOIN/ON" or tree.find(exp.Window)):
            self.undecorrelated = True
        return tree, columns

    def query(self, node: Any, parent: Scope | None = None) -> tuple[exp.Expr, list[OutputColumn]]:
        """A query whose columns all have types; the tree's columns are named o1, o2, ..."""
        tree, values = self.any_query(node, parent)
        if any(one.unknown for one in values):
            tree, values = self._retype(tree, values, [self.close(one).type for one in values])
        return tree, [OutputColumn(one.name, one.type, True, one.table_oid, one.number) for one in values]

    def any_query(self, node: Any, parent: Scope | None) -> tuple[exp.Expr, list[Typed]]:
        """A query; columns that are plain literals may still have no type."""
        with_ = node.args.get("with_")
        if with_ is None:
            return self._body(node, parent)
        self.ctes.append({})
        try:
            made = [self._cte(one, bool(with_.args.get("recursive")), parent) for one in with_.expressions]
            tree, values = self._body(node, parent)
            recursive = any(one.args.get("recursive_") for one in made)
            for one in made:
                one.args.pop("recursive_", None)
            inner = tree.args.get("with_")
            if inner is not None or not isinstance(tree, exp.Query) or isinstance(tree, exp.Subquery):
                tree = self._select_all(tree, len(values))
            tree.set("with_", exp.With(expressions=made, recursive=recursive))
            return tree, values
        finally:
            self.ctes.pop()

    def _cte(self, node: Any, recursive: bool, parent: Scope | None) -> exp.CTE:
        name = node.alias
        written = [one.name for one in node.args["alias"].args.get("columns") or ()]
        engine = self.fresh("w")
        body = node.this
        itself = recursive and isinstance(body, exp.Union) and mentions(body.expression, name)
        if itself:
            first, values = self.any_query(body.this, parent)
            kinds = [
                (written[i] if i < len(written) else one.name, self.close(one).type) for i, one in enumerate(values)
            ]
            self.ctes[-1][name] = (engine, kinds)
            first, values = self._retype(first, values, [kind for _, kind in kinds])
            second, others = self.any_query(body.expression, parent)
            if len(others) != len(values):
                raise SqlError("42601", "each UNION query must have the same number of columns")
            second, _ = self._retype(second, others, [kind for _, kind in kinds])
            tree: exp.Expr = exp.Union(this=first, expression=second, distinct=bool(body.args.get("distinct")))
        else:
            tree, columns = self.query(body, parent)
            kinds = [(written[i] if i < len(written) else one.name, one.type) for i, one in enumerate(columns)]
            self.ctes[-1][name] = (engine, kinds)
        if len(written) > len(kinds):
            raise SqlError(
                "42P10", f'table "{name}" has {len(kinds)} columns available but {len(written)} columns specified'
            )
        made = exp.CTE(this=tree, alias=exp.TableAlias(this=exp.to_identifier(engine, quoted=True)))
        if itself:
            made.args["recursive_"] = True
            made.args["alias"].set(
                "columns", [exp.to_identifier(f"o{i}", quoted=True) for i in range(1, len(kinds) + 1)]
            )
        return made

    def _body(self, node: Any, parent: Scope | None) -> tuple[exp.Expr, list[Typed]]:
        self.settings.check()
        if isinstance(node, exp.Select):
            return self.select(node, parent)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, parent)
        if isinstance(node, exp.Subquery | exp.Paren):
            tree, values = self.any_query(node.this, parent)
            if any(node.args.get(key) for key in ("order", "limit", "offset")):
                tree = self._select_all(tree, len(values))
                self._finish(node, tree, values, None)
            return tree, values
        if isinstance(node, exp.Values):
            raise SqlError("42601", 'syntax error at or near "VALUES"')
        raise not_supported(f"a query of the form {type(node).__name__}")

    def _select_all(self, tree: exp.Expr, count: int) -> exp.Select:
        alias = self.fresh("q")
        items: list[exp.Expr] = [output(column(alias, f"o{i}"), i) for i in range(1, count + 1)]
        return exp.Select(expressions=items, from_=exp.From(this=derived(tree, alias)))

    def _retype(self, tree: exp.Expr, values: list[Typed], kinds: Sequence[SqlType]) -> tuple[exp.Expr, list[Typed]]:
        """The query with its columns in other types."""
        if all(one.type == kind for one, kind in zip(values, kinds, strict=True)):
            return tree, values
        if isinstance(tree, exp.Select) and not tree.args.get("distinct") and not tree.args.get("order"):
            made = []
            for index, (one, kind) in enumerate(zip(values, kinds, strict=True)):
                typed = (
                    self.coerce(replace(one, tree=tree.expressions[index].this), kind, "explicit")
                    if one.type != kind
                    else one
                )
                made.append(replace(one, tree=typed.tree, type=kind, literal=None, parameter=None))
                tree.expressions[index].set("this", typed.tree)
            return tree, made
        alias = self.fresh("q")
        items, made = [], []
        for index, (one, kind) in enumerate(zip(values, kinds, strict=True), 1):
            inner = replace(one, tree=column(alias, f"o{index}"), literal=None, parameter=None)
            typed = convert(inner, kind, "explicit") if one.type != kind else inner
            items.append(output(typed.tree, index))
            made.append(replace(one, type=kind, literal=None, parameter=None))
        return exp.Select(expressions=items, from_=exp.From(this=derived(tree, alias))), made

    def _set_operation(self, node: Any, parent: Scope | None) -> tuple[exp.Expr, list[Typed]]:
        name = SET_NAMES[type(node)]
        if name != "UNION" and node.args.get("distinct") is False:
            raise SqlError("0A000", f"{name} ALL is not supported")
        left, first = self.any_query(node.this, parent)
        right, second = self.any_query(node.expression, parent)
        if len(first) != len(second):
            raise SqlError("42601", f"each {name} query must have the same number of columns")
        kinds = []
        for one, two in zip(first, second, strict=True):
            pair = [one, two]
            if all(item.unknown or item.type.name in STRINGS for item in pair):
                # A literal is as wide as it is; NULL takes the other's type.
                pair = [
                    self.close(item) if item.literal is not None or (one.unknown and two.unknown) else item
                    for item in pair
                ]
            kinds.append(common([item.type for item in pair], name))
        left, first = self._retype(left, first, kinds)
        right, _ = self._retype(right, second, kinds)
        tree = type(node)(this=operand(left), expression=operand(right), distinct=bool(node.args.get("distinct")))
        values = [Typed(exp.Null(), kind, one.name) for one, kind in zip(first, kinds, strict=True)]
        if any(node.args.get(key) for key in ("order", "limit", "offset")):
            tree = self._select_all(tree, len(values))
            self._finish(node, tree, values, None)
        return tree, values

    # SELECT

    def select(self, node: exp.Select, parent: Scope | None) -> tuple[exp.Expr, list[Typed]]:
        """One SELECT."""
        for key, part in node.args.items():
            if part and key not in SELECT_PARTS:
                raise not_supported(UNREAD.get(key, f"{key.strip('_').upper()} in a query"))
        scope = Scope(parent)
        scope.written = {one.alias: one.this for one in node.expressions if isinstance(one, exp.Alias)}
        made = exp.Select()
        clause, self.clause = self.clause, "JOIN/ON"
        written = self._marked(node)
        self.from_clause(node.args.get("from_"), node.args.get("joins") or (), scope, made)
        if written:
            scope.sources.sort(key=lambda one: written.index(one.alias))
        where = node.args.get("where")
        self.clause = "WHERE"
        if where is not None:
            made.set("where", exp.Where(this=self.condition(where.this, scope, "WHERE")))
        items = self._expanded(node, scope)
        self.grouping(node, items, scope, made)
        self.clause = "SELECT"
        values = [self._item(item, scope) for item in items]
        made.set("expressions", [output(one.tree, index) for index, one in enumerate(values, 1)])
        if node.args.get("having") is not None:
            self.clause = "HAVING"
            made.set("having", exp.Having(this=self._checked_condition(node.args["having"].this, scope, "HAVING")))
        if node.args.get("qualify") is not None:
            self.clause = "QUALIFY"
            made.set("qualify", exp.Qualify(this=self._checked_condition(node.args["qualify"].this, scope, "QUALIFY")))
        if node.args.get("distinct") is not None:
            if node.args["distinct"].args.get("on") is not None:
                raise SqlError("0A000", "SELECT DISTINCT ON is not supported")
            made.set("distinct", exp.Distinct())
        self.clause = "ORDER BY"
        self._finish(node, made, values, scope)
        self.clause = clause
        return made, values

    def _marked(self, node: exp.Select) -> list[str]:
        """Make LEFT JOINs of (+) in WHERE; the aliases in the order in which FROM had them."""
        where, from_ = node.args.get("where"), node.args.get("from_")
        if where is None or from_ is None or not marks.is_marked(where.this):
            return []
        probe = Scope()
        for item in [from_.this, *[join.this for join in node.args.get("joins") or ()]]:
            self.source(item.copy(), probe)

        def owner(name: str) -> str | None:
            return next((one.alias for one in probe.sources if one.find(name)), None)

        marks.outer_joins(node, owner)
        return [one.alias for one in probe.sources]

    def _checked_condition(self, node: Any, scope: Scope, clause: str) -> exp.Expr:
        tree = self.condition(node, scope, clause)
        self.require_grouped(scope)
        return tree

    def _item(self, item: Any, scope: Scope) -> Typed:
        alias = item.alias if isinstance(item, exp.Alias) else None
        inner = item.this if isinstance(item, exp.Alias) else item
        value = self.bind(inner, scope)
        self.require_grouped(scope)
        if alias:
            value = value.named(alias)
            scope.aliases.setdefault(alias, value)
        return value

    def _expanded(self, node: exp.Select, scope: Scope) -> list[Any]:
        """The select list with its stars as columns."""
        items: list[Any] = []
        for item in node.expressions:
            inner = item.this if isinstance(item, exp.Column) else item
            if not isinstance(inner, exp.Star):
                items.append(item)
                continue
            table = (
                item.args["table"].name if isinstance(item, exp.Column) and item.args.get("table") is not None else None
            )
            without = {one.name for one in inner.args.get("except_") or inner.args.get("except") or ()}
            items.extend(self._star(table, without, scope))
        excluded = {one.name for one in node.args.get("exclude") or ()}
        if excluded:
            items = [item for item in items if item.alias_or_name not in excluded]
        if not items:
            raise SqlError("42601", "SELECT * with no tables specified is not valid")
        if self.freezing and not self.view_depth:
            items = [item.copy() for item in items]
            node.set("expressions", items)
        return items

    def _star(self, table: str | None, without: set[str], scope: Scope) -> list[Any]:
        sources = scope.sources
        if table is not None:
            found = scope.source(table)
            if found is None:
                raise SqlError("42P01", f'relation "{table}" does not exist')
            sources = [found]
        if not sources:
            raise SqlError("42601", "SELECT * with no tables specified is not valid")
        items: list[Any] = []
        if table is None:
            items += [exp.column(name, quoted=True) for name in scope.merged if name not in without]
        for source in sources:
            for one in source.columns:
                if (one.hidden and table is None) or one.name in without:
                    continue
                if len(source.find(one.name)) > 1:
                    items.append(Direct(one))
                else:
                    items.append(exp.column(one.name, table=source.alias, quoted=True))
        return items

    def bind(self, node: Any, scope: Scope) -> Typed:
        if isinstance(node, Direct):
            return replace(node.column.value, name=node.column.name)
        return super().bind(node, scope)

    def _finish(self, node: Any, tree: exp.Expr, values: list[Typed], scope: Scope | None) -> None:
        """ORDER BY, LIMIT, OFFSET."""
        order = node.args.get("order")
        if order is not None:
            keys = [ordered(self._sort_key(one.this, tree, values, scope), one) for one in order.expressions]
            tree.set("order", exp.Order(expressions=keys))
        limit, offset = node.args.get("limit"), node.args.get("offset")
        if limit is not None:
            if isinstance(limit, exp.Fetch):
                raise SqlError("42601", 'syntax error at or near "FETCH"')
            if not isinstance(limit.expression, exp.Null) and getattr(limit.expression, "name", "").lower() != "all":
                tree.set("limit", exp.Limit(expression=self.integer(limit.expression, "LIMIT")))
        if offset is not None:
            tree.set("offset", exp.Offset(expression=self.integer(offset.expression, "OFFSET")))

    def _sort_key(self, node: Any, tree: exp.Expr, values: list[Typed], scope: Scope | None) -> exp.Expr:
        if isinstance(node, exp.Literal):
            if node.is_string:
                raise SqlError("42601", "non-integer constant in ORDER BY")
            return exp.Literal.number(ordinal(node, len(values), "ORDER BY"))
        if isinstance(node, exp.Column) and not node.table:
            places = [index for index, one in enumerate(values, 1) if one.name == node.name]
            if len(places) == 1:
                return exp.Literal.number(places[0])
            if places and all(values[place - 1].tree == values[places[0] - 1].tree for place in places):
                return exp.Literal.number(places[0])
            if places:
                raise SqlError("42702", f'ORDER BY "{node.name}" is ambiguous')
        if scope is None:
            if isinstance(node, exp.Column):
                raise SqlError("42703", f'column "{node.name}" does not exist')
            raise SqlError("0A000", "ORDER BY on a UNION/INTERSECT/EXCEPT result must be on one of the result columns")
        value = self.value(node, scope)
        self.require_grouped(scope)
        for index, one in enumerate(values, 1):
            if one.tree == value.tree:
                return exp.Literal.number(index)
        if tree.args.get("distinct") is not None:
            raise SqlError("42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
        return value.tree
