"""Binding of queries: FROM, SELECT lists, grouping, set operations, common table expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import operators
from slipher.sql.bind.calls import AGGREGATES, Calls, ordered
from slipher.sql.bind.casts import common, convert
from slipher.sql.bind.expressions import BindSettings
from slipher.sql.bind.scope import Grouping, Scope, Source, SourceColumn
from slipher.sql.bind.typed import Typed, call, cast, column
from slipher.sql.bound import Need, OutputColumn
from slipher.sql.names import Names, Relation
from slipher.sql.parse.lexer import parse_tree, tokenize
from slipher.sql.statements.names import QName
from slipher.types.sqltype import INT8, UNKNOWN, VARCHAR, SqlType

SELECT_PARTS = {
    "with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "order", "limit", "offset", "distinct",
    "kind", "hint", "operation_modifiers", "exclude",
}  # fmt: skip
SET_NAMES = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
JOINS = {"": "INNER", "INNER": "INNER", "LEFT": "LEFT", "RIGHT": "RIGHT", "FULL": "FULL", "CROSS": "CROSS"}
OID_SCHEMA = "$oid"


class Queries(Calls):
    """Calls, and the queries that they may hold."""

    def __init__(self, names: Names, settings: BindSettings, parameters: Sequence[SqlType] = ()) -> None:
        super().__init__(names, settings, parameters)
        self.ctes: list[dict[str, tuple[str, list[tuple[str, SqlType]]]]] = []
        self.needs: list[Need] = []
        self.view_depth = 0
        self.bound_columns: dict[int, int] = {}

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[exp.Expr, Sequence[OutputColumn]]:
        clause, self.clause = self.clause, "WHERE"
        try:
            return self.query(query, scope)
        finally:
            self.clause = clause

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
        itself = recursive and isinstance(body, exp.Union) and _mentions(body.expression, name)
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
        items: list[exp.Expr] = [_output(column(alias, f"o{i}"), i) for i in range(1, count + 1)]
        return exp.Select(expressions=items, from_=exp.From(this=_derived(tree, alias)))

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
            items.append(_output(typed.tree, index))
            made.append(replace(one, type=kind, literal=None, parameter=None))
        return exp.Select(expressions=items, from_=exp.From(this=_derived(tree, alias))), made

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
            if one.unknown and two.unknown:
                pair = [self.close(item) for item in pair]
            kinds.append(common([item.type for item in pair], name))
        left, first = self._retype(left, first, kinds)
        right, _ = self._retype(right, second, kinds)
        tree = type(node)(this=_operand(left), expression=_operand(right), distinct=bool(node.args.get("distinct")))
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
                raise not_supported(f"{key.strip('_').upper()} in a query")
        scope = Scope(parent)
        made = exp.Select()
        clause, self.clause = self.clause, "JOIN/ON"
        self.from_clause(node.args.get("from_"), node.args.get("joins") or (), scope, made)
        where = node.args.get("where")
        self.clause = "WHERE"
        if where is not None:
            made.set("where", exp.Where(this=self.condition(where.this, scope, "WHERE")))
        items = self._expanded(node, scope)
        grouped = self._grouping(node, items, scope, made)
        self.clause = "SELECT"
        values = [self._item(item, scope) for item in items]
        for key in grouped:
            if isinstance(key, int):
                pass
        made.set("expressions", [_output(one.tree, index) for index, one in enumerate(values, 1)])
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

    def _checked_condition(self, node: Any, scope: Scope, clause: str) -> exp.Expr:
        tree = self.condition(node, scope, clause)
        self._require_grouped(scope)
        return tree

    def _require_grouped(self, scope: Scope) -> None:
        grouping = scope.grouping
        if grouping is not None and grouping.ungrouped:
            name = grouping.ungrouped[0]
            raise SqlError(
                "42803", f'column "{name}" must appear in the GROUP BY clause or be used in an aggregate function'
            )

    def _item(self, item: Any, scope: Scope) -> Typed:
        alias = item.alias if isinstance(item, exp.Alias) else None
        inner = item.this if isinstance(item, exp.Alias) else item
        value = self.bind(inner, scope)
        self._require_grouped(scope)
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
            node.set("expressions", [item.copy() for item in items])
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
                    items.append(_Direct(one))
                else:
                    items.append(exp.column(one.name, table=source.alias, quoted=True))
        return items

    def bind(self, node: Any, scope: Scope) -> Typed:
        if isinstance(node, _Direct):
            return replace(node.column.value, name=node.column.name)
        return super().bind(node, scope)

    def _grouping(self, node: exp.Select, items: list[Any], scope: Scope, made: exp.Select) -> list[Any]:
        group = node.args.get("group")
        parts = [*items, *([node.args["having"].this] if node.args.get("having") else [])]
        parts += [one.this for one in (node.args["order"].expressions if node.args.get("order") else [])]
        if node.args.get("qualify"):
            parts.append(node.args["qualify"].this)
        if group is None and node.args.get("having") is None and not any(_aggregates(part) for part in parts):
            return []
        self.clause = "GROUP BY"
        keys: list[Typed] = []
        if group is not None:
            for key in ("rollup", "cube", "grouping_sets", "totals"):
                if group.args.get(key):
                    raise not_supported(f"GROUP BY {key.upper().replace('_', ' ')}")
            wanted = list(group.expressions)
            if group.args.get("all"):
                wanted = [item for item in items if not _aggregates(item)]
            keys = [self._group_key(one, items, scope) for one in wanted]
        scope.grouping = Grouping(keys=keys)
        if keys:
            made.set("group", exp.Group(expressions=[key.tree.copy() for key in keys if not _is_constant(key)]))
            if not made.args["group"].expressions:
                made.set("group", None)
                if not any(_aggregates(part) for part in parts):
                    made.set("limit", None)
                    made.set("group", exp.Group(expressions=[call("rs_one_group")]))
        return []

    def _group_key(self, node: Any, items: list[Any], scope: Scope) -> Typed:
        inner = node.this if isinstance(node, exp.Paren) else node
        if isinstance(inner, exp.Alias):
            inner = inner.this
        if isinstance(inner, exp.Literal) and not inner.is_string:
            place = _ordinal(inner, len(items), "GROUP BY")
            inner = items[place - 1]
            inner = inner.this if isinstance(inner, exp.Alias) else inner
        elif isinstance(inner, exp.Column) and not inner.table and scope.lookup(inner.name, None, None) is None:
            named = [one for one in items if isinstance(one, exp.Alias) and one.alias == inner.name]
            if named:
                inner = named[0].this
        if not isinstance(inner, _Direct) and _aggregates(inner):
            raise SqlError("42803", "aggregates not allowed in GROUP BY clause")
        return self.close(self.bind(inner, scope))

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
            return exp.Literal.number(_ordinal(node, len(values), "ORDER BY"))
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
        self._require_grouped(scope)
        for index, one in enumerate(values, 1):
            if one.tree == value.tree:
                return exp.Literal.number(index)
        if tree.args.get("distinct") is not None:
            raise SqlError("42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
        return value.tree

    # FROM

    def from_clause(self, from_: Any, joins: Sequence[Any], scope: Scope, made: exp.Expr) -> None:
        """FROM and its joins."""
        if from_ is None:
            return
        made.set("from_", exp.From(this=self.source(from_.this, scope)))
        nested = list(from_.this.args.get("joins") or ())
        made.set("joins", [self._join(join, scope) for join in [*nested, *joins]])

    def _join(self, node: Any, scope: Scope) -> exp.Join:
        side = str(node.args.get("side") or "").upper()
        kind = str(node.args.get("kind") or "").upper()
        if kind not in ("", "INNER", "OUTER", "CROSS"):
            raise not_supported(f"{kind} JOIN")
        before = list(scope.sources)
        tree = self.source(node.this, scope)
        if node.this.args.get("joins"):
            raise not_supported("nested joins in parentheses")
        right = scope.sources[-1]
        using = [one.name for one in node.args.get("using") or ()]
        if str(node.args.get("method") or "").upper() == "NATURAL":
            mine = {one.name for one in right.columns}
            using = [one.name for source in before for one in source.columns if one.name in mine and not one.hidden]
            using += [name for name in scope.merged if name in mine and name not in using]
        on = node.args.get("on")
        condition: exp.Expr | None = None
        if using:
            condition = self._using(using, before, right, side, scope)
        elif on is not None:
            condition = self.condition(on, scope, "JOIN/ON")
        elif side and kind != "CROSS":
            raise SqlError("42601", "a JOIN needs ON or USING")
        if condition is None:
            return exp.Join(this=tree, kind="CROSS")
        return exp.Join(this=tree, side=side or None, kind=None if side else "INNER", on=condition)

    def _using(self, names: list[str], before: list[Source], right: Source, side: str, scope: Scope) -> exp.Expr:
        parts = []
        for name in names:
            left = scope.merged.get(name)
            if left is None:
                found = [one for source in before for one in source.find(name) if not one.hidden]
                if not found or not right.find(name):
                    place = "left" if not found else "right"
                    raise SqlError(
                        "42703", f'column "{name}" specified in USING clause does not exist in {place} table'
                    )
                if len(found) > 1:
                    raise SqlError("42702", f'common column name "{name}" appears more than once in left table')
                found[0].hidden = True
                left = found[0].value
            other = right.find(name)[0]
            other.hidden = True
            parts.append(operators.compare(exp.EQ, left, other.value, self.settle).tree)
            merged = {"RIGHT": other.value, "FULL": None}.get(side, left)
            if merged is None:
                kind, (one, two) = self.unify([left, other.value], "JOIN")
                merged = Typed(call("coalesce", one.tree, two.tree), kind, name)
            scope.merged[name] = replace(merged, name=name)
        return exp.and_(*parts, copy=False) if len(parts) > 1 else parts[0]

    def source(self, node: Any, scope: Scope) -> exp.Expr:
        """One item of FROM; adds it to the scope."""
        if isinstance(node, exp.Subquery):
            return self._derived_table(node, scope)
        if not isinstance(node, exp.Table):
            raise not_supported(f"{type(node).__name__.upper()} in FROM")
        for key in (
            "pivots",
            "laterals",
            "sample",
            "hints",
            "version",
            "ordinality",
            "only",
            "partition",
            "changes",
            "when",
        ):
            if node.args.get(key):
                raise not_supported(f"{key.upper()} in FROM")
        if isinstance(node.this, exp.Anonymous):
            return self._table_function(node, scope)
        name = QName(node.name, node.db or None, node.catalog or None)
        if name.schema is None:
            for known in reversed(self.ctes):
                if name.name in known:
                    engine, kinds = known[name.name]
                    return self._cte_source(engine, kinds, node, scope)
        relation = self.resolve(name)
        if self.freezing and not self.view_depth:
            alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(relation.name, quoted=True))
            node.set("this", exp.to_identifier(str(relation.oid), quoted=True))
            node.set("db", exp.to_identifier(OID_SCHEMA, quoted=True))
            node.set("catalog", None)
            node.set("alias", alias)
        return self.relation_source(relation, node, scope)

    def resolve(self, name: QName) -> Relation:
        """The relation of a name; 42P01 if there is none."""
        if name.schema == OID_SCHEMA:
            found = self.names.relation_by_oid(int(name.name))
        else:
            found = self.names.relation(name)
        if found is None:
            if name.schema is not None and not self.names.has_schema(name.schema, name.database):
                raise SqlError("3F000", f'schema "{name.schema}" does not exist')
            raise SqlError("42P01", f'relation "{name}" does not exist')
        return found

    def relation_source(self, relation: Relation, node: Any, scope: Scope) -> exp.Expr:
        """A relation in FROM: a table as it is, a view as its query."""
        if not self.view_depth:
            self.needs.append(Need("select", relation))
        if relation.kind == "view":
            return self._view(relation, node, scope)
        self.reads[relation.oid] = relation
        engine = self.fresh("a")
        columns = [
            SourceColumn(
                one.name,
                Typed(
                    column(engine, one.name if relation.engine_columns_by_name else one.engine_name),
                    one.type,
                    one.name,
                    table_oid=relation.oid,
                    number=one.number,
                ),
            )
            for one in relation.columns
        ]
        self._add(node, relation.name, columns, scope, relation)
        table = engine_table(relation.engine_name)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(engine, quoted=True)))
        return table

    def _add(
        self, node: Any, default: str, columns: list[SourceColumn], scope: Scope, relation: Relation | None = None
    ) -> None:
        alias = node.args.get("alias")
        name = alias.name if alias is not None and alias.name else default
        for index, one in enumerate(alias.args.get("columns") or () if alias is not None else ()):
            if index >= len(columns):
                raise SqlError(
                    "42P10", f'table "{name}" has {len(columns)} columns available but more columns specified'
                )
            columns[index].name = one.name
        schema = relation.schema if relation is not None and (alias is None or not alias.name) else None
        scope.add(Source(name, columns, schema, relation.oid if relation is not None else 0))

    def _view(self, relation: Relation, node: Any, scope: Scope) -> exp.Expr:
        if self.view_depth > 32:
            raise SqlError("54001", "views are nested too deeply")
        body = parse_tree(relation.view or "", tokenize(relation.view or ""))
        if relation.late_binding:
            from slipher.sql.parse.lexer import fold

            body = fold(body, self.settings.case_sensitive)
        self.view_depth += 1
        outer, self.ctes = self.ctes, []
        clause = self.clause
        try:
            tree, columns = self.query(body)
        finally:
            self.view_depth -= 1
            self.ctes, self.clause = outer, clause
        names = [one.name for one in relation.columns] or [one.name for one in columns]
        engine = self.fresh("v")
        made = [
            SourceColumn(
                names[i] if i < len(names) else one.name, Typed(column(engine, f"o{i + 1}"), one.type, one.name)
            )
            for i, one in enumerate(columns)
        ]
        for one in made:
            one.value = replace(one.value, name=one.name)
        self._add(node, relation.name, made, scope, relation)
        return _derived(tree, engine)

    def _cte_source(self, engine: str, kinds: list[tuple[str, SqlType]], node: Any, scope: Scope) -> exp.Expr:
        alias = self.fresh("a")
        columns = [
            SourceColumn(name, Typed(column(alias, f"o{index}"), kind, name))
            for index, (name, kind) in enumerate(kinds, 1)
        ]
        self._add(node, node.name, columns, scope)
        identifier = exp.to_identifier(engine, quoted=True)
        return exp.Table(this=identifier, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))

    def _derived_table(self, node: Any, scope: Scope) -> exp.Expr:
        if isinstance(node.this, exp.Table):
            raise not_supported("joins in parentheses")
        alias = node.args.get("alias")
        if alias is None or not alias.name:
            hint = "For example, FROM (SELECT ...) [AS] foo."
            raise SqlError("42601", "subquery in FROM must have an alias", hint=hint)
        if isinstance(node.this, exp.Values):
            raise SqlError("42601", 'syntax error at or near "VALUES"')
        tree, columns = self.query(node.this, scope.parent)
        engine = self.fresh("q")
        made = [
            SourceColumn(one.name, Typed(column(engine, f"o{i}"), one.type, one.name))
            for i, one in enumerate(columns, 1)
        ]
        self._add(node, alias.name, made, scope)
        return _derived(tree, engine)

    def _table_function(self, node: Any, scope: Scope) -> exp.Expr:
        name = str(node.this.this).lower()
        if name != "generate_series":
            raise not_supported(f"function {name} in FROM")
        self.leader_calls.append('Function "generate_series" not supported.')
        bounds = [self.coerce(self.bind(one, Scope()), INT8, "implicit").tree for one in node.this.expressions]
        engine = self.fresh("f")
        alias = node.args.get("alias")
        title = alias.name if alias is not None and alias.name else name
        value = Typed(cast(column(engine, "generate_series"), INT8), INT8, title)
        self._add(node, name, [SourceColumn(title, value)], scope)
        table = exp.Table(this=call("generate_series", *bounds))
        table.set("alias", exp.TableAlias(this=exp.to_identifier(engine, quoted=True)))
        return table


class _Direct:
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


def _output(tree: exp.Expr, index: int) -> exp.Expr:
    return exp.Alias(this=tree, alias=exp.to_identifier(f"o{index}", quoted=True))


def _derived(tree: exp.Expr, alias: str) -> exp.Subquery:
    inner = tree.this if isinstance(tree, exp.Subquery) and not tree.alias else tree
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def _operand(tree: exp.Expr) -> exp.Expr:
    simple = isinstance(tree, exp.Select) and not any(
        tree.args.get(key) for key in ("order", "limit", "offset", "with_")
    )
    return tree if simple else exp.Subquery(this=tree)


def _mentions(node: exp.Expr, name: str) -> bool:
    return any(isinstance(one, exp.Table) and one.name == name and not one.db for one in node.walk())


def _is_constant(value: Typed) -> bool:
    return value.constant


def _ordinal(node: exp.Literal, count: int, clause: str) -> int:
    text = str(node.this)
    if not text.isdigit():
        raise SqlError("42601", f"non-integer constant in {clause}")
    place = int(text)
    if not 1 <= place <= count:
        raise SqlError("42P10", f"{clause} position {place} is not in select list")
    return place


def _aggregates(node: Any) -> bool:
    """Whether an expression holds an aggregate of its own query: not in a subquery, not the function of an OVER."""
    if isinstance(node, _Direct) or not isinstance(node, exp.Expr):
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
    return any(_aggregates(child) for child in children)


__all__ = ["UNKNOWN", "VARCHAR", "Queries"]
