"""CREATE, ALTER, DROP, COMMENT, users and privileges: what the binder must say first, then catalog/ddl."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql import statements as s
from slipher.sql.bind import bind_default, bind_view
from slipher.sql.bind.dml import Dml
from slipher.sql.bind.typed import Typed, column
from slipher.sql.names import Column, Relation
from slipher.warehouse.catalog import ddl as catalog_ddl
from slipher.warehouse.catalog.privileges import check
from slipher.warehouse.run import userlog
from slipher.warehouse.run.quota import require_quota
from slipher.warehouse.run.ready import ready
from slipher.warehouse.run.rename import put_views, renamed_views
from slipher.warehouse.run.select import shown

if TYPE_CHECKING:
    from slipher.warehouse.catalog import Ddl
    from slipher.warehouse.run.run import Run

Change = Callable[["Ddl", Any], object]

# Statements that only the catalog has to do with: what does them, and the tag.
PLAIN: dict[type[Any], tuple[Change, str]] = {
    s.DropRelation: (catalog_ddl.drop_relation, "DROP {kind}"),
    s.CreateSchema: (catalog_ddl.create_schema, "CREATE SCHEMA"),
    s.AlterSchema: (catalog_ddl.alter_schema, "ALTER SCHEMA"),
    s.DropSchema: (catalog_ddl.drop_schema, "DROP SCHEMA"),
    s.CreateDatabase: (catalog_ddl.create_database, "CREATE DATABASE"),
    s.DropDatabase: (catalog_ddl.drop_database, "DROP DATABASE"),
    s.Comment: (catalog_ddl.comment, "COMMENT"),
    s.CreateUser: (catalog_ddl.create_user, "CREATE USER"),
    s.AlterUser: (catalog_ddl.alter_user, "ALTER USER"),
    s.DropUser: (catalog_ddl.drop_user, "DROP USER"),
    s.CreateGroup: (catalog_ddl.create_group, "CREATE GROUP"),
    s.AlterGroup: (catalog_ddl.alter_group, "ALTER GROUP"),
    s.DropGroup: (catalog_ddl.drop_group, "DROP GROUP"),
    s.Grant: (catalog_ddl.grant, "GRANT"),
    s.Revoke: (catalog_ddl.revoke, "REVOKE"),
}
LEAVING = 2.0  # seconds
NO_BLOCK = {s.CreateDatabase: "CREATE DATABASE", s.DropDatabase: "DROP DATABASE"}


def run_plain(run: Run) -> None:
    """A statement of the table above."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    if type(statement) in NO_BLOCK:
        run.transaction.forbid_block(NO_BLOCK[type(statement)])
    if isinstance(statement, s.DropDatabase):
        _wait_for_sessions(run, statement.name)
    change, tag = PLAIN[type(statement)]
    users = userlog.changing(run)
    change(run.ddl(), statement)
    userlog.changed(run, users)
    run.output.complete(tag.format(kind=getattr(statement, "kind", "").upper()))


def _wait_for_sessions(run: Run, database: str) -> None:
    """55006 while others are connected to a database; those that are just leaving are given a moment."""
    limit = time.monotonic() + LEAVING
    while any(one.database == database and one.pid != run.session.pid for one in run.warehouse.sessions):
        run.statement.cancel.check()
        if database == run.session.database:
            return  # refused as its own
        if time.monotonic() > limit:
            raise SqlError("55006", f'database "{database}" is being accessed by other users')
        time.sleep(0.02)


def run_create_table(run: Run) -> None:
    """CREATE TABLE: its defaults are bound first, so that a wrong one is found now."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    assert isinstance(statement, s.CreateTable)
    ddl = run.ddl()
    for one in statement.columns:
        if one.default_text is not None:
            target = Column(one.name, one.type, 0)
            tree = bind_default(one.default_text, target, run.names, settings=run.bind_settings)
            if one.default_text.lstrip().startswith("'"):  # a literal that its column's type cannot read
                ddl.engine.rows(f"SELECT {tree.sql(dialect='duckdb')}")
    catalog_ddl.create_table(ddl, statement)
    run.output.complete("CREATE TABLE")


def run_create_table_as(run: Run) -> None:
    """CREATE TABLE AS, SELECT INTO."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    assert isinstance(statement, s.CreateTableAs)
    bound = run.prepare_engine(run.bind_query(statement.query))
    row = catalog_ddl.create_table_from(run.ddl(), statement, [(one.name, one.type) for one in bound.columns])
    if row is not None:
        relation = run.names.as_relation(row)
        binder = Dml(run.names, run.bind_settings)
        values = [
            binder.assign(Typed(column("q", f"o{index}"), given.type), target).sql(dialect="duckdb")
            for index, (given, target) in enumerate(zip(bound.columns, relation.columns, strict=True), 1)
        ]
        made = ready(bound, run.session.engine, leaves=False)
        with shown(run.session, bound):
            text = f"INSERT INTO {relation.engine_name} SELECT {', '.join(values)} FROM ({made.text}) AS q"
            run.statement.rows = run.session.engine.execute(text, made.values(run.parameters))
        require_quota(run, [row.oid])
    run.output.complete("SELECT")


def run_create_view(run: Run) -> None:
    """CREATE VIEW: bound now, unless it is late-binding."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    assert isinstance(statement, s.CreateView)
    if statement.no_schema_binding:
        _require_qualified(statement)
        catalog_ddl.create_view(run.ddl(), statement, (), statement.text, ())
    else:
        view = bind_view(statement.query, run.names, settings=run.bind_settings)
        check(run.transaction.catalog(), run.session.user, view.bound.needs)
        run.lock(view.bound)
        columns = [(one.name, one.type) for one in view.columns]
        catalog_ddl.create_view(run.ddl(), statement, columns, view.text, view.reads)
    run.output.complete("CREATE VIEW")


def _require_qualified(statement: s.CreateView) -> None:
    """A late-binding view must say its relations' schemas: it has no search path of its own."""
    known = {one.alias for one in statement.query.find_all(exp.CTE)}
    for table in statement.query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name not in known:
            text = "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING."
            raise SqlError("42601", text)


def run_alter_table(run: Run) -> None:
    """ALTER TABLE; the default of an added column is bound here, for the rows that exist."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    assert isinstance(statement, s.AlterTable)
    action = statement.action
    if isinstance(action, s.AlterColumnType):
        run.transaction.forbid_block("ALTER TABLE ALTER COLUMN")
    default: str | None = None
    if isinstance(action, s.AddColumn) and action.column.default_text is not None:
        target = Column(action.column.name, action.column.type, 0)
        tree = bind_default(action.column.default_text, target, run.names, settings=run.bind_settings)
        default = tree.sql(dialect="duckdb")
    views = renamed_views(run, statement) if isinstance(action, s.RenameColumn) else []
    catalog_ddl.alter_table(run.ddl(), statement, default)
    if views:
        put_views(run, views)
    run.output.complete("ALTER TABLE")


def user_table(run: Run, name: s.QName) -> Relation:
    """A user's table by name; 42P01."""
    relation = run.names.relation(name)
    if relation is None:
        raise SqlError("42P01", f'relation "{name}" does not exist')
    return relation
