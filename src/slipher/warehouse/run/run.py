"""One statement on its way: binding with the cache, privileges, locks, the engine's transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind import BindSettings, bind, bind_query
from slipher.sql.bound import Bound
from slipher.sql.names import Relation
from slipher.sql.parse import Parsed, parse
from slipher.sql.statements import Select
from slipher.types.sqltype import SqlType
from slipher.warehouse.catalog import Ddl, SessionNames
from slipher.warehouse.catalog.privileges import check
from slipher.warehouse.context import Warehouse
from slipher.warehouse.locks import ACCESS_EXCLUSIVE, ACCESS_SHARE, SHARE_ROW_EXCLUSIVE
from slipher.warehouse.run.output import Output
from slipher.warehouse.run.state import SessionState
from slipher.warehouse.run.transaction import Transaction
from slipher.warehouse.run.values import SessionValues
from slipher.warehouse.statement import Statement


@dataclass(slots=True)
class Run:
    """A statement being run: what every runner gets."""

    session: SessionState
    parsed: Parsed
    statement: Statement
    output: Output
    parameters: Sequence[Any] = ()
    parameter_types: Sequence[SqlType] = ()
    has_slot: bool = False

    @property
    def warehouse(self) -> Warehouse:
        """The cluster's shared parts."""
        return self.session.warehouse

    @property
    def transaction(self) -> Transaction:
        """The session's transaction."""
        return self.session.transaction

    @property
    def names(self) -> SessionNames:
        """The catalog as this statement's transaction sees it."""
        return names_of(self.session)

    @property
    def bind_settings(self) -> BindSettings:
        """What binding depends on beside text and catalog."""
        return bind_settings(self.session)

    def ddl(self) -> Ddl:
        """What catalog/ddl needs for a statement that changes the catalog; takes part in the transaction."""
        draft = self.transaction.catalog_draft()
        session = self.session
        return Ddl(
            draft=draft,
            engine=session.engine,
            names=self.names,
            user=session.user,
            temp_namespace=session.temp_namespace,
            notice=self.output.notice,
            lock=self.lock_exclusive,
        )

    def bind(self) -> Bound:
        """The statement, bound; from the cache where text, catalog and settings are the same."""
        return bind_parsed(self.session, self.parsed, self.parameter_types)

    def bind_query(self, query: str | exp.Expr) -> Bound:
        """A query inside this statement (UNLOAD's text, CTAS), bound."""
        if isinstance(query, str):
            parsed = parse(query, case_sensitive=self.session.settings.case_sensitive)
            statement = parsed[0].statement if len(parsed) == 1 else None
            if not isinstance(statement, Select):
                raise SqlError("42601", "UNLOAD takes one SELECT statement")
            query = statement.tree
        return bind_query(query, self.names, settings=bind_settings(self.session))

    def prepare_engine(self, bound: Bound, again: Callable[[], Bound] | None = None) -> Bound:
        """Privileges, then locks, then the engine's transaction; binds again if the catalog moved during the wait."""
        check(self.transaction.catalog(), self.session.user, bound.needs)
        version = self.names.version
        self.lock(bound)
        if self.names.version != version and again is not None:
            bound = again()
            check(self.transaction.catalog(), self.session.user, bound.needs)
            self.lock(bound)
        self.take_slot()
        if self.transaction.block != "implicit" or bound.reads or bound.writes or bound.live:
            self.transaction.begin_engine()  # what reads and writes nothing needs no snapshot (SELECT 1)
        return bound

    def take_slot(self) -> None:
        """Wait for a slot of the queue; the end of the statement gives it back."""
        if self.has_slot:
            return
        while not self.warehouse.slots.acquire(timeout=0.1):
            self.statement.cancel.check()
        self.has_slot = True

    def release_slot(self) -> None:
        """Give the slot back."""
        if self.has_slot:
            self.has_slot = False
            self.warehouse.slots.release()

    def lock(self, bound: Bound) -> None:
        """Take the statement's table locks, waiting as needed."""
        writes = {relation.oid for relation in bound.writes}
        wanted = [(oid, SHARE_ROW_EXCLUSIVE) for oid in sorted(writes)]
        wanted += [
            (relation.oid, ACCESS_SHARE)
            for relation in bound.reads
            if relation.kind == "table" and relation.oid not in writes
        ]
        self._acquire(wanted)

    def lock_write(self, relation: Relation) -> None:
        """Take the lock of a writer of one table (COPY)."""
        self._acquire([(relation.oid, SHARE_ROW_EXCLUSIVE)])

    def lock_exclusive(self, oids: Sequence[int]) -> None:
        """Take the lock of DDL on tables."""
        self._acquire([(oid, ACCESS_EXCLUSIVE) for oid in oids])

    def _acquire(self, wanted: Sequence[tuple[int, str]]) -> None:
        if not wanted:
            return
        start = time.monotonic()
        self.warehouse.locks.acquire(self.transaction.xid, self.session.pid, wanted, self.statement.cancel)
        self.statement.lock_wait_us += int((time.monotonic() - start) * 1e6)


def names_of(session: SessionState) -> SessionNames:
    """The catalog as a session sees it now."""
    return SessionNames(
        session.transaction.catalog(),
        database=session.database,
        user=session.user,
        search_path=session.settings.search_path(session.user.name),
        temp_namespace=session.temp_namespace,
    )


def bind_settings(session: SessionState) -> BindSettings:
    """What binding depends on beside the text and the catalog."""
    settings, running = session.settings, session.statement
    base = BindSettings(
        values=SessionValues(session),
        numeric_rounding=settings.boolean("enable_numeric_rounding"),
        case_sensitive=settings.case_sensitive,
    )
    return base if running is None else replace(base, check=running.cancel.check)


def bind_parsed(session: SessionState, parsed: Parsed, types: Sequence[SqlType] = ()) -> Bound:
    """Bind with the cache shared by all sessions."""
    names = names_of(session)
    settings = bind_settings(session)
    if session.transaction.draft is not None:
        return bind(parsed.statement, names, parameters=types, settings=settings)
    switches = (settings.numeric_rounding, settings.case_sensitive)
    key = (parsed.text, names.version, names.database, names.user_id, names.search_path, tuple(types), switches)
    found: Bound | None = session.warehouse.bound.get(key)
    if found is None:
        found = bind(parsed.statement, names, parameters=types, settings=settings)
        if not found.session_bound:
            session.warehouse.bound.put(key, found)
    return found
