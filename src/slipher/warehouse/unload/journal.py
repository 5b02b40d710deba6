"""Multipart uploads that an UNLOAD has open, on disk: what a killed process leaves is aborted at the next start.

Only UNLOADs under a role are written down: the keys of another are nowhere kept, and its uploads wait for the bucket's
lifecycle, as on AWS.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from slipher.base.errors import SqlError
from slipher.sql.statements.authorization import Authorization
from slipher.warehouse import credentials, s3uploads
from slipher.warehouse.s3 import S3
from slipher.warehouse.statement import CancelToken

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse

log = logging.getLogger(__name__)
TRIES = 5
PAUSE_SECONDS = 2.0


class Journal:
    """The open uploads of one UNLOAD. Used by the threads of its slices."""

    def __init__(
        self, warehouse: Warehouse, query_id: int, user: str, region: str, authorization: Authorization
    ) -> None:
        self._facts: dict[str, Any] = {"user": user, "region": region, "roles": authorization.roles}
        self._path = _directory(warehouse) / f"{query_id}.jsonl"
        self._kept = bool(authorization.roles) and authorization.roles != credentials.FEDERATED
        self._lock = threading.Lock()

    def opening(self, bucket: str, key: str) -> None:
        """An upload of a key is about to begin: its id is not known before it stands in S3."""
        if not self._kept:
            return
        line = orjson.dumps(self._facts | {"bucket": bucket, "key": key, "time": datetime.now(UTC).isoformat()}) + b"\n"
        with self._lock, self._path.open("ab") as file:
            file.write(line)

    def close(self) -> None:
        """No upload is open any more."""
        self._path.unlink(missing_ok=True)


def sweep(warehouse: Warehouse) -> None:
    """Abort what a process that died left open; waits for a gateway that is not there yet."""
    for path in sorted(_directory(warehouse).glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                facts = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue  # the process died while it wrote: nothing was begun after it
            _abort(warehouse, facts)
        path.unlink(missing_ok=True)


def _abort(warehouse: Warehouse, facts: dict[str, Any]) -> None:
    cancel = CancelToken()
    for _ in range(TRIES):
        try:
            provider = credentials.provider(
                warehouse, facts["user"], Authorization(roles=tuple(facts["roles"])), cancel
            )
            s3 = S3(warehouse.config.s3, facts["region"], provider, cancel)
            s3uploads.abort_since(s3, facts["bucket"], facts["key"], datetime.fromisoformat(facts["time"]))
            return
        except SqlError as error:
            failure = error
            threading.Event().wait(PAUSE_SECONDS)
    log.warning("an upload of s3://%s/%s stays open: %s", facts["bucket"], facts["key"], failure.message)


def _directory(warehouse: Warehouse) -> Path:
    directory: Path = warehouse.config.data_dir / "unloads"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory
