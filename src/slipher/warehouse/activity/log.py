"""The activity log: records appended by kind, read back as Arrow, kept for a week; and the counters of ids.

It lives outside the engine so that load errors outlive the ROLLBACK of their load. Records wait in memory for a writer
thread that commits them in batches to SQLite; a durable append, and every read, commits what waits first, so a session sees
its own records at once. A record is a line of JSON beside the fields that readers filter on: Arrow's JSON reader turns
the wanted columns of many lines into a table at once.
"""

from __future__ import annotations

import io
import logging
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.json as pajson

from slipher.base.clock import SYSTEM, Clock
from slipher.base.errors import SqlError
from slipher.warehouse.activity.counters import Counters
from slipher.warehouse.activity.kinds import COMMON, KINDS

FILE = "activity.sqlite"
RETENTION_SECONDS = 7 * 86400
MAX_ROWS = 1_000_000  # of one kind
TEXT_LIMIT = 65_535  # characters kept of one field
FLUSH_SECONDS = 0.25
TRIM_SECONDS = 300.0
MAX_WAITING = 100_000  # records that wait while none can be written

log = logging.getLogger("slipher.warehouse.activity")

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, at REAL NOT NULL, userid INTEGER, query INTEGER, xid INTEGER, pid INTEGER, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS record_kind ON record (kind, seq);
CREATE INDEX IF NOT EXISTS record_query ON record (query);
CREATE INDEX IF NOT EXISTS record_pid ON record (pid);
"""
INSERT = "INSERT INTO record (kind, at, userid, query, xid, pid, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
FILTERS = frozenset(name for name, _ in COMMON)


class Activity:
    """A cluster's log, open. Safe from any thread."""

    def __init__(self, path: Path, clock: Clock, retention_seconds: float, max_rows: int) -> None:
        self._clock = clock
        self._retention = retention_seconds
        self._max_rows = max_rows
        self._lock = threading.Lock()  # of the pending records
        self._pending: list[tuple[str, float, dict[str, Any]]] = []
        self._some = threading.Event()
        self._closing = False
        self._writing = threading.Lock()  # of the writer's connection
        self._writer = _connect(path)
        self._writer.executescript(SCHEMA)
        self._reading = threading.Lock()
        self._reader = _connect(path)
        self._counters = Counters(self._writer, self._writing)
        self._trimmed = 0.0
        self._thread = threading.Thread(target=self._run, name="activity", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        directory: Path,
        clock: Clock = SYSTEM,
        *,
        retention_seconds: float = RETENTION_SECONDS,
        max_rows: int = MAX_ROWS,
    ) -> Activity:
        """Open the log in a directory, making it if needed (mode 0700)."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / FILE
        path.touch(mode=0o600)
        return cls(path, clock, retention_seconds, max_rows)

    def next_query_id(self) -> int:
        """A query id, higher than any given before, in this process or an earlier one."""
        return self._counters.next("query")

    def next_xid(self) -> int:
        """A transaction id, rising likewise."""
        return self._counters.next("xid")

    def next_pid(self) -> int:
        """A session's process id, rising likewise."""
        return self._counters.next("pid")

    def append(self, kind: str, record: Mapping[str, Any], durable: bool = False) -> None:
        """Add a record of a kind in KINDS; unknown fields are refused (TypeError), missing ones read as NULL.

        A durable record is on disk when this returns.
        """
        self.append_many(kind, (record,), durable)

    def append_many(self, kind: str, records: Sequence[Mapping[str, Any]], durable: bool = False) -> None:
        """Add records of one kind."""
        schema = KINDS[kind]
        now = self._clock.now().timestamp()
        made = []
        for record in records:
            unknown = [name for name in record if schema.get_field_index(name) < 0]
            if unknown:
                raise TypeError(f"activity records of kind {kind} have no field {', '.join(unknown)}")
            made.append((kind, now, {name: _plain(value) for name, value in record.items()}))
        with self._lock:
            self._pending.extend(made)
        if durable:
            self.flush(durable=True)
        else:
            self._some.set()

    def read(
        self,
        kind: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Any] | None = None,
        newest: int | None = None,
    ) -> pa.Table:
        """The records of a kind within the retention, oldest first, as columns of KINDS[kind] (all, or those named).

        `where` holds wanted values of userid, query, xid, pid; a sequence means any of them. `newest` limits how many are
        read, counted from the last.
        """
        self.flush()
        schema = KINDS[kind]
        names = list(columns) if columns is not None else schema.names
        condition: list[str] = ["kind = ?", "at >= ?"]
        values: list[Any] = [kind, self._oldest()]
        for name, wanted in (where or {}).items():
            if name not in FILTERS:
                raise TypeError(f"the activity log cannot filter on {name}")
            several = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
            condition.append(f"{name} IN ({', '.join('?' * len(several))})")
            values.extend(several)
        with self._reading:
            rows = self._reader.execute(
                f"SELECT body FROM record WHERE {' AND '.join(condition)} ORDER BY seq DESC LIMIT ?",
                [*values, -1 if newest is None else newest],
            ).fetchall()
        return _table([row[0] for row in reversed(rows)], pa.schema([schema.field(name) for name in names]))

    def following(self, kinds: Sequence[str], after: int, most: int) -> list[tuple[int, str, dict[str, Any]]]:
        """The first records of some kinds after a place in the log: place, kind, fields (times as microseconds since 1970)."""
        self.flush()
        with self._reading:
            rows = self._reader.execute(
                f"SELECT seq, kind, body FROM record WHERE seq > ? AND kind IN ({', '.join('?' * len(kinds))}) "
                "ORDER BY seq LIMIT ?",
                [after, *kinds, most],
            ).fetchall()
        return [(seq, kind, orjson.loads(body)) for seq, kind, body in rows]

    def flush(self, durable: bool = False) -> None:
        """Commit what waits; to the disk itself if durable."""
        with self._writing:
            with self._lock:
                pending, self._pending = self._pending, []
            if not pending:
                return
            rows = [
                (kind, at, *(body.get(name) for name, _ in COMMON), orjson.dumps(body)) for kind, at, body in pending
            ]
            if durable:
                self._writer.execute("PRAGMA synchronous = FULL")
            try:
                self._writer.execute("BEGIN")
                self._writer.executemany(INSERT, rows)
                self._writer.execute("COMMIT")
            except sqlite3.Error as error:
                self._keep(pending, error, durable)
            finally:
                if durable:
                    self._writer.execute("PRAGMA synchronous = NORMAL")

    def _keep(self, pending: list[tuple[str, float, dict[str, Any]]], error: sqlite3.Error, durable: bool) -> None:
        """Records that could not be written (a full disk) wait for better times; who needs them on disk is told."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        with self._lock:
            self._pending = [*pending, *self._pending][-MAX_WAITING:]
        if durable:
            raise SqlError("53100", f"could not write to the activity log: {error}") from error
        log.warning("records wait, because they could not be written: %s", error)

    def trim(self) -> None:
        """Forget what is older than the retention, and the oldest beyond the greatest number kept of a kind."""
        with self._writing:
            self._writer.execute("DELETE FROM record WHERE at < ?", (self._oldest(),))
            for kind in KINDS:
                self._writer.execute(
                    "DELETE FROM record WHERE kind = ? AND seq <= "
                    "(SELECT seq FROM record WHERE kind = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                    (kind, kind, self._max_rows),
                )

    def _oldest(self) -> float:
        """What was written before this is forgotten."""
        return self._clock.now().timestamp() - self._retention

    def close(self) -> None:
        """Commit what waits and close."""
        self._closing = True
        self._some.set()
        self._thread.join()
        self.flush(durable=True)
        self._writer.close()
        self._reader.close()

    def _run(self) -> None:
        while not self._closing:
            self._some.wait()
            if self._closing:
                return
            self._some.clear()
            time.sleep(FLUSH_SECONDS)
            self.flush()
            if time.monotonic() - self._trimmed > TRIM_SECONDS:
                self._trimmed = time.monotonic()
                try:
                    self.trim()
                except sqlite3.Error as error:
                    log.warning("old records could not be removed: %s", error)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=60)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _plain(value: Any) -> Any:
    """A field as JSON can hold it: times become microseconds since 1970, text is bounded and well-formed."""
    if isinstance(value, str):
        return value[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return _micros(aware)
    if isinstance(value, bool):
        return int(value)
    return value


def _micros(value: datetime) -> int:
    delta = value - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def _table(bodies: list[bytes], schema: pa.Schema) -> pa.Table:
    if not bodies:
        return schema.empty_table()
    # Times are numbers in the JSON: exact, and faster to read than text.
    numbers = pa.schema([pa.field(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type) for f in schema])
    data = io.BytesIO(b"\n".join(bodies))
    table = pajson.read_json(
        data,
        read_options=pajson.ReadOptions(block_size=16 << 20),
        parse_options=pajson.ParseOptions(explicit_schema=numbers, unexpected_field_behavior="ignore"),
    )
    return table.cast(schema)
