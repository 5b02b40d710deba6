"""ALTER TABLE: one function an action."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql.names import Column
from slipher.sql.statements import ddl as s
from slipher.warehouse.catalog.ddl.constraints import add_constraint
from slipher.warehouse.catalog.ddl.context import Ddl, exists, missing, wrong_kind
from slipher.warehouse.catalog.ddl.drop import CASCADE, drop_row
from slipher.warehouse.catalog.ddl.tables import MAX_COLUMNS, column_of_definition, sort_position
from slipher.warehouse.catalog.encodings import check_encoding, default_encoding
from slipher.warehouse.catalog.model import Acl, RelationRow
from slipher.warehouse.catalog.privileges import has, require_owner, require_schema
from slipher.warehouse.engine.duckdb.types import engine_type

FIXED_ENCODINGS = {"bytedict", "runlength", "text255", "text32k"}


def alter_table(ddl: Ddl, statement: s.AlterTable, default_sql: str | None = None) -> None:
    """ALTER TABLE; `default_sql` is an added column's default in the engine's words, for the rows that exist."""
    row = ddl.lock_relation(statement.name)
    if row is None:
        raise missing(statement.name)
    if not has(ddl.state, ddl.user, row.owner, row.acl, "A"):
        require_owner(ddl.user, row)
    action = statement.action
    if row.kind != "table" and not isinstance(action, s.RenameTo | s.SetOwner):
        raise wrong_kind(row.name, "table")
    if isinstance(action, s.AddColumn):
        _add_column(ddl, row, action, default_sql)
    else:
        ACTIONS[type(action)](ddl, row, action)


def _column(row: RelationRow, name: str) -> Column:
    for one in row.columns:
        if one.name == name:
            return one
    raise SqlError("42703", f'column "{name}" of relation "{row.name}" does not exist')


def _put_columns(ddl: Ddl, row: RelationRow, columns: list[Column], **changes: Any) -> None:
    ddl.draft.put(dataclasses.replace(row, columns=tuple(columns), **changes))


def _replaced(row: RelationRow, column: Column) -> list[Column]:
    return [column if one.number == column.number else one for one in row.columns]


def _add_column(ddl: Ddl, row: RelationRow, action: s.AddColumn, default_sql: str | None) -> None:
    definition = action.column
    if any(one.name == definition.name for one in row.columns):
        raise SqlError("42701", f'column "{definition.name}" of relation "{row.name}" already exists')
    if len(row.columns) >= MAX_COLUMNS:
        raise SqlError("54011", f"tables can have at most {MAX_COLUMNS} columns")
    if definition.identity is not None:
        raise SqlError("0A000", "ALTER TABLE ADD COLUMN with IDENTITY is not supported")
    if definition.not_null and default_sql is None:
        text = "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression"
        raise SqlError("0A000", text)
    made = column_of_definition(definition, row.next_column)
    made = dataclasses.replace(made, encode=made.encode or default_encoding(made.type, False))
    # The engine fills the rows that exist from its own default (an UPDATE would exclude SET NOT NULL), then forgets it.
    filled = f" DEFAULT ({default_sql})" if default_sql is not None else ""
    ddl.engine.execute(f"ALTER TABLE {row.engine_name} ADD COLUMN {made.engine_name} {engine_type(made.type)}{filled}")
    if filled:
        ddl.engine.execute(f"ALTER TABLE {row.engine_name} ALTER COLUMN {made.engine_name} DROP DEFAULT")
    if definition.not_null:
        ddl.engine.execute(f"ALTER TABLE {row.engine_name} ALTER COLUMN {made.engine_name} SET NOT NULL")
    _put_columns(ddl, row, [*row.columns, made], next_column=row.next_column + 1)


def _drop_column(ddl: Ddl, row: RelationRow, action: s.DropColumn) -> None:
    column = _column(row, action.name)
    if len(row.columns) == 1:
        raise SqlError("0A000", "cannot drop the only column of a table")
    if column.distkey:
        raise SqlError("0A000", f"cannot drop distkey column {column.name}")
    if column.sortkey:
        raise SqlError("0A000", f"cannot drop sortkey column {column.name}")
    views = [view for view in ddl.state.dependents(row.oid, column.number) if _uses(view, row.oid, column.name)]
    if views and not action.cascade:
        text = f"cannot drop table {row.name} column {column.name} because other objects depend on it"
        raise SqlError("2BP01", text, hint=CASCADE)
    for view in views:
        if ddl.state.get(RelationRow, view.oid) is not None:
            ddl.lock([view.oid])
            drop_row(ddl, view, True)
    for constraint in ddl.state.constraints_of(row.oid):
        if column.number in constraint.columns:
            ddl.draft.delete(constraint)
    ddl.engine.execute(f"ALTER TABLE {row.engine_name} DROP COLUMN {column.engine_name}")
    _put_columns(ddl, row, [one for one in row.columns if one.number != column.number])


def _uses(view: RelationRow, relation: int, column: str) -> bool:
    """Whether a view's stored text names the column; its text quotes every column that * gave."""
    text = view.view or ""
    return f'"{relation}"' in text and (f'"{column}"' in text or column in text.lower())


def _rename_column(ddl: Ddl, row: RelationRow, action: s.RenameColumn) -> None:
    column = _column(row, action.name)
    if any(one.name == action.to for one in row.columns):
        raise SqlError("42701", f'column "{action.to}" of relation "{row.name}" already exists')
    _put_columns(ddl, row, _replaced(row, dataclasses.replace(column, name=action.to)))


def _rename(ddl: Ddl, row: RelationRow, action: s.RenameTo) -> None:
    namespace = ddl.namespace_of(row)
    require_schema(ddl.state, ddl.user, namespace, "create")
    ddl.reserve(namespace.oid, action.to)
    if ddl.state.relation(namespace.oid, action.to) is not None:
        raise exists(action.to)
    ddl.draft.put(dataclasses.replace(row, name=action.to))


def _owner(ddl: Ddl, row: RelationRow, action: s.SetOwner) -> None:
    user = ddl.state.user(action.owner)
    if user is None:
        raise SqlError("42704", f'user "{action.owner}" does not exist')
    if not ddl.user.superuser:
        raise SqlError("42501", "must be superuser to change owner")
    ddl.draft.put(dataclasses.replace(row, owner=user.oid, acl=_handed_over(row, user.oid)))


def _handed_over(row: RelationRow, owner: int) -> Acl:
    """The grants with the new owner in the old one's place."""
    if row.acl is None:
        return None
    return tuple(
        dataclasses.replace(
            item,
            grantee=owner if (item.kind, item.grantee) == ("user", row.owner) else item.grantee,
            grantor=owner if item.grantor == row.owner else item.grantor,
        )
        for item in row.acl
        if (item.kind, item.grantee) != ("user", owner) or owner == row.owner
    )


def _type(ddl: Ddl, row: RelationRow, action: s.AlterColumnType) -> None:
    """Only a varchar's size may change (source: Redshift's ALTER TABLE)."""
    column = _column(row, action.name)
    if column.type.name != "varchar" or action.type.name != "varchar":
        raise SqlError(
            "0A000", f'target data type "{action.type.row.sql_name}" of column "{column.name}" is not VARCHAR'
        )
    if column.encode in FIXED_ENCODINGS:
        raise SqlError("0A000", f"cannot alter type of a column with encoding {column.encode}")
    if column.default is not None:
        raise SqlError("0A000", "cannot alter type of a column with a default value")
    if any(column.number in one.columns for one in ddl.state.constraints_of(row.oid)):
        raise SqlError("0A000", "cannot alter type of a column with a constraint")
    old, new = column.type.length or 0, action.type.length or 0
    if new < old:
        longest = ddl.engine.rows(f"SELECT max(strlen({column.engine_name})) FROM {row.engine_name}")[0][0]
        if longest is not None and longest > new:
            raise SqlError("0A000", f'cannot reduce column "{column.name}" size: it holds longer values')
    _put_columns(ddl, row, _replaced(row, dataclasses.replace(column, type=action.type)))


def _encode(ddl: Ddl, row: RelationRow, action: s.AlterColumnEncode) -> None:
    columns = list(row.columns)
    for name, encoding in action.encodings:
        column = _column(row, name)
        if encoding != "auto":
            check_encoding(name, column.type, encoding)
        chosen = default_encoding(column.type, column.sortkey != 0) if encoding == "auto" else encoding
        columns = [dataclasses.replace(one, encode=chosen) if one.number == column.number else one for one in columns]
    _put_columns(ddl, row, columns, encode_auto=not action.encodings)


def _dist(ddl: Ddl, row: RelationRow, action: s.AlterDist) -> None:
    if action.distkey is not None:
        _column(row, action.distkey)
    columns = [dataclasses.replace(one, distkey=one.name == action.distkey) for one in row.columns]
    _put_columns(ddl, row, columns, diststyle=action.style)


def _sort(ddl: Ddl, row: RelationRow, action: s.AlterSort) -> None:
    for name in action.columns:
        _column(row, name)
    columns = [
        dataclasses.replace(one, sortkey=sort_position(one.name, action.columns, action.kind)) for one in row.columns
    ]
    _put_columns(ddl, row, columns, sort_kind=action.kind)


def _add_constraint(ddl: Ddl, row: RelationRow, action: s.AddConstraint) -> None:
    add_constraint(ddl, row.oid, action.constraint)


def _drop_constraint(ddl: Ddl, row: RelationRow, action: s.DropConstraint) -> None:
    for one in ddl.state.constraints_of(row.oid):
        if one.name == action.name:
            ddl.draft.delete(one)
            return
    raise SqlError("42704", f'constraint "{action.name}" of relation "{row.name}" does not exist')


ACTIONS: dict[type[Any], Callable[[Ddl, RelationRow, Any], None]] = {
    s.DropColumn: _drop_column,
    s.RenameColumn: _rename_column,
    s.RenameTo: _rename,
    s.SetOwner: _owner,
    s.AlterColumnType: _type,
    s.AlterColumnEncode: _encode,
    s.AlterDist: _dist,
    s.AlterSort: _sort,
    s.AddConstraint: _add_constraint,
    s.DropConstraint: _drop_constraint,
}
