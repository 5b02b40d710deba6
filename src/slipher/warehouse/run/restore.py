"""RestoreTableFromClusterSnapshot: a table as it was in a snapshot's file becomes a new table here.

What comes with it and what does not: management guide, "Restoring a table from a snapshot". Columns with their attributes, the
table's own attributes, primary and unique keys come; foreign keys, grants and views do not. Its owner is who owned it, if
that user is still there and may create in the schema; else the administrator.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from slipher.base.errors import SqlError
from slipher.warehouse.catalog import store
from slipher.warehouse.catalog.bootstrap import ADMIN
from slipher.warehouse.catalog.ddl.tables import make_engine_table
from slipher.warehouse.catalog.model import ConstraintRow, DatabaseRow, NamespaceRow, RelationRow, UserRow
from slipher.warehouse.catalog.privileges import LETTERS, has
from slipher.warehouse.catalog.state import Snapshot
from slipher.warehouse.engine.base import EngineSession

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse

KINDS = (DatabaseRow, NamespaceRow, UserRow, RelationRow, ConstraintRow)
Name = tuple[str, str, str]  # database, schema, table


@dataclass(frozen=True, slots=True)
class Request:
    """What is restored: `file` is the snapshot's in the spool directory, without ending."""

    file: str
    source: Name
    target: Name

    @classmethod
    def read(cls, text: str) -> Request:
        """A request as the gateway writes it."""
        given = orjson.loads(bytes.fromhex(text))
        return cls(given["file"], tuple(given["source"]), tuple(given["target"]))


def check(warehouse: Warehouse, request: Request) -> None:
    """Say why it could not be done, if so."""
    with warehouse.engine.attach(warehouse.config.spool_dir / f"{request.file}.duckdb") as (_, inside):
        _table(store.load(inside, 0, KINDS), request.source)
    _schema(warehouse.catalog.snapshot, request.target)


def restore(warehouse: Warehouse, request: Request) -> int:
    """Make the table; how many bytes there were to read."""
    with warehouse.engine.attach(warehouse.config.spool_dir / f"{request.file}.duckdb") as (name, inside):
        then = store.load(inside, 0, KINDS)
        source = _table(then, request.source)
        begin = _next_values(inside, source)
        session = warehouse.engine.session()
        try:
            with warehouse.catalog.changing(session, warehouse.activity.next_xid()) as draft:
                schema = _schema(draft.state, request.target)
                row = dataclasses.replace(
                    source,
                    oid=draft.next_oid(),
                    namespace=schema.oid,
                    name=request.target[2],
                    owner=_owner(then, draft.state, source, schema),
                    acl=None,
                    created=datetime.now(UTC),
                )
                make_engine_table(session, row, begin)
                draft.put(row)
                for one in then.constraints_of(source.oid):
                    if one.kind != "f":
                        draft.put(dataclasses.replace(one, oid=draft.next_oid(), relation=row.oid))
                columns = ", ".join(column.engine_name for column in row.columns)
                size = _bytes(inside, source)
                session.execute(
                    f"INSERT INTO {row.engine_name} ({columns}) SELECT {columns} FROM {name}.{source.engine_name}"
                )
        finally:
            session.close()
    return size


def _table(then: Snapshot, name: Name) -> RelationRow:
    """The table in the snapshot."""
    database, schema, table = name
    namespace = then.namespace(database, schema)
    row = then.relation(namespace.oid, table) if namespace is not None else None
    if row is None or row.kind != "table" or row.temporary:
        raise SqlError(
            "42P01", f'The table "{table}" of schema "{schema}" is not in database "{database}" of the snapshot.'
        )
    if row.sort_kind == "interleaved":
        raise SqlError("0A000", "A table with an interleaved sort key cannot be restored from a snapshot.")
    return row


def _schema(now: Snapshot, name: Name) -> NamespaceRow:
    """The schema that the new table shall be in, where its name is free."""
    database, schema, table = name
    found = now.namespace(database, schema)
    if found is None or found.database == 0:
        raise SqlError("3F000", f'The schema "{schema}" of database "{database}" does not exist.')
    if now.relation(found.oid, table) is not None:
        raise SqlError("42P07", f'The table "{table}" already exists in schema "{schema}" of database "{database}".')
    return found


def _owner(then: Snapshot, now: Snapshot, source: RelationRow, schema: NamespaceRow) -> int:
    user = now.user(then.user_name(source.owner))
    fits = user is not None and has(now, user, schema.owner, schema.acl, LETTERS["schema"]["create"])
    return user.oid if user is not None and fits else ADMIN


def _next_values(inside: EngineSession, source: RelationRow) -> dict[int, int]:
    """Where the table's identity columns go on."""
    found = {}
    for column in source.columns:
        if column.identity is not None:
            then = inside.rows(
                "SELECT coalesce(last_value + $1, start_value) FROM duckdb_sequences() "
                "WHERE database_name = current_database() AND sequence_name = $2",
                (column.identity[1], f"s{source.oid}_{column.number}"),
            )
            found[column.number] = int(then[0][0])
    return found


def _bytes(inside: EngineSession, source: RelationRow) -> int:
    """The room of the table's data in its file: whole blocks."""
    blocks = inside.rows(
        f"SELECT count(DISTINCT block_id) FROM pragma_storage_info('{source.engine_name.replace(chr(34), '')}')"
    )
    size = inside.rows("SELECT block_size FROM pragma_database_size() WHERE database_name = current_database()")
    return int(blocks[0][0]) * int(size[0][0])
