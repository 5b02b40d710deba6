"""A transaction's own catalog: its changes on top of what others have committed.

Like PostgreSQL's, the catalog is read as it is now, not as it was when the transaction began: when another transaction has
published, the changes are put on top of the new state. Each change is written to the engine's tables at once, in the
transaction's own engine transaction, so that rollback undoes it and pg_* queries see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slipher.base.errors import SqlError
from slipher.warehouse.catalog import store
from slipher.warehouse.catalog.model import LAYOUTS, NamespaceRow, RelationRow, Row
from slipher.warehouse.catalog.state import Change, Snapshot

if TYPE_CHECKING:
    from slipher.warehouse.catalog.catalog import Catalog
    from slipher.warehouse.engine.base import EngineSession

CONFLICT = "could not complete because of conflict with concurrent transaction"


class Draft:
    """The catalog of a transaction that changes it. Used by the transaction's thread alone."""

    def __init__(self, catalog: Catalog, session: EngineSession, xid: int) -> None:
        self.catalog = catalog
        self.session = session
        self.xid = xid
        self._base = catalog.snapshot
        self._state = self._base
        self._changes: dict[tuple[type[Any], tuple[Any, ...]], Row | None] = {}
        self._old: dict[tuple[type[Any], tuple[Any, ...]], Row | None] = {}

    @property
    def state(self) -> Snapshot:
        """The catalog with this transaction's changes, on top of what is committed now."""
        published = self.catalog.snapshot
        if published is not self._base:
            self._base = published
            self._state = published.apply(self.changes(), self.catalog.next_version()) if self._changes else published
        return self._state

    @property
    def version(self) -> int:
        """The state's version."""
        return self.state.version

    def changes(self) -> list[Change]:
        """What this transaction has changed: each row once, as it is now."""
        return [(kind, key, row) for (kind, key), row in self._changes.items()]

    def next_oid(self) -> int:
        """An oid for a new object."""
        return self.catalog.next_oid()

    def put(self, row: Row) -> None:
        """Add a row, or replace the one with its key."""
        self._change(type(row), row.key, row)

    def delete(self, row: Row) -> None:
        """Remove a row."""
        self._change(type(row), row.key, None)

    def _change(self, kind: type[Any], key: tuple[Any, ...], row: Row | None) -> None:
        state = self.state
        old = state.get(kind, *key)
        if old == row:
            return
        store.write(self.session, kind, key, old, row)
        self._old.setdefault((kind, key), old)
        self._changes[kind, key] = row
        self._state = state.apply([(kind, key, row)], self.catalog.next_version())

    def verify(self, published: Snapshot) -> None:
        """Raise if what others committed meanwhile and these changes exclude each other."""
        for (kind, key), row in self._changes.items():
            current = published.get(kind, *key)
            if current is not self._old[kind, key] and current != self._old[kind, key]:
                raise SqlError("XX000", CONFLICT)
            if row is None:
                continue
            holder = published.named(kind, *row.unique)
            if holder is not None and holder.key != key:
                kept = self._changes.get((kind, holder.key), holder)  # a swap gives the name's holder another one
                if kept is not None and kept.unique == row.unique:
                    raise SqlError("XX000", CONFLICT)
            if isinstance(row, RelationRow):
                self._require(published, NamespaceRow, row.namespace)

    def _require(self, published: Snapshot, kind: type[Any], *key: Any) -> None:
        if self._changes.get((kind, key), published.get(kind, *key)) is None:
            raise SqlError("XX000", CONFLICT)

    # The same questions as a Snapshot answers.

    @property
    def by_key(self) -> Mapping[type[Any], Any]:
        return self.state.by_key


assert all(hasattr(kind, "unique") for kind in LAYOUTS)
