"""CREATE and DROP DATABASE: rows, for all databases of a cluster share one file."""

from __future__ import annotations

from slipher.base.errors import SqlError, not_supported
from slipher.sql.statements import CreateDatabase, DropDatabase
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.catalog.ddl.context import Ddl
from slipher.warehouse.catalog.ddl.drop import drop_row
from slipher.warehouse.catalog.model import NamespaceRow, RelationRow, UserRow
from slipher.warehouse.catalog.privileges import require_owner


def create_database(ddl: Ddl, statement: CreateDatabase) -> None:
    """CREATE DATABASE: superusers and users with CREATEDB."""
    me = ddl.state.get(UserRow, ddl.user.oid)
    if not (ddl.user.superuser or (me is not None and me.createdb)):
        raise SqlError("42501", "permission denied to create database")
    if statement.collate not in (None, "case_sensitive", "cs"):
        raise not_supported("CREATE DATABASE COLLATE CASE_INSENSITIVE")
    ddl.reserve("database", statement.name)
    if ddl.state.database(statement.name) is not None:
        raise SqlError("42P04", f'database "{statement.name}" already exists')
    owner = ddl.user.oid
    if statement.owner is not None:
        row = ddl.state.user(statement.owner)
        if row is None:
            raise SqlError("42704", f'user "{statement.owner}" does not exist')
        owner = row.oid
    oid, public = ddl.draft.next_oid(), ddl.draft.next_oid()
    bootstrap.add_database(ddl.draft, oid, public, statement.name, owner, statement.connection_limit)


def drop_database(ddl: Ddl, statement: DropDatabase) -> None:
    """DROP DATABASE: not the one that the session is in."""
    found = ddl.state.database(statement.name)
    if found is None:
        raise SqlError("3D000", f'database "{statement.name}" does not exist')
    if statement.name == ddl.names.database:
        raise SqlError("55006", "cannot drop the currently open database")
    require_owner(ddl.user, found)
    for namespace in [row for row in ddl.state.rows(NamespaceRow) if row.database == found.oid]:
        for relation in ddl.state.relations_in(namespace.oid):
            if ddl.state.get(RelationRow, relation.oid) is not None and not relation.temporary:
                ddl.lock([relation.oid])
                drop_row(ddl, relation, True)
        ddl.draft.delete(namespace)
    for description in ddl.state.descriptions_of("database", found.oid):
        ddl.draft.delete(description)
    ddl.draft.delete(found)
