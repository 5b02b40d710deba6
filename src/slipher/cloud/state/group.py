"""Group commit: small writes that wait for each other anyway share one transaction, and so one sync of the disk.

SQLite has one writer at a time, and a commit waits for the disk. Who finds no one writing leads: it takes all writes that
wait, does each in a savepoint of its own, commits once, and only then is any of them answered. A write that fails is rolled
back alone; if the commit fails, all of its group fail.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine

from slipher.cloud.state.base import writing

T = TypeVar("T")
MOST = 64  # writes of one transaction


class _Write:
    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None


class Group:
    """The writes of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._leading = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[_Write] = []

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do a write, in a transaction that others may share; returns when it is committed."""
        mine = _Write(work)
        with self._lock:
            self._waiting.append(mine)
        with self._leading:
            while not mine.done:
                with self._lock:
                    batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._commit(batch)
        if mine.error is not None:
            raise mine.error
        return cast(T, mine.result)

    def _commit(self, batch: list[_Write]) -> None:
        try:
            with writing(self._engine) as db:
                for one in batch:
                    if len(batch) == 1:
                        one.result = one.work(db)
                    else:
                        self._apart(db, one)
        except BaseException as error:
            for one in batch:
                one.error = one.error or error
        finally:
            for one in batch:
                one.done = True

    def _apart(self, db: Connection, one: _Write) -> None:
        db.exec_driver_sql("SAVEPOINT one")
        try:
            one.result = one.work(db)
        except BaseException as error:
            one.error = error
            db.exec_driver_sql("ROLLBACK TO one")
        db.exec_driver_sql("RELEASE one")
