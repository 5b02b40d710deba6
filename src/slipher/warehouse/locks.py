"""Table locks as Redshift's: first in, first out, re-entrant, cancellable, deadlocks found when a wait begins.

Theory. A request waits for every holder whose mode conflicts and for every conflicting request that waits before it, save
those that themselves wait for a lock that this transaction already holds on the table (it goes ahead of them, as PostgreSQL
does). New wait-for edges appear only when a transaction starts to wait, and each of them starts or ends at it, so a cycle
can be found at that moment and nowhere else: the transaction that closes it gets 40P01.

A key is a table's oid; a negative key is a name that is being made (see catalog), which no system relation shows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slipher.base.errors import SqlError
from slipher.warehouse.statement import CancelToken

ACCESS_SHARE = "AccessShareLock"
SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
ACCESS_EXCLUSIVE = "AccessExclusiveLock"

REMEMBERED = 10_000  # tables whose last writer is known

CONFLICTS: dict[str, frozenset[str]] = {
    ACCESS_SHARE: frozenset({ACCESS_EXCLUSIVE}),
    SHARE_ROW_EXCLUSIVE: frozenset({SHARE_ROW_EXCLUSIVE, ACCESS_EXCLUSIVE}),
    ACCESS_EXCLUSIVE: frozenset({ACCESS_SHARE, SHARE_ROW_EXCLUSIVE, ACCESS_EXCLUSIVE}),
}


@dataclass(frozen=True, slots=True)
class LockRow:
    """A lock held or waited for, as stv_locks and svv_transactions show it. `since` is aware, in UTC."""

    table: int
    xid: int
    pid: int
    mode: str
    granted: bool
    since: datetime


@dataclass(slots=True)
class _Held:
    pid: int
    modes: dict[str, float]  # mode -> when it was granted


@dataclass(slots=True, eq=False)
class _Waiter:
    xid: int
    pid: int
    mode: str
    since: float
    wake: threading.Event = field(default_factory=threading.Event)
    granted: bool = False


@dataclass(slots=True)
class _Table:
    holders: dict[int, _Held] = field(default_factory=dict)
    queue: list[_Waiter] = field(default_factory=list)


class Locks:
    """All locks of a cluster."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._tables: dict[int, _Table] = {}
        self._held: dict[int, set[int]] = {}  # xid -> keys
        self._writers: dict[
            int, int
        ] = {}  # table -> xid of the last transaction that held a writer's lock and committed
        self._waiting: dict[int, tuple[int, _Waiter]] = {}  # xid -> (key, its request)

    def acquire(self, xid: int, pid: int, wanted: Sequence[tuple[int, str]], cancel: CancelToken) -> None:
        """Take locks one after the other, in the order given, waiting as needed.

        Raises the token's error when cancelled, 40P01 for a deadlock; what was taken before stays with the transaction until
        release().
        """
        for key, mode in wanted:
            cancel.check()
            with self._mutex:
                waiter = self._request(key, xid, pid, mode)
            if waiter is not None:
                self._wait(key, waiter, cancel)

    def release(self, xid: int, committed: bool = False) -> None:
        """Give back all locks of a transaction; those who can proceed are woken."""
        with self._mutex:
            for key in self._held.pop(xid, ()):
                table = self._tables[key]
                held = table.holders.pop(xid, None)
                if committed and key > 0 and held is not None and held.modes.keys() != {ACCESS_SHARE}:
                    self._remember(key, xid)
                self._grant(key, table)

    def last_writer(self, table: int) -> int | None:
        """The transaction that last wrote to a table and committed, since the cluster started."""
        return self._writers.get(table)

    def rows(self) -> list[LockRow]:
        """Every lock on a table held or waited for."""
        with self._mutex:
            return [row for key, table in self._tables.items() if key > 0 for row in _rows(key, table)]

    def _remember(self, table: int, xid: int) -> None:
        self._writers.pop(table, None)
        self._writers[table] = xid
        if len(self._writers) > REMEMBERED:
            del self._writers[next(iter(self._writers))]

    def _request(self, key: int, xid: int, pid: int, mode: str) -> _Waiter | None:
        """Grant at once, or queue and tell the waiter."""
        table = self._tables.setdefault(key, _Table())
        held = table.holders.get(xid)
        if held is not None and (mode in held.modes or ACCESS_EXCLUSIVE in held.modes):
            return None
        waiter = _Waiter(xid, pid, mode, time.time())
        place = len(table.queue)
        if held is not None:
            for index, other in enumerate(table.queue):
                if any(mine in CONFLICTS[other.mode] for mine in held.modes):
                    place = index
                    break
        table.queue.insert(place, waiter)
        self._grant(key, table)
        if waiter.granted:
            return None
        self._waiting[xid] = (key, waiter)
        cycle = self._cycle(xid)
        if cycle:
            self._withdraw(key, waiter)
            raise SqlError("40P01", "deadlock detected", detail="\n".join(cycle))
        return waiter

    def _wait(self, key: int, waiter: _Waiter, cancel: CancelToken) -> None:
        remove = cancel.listen(waiter.wake.set)
        try:
            while True:
                waiter.wake.wait()
                with self._mutex:
                    if waiter.granted:
                        return
                    if cancel.cancelled:
                        self._withdraw(key, waiter)
                        break
                    waiter.wake.clear()
        finally:
            remove()
        cancel.check()

    def _withdraw(self, key: int, waiter: _Waiter) -> None:
        table = self._tables[key]
        table.queue.remove(waiter)
        self._waiting.pop(waiter.xid, None)
        self._grant(key, table)

    def _grant(self, key: int, table: _Table) -> None:
        """Let go everybody, from the front, who waits for nobody."""
        index = 0
        while index < len(table.queue):
            waiter = table.queue[index]
            if next(_blockers(table, waiter), None) is not None:
                index += 1
                continue
            del table.queue[index]
            held = table.holders.setdefault(waiter.xid, _Held(waiter.pid, {}))
            held.modes[waiter.mode] = time.time()
            self._held.setdefault(waiter.xid, set()).add(key)
            self._waiting.pop(waiter.xid, None)
            waiter.granted = True
            waiter.wake.set()
        if not table.holders and not table.queue:
            self._tables.pop(key, None)

    def _cycle(self, start: int) -> list[str]:
        """The waits of a cycle through `start`, each as a line of the error's detail; empty if there is none."""
        path: list[str] = []
        seen: set[int] = set()

        def visit(xid: int) -> bool:
            if xid in seen or xid not in self._waiting:
                return False
            seen.add(xid)
            key, waiter = self._waiting[xid]
            for blocker, pid in _blockers(self._tables[key], waiter):
                path.append(
                    f"Process {waiter.pid} waits for {waiter.mode} on relation {abs(key)}; blocked by process {pid}."
                )
                if blocker == start or visit(blocker):
                    return True
                path.pop()
            return False

        visit(start)
        return path


def _blockers(table: _Table, waiter: _Waiter) -> Iterator[tuple[int, int]]:
    """(xid, pid) of everybody that a queued request waits for."""
    against = CONFLICTS[waiter.mode]
    for xid, held in table.holders.items():
        if xid != waiter.xid and not against.isdisjoint(held.modes):
            yield xid, held.pid
    for other in table.queue:
        if other is waiter:
            return
        if other.xid != waiter.xid and other.mode in against:
            yield other.xid, other.pid


def _rows(key: int, table: _Table) -> Iterator[LockRow]:
    for xid, held in table.holders.items():
        for mode, since in held.modes.items():
            yield LockRow(key, xid, held.pid, mode, True, datetime.fromtimestamp(since, UTC))
    for waiter in table.queue:
        yield LockRow(key, waiter.xid, waiter.pid, waiter.mode, False, datetime.fromtimestamp(waiter.since, UTC))
