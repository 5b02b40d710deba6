"""GRANT and REVOKE on tables, schemas and databases."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from slipher.base.errors import SqlError
from slipher.sql.statements import Grant, Grantee, Revoke
from slipher.warehouse.catalog.ddl.context import Ddl, missing
from slipher.warehouse.catalog.ddl.users import find_group, find_user
from slipher.warehouse.catalog.model import PUBLIC, Acl, AclItem, DatabaseRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import ALL, denied, letters, may_grant

Target = RelationRow | NamespaceRow | DatabaseRow
KINDS = {RelationRow: "relation", NamespaceRow: "schema", DatabaseRow: "database"}


def grant(ddl: Ddl, statement: Grant) -> None:
    """GRANT."""
    wanted = letters(statement.kind, statement.privileges)
    if statement.grant_option and any(one.kind != "user" for one in statement.grantees):
        raise SqlError("0LP01", "grant options can only be granted to individual users")
    grantees = [_grantee(ddl, one) for one in statement.grantees]
    for row in _targets(ddl, statement):
        _require(ddl, row, wanted)
        acl = _with_owner(row, statement.kind)
        for kind, oid in grantees:
            acl = _added(acl, AclItem(kind, oid, wanted, ddl.user.oid, wanted if statement.grant_option else ""))
        ddl.draft.put(dataclasses.replace(row, acl=acl))


def revoke(ddl: Ddl, statement: Revoke) -> None:
    """REVOKE."""
    wanted = letters(statement.kind, statement.privileges)
    grantees = [_grantee(ddl, one) for one in statement.grantees]
    for row in _targets(ddl, statement):
        _require(ddl, row, wanted)
        items = []
        for item in _with_owner(row, statement.kind):
            if (item.kind, item.grantee) in grantees:
                privileges = item.privileges if statement.grant_option_only else _without(item.privileges, wanted)
                item = dataclasses.replace(item, privileges=privileges, options=_without(item.options, wanted))
            if item.privileges:
                items.append(item)
        ddl.draft.put(dataclasses.replace(row, acl=tuple(items)))


def _without(held: str, removed: str) -> str:
    return "".join(letter for letter in held if letter not in removed)


def _grantee(ddl: Ddl, grantee: Grantee) -> tuple[str, int]:
    if grantee.kind == "public":
        return "public", PUBLIC
    if grantee.kind == "group":
        return "group", find_group(ddl, grantee.name).oid
    return "user", find_user(ddl, grantee.name).oid


def _targets(ddl: Ddl, statement: Grant | Revoke) -> list[Target]:
    if statement.all_in_schemas:
        found: list[Target] = []
        for name in statement.all_in_schemas:
            found.extend(ddl.state.relations_in(_schema(ddl, name).oid))
        return found
    return [FIND[statement.kind](ddl, name) for name in statement.objects]


def _schema(ddl: Ddl, name: str) -> NamespaceRow:
    row = ddl.state.namespace(ddl.names.database, name)
    if row is None:
        raise SqlError("3F000", f'schema "{name}" does not exist')
    return row


def _table(ddl: Ddl, name: object) -> RelationRow:
    row = ddl.names.row(name)  # type: ignore[arg-type]
    if row is None:
        ddl.refuse_system(name)  # type: ignore[arg-type]
        raise missing(name)  # type: ignore[arg-type]
    return row


def _database(ddl: Ddl, name: object) -> DatabaseRow:
    row = ddl.state.database(str(name))
    if row is None:
        raise SqlError("3D000", f'database "{name}" does not exist')
    return row


FIND: dict[str, Callable[..., Target]] = {
    "table": _table,
    "schema": lambda ddl, name: _schema(ddl, name.name),
    "database": _database,
}


def _require(ddl: Ddl, row: Target, wanted: str) -> None:
    if not may_grant(ddl.state, ddl.user, row.owner, row.acl, wanted):
        raise denied(KINDS[type(row)], row.name)


def _with_owner(row: Target, kind: str) -> tuple[AclItem, ...]:
    """The grants written out: an object that nobody has touched has its owner's alone."""
    acl: Acl = row.acl
    return acl if acl is not None else (AclItem("user", row.owner, ALL[kind], row.owner),)


def _added(acl: tuple[AclItem, ...], new: AclItem) -> tuple[AclItem, ...]:
    made = []
    merged = False
    for item in acl:
        if (item.kind, item.grantee, item.grantor) == (new.kind, new.grantee, new.grantor):
            merged = True
            item = dataclasses.replace(
                item,
                privileges=item.privileges + _without(new.privileges, item.privileges),
                options=item.options + _without(new.options, item.options),
            )
        made.append(item)
    return tuple(made) if merged else (*made, new)
