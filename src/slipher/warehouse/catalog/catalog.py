"""The catalog of a cluster: the published snapshot, drafts of transactions, and how they are committed."""

from __future__ import annotations

import itertools
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from slipher.warehouse.catalog import bootstrap, store
from slipher.warehouse.catalog.draft import Draft
from slipher.warehouse.catalog.model import NamespaceRow, RelationRow
from slipher.warehouse.catalog.state import EMPTY, Snapshot

if TYPE_CHECKING:
    from slipher.warehouse.config import ClusterConfig
    from slipher.warehouse.engine.base import Engine, EngineSession

FIRST_OID = 100_000


class Catalog:
    """The catalog, open. `snapshot` is what is committed: immutable, replaced at each commit of a draft."""

    def __init__(self) -> None:
        self.snapshot: Snapshot = EMPTY
        self._publishing = threading.Lock()
        self._versions = itertools.count(1)
        self._oids = itertools.count(FIRST_OID)
        self._accounts = itertools.count(bootstrap.ADMIN + 1)
        self._drafts: weakref.WeakSet[Draft] = weakref.WeakSet()

    @classmethod
    def open(cls, engine: Engine, config: ClusterConfig) -> Catalog:
        """Read the catalog; make it in a new file; forget the temporary tables of a process that died."""
        catalog = cls()
        session = engine.session()
        try:
            new = not store.exists(session)
            session.begin()
            store.create(session)
            catalog.snapshot = store.load(session, catalog.next_version())
            draft = Draft(catalog, session, 0)
            if new:
                bootstrap.fill(draft, config)
            bootstrap.refresh(draft, config)
            for namespace in [row for row in draft.state.rows(NamespaceRow) if row.temporary]:
                _forget(draft, namespace)
            catalog.commit(draft, session)
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        catalog._oids = itertools.count(max(FIRST_OID, _highest(catalog.snapshot, bootstrap.NUMBERED) + 1))
        catalog._accounts = itertools.count(_highest(catalog.snapshot, bootstrap.ACCOUNTS) + 1)
        engine.column_name = catalog.column_name
        return catalog

    def next_version(self) -> int:
        """A version number never given before in this process."""
        return next(self._versions)

    def next_oid(self) -> int:
        """An oid never given before in this process, and to nothing that exists."""
        return next(self._oids)

    def next_account(self) -> int:
        """A number for a new user or group, likewise."""
        return next(self._accounts)

    def draft(self, session: EngineSession, xid: int) -> Draft:
        """A catalog for a transaction to change; its engine transaction must have begun."""
        draft = Draft(self, session, xid)
        self._drafts.add(draft)
        return draft

    def commit(self, draft: Draft, session: EngineSession) -> None:
        """Commit the engine's transaction and publish the draft, as one step to all other commits of drafts.

        Raises `could not complete because of conflict with concurrent transaction` when another transaction committed
        what excludes this one (the caller rolls back).
        """
        with self._publishing:
            changes = draft.changes()
            draft.verify(self.snapshot)
            session.commit()
            if changes:
                self.snapshot = self.snapshot.apply(changes, self.next_version())
        self._drafts.discard(draft)

    def discard(self, draft: Draft) -> None:
        """Forget a draft whose transaction has ended."""
        self._drafts.discard(draft)

    @contextmanager
    def changing(self, session: EngineSession, xid: int) -> Iterator[Draft]:
        """A transaction of the server's own: the draft is committed at the end, or all of it rolled back."""
        session.begin()
        draft = self.draft(session, xid)
        try:
            yield draft
            self.commit(draft, session)
        except BaseException:
            session.rollback()
            self.discard(draft)
            raise

    def drop_temporary(self, session: EngineSession, temp_namespace: str) -> None:
        """Forget a session's temporary schema, at its end; its tables' data goes with the engine session."""
        found = [row for row in self.snapshot.rows(NamespaceRow) if row.temporary and row.name == temp_namespace]
        if not found:
            return
        session.begin()
        draft = Draft(self, session, 0)
        try:
            for namespace in found:
                _forget(draft, namespace)
            self.commit(draft, session)
        except BaseException:
            session.rollback()
            raise

    def column_name(self, relation: int, number: int) -> str | None:
        """A column's name, for the engine's errors; also of tables that a running transaction is making."""
        for state in [draft.state for draft in list(self._drafts)] + [self.snapshot]:
            row = state.get(RelationRow, relation)
            if row is not None:
                for column in row.columns:
                    if column.number == number:
                        return column.name
        return None


def _highest(snapshot: Snapshot, kinds: tuple[type[Any], ...]) -> int:
    return max((row.oid for kind in kinds for row in snapshot.rows(kind)), default=0)


def _forget(draft: Draft, namespace: NamespaceRow) -> None:
    for relation in draft.state.relations_in(namespace.oid):
        for constraint in draft.state.constraints_of(relation.oid):
            draft.delete(constraint)
        for description in draft.state.descriptions_of("relation", relation.oid):
            draft.delete(description)
        draft.delete(relation)
    draft.delete(namespace)
