"""FROM: tables, views, subqueries, common table expressions, joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind import operators
from slipher.sql.bind.calls import Calls
from slipher.sql.bind.core import BindSettings
from slipher.sql.bind.from_functions import RELATIONS, from_function
from slipher.sql.bind.scope import Scope, Source, SourceColumn
from slipher.sql.bind.trees import derived, engine_table
from slipher.sql.bind.typed import Typed, call, column
from slipher.sql.bound import Need, OutputColumn
from slipher.sql.names import Names, Relation
from slipher.sql.parse.lexer import fold, parse_tree, tokenize
from slipher.sql.statements.names import QName
from slipher.types.sqltype import SqlType

OID_SCHEMA = "$oid"  # in stored views: the schema of relations that are named by their oid
# Parts of an item of FROM that sqlglot reads and Slipher does not, and what they are called.
UNREAD = {
    "pivots": "PIVOT",
    "laterals": "LATERAL",
    "sample": "TABLESAMPLE",
    "hints": "a hint",
    "version": "FOR VERSION",
    "ordinality": "WITH ORDINALITY",
    "only": "ONLY",
    "partition": "PARTITION",
    "changes": "CHANGES",
    "when": "AT or BEFORE",
}


class Sources(Calls):
    """The binder of what rows come from."""

    def __init__(self, names: Names, settings: BindSettings, parameters: Sequence[SqlType] = ()) -> None:
        super().__init__(names, settings, parameters)
        self.ctes: list[dict[str, tuple[str, list[tuple[str, SqlType]]]]] = []
        self.needs: list[Need] = []
        self.view_depth = 0
        self.view_owner: int | None = None  # whose privileges count: the innermost view's owner's
        self.bound_columns: dict[int, int] = {}

    def query(self, node: Any, parent: Scope | None = None) -> tuple[exp.Expr, list[OutputColumn]]:
        """A query in FROM; the queries' module does it."""
        raise NotImplementedError

    def from_clause(self, from_: Any, joins: Sequence[Any], scope: Scope, made: exp.Expr) -> None:
        """FROM and its joins."""
        if from_ is None:
            return
        made.set("from_", exp.From(this=self.source(from_.this, scope)))
        nested = list(from_.this.args.get("joins") or ())
        made.set("joins", [self._join(join, scope) for join in [*nested, *joins]])

    def _joined(self, node: Any, scope: Scope) -> exp.Expr:
        """Joined tables in parentheses, as one operand of a further join."""
        first = self.source(node.copy() if node.args.get("joins") else node, scope)
        first.set("joins", [self._join(join, scope) for join in node.args.get("joins") or ()])
        return exp.Paren(this=first)

    def _join(self, node: Any, scope: Scope) -> exp.Join:
        side = str(node.args.get("side") or "").upper()
        kind = str(node.args.get("kind") or "").upper()
        if kind not in ("", "INNER", "OUTER", "CROSS"):
            raise not_supported(f"{kind} JOIN")
        before = list(scope.sources)
        if node.this.args.get("joins"):
            tree = self._joined(node.this, scope)
        else:
            tree = self.source(node.this, scope)
        rights = scope.sources[len(before) :]
        using = [one.name for one in node.args.get("using") or ()]
        if str(node.args.get("method") or "").upper() == "NATURAL":
            mine = {one.name for right in rights for one in right.columns}
            using = [one.name for source in before for one in source.columns if one.name in mine and not one.hidden]
            using += [name for name in scope.merged if name in mine and name not in using]
        on = node.args.get("on")
        condition: exp.Expr | None = None
        if using:
            condition = self._using(using, before, rights, side, scope)
        elif on is not None:
            if kind == "CROSS":
                raise SqlError("42601", 'syntax error at or near "ON"')
            condition = self.condition(on, scope, "JOIN/ON")
        elif side and kind != "CROSS":
            raise SqlError("42601", "a JOIN needs ON or USING")
        if condition is None:
            return exp.Join(this=tree, kind="CROSS")
        if side == "FULL" and not _mergeable(condition):
            raise SqlError("0A000", "FULL JOIN is only supported with merge-joinable join conditions")
        return exp.Join(this=tree, side=side or None, kind=None if side else "INNER", on=condition)

    def _using(self, names: list[str], before: list[Source], rights: list[Source], side: str, scope: Scope) -> exp.Expr:
        parts = []
        for name in names:
            left = scope.merged.get(name)
            if left is None:
                found = [one for source in before for one in source.find(name) if not one.hidden]
                if not found:
                    raise SqlError("42703", f'column "{name}" specified in USING clause does not exist in left table')
                if len(found) > 1:
                    raise SqlError("42702", f'common column name "{name}" appears more than once in left table')
                found[0].hidden = True
                left = found[0].value
            others = [one for right in rights for one in right.find(name) if not one.hidden]
            if not others:
                raise SqlError("42703", f'column "{name}" specified in USING clause does not exist in right table')
            other = others[0]
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
        node = self._navigated(node, scope)
        if isinstance(node, exp.Subquery):
            return self._derived_table(node, scope)
        if isinstance(node, exp.Unnest):
            called = exp.Anonymous(this="unnest", expressions=node.expressions)
            return from_function(self, exp.Table(this=called, alias=node.args.get("alias")), scope)
        if not isinstance(node, exp.Table):
            raise not_supported(f"{type(node).__name__.upper()} in FROM")
        for key, what in UNREAD.items():
            if node.args.get(key):
                unpivot = key == "pivots" and node.args[key][0].args.get("unpivot")
                raise not_supported("UNPIVOT" if unpivot else what)
        if isinstance(node.this, exp.Anonymous):
            return from_function(self, node, scope)
        name = QName(node.name, node.db or None, node.catalog or None)
        if name.schema is None:
            for known in reversed(self.ctes):
                if name.name in known:
                    engine, kinds = known[name.name]
                    return self._cte_source(engine, kinds, node, scope)
        relation = self.resolve(name)
        if relation.name in RELATIONS and relation.schema == "pg_catalog":
            raise SqlError("42P01", f'relation "{name}" does not exist')
        if self.freezing and not self.view_depth:
            alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(relation.name, quoted=True))
            node.set("this", exp.to_identifier(str(relation.oid), quoted=True))
            node.set("db", exp.to_identifier(OID_SCHEMA, quoted=True))
            node.set("catalog", None)
            node.set("alias", alias)
        return self.relation_source(relation, node, scope)

    def _navigated(self, node: Any, scope: Scope) -> Any:
        """FROM t, t.items: a column of an item before it is a row for each of its elements."""
        if not (isinstance(node, exp.Table) and node.args.get("db") and isinstance(node.this, exp.Identifier)):
            return node
        first = node.catalog or node.db
        if not any(one.alias == first for one in scope.sources):
            return node
        if self.names.relation(QName(node.name, node.db, node.catalog or None)) is not None:
            return node
        place = exp.Column(this=node.this, table=node.args["db"], db=node.args.get("catalog"))
        return exp.Unnest(expressions=[place], alias=node.args.get("alias"))

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
        self.needs.append(Need("select", relation, owner=self.view_owner))
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
        self.add_source(node, relation.name, columns, scope, relation)
        table = engine_table(relation.engine_name)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(engine, quoted=True)))
        return table

    def add_source(
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
            body = fold(body, self.settings.case_sensitive)
        self.view_depth += 1
        asker, self.view_owner = self.view_owner, relation.owner
        outer, self.ctes = self.ctes, []
        clause = self.clause
        try:
            tree, columns = self.query(body)
        finally:
            self.view_depth -= 1
            self.view_owner = asker
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
        self.add_source(node, relation.name, made, scope, relation)
        return derived(tree, engine)

    def _cte_source(self, engine: str, kinds: list[tuple[str, SqlType]], node: Any, scope: Scope) -> exp.Expr:
        alias = self.fresh("a")
        columns = [
            SourceColumn(name, Typed(column(alias, f"o{index}"), kind, name))
            for index, (name, kind) in enumerate(kinds, 1)
        ]
        self.add_source(node, node.name, columns, scope)
        identifier = exp.to_identifier(engine, quoted=True)
        return exp.Table(this=identifier, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))

    def _derived_table(self, node: Any, scope: Scope) -> exp.Expr:
        alias = node.args.get("alias")
        if isinstance(node.this, exp.Table):
            if alias is not None and alias.name:
                raise not_supported("an alias of joined tables")
            return self._joined(node.this, scope)
        if node.args.get("pivots"):
            raise not_supported("UNPIVOT" if node.args["pivots"][0].args.get("unpivot") else "PIVOT")
        if isinstance(node.this, exp.Values):
            raise SqlError("42601", 'syntax error at or near "VALUES"')
        tree, columns = self.query(node.this, scope.parent)
        engine = self.fresh("q")
        made = [
            SourceColumn(one.name, Typed(column(engine, f"o{i}"), one.type, one.name))
            for i, one in enumerate(columns, 1)
        ]
        # Drivers of AWS leave the alias out: its columns are then found by their names alone.
        self.add_source(node, alias.name if alias is not None and alias.name else engine, made, scope)
        return derived(tree, engine)


def _mergeable(condition: exp.Expr) -> bool:
    """Whether a join's condition has an equality between columns, which FULL JOIN needs."""
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        inner = part.unnest()
        if isinstance(inner, exp.And) and _mergeable(inner):
            return True
        if isinstance(inner, exp.EQ) and inner.this.find(exp.Column) and inner.expression.find(exp.Column):
            return True
    return False
