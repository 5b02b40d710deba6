"""CREATE, ALTER and DROP SCHEMA."""

from __future__ import annotations

import dataclasses

from slipher.base.errors import SqlError
from slipher.sql.statements import AlterSchema, CreateSchema, DropSchema, RenameTo, SetQuota
from slipher.warehouse.catalog.ddl.context import Ddl
from slipher.warehouse.catalog.ddl.drop import CASCADE, drop_row
from slipher.warehouse.catalog.model import NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import require_database, require_owner


def _user(ddl: Ddl, name: str | None) -> int:
    if name is None:
        return ddl.user.oid
    row = ddl.state.user(name)
    if row is None:
        raise SqlError("42704", f'user "{name}" does not exist')
    return row.oid


def _check_name(ddl: Ddl, name: str) -> None:
    if name.startswith("pg_"):
        raise SqlError(
            "42939", f'unacceptable schema name "{name}"', detail='The prefix "pg_" is reserved for system schemas.'
        )
    ddl.reserve(ddl.database.oid, "schema", name)


def create_schema(ddl: Ddl, statement: CreateSchema) -> None:
    """CREATE SCHEMA [IF NOT EXISTS]."""
    require_database(ddl.state, ddl.user, ddl.names.database, "create")
    _check_name(ddl, statement.name)
    if ddl.state.namespace(ddl.names.database, statement.name) is not None:
        if not statement.if_not_exists:
            raise SqlError("42P06", f'Schema "{statement.name}" already exists')
        ddl.notice("INFO", f'Schema "{statement.name}" already exists and will be skipped', sqlstate="42P06")
        return
    owner = _user(ddl, statement.owner)
    if statement.owner is not None and owner != ddl.user.oid and not ddl.user.superuser:
        raise SqlError("42501", f'must be member of role "{statement.owner}"')
    oid = ddl.draft.next_oid()
    quota = _quota(statement.quota)
    ddl.draft.put(NamespaceRow(oid, ddl.database.oid, statement.name, owner, None, False, quota))


def _quota(megabytes: int | None) -> str | None:
    return f"{megabytes} MB" if megabytes is not None and megabytes >= 0 else None


def _find(ddl: Ddl, name: str) -> NamespaceRow:
    found = ddl.state.namespace(ddl.names.database, name)
    if found is None:
        raise SqlError("3F000", f'schema "{name}" does not exist')
    if found.database == 0 or found.temporary:
        raise SqlError("42501", f"permission denied for schema {name}")
    require_owner(ddl.user, found)
    return found


def alter_schema(ddl: Ddl, statement: AlterSchema) -> None:
    """ALTER SCHEMA RENAME TO | OWNER TO | QUOTA."""
    found = _find(ddl, statement.name)
    action = statement.action
    if isinstance(action, RenameTo):
        _check_name(ddl, action.to)
        if ddl.state.namespace(ddl.names.database, action.to) is not None:
            raise SqlError("42P06", f'Schema "{action.to}" already exists')
        ddl.draft.put(dataclasses.replace(found, name=action.to))
    elif isinstance(action, SetQuota):
        if not ddl.user.superuser:
            raise SqlError("42501", "must be superuser to change the quota of a schema")
        ddl.draft.put(dataclasses.replace(found, quota=_quota(action.quota)))
    else:
        ddl.draft.put(dataclasses.replace(found, owner=_user(ddl, action.owner)))


def drop_schema(ddl: Ddl, statement: DropSchema) -> None:
    """DROP SCHEMA [IF EXISTS] ... [CASCADE]."""
    for name in statement.names:
        if ddl.state.namespace(ddl.names.database, name) is None:
            if not statement.if_exists:
                raise SqlError("3F000", f'schema "{name}" does not exist')
            ddl.notice("INFO", f'Schema "{name}" does not exist and will be skipped')
            continue
        found = _find(ddl, name)
        relations = ddl.state.relations_in(found.oid)
        if relations and not statement.cascade:
            raise SqlError("2BP01", f"cannot drop schema {name} because other objects depend on it", hint=CASCADE)
        ddl.lock([row.oid for row in relations])
        for row in relations:
            if ddl.state.get(RelationRow, row.oid) is not None:
                ddl.notice("INFO", f"drop cascades to {row.kind} {row.name}")
                drop_row(ddl, row, True)
        for description in ddl.state.descriptions_of("namespace", found.oid):
            ddl.draft.delete(description)
        ddl.draft.delete(found)
