"""What every function of DDL gets: the transaction's catalog, the engine's session, who asks, and locks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql.statements.names import QName
from slipher.warehouse.catalog.draft import Draft
from slipher.warehouse.catalog.model import DatabaseRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.names import SessionNames, User
from slipher.warehouse.catalog.state import Snapshot
from slipher.warehouse.engine.base import EngineSession


@dataclass(slots=True)
class Ddl:
    """One statement of DDL at work. `lock(oids)` takes exclusive locks; `notice(severity, message, sqlstate=...)` tells the
    client."""

    draft: Draft
    engine: EngineSession
    names: SessionNames
    user: User
    temp_namespace: str
    notice: Callable[..., None]
    lock: Callable[[Sequence[int]], None]

    @property
    def state(self) -> Snapshot:
        """The catalog as it is now, this transaction's changes included."""
        return self.draft.state

    @property
    def database(self) -> DatabaseRow:
        """The session's database."""
        row = self.state.database(self.names.database)
        if row is None:
            raise SqlError("3D000", f'database "{self.names.database}" does not exist')
        return row

    def reserve(self, *name: Any) -> None:
        """Wait for other transactions that are making an object of this name; then the catalog tells whether it exists.

        The lock's key is negative, made from the name's hash: two names that share one only wait for each other.
        """
        self.lock([-1 - zlib.crc32(repr(name).encode())])

    def lock_relation(self, name: QName, kind: str | None = None) -> RelationRow | None:
        """The user relation of that name, locked for DDL; None if there is none."""
        row = self.names.row(name)
        if row is None:
            self.refuse_system(name)
        while row is not None:
            self.lock([row.oid])
            now = self.names.row(name)
            if now is not None and now.oid == row.oid:
                return now
            row = now  # dropped, or another took its name, while this transaction waited
        return None

    def refuse_system(self, name: QName) -> None:
        """42501 if the name is a system relation's: nobody changes those."""
        found = self.names.relation(name)
        if found is not None and found.kind in ("catalog", "live"):
            raise SqlError("42501", f'permission denied: "{found.name}" is a system catalog')

    def namespace_of(self, row: RelationRow) -> NamespaceRow:
        """A relation's schema."""
        found = self.state.get(NamespaceRow, row.namespace)
        if found is None:
            raise SqlError("XX000", f"schema of relation {row.oid} is missing")
        return found


def missing(name: QName) -> SqlError:
    """42P01 for a relation."""
    return SqlError("42P01", f'relation "{name}" does not exist')


def exists(name: str) -> SqlError:
    """42P07; Redshift writes Relation with a capital."""
    return SqlError("42P07", f'Relation "{name}" already exists')


def wrong_kind(name: str, wanted: str) -> SqlError:
    """42809: the object is of another kind."""
    article = "a" if wanted in ("table", "view") else "an"
    return SqlError("42809", f'"{name}" is not {article} {wanted}')
