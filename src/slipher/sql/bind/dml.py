"""Binding of INSERT, UPDATE and DELETE: every column of a new row gets its value, its default or its identity here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.casts import allowed
from slipher.sql.bind.query import Queries
from slipher.sql.bind.scope import Scope, Source, SourceColumn
from slipher.sql.bind.trees import engine_table
from slipher.sql.bind.typed import Typed, as_tree, call, cast, column
from slipher.sql.bound import Bound, Need
from slipher.sql.names import Column, Relation
from slipher.sql.parse.lexer import fold, parse_tree, tokenize
from slipher.sql.statements.dml import Delete, Insert, Update
from slipher.types.sqltype import BOOL, INT8, UNKNOWN, SqlType, numeric

ROWS = "slipher_rows"  # the engine's name of the rows of a long literal INSERT
REWRITE = "You will need to rewrite or cast the expression."


class Dml(Queries):
    """Binds the statements that change rows."""

    def target(self, statement: Insert | Update | Delete, what: str) -> Relation:
        """The table that a statement changes."""
        relation = self.resolve(statement.table)
        if relation.kind == "view":
            raise SqlError("0A000", f"cannot {what} a view")
        if relation.kind != "table":
            raise SqlError("42501", f"permission denied for relation {relation.name}")
        if relation.database and relation.database != self.names.database:
            raise SqlError("0A000", f"cross-database reference to table {statement.table} is not supported for writing")
        return relation

    def insert(self, statement: Insert) -> Bound:
        """INSERT."""
        relation = self.target(statement, "insert into")
        columns = insert_columns(relation, statement.columns)
        self.needs.append(Need("insert", relation))
        if statement.query is not None:
            source = self._from_query(statement.query, relation, columns)
        elif statement.literals is not None:
            source = self._from_literals(statement.literals, relation, columns, bool(statement.columns))
        else:
            source = self._from_rows(
                statement.rows or ((),), relation, columns, bool(statement.columns), statement.rows is None
            )
        table = engine_table(relation.engine_name)
        names = [exp.to_identifier(one.engine_name, quoted=True) for one in relation.columns]
        tree = exp.Insert(this=exp.Schema(this=table, expressions=names), expression=source)
        return self.bound(tree, writes=(relation,))

    def bound(self, tree: exp.Expr, writes: tuple[Relation, ...] = (), columns: Any = ()) -> Bound:
        """What the binder has gathered, with its tree."""
        live = tuple(one for one in self.reads.values() if one.kind == "live")
        if self.refused and (writes or not self.reads or any(one.kind == "table" for one in self.reads.values())):
            raise self.refused[0]
        kinds = tuple(self.parameters.get(index, SqlType("varchar")) for index in range(1, self.highest_parameter + 1))
        side = "compute" if any(one.kind in ("table", "live") for one in [*self.reads.values(), *writes]) else "leader"
        return Bound(
            tree=tree,
            columns=tuple(columns),
            needs=tuple(self.needs),
            reads=tuple(self.reads.values()),
            writes=writes,
            live=live,
            parameters=kinds,
            side=side,
            used_columns={oid: frozenset(names) for oid, names in self.used.items()},
            session_bound=self.session_bound,
            leader_calls=tuple(dict.fromkeys(self.leader_calls)),
            compute_calls=tuple(self.compute_calls),
            undecorrelated=self.undecorrelated,
        )

    def assign(self, value: Typed, target: Column) -> exp.Expr:
        """A value on its way into a column: rounded, checked for length; 42804 where no such assignment exists."""
        if not (value.unknown or allowed(value.type, target.type, "assignment")):
            kinds = f"{target.type.row.sql_name} but expression is of type {value.type.row.sql_name}"
            raise SqlError("42804", f'column "{target.name}" is of type {kinds}', hint=REWRITE)
        return self.coerce(value, target.type, "assignment").tree

    def default(self, relation: Relation, target: Column) -> exp.Expr:
        """What a column gets that an INSERT does not name."""
        if target.identity is not None:
            schema = "temp.main" if relation.temporary else "data"
            tree = call("nextval", f"{schema}.s{relation.oid}_{target.number}")
            return cast(tree, target.type)
        if target.default is None:
            return cast(exp.Null(), target.type)
        return self.assign(self.default_value(target.default), target)

    def default_value(self, text: str) -> Typed:
        """A stored DEFAULT expression, bound."""
        tree = parse_tree("SELECT " + text, tokenize("SELECT " + text))
        return self.bind(fold(tree, self.settings.case_sensitive).expressions[0], Scope())

    def _from_query(self, query: Any, relation: Relation, columns: Sequence[Column]) -> exp.Expr:
        tree, values = self.any_query(query, None)
        if len(values) > len(columns):
            raise SqlError("42601", "INSERT has more expressions than target columns")
        if len(values) < len(columns) and columns is not relation.columns and len(values) != len(columns):
            raise SqlError("42601", "INSERT has more target columns than expressions")
        alias = self.fresh("q")
        given = {}
        for index, (one, value) in enumerate(zip(columns, values, strict=False), 1):
            inner = replace(value, tree=column(alias, f"o{index}"), literal=None, parameter=None, constant=False)
            given[one.number] = self.assign(inner, one)
        items = [given.get(one.number) or self.default(relation, one) for one in relation.columns]
        source = exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return exp.Select(expressions=items, from_=exp.From(this=source))

    def _from_rows(
        self, rows: Sequence[Sequence[Any]], relation: Relation, columns: Sequence[Column], listed: bool, empty: bool
    ) -> exp.Expr:
        made = []
        for row in rows:
            self.settings.check()
            if not empty:
                _check_width(len(row), len(columns), listed)
            given = {}
            for one, node in zip(columns, row, strict=False):
                if node is not None:
                    given[one.number] = self.assign(self.bind(node, Scope()), one)
            items = [given.get(one.number) or self.default(relation, one) for one in relation.columns]
            made.append(exp.Tuple(expressions=items))
        return exp.Values(expressions=made)

    def _from_literals(
        self, rows: Sequence[Sequence[Any]], relation: Relation, columns: Sequence[Column], listed: bool
    ) -> exp.Expr:
        kinds = literal_types(rows)
        if len(rows) <= 20 or kinds is None:
            nodes = [[_literal_node(value) for value in row] for row in rows]
            return self._from_rows(nodes, relation, columns, listed, False)
        for row in rows:
            _check_width(len(row), len(columns), listed)
        alias = self.fresh("q")
        given = {
            one.number: self.assign(Typed(column(alias, f"o{index}"), kind, constant=True), one)
            for index, (one, kind) in enumerate(zip(columns, kinds, strict=False), 1)
        }
        items = [given.get(one.number) or self.default(relation, one) for one in relation.columns]
        table = exp.Table(
            this=exp.to_identifier(ROWS, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
        )
        return exp.Select(expressions=items, from_=exp.From(this=table))

    def _target_scope(self, node: Any, relation: Relation) -> tuple[Scope, exp.Expr]:
        alias = self.fresh("t")
        columns = [
            SourceColumn(
                one.name,
                Typed(column(alias, one.engine_name), one.type, one.name, table_oid=relation.oid, number=one.number),
            )
            for one in relation.columns
        ]
        scope = Scope()
        scope.add(Source(node.alias or relation.name, columns, None if node.alias else relation.schema, relation.oid))
        table = engine_table(relation.engine_name)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return scope, table

    def _with(self, node: Any) -> exp.With | None:
        with_ = node.args.get("with_")
        if with_ is None:
            return None
        self.ctes.append({})
        made = [self._cte(one, bool(with_.args.get("recursive")), None) for one in with_.expressions]
        for one in made:
            one.args.pop("recursive_", None)
        return exp.With(expressions=made)

    def update(self, statement: Update) -> Bound:
        """UPDATE table SET column = value, ... [FROM ...] [WHERE ...]."""
        node: Any = statement.tree
        relation = self.target(statement, "update")
        self.needs.append(Need("update", relation))
        with_ = self._with(node)
        scope, table = self._target_scope(node.this, relation)
        made = exp.Update(this=table, with_=with_)
        self.clause = "JOIN/ON"
        extra = exp.Select()
        from_ = node.args.get("from_")
        if from_ is not None:
            nested = from_.this.args.get("joins") or ()
            self.from_clause(from_, [], scope, extra)
            if nested and not extra.args.get("joins"):
                raise SqlError("0A000", "joins in UPDATE ... FROM are not supported by Slipher yet")
            first = extra.args["from_"].this
            if extra.args.get("joins"):
                first.set("joins", extra.args["joins"])
            made.set("from_", exp.From(this=first))
        self.clause = "UPDATE"
        seen: set[str] = set()
        assignments = []
        for one in node.expressions:
            if not isinstance(one, exp.EQ) or not isinstance(one.this, exp.Column):
                raise SqlError("42601", "UPDATE ... SET takes column = value")
            target = relation.column(one.this.name)
            if target is None:
                raise SqlError("42703", f'column "{one.this.name}" of relation "{relation.name}" does not exist')
            if target.name in seen:
                raise SqlError("42601", f'multiple assignments to same column "{target.name}"')
            if target.identity is not None:
                raise SqlError("0A000", "cannot update an identity column")
            seen.add(target.name)
            is_default = isinstance(one.expression, exp.Var | exp.Column) and one.expression.name.lower() == "default"
            value = (
                self.default(relation, target) if is_default else self.assign(self.bind(one.expression, scope), target)
            )
            assignments.append(exp.EQ(this=exp.column(target.engine_name, quoted=True), expression=value))
        made.set("expressions", assignments)
        self._where(node, scope, made)
        if _reads(node):
            self.needs.append(Need("select", relation))
        return self.bound(made, writes=(relation,))

    def _where(self, node: Any, scope: Scope, made: exp.Expr) -> None:
        where = node.args.get("where")
        if where is not None:
            self.clause = "WHERE"
            made.set("where", exp.Where(this=self.condition(where.this, scope, "WHERE")))

    def delete(self, statement: Delete) -> Bound:
        """DELETE FROM table [USING ...] [WHERE ...]."""
        node: Any = statement.tree
        relation = self.target(statement, "delete from")
        self.needs.append(Need("delete", relation))
        with_ = self._with(node)
        scope, table = self._target_scope(node.this, relation)
        made = exp.Delete(this=table, with_=with_)
        self.clause = "JOIN/ON"
        using = node.args.get("using")
        if using:
            made.set("using", [self.source(one, scope) for one in using])
        self._where(node, scope, made)
        if node.args.get("where") is not None:
            self.needs.append(Need("select", relation))
        return self.bound(made, writes=(relation,))


def _reads(node: Any) -> bool:
    return node.args.get("where") is not None or any(one.expression.find(exp.Column) for one in node.expressions)


def insert_columns(relation: Relation, names: Sequence[str]) -> Sequence[Column]:
    """The columns that an INSERT names, or all that take values."""
    if not names:
        return [one for one in relation.columns if one.identity is None or one.by_default]
    found = []
    for name in names:
        one = relation.column(name)
        if one is None:
            raise SqlError("42703", f'column "{name}" of relation "{relation.name}" does not exist')
        if one in found:
            raise SqlError("42701", f'column "{name}" specified more than once')
        if one.identity is not None and not one.by_default:
            raise SqlError("0A000", "cannot set an identity column to a value")
        found.append(one)
    return found


def _check_width(given: int, wanted: int, listed: bool) -> None:
    if given > wanted:
        raise SqlError("42601", "INSERT has more expressions than target columns")
    if given < wanted and listed:
        raise SqlError("42601", "INSERT has more target columns than expressions")


def _literal_node(value: object) -> exp.Expr:
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value < 0:
        return exp.Neg(this=exp.Literal.number(str(-value)))
    return exp.Literal.number(str(value)) if isinstance(value, Decimal) else as_tree(value)


def literal_types(rows: Sequence[Sequence[Any]]) -> list[SqlType] | None:
    """The types of the columns of literal rows; None where rows differ in length or a column mixes kinds."""
    if len({len(row) for row in rows}) != 1:
        return None
    kinds = []
    for values in zip(*rows, strict=True):
        present = {type(value) for value in values if value is not None}
        if not present or present == {str}:
            kinds.append(UNKNOWN)
        elif present == {bool}:
            kinds.append(BOOL)
        elif present == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
            kinds.append(INT8)
        elif present <= {int, Decimal}:
            texts = [format(Decimal(value), "f") for value in values if value is not None]
            scale = max(len(text.partition(".")[2]) for text in texts)
            whole = max(len(text.partition(".")[0].lstrip("-")) for text in texts)
            if whole + scale > 38:
                return None
            kinds.append(numeric(38, scale))
        else:
            return None
    return kinds
