"""COMMENT ON tables, views, columns, schemas and databases."""

from __future__ import annotations

from slipher.base.errors import SqlError
from slipher.sql.statements import Comment
from slipher.warehouse.catalog.ddl.context import Ddl, missing
from slipher.warehouse.catalog.model import DatabaseRow, DescriptionRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import require_owner


def comment(ddl: Ddl, statement: Comment) -> None:
    """Set or remove (text None) a comment."""
    kind, oid, number = _target(ddl, statement)
    old = ddl.state.get(DescriptionRow, kind, oid, number)
    if statement.text:
        ddl.draft.put(DescriptionRow(kind, oid, number, statement.text))
    elif old is not None:
        ddl.draft.delete(old)


def _target(ddl: Ddl, statement: Comment) -> tuple[str, int, int]:
    row: RelationRow | NamespaceRow | DatabaseRow | None
    if statement.kind == "schema":
        row = ddl.state.namespace(ddl.names.database, statement.name.name)
        if row is None:
            raise SqlError("3F000", f'schema "{statement.name}" does not exist')
        require_owner(ddl.user, row)
        return "namespace", row.oid, 0
    if statement.kind == "database":
        row = ddl.state.database(statement.name.name)
        if row is None:
            raise SqlError("3D000", f'database "{statement.name}" does not exist')
        require_owner(ddl.user, row)
        return "database", row.oid, 0
    row = ddl.names.row(statement.name)
    if row is None:
        ddl.refuse_system(statement.name)
        raise missing(statement.name)
    require_owner(ddl.user, row)
    if statement.column is None:
        return "relation", row.oid, 0
    for one in row.columns:
        if one.name == statement.column:
            return "relation", row.oid, one.number
    raise SqlError("42703", f'column "{statement.column}" of relation "{row.name}" does not exist')
