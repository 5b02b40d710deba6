"""CREATE VIEW: the bound text, the columns and what the view needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

from slipher.base.errors import SqlError
from slipher.sql.names import Column, Relation
from slipher.sql.statements import CreateView
from slipher.types.sqltype import SqlType
from slipher.warehouse.catalog.ddl.context import Ddl, exists, wrong_kind
from slipher.warehouse.catalog.model import DependencyRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import require_owner, require_schema


def create_view(
    ddl: Ddl,
    statement: CreateView,
    columns: Sequence[tuple[str, SqlType]],
    text: str,
    reads: Sequence[Relation],
) -> RelationRow:
    """The view's row; `columns` are empty for a late-binding view, whose `text` is as written."""
    if statement.columns and len(statement.columns) > len(columns) and not statement.no_schema_binding:
        raise SqlError("42601", "CREATE VIEW specifies more column names than columns")
    made = _columns(columns, statement.columns)
    namespace = ddl.names.creation_schema(statement.name)
    if namespace.database == 0:
        raise SqlError("42501", f"permission denied for schema {namespace.name}")
    require_schema(ddl.state, ddl.user, namespace, "create")
    if any(one.temporary for one in reads):
        raise SqlError("0A000", "cannot create a view over a temporary table")
    ddl.reserve(namespace.oid, statement.name.name)
    old = ddl.state.relation(namespace.oid, statement.name.name)
    if old is not None:
        return _replace(ddl, statement, old, made, text, reads)
    row = _row(ddl, statement, namespace, made, text)
    ddl.draft.put(row)
    _depend(ddl, row.oid, reads)
    return row


def _columns(columns: Sequence[tuple[str, SqlType]], names: Sequence[str]) -> tuple[Column, ...]:
    found = []
    for index, (name, kind) in enumerate(columns):
        found.append(Column(names[index] if index < len(names) else name, kind, index + 1))
    seen = set()
    for one in found:
        if one.name in seen:
            raise SqlError("42701", f'column "{one.name}" specified more than once')
        seen.add(one.name)
    return tuple(found)


def _row(
    ddl: Ddl, statement: CreateView, namespace: NamespaceRow, columns: tuple[Column, ...], text: str
) -> RelationRow:
    return RelationRow(
        oid=ddl.draft.next_oid(),
        namespace=namespace.oid,
        name=statement.name.name,
        kind="view",
        owner=ddl.user.oid,
        acl=None,
        temporary=False,
        columns=columns,
        next_column=len(columns) + 1,
        diststyle="EVEN",
        sort_kind="none",
        encode_auto=False,
        backup=True,
        late_binding=statement.no_schema_binding,
        view=text,
        definition=statement.text,
        location="",
        format="",
        created=datetime.now(UTC),
    )


def _replace(
    ddl: Ddl,
    statement: CreateView,
    old: RelationRow,
    columns: tuple[Column, ...],
    text: str,
    reads: Sequence[Relation],
) -> RelationRow:
    """OR REPLACE: the columns that were must stay, in name and type (source: PostgreSQL 8.0's rule)."""
    if not statement.or_replace:
        raise exists(old.name)
    if old.kind != "view":
        raise wrong_kind(old.name, "view")
    require_owner(ddl.user, old)
    ddl.lock([old.oid])
    if not statement.no_schema_binding and not old.late_binding:
        if len(columns) < len(old.columns):
            raise SqlError("42P16", "cannot drop columns from view")
        for before, after in zip(old.columns, columns, strict=False):
            if before.name != after.name:
                raise SqlError("42P16", f'cannot change name of view column "{before.name}"')
            if before.type != after.type:
                raise SqlError("42P16", f'cannot change data type of view column "{before.name}"')
    for dependency in [one for one in ddl.state.rows(DependencyRow) if one.view == old.oid]:
        ddl.draft.delete(dependency)
    row = dataclasses.replace(
        old,
        columns=columns,
        next_column=len(columns) + 1,
        late_binding=statement.no_schema_binding,
        view=text,
        definition=statement.text,
    )
    ddl.draft.put(row)
    _depend(ddl, row.oid, reads)
    return row


def _depend(ddl: Ddl, view: int, reads: Sequence[Relation]) -> None:
    for relation in reads:
        if relation.kind in ("table", "view"):
            ddl.draft.put(DependencyRow(view, relation.oid, 0))
