"""The catalog's rows in the engine: making the tables, reading them whole, writing one change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from slipher.warehouse.catalog.model import (
    ACL_TABLE,
    COLUMN_TABLE,
    JOB_FILE_TABLE,
    LAYOUTS,
    AclItem,
    Layout,
    RelationRow,
    Row,
    column_of,
    column_values,
)
from slipher.warehouse.catalog.state import EMPTY, Change, Snapshot
from slipher.warehouse.engine.base import EngineSession

FORMAT = 1
OWN_TABLES = {"acl": ACL_TABLE, "columns": COLUMN_TABLE, "copy_job_files": JOB_FILE_TABLE}


def create(session: EngineSession) -> None:
    """Make the catalog's schemas and tables: all in a new file, in another those that a later version added."""
    session.execute("CREATE SCHEMA IF NOT EXISTS catalog")
    session.execute("CREATE SCHEMA IF NOT EXISTS data")
    tables = {
        layout.table: ", ".join(f'"{name}" {type_}' for name, type_ in layout.columns) for layout in LAYOUTS.values()
    }
    for table, columns in (tables | OWN_TABLES).items():
        session.execute(f"CREATE TABLE IF NOT EXISTS catalog.{table} ({columns})")


def exists(session: EngineSession) -> bool:
    """Whether the file has a catalog."""
    return bool(session.rows("SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'catalog' AND NOT internal"))


def load(session: EngineSession, version: int, kinds: Iterable[type[Any]] = tuple(LAYOUTS)) -> Snapshot:
    """The whole catalog, or its rows of some kinds."""
    acls: dict[tuple[str, int], list[AclItem]] = {}
    for object_kind, oid, kind, grantee, privileges, grantor, options in session.rows(
        "SELECT object_kind, oid, kind, grantee, privileges, grantor, options FROM catalog.acl ORDER BY position"
    ):
        acls.setdefault((object_kind, oid), []).append(AclItem(kind, grantee, privileges, grantor, options))
    columns: dict[int, list[Any]] = {}
    for relation, *facts in session.rows(
        'SELECT relation, number, name, type, typmod, not_null, "default", identity_seed, identity_step, by_default, encode, '
        "distkey, sortkey FROM catalog.columns ORDER BY relation, position"
    ):
        columns.setdefault(relation, []).append(column_of(tuple(facts)))
    changes: list[Change] = []
    for kind in kinds:
        layout = LAYOUTS[kind]
        names = [name for name, _ in layout.columns]
        selected = ", ".join(f'"{name}"' for name in names)
        for values in session.rows(f"SELECT {selected} FROM catalog.{layout.table}"):
            fields = {name: _from_engine(value) for name, value in zip(names, values, strict=True)}
            if layout.object_kind:
                items = acls.get((layout.object_kind, fields["oid"]))
                fields["acl"] = tuple(items) if items else None
            if kind is RelationRow:
                fields["columns"] = tuple(columns.get(fields["oid"], ()))
            row = kind(**fields)
            changes.append((kind, row.key, row))
    return EMPTY.apply(changes, version)


def write(session: EngineSession, kind: type[Any], key: tuple[Any, ...], old: Row | None, new: Row | None) -> None:
    """Make one change, in the session's transaction."""
    layout = LAYOUTS[kind]
    if old is not None:
        condition = " AND ".join(f'"{name}" = ${place}' for place, name in enumerate(layout.key, 1))
        session.execute(f"DELETE FROM catalog.{layout.table} WHERE {condition}", key)
    if new is not None:
        _insert(session, layout.table, [[_to_engine(getattr(new, name)) for name, _ in layout.columns]])
    if layout.object_kind:
        _write_acl(session, layout, key[0], old, new)
    if kind is RelationRow:
        before = old.columns if isinstance(old, RelationRow) else ()
        after = new.columns if isinstance(new, RelationRow) else ()
        if before != after:
            if before:
                session.execute("DELETE FROM catalog.columns WHERE relation = $1", key)
            _insert(
                session, "columns", [column_values(key[0], position, column) for position, column in enumerate(after)]
            )


def _write_acl(session: EngineSession, layout: Layout, oid: int, old: Any, new: Any) -> None:
    before = old.acl if old is not None else None
    after = new.acl if new is not None else None
    if before == after:
        return
    if before:
        session.execute("DELETE FROM catalog.acl WHERE object_kind = $1 AND oid = $2", (layout.object_kind, oid))
    _insert(
        session,
        "acl",
        [
            (layout.object_kind, oid, place, item.kind, item.grantee, item.privileges, item.grantor, item.options)
            for place, item in enumerate(after or ())
        ],
    )


def _insert(session: EngineSession, table: str, rows: Iterable[Iterable[Any]]) -> None:
    """Insert rows with one statement for a few hundred values at a time."""
    pending = [list(row) for row in rows]
    while pending:
        step = max(1, 700 // len(pending[0]))
        part, pending = pending[:step], pending[step:]
        places = iter(range(1, 1 + sum(len(row) for row in part)))
        values = ", ".join("(" + ", ".join(f"${next(places)}" for _ in row) + ")" for row in part)
        session.execute(f"INSERT INTO catalog.{table} VALUES {values}", [value for row in part for value in row])


def _to_engine(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _from_engine(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return value
