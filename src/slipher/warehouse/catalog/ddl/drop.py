"""DROP TABLE and DROP VIEW, with what depends on them."""

from __future__ import annotations

from slipher.base.errors import SqlError
from slipher.sql.statements import DropRelation
from slipher.warehouse.catalog.ddl.context import Ddl, wrong_kind
from slipher.warehouse.catalog.ddl.tables import sequence_name
from slipher.warehouse.catalog.model import DependencyRow, RelationRow
from slipher.warehouse.catalog.privileges import has, not_owner

CASCADE = "Use DROP ... CASCADE to drop the dependent objects too."


def drop_relation(ddl: Ddl, statement: DropRelation) -> None:
    """DROP TABLE | VIEW; 2BP01 when views depend on it and CASCADE was not given."""
    for name in statement.names:
        row = ddl.lock_relation(name)
        if row is None:
            kind = statement.kind.capitalize()
            if not statement.if_exists:
                raise SqlError("42P01", f'{kind} "{name}" does not exist')
            ddl.notice("INFO", f'{kind} "{name}" does not exist and will be skipped')
            continue
        if row.kind != statement.kind:
            raise wrong_kind(row.name, statement.kind)
        if not (ddl.user.superuser or ddl.user.oid == row.owner or has(ddl.state, ddl.user, row.owner, row.acl, "D")):
            raise not_owner("relation", row.name)
        drop_row(ddl, row, statement.cascade)


def drop_row(ddl: Ddl, row: RelationRow, cascade: bool) -> None:
    """Drop a relation and, with CASCADE, the views over it."""
    for view in ddl.state.dependents(row.oid):
        if not cascade:
            text = f"cannot drop {row.kind} {row.name} because other objects depend on it"
            raise SqlError("2BP01", text, hint=CASCADE)
        if ddl.state.get(RelationRow, view.oid) is not None:
            ddl.lock([view.oid])
            ddl.notice("INFO", f"drop cascades to view {view.name}")
            drop_row(ddl, view, True)
    for constraint in ddl.state.constraints_on(row.oid):
        if constraint.relation != row.oid:
            if not cascade:
                text = f"cannot drop {row.kind} {row.name} because other objects depend on it"
                raise SqlError("2BP01", text, hint=CASCADE)
            holder = ddl.state.get(RelationRow, constraint.relation)
            where = f" on table {holder.name}" if holder is not None else ""
            ddl.notice("INFO", f"drop cascades to constraint {constraint.name}{where}")
    forget(ddl, row)
    if row.kind == "table":
        ddl.engine.execute(f"DROP TABLE {row.engine_name}")
        for column in row.columns:
            if column.identity is not None:
                ddl.engine.execute(f"DROP SEQUENCE {sequence_name(row, column)}")


def forget(ddl: Ddl, row: RelationRow) -> None:
    """A relation's rows in the catalog."""
    for constraint in ddl.state.constraints_of(row.oid):
        ddl.draft.delete(constraint)
    for constraint in ddl.state.constraints_on(row.oid):
        ddl.draft.delete(constraint)
    for dependency in [one for one in ddl.state.rows(DependencyRow) if one.view == row.oid]:
        ddl.draft.delete(dependency)
    for description in ddl.state.descriptions_of("relation", row.oid):
        ddl.draft.delete(description)
    ddl.draft.delete(row)
