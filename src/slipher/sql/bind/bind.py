"""The doors of the binder: one function for each kind of statement that holds expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bind.casts import NAMED_OIDS, unbuilt
from slipher.sql.bind.core import BindSettings
from slipher.sql.bind.dml import Dml
from slipher.sql.bind.trees import derived
from slipher.sql.bind.typed import call
from slipher.sql.bound import Bound, OutputColumn
from slipher.sql.names import Column, Names, Relation
from slipher.sql.parse.lexer import parse_tree, tokenize
from slipher.sql.statements.dml import Delete, Insert, Select, Update
from slipher.types.sqltype import SqlType

UNSHOWN = {"interval"}
LEADER_ON_TABLE = "Specified types or functions (one per INFO message) not supported on Redshift tables."
COMPUTE_WITHOUT_TABLE = "One or more of the used functions must be applied on at least one user created table."


def bind(statement: object, names: Names, *, parameters: Sequence[SqlType] = (), settings: BindSettings) -> Bound:
    """A query or DML statement, bound."""
    binder = Dml(names, settings, parameters)
    if isinstance(statement, Select):
        return _query(binder, statement.tree.copy())
    if isinstance(statement, Insert):
        made = binder.insert(_copied(statement))
    elif isinstance(statement, Update):
        made = binder.update(Update(statement.table, statement.tree.copy()))
    elif isinstance(statement, Delete):
        made = binder.delete(Delete(statement.table, statement.tree.copy()))
    else:
        raise SqlError("XX000", f"{type(statement).__name__} is not bound")
    return _checked(made)


def _copied(statement: Insert) -> Insert:
    if statement.query is None:
        return statement
    return Insert(statement.table, statement.columns, query=statement.query.copy())


def bind_query(tree: exp.Expr, names: Names, *, settings: BindSettings, parameters: Sequence[SqlType] = ()) -> Bound:
    """A query inside another statement: CTAS, UNLOAD, a cursor."""
    return _query(Dml(names, settings, parameters), tree.copy())


def _query(binder: Dml, tree: exp.Expr) -> Bound:
    made, columns = binder.query(tree)
    for column in columns:
        if column.type.name in UNSHOWN:
            raise unbuilt(column.type)
    made = _named(made, columns)
    return _checked(binder.bound(made, columns=columns))


def _named(tree: exp.Expr, columns: Sequence[OutputColumn]) -> exp.Expr:
    """The query with the names of the oids in its columns of type regclass, regtype, regproc."""
    places = [index for index, one in enumerate(columns) if one.type.name in NAMED_OIDS]
    if not places:
        return tree
    if not isinstance(tree, exp.Select):
        items = [
            exp.Alias(this=exp.column(f"o{i}", table="q", quoted=True), alias=exp.to_identifier(f"o{i}", quoted=True))
            for i in range(1, len(columns) + 1)
        ]
        tree = exp.Select(expressions=items, from_=exp.From(this=derived(tree, "q")))
    for index in places:
        item = tree.expressions[index]
        item.set("this", call(f"sys.fn_{columns[index].type.name}_text", item.this))
    return tree


def _checked(bound: Bound) -> Bound:
    """Leader's functions with tables, compute nodes' functions without one: both are refused as Redshift refuses them."""
    tables = any(one.kind == "table" for one in (*bound.reads, *bound.writes))
    if tables and bound.leader_calls:
        error = SqlError("0A000", LEADER_ON_TABLE)
        error.infos = bound.leader_calls
        raise error
    if tables and bound.undecorrelated:
        raise SqlError("XX000", "This type of correlated subquery pattern is not supported due to internal error")
    if bound.compute_calls and not tables and not bound.live:
        raise SqlError("0A000", COMPUTE_WITHOUT_TABLE)
    return bound


@dataclass(frozen=True, slots=True)
class View:
    """A view's query: its columns, the relations that it reads, its text with names made into oids; and the columns of tables
    (oid, number) that it names, in order."""

    columns: tuple[OutputColumn, ...]
    reads: tuple[Relation, ...]
    text: str
    bound: Bound
    named: tuple[tuple[int, int], ...]


def bind_view(tree: exp.Expr, names: Names, *, settings: BindSettings) -> View:
    """The query of CREATE VIEW: names become oids, * the columns that there are now."""
    binder = Dml(names, settings)
    binder.freezing = True
    frozen = tree.copy()
    _, columns = binder.query(frozen)
    if binder.highest_parameter:
        raise SqlError("42P02", "there is no parameter $1")
    bound = binder.bound(frozen, columns=columns)
    direct = tuple(need.relation for need in binder.needs if need.relation is not None and need.owner is None)
    return View(tuple(columns), direct, frozen.sql(dialect="redshift"), bound, _named_columns(binder))


def _named_columns(binder: Dml) -> tuple[tuple[int, int], ...]:
    return tuple((oid, number) for _, oid, number in binder.references)


def rename_in_view(
    text: str, place: tuple[int, int], names: tuple[str, str], known: Names, settings: BindSettings
) -> tuple[exp.Expr, tuple[tuple[int, int], ...]]:
    """A view's stored query after the column at `place` (oid, number) gets the second of the two names, and what it names;
    the names that it gives stay."""
    old, new = names
    binder = Dml(known, settings)
    binder.freezing = True
    tree = parse_tree(text, tokenize(text))
    binder.query(tree)
    for join in tree.find_all(exp.Join):
        natural = str(join.args.get("method") or "").upper() == "NATURAL"
        if natural or any(one.name in names for one in join.args.get("using") or ()):
            raise not_supported("renaming a column by which a view joins with USING or NATURAL")
    nodes = {id(node): node for node, *where in binder.references if tuple(where) == place and node.name == old}
    for node in nodes.values():
        node.set("this", exp.to_identifier(new, quoted=True))
        if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
            node.replace(exp.alias_(node.copy(), exp.to_identifier(old, quoted=True)))
    return tree, _named_columns(binder)


def bind_default(text: str, column: Column, names: Names, *, settings: BindSettings) -> exp.Expr:
    """A DEFAULT expression as the column's value; raises what is wrong with it."""
    binder = Dml(names, settings)
    value = binder.default_value(text)
    if binder.reads or value.tree.find(exp.Query) is not None:
        raise SqlError("0A000", "cannot use subquery in default expression")
    return binder.assign(value, column)


def constant_arguments(nodes: Sequence[exp.Expr], names: Names, settings: BindSettings) -> Bound:
    """The arguments of EXECUTE, as a query of one row."""
    return _query(Dml(names, settings), exp.Select(expressions=[node.copy() for node in nodes]))
