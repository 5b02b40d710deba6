"""A session's transaction: which block is open, and what commit and rollback must settle, in order.

The engine's transaction begins lazily, after the locks of the first statement that needs it, so that a writer that waited for
another sees what that one committed. The order of commit is engine, catalog snapshot, locks; a crash between the
first two loses nothing, because the snapshot is read again from the engine at start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError

if TYPE_CHECKING:
    from slipher.warehouse.catalog import Draft, Snapshot
    from slipher.warehouse.context import Warehouse
    from slipher.warehouse.run.state import SessionState, SessionUser

FAILED = "current transaction is aborted, commands ignored until end of transaction block"


class Transaction:
    """The transaction of one session.

    `block` is None (idle), 'implicit' (opened by a statement, ends with its message or Sync), 'explicit' (BEGIN) or 'failed'.
    """

    def __init__(self, warehouse: Warehouse, session: SessionState) -> None:
        self._warehouse = warehouse
        self._session = session
        self.block: str | None = None
        self.xid = 0
        self.started: datetime | None = None
        self.mode: bool | None = None  # BEGIN READ ONLY or READ WRITE; else as the session's parameter says
        self.draft: Draft | None = None
        self._settings_mark: object | None = None
        self._user_mark: SessionUser | None = None
        self._at_end: list[Callable[[bool], None]] = []

    @property
    def status(self) -> str:
        """ReadyForQuery's letter: I idle, T in a block, E in a failed block."""
        return {None: "I", "implicit": "I", "explicit": "T", "failed": "E"}[self.block]

    @property
    def explicit(self) -> bool:
        """Whether BEGIN opened the block."""
        return self.block in ("explicit", "failed")

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed."""
        return self._session.settings.boolean("transaction_read_only") if self.mode is None else self.mode

    def require_writable(self) -> None:
        """25006 in a read-only transaction."""
        if self.read_only:
            raise SqlError("25006", "transaction is read-only")

    def require_usable(self) -> None:
        """25P02 in a failed block."""
        if self.block == "failed":
            raise SqlError("25P02", FAILED)

    def forbid_block(self, what: str) -> None:
        """25001 for statements that Redshift refuses inside a transaction block."""
        if self.block == "explicit":
            raise SqlError("25001", f"{what} cannot run inside a transaction block")

    def open(self, block: str = "implicit") -> None:
        """Open a block, or turn the implicit one into an explicit one."""
        if self.block is None:
            self.xid = self._warehouse.activity.next_xid()
            self.started = self._warehouse.clock.now()
            self._settings_mark = self._session.settings.mark()
            self._user_mark = self._session.user
        if self.block != "explicit":
            self.block = block

    def begin_engine(self) -> None:
        """Begin the engine's transaction if it has not begun: after the statement's locks are held."""
        if not self._session.engine.in_transaction:
            self._session.engine.begin()

    def catalog(self) -> Snapshot | Draft:
        """The catalog as this transaction sees it."""
        return self.draft if self.draft is not None else self._warehouse.catalog.snapshot

    def snapshot(self) -> Snapshot:
        """The catalog's rows as this transaction sees them."""
        return self.draft.state if self.draft is not None else self._warehouse.catalog.snapshot

    def catalog_draft(self) -> Draft:
        """The catalog for this transaction's DDL; begins the engine's transaction."""
        if self.draft is None:
            self.begin_engine()
            self.draft = self._warehouse.catalog.draft(self._session.engine, self.xid)
        return self.draft

    def at_end(self, action: Callable[[bool], None]) -> None:
        """Call `action(committed)` when the transaction has ended."""
        self._at_end.append(action)

    def commit(self) -> None:
        """Commit and become idle; raises and rolls back if the engine refuses."""
        if self.block == "failed":
            self.rollback()
            return
        if self.block is None:
            return
        engine = self._session.engine
        try:
            if engine.in_transaction:
                if self.draft is not None:
                    self._warehouse.catalog.commit(self.draft, engine)
                else:
                    engine.commit()
        except BaseException:
            self.rollback()
            raise
        if self._settings_mark is not None:
            self._session.settings.commit(self._settings_mark)
            self._session.apply_timezone()
        self._end(True)

    def rollback(self) -> None:
        """Roll back and become idle."""
        if self.block is None:
            return
        self._undo()
        self._end(False)

    def fail(self) -> None:
        """A statement failed: undo all; an explicit block stays, failed, until it ends."""
        if self.block == "explicit":
            self._undo()
            self._release(False)
            self.block = "failed"
        elif self.block == "implicit":
            self.rollback()

    def _undo(self) -> None:
        if self._session.engine.in_transaction:
            self._session.engine.rollback()
        if self._settings_mark is not None:
            self._session.settings.rollback(self._settings_mark)
            self._settings_mark = None
            self._session.apply_timezone()
        if self._user_mark is not None:
            self._session.user, self._user_mark = self._user_mark, None

    def _release(self, committed: bool) -> None:
        if self.draft is not None:
            self._warehouse.catalog.discard(self.draft)
        self.draft = None
        self._warehouse.locks.release(self.xid, committed)
        actions, self._at_end = self._at_end, []
        for action in actions:
            action(committed)

    def _end(self, committed: bool) -> None:
        self._release(committed)
        self.block = None
        self.mode = None
        self._settings_mark = self._user_mark = None
        cursors, self._session.cursors = self._session.cursors, {}
        for cursor in cursors.values():
            cursor.rows.close()
