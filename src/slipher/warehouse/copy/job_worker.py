"""The thread that runs a cluster's automatic copy jobs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError
from slipher.sql.parse import Parsed
from slipher.sql.statements.copy import Copy
from slipher.warehouse.catalog.model import CopyJobRow, DatabaseRow, UserRow
from slipher.warehouse.copy.job_files import FAILED, arrived, bucket_of, copy_of, for_job, remember
from slipher.warehouse.run.execute import execute
from slipher.warehouse.s3 import S3Object
from slipher.warehouse.statement import CancelToken

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse
    from slipher.warehouse.run.state import SessionState

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
PAUSES = (2.0, 10.0, 60.0)  # before a job that failed as a whole is tried again


class CopyJobs:
    """Runs the automatic jobs of a cluster, each as its owner, until stop()."""

    def __init__(self, warehouse: Warehouse, open_session: Callable[[UserRow, str, str], SessionState]) -> None:
        self._warehouse = warehouse
        self._open_session = open_session
        self._stopping = threading.Event()
        self._failures: dict[int, tuple[int, float]] = {}  # how often in a row, and when to try again
        self._thread = threading.Thread(target=self._work, name="copy-jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for files."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further load; one that runs is ended with its session."""
        self._stopping.set()

    def _work(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for row in list(self._warehouse.catalog.snapshot.rows(CopyJobRow)):
                if row.auto and not self._stopping.is_set():
                    self._attempt(row)

    def _attempt(self, row: CopyJobRow) -> None:
        count, due = self._failures.get(row.oid, (0, 0.0))
        if time.monotonic() < due:
            return
        try:
            self._load(row)
            self._failures.pop(row.oid, None)
        except SqlError as error:
            self._failures[row.oid] = count + 1, time.monotonic() + PAUSES[min(count, len(PAUSES) - 1)]
            if count == 0:
                self._tell(row, error.message)
        except Exception:
            log.exception("copy job %s failed in an unforeseen way", row.name)
            self._failures[row.oid] = count + 1, time.monotonic() + PAUSES[-1]

    def _load(self, row: CopyJobRow) -> None:
        """One load of all that arrived; where it fails for its data, one of each file."""
        snapshot = self._warehouse.catalog.snapshot
        owner, database = snapshot.get(UserRow, row.owner), snapshot.get(DatabaseRow, row.database)
        if owner is None or database is None:
            return
        copy = copy_of(row)
        with (
            self._warehouse.job_lock(row.oid),
            closing(self._open_session(owner, database.name, row.search_path)) as session,
        ):
            found = arrived(self._warehouse, owner.name, row, copy, session.engine, CancelToken())
            if not found or self._try(session, row, copy, found) is None:
                return
            for one in found:
                error = self._try(session, row, copy, [one])
                if error is not None:
                    self._tell(row, f"s3://{bucket_of(copy)}/{one.key}: {error.message}")
                    remember(session.engine, row.oid, copy, [one], FAILED)

    def _try(self, session: SessionState, row: CopyJobRow, copy: Copy, found: Sequence[S3Object]) -> SqlError | None:
        """Load files; the error if their data is why they could not be loaded, others are raised."""
        try:
            execute(session, Parsed(for_job(copy, row, found), row.text, 0), Nobody())
            session.transaction.commit()
        except SqlError as error:
            if not error.message.startswith("Load into table"):
                raise
            return error
        return None

    def _tell(self, row: CopyJobRow, message: str) -> None:
        snapshot = self._warehouse.catalog.snapshot
        database = snapshot.get(DatabaseRow, row.database)
        self._warehouse.activity.append(
            "copy_job_info",
            {
                "userid": row.owner,
                "query": 0,
                "xid": 0,
                "pid": 0,
                "job_id": row.oid,
                "job_name": row.name,
                "database_name": database.name if database is not None else "",
                "record_time": self._warehouse.clock.now(),
                "message": message,
            },
        )


class Nobody:
    """The client of a load that nobody waits for."""

    def notice(self, severity: str, message: str, **_: object) -> None: ...
    def columns(self, columns: Sequence[object]) -> None: ...
    def batch(self, batch: object) -> None: ...
    def complete(self, tag: str) -> None: ...
