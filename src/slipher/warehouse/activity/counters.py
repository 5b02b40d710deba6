"""Ids that rise for ever: handed out from blocks whose end is on disk before the first of them is used."""

from __future__ import annotations

import sqlite3
import threading

BLOCK = 1000
# Where each begins on a new cluster; sessions' process ids look like Redshift's, which start at 2^30.
FIRST = {"query": 100, "xid": 1000, "pid": 1073741825}


class Counters:
    """The counters of a cluster. A crash skips the rest of a block, never repeats an id."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.Lock) -> None:
        self._connection = connection
        self._disk = lock
        self._lock = threading.Lock()
        connection.execute("CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, ceiling INTEGER NOT NULL)")
        found = dict(connection.execute("SELECT name, ceiling FROM counter").fetchall())
        self._next = {name: int(found.get(name, first)) for name, first in FIRST.items()}
        self._ceiling = dict(self._next)

    def next(self, name: str) -> int:
        """The next id of a counter."""
        with self._lock:
            value = self._next[name]
            if value >= self._ceiling[name]:
                self._reserve(name, value + BLOCK)
            self._next[name] = value + 1
            return value

    def _reserve(self, name: str, ceiling: int) -> None:
        with self._disk:
            self._connection.execute("PRAGMA synchronous = FULL")
            try:
                self._connection.execute(
                    "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET ceiling = excluded.ceiling",
                    (name, ceiling),
                )
            finally:
                self._connection.execute("PRAGMA synchronous = NORMAL")
        self._ceiling[name] = ceiling
