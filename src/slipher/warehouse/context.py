"""The warehouse: what all sessions of one cluster's process share."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from typing import Any, TypeVar

from slipher.base.clock import SYSTEM, Clock
from slipher.warehouse.activity import Activity
from slipher.warehouse.catalog import Catalog
from slipher.warehouse.config import ClusterConfig
from slipher.warehouse.deadlines import Deadlines
from slipher.warehouse.engine.base import Engine
from slipher.warehouse.engine.duckdb import open_engine
from slipher.warehouse.locks import Locks
from slipher.warehouse.system.install import install

T = TypeVar("T")


class Cache:
    """A small least-recently-used map, safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._items: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        """The value, or None."""
        with self._lock:
            value = self._items.get(key)
            if value is not None:
                self._items.move_to_end(key)
            return value

    def put(self, key: Any, value: Any) -> None:
        """Keep a value; the least recently used one goes when the cache is full."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)


class Warehouse:
    """One cluster, open: its engine, catalog, locks, activity and settings."""

    def __init__(self, config: ClusterConfig, clock: Clock = SYSTEM) -> None:
        self.config = config
        self.clock = clock
        config.data_dir.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(config.spool_dir, ignore_errors=True)
        config.spool_dir.mkdir(mode=0o700)
        self.activity = Activity.open(config.data_dir / "activity", clock)
        self.activity.append("audit_switch", {"active": config.user_activity_logging})
        self.engine: Engine = open_engine(config)
        self.catalog = Catalog.open(self.engine, config)
        self.engine.offer("slipher_signal", self._signal)
        install(self.engine, slices=config.slices)
        self.locks = Locks()
        self.deadlines = Deadlines()
        self.slots = threading.BoundedSemaphore(config.concurrency)
        self.parsed = Cache(2000)
        self.bound = Cache(2000)
        self.closing = False
        self.sessions: Any = None  # the registry of warehouse/session, set by listen
        self.job_locks: dict[int, threading.Lock] = {}  # held by who looks for a copy job's files and loads them

    def job_lock(self, job: int) -> threading.Lock:
        """The lock of a copy job."""
        return self.job_locks.setdefault(job, threading.Lock())

    def _signal(self, action: str, pid: int, user: int, superuser: bool) -> bool:
        """pg_cancel_backend and pg_terminate_backend: whether there was such a session."""
        found: bool = self.sessions.signal(action, pid, user, superuser)
        return found

    def close(self) -> None:
        """Flush and close everything; sessions must have ended."""
        self.engine.close()
        self.activity.close()
