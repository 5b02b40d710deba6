"""The files that copy jobs know: what stood under a prefix, and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slipher.sql.parse import parse
from slipher.sql.statements.copy import Copy
from slipher.warehouse import credentials
from slipher.warehouse.catalog.model import CopyJobRow
from slipher.warehouse.copy.files import File
from slipher.warehouse.s3 import S3, S3Object
from slipher.warehouse.statement import CancelToken

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse
    from slipher.warehouse.engine.base import EngineSession

INGESTED, FAILED, BEFORE = "I", "E", "B"  # BEFORE: was there when the job was made


def remember_loaded(engine: EngineSession, job: int, files: Sequence[File], query: int) -> None:
    """In the transaction of a job's load: these files are loaded."""
    _remember(engine, job, [(one.bucket, one.key, one.size, one.etag, one.modified) for one in files], INGESTED, query)


def remember(engine: EngineSession, job: int, copy: Copy, found: Sequence[S3Object], status: str) -> None:
    """These files are not to be loaded (again)."""
    bucket = bucket_of(copy)
    _remember(engine, job, [(bucket, one.key, one.size, one.etag, one.last_modified) for one in found], status, 0)


def _remember(engine: EngineSession, job: int, files: Sequence[tuple[Any, ...]], status: str, query: int) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    for bucket, key, size, etag, modified in files:
        moment = modified.replace(tzinfo=None) if modified is not None else None
        engine.execute(
            "INSERT INTO catalog.copy_job_files VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [job, bucket, key, size, etag.strip('"'), moment, now, status, query],
        )


def arrived(
    warehouse: Warehouse, user: str, row: CopyJobRow, copy: Copy, engine: EngineSession, cancel: CancelToken
) -> list[S3Object]:
    """The files that the job has not tried."""
    known = {key for (key,) in engine.rows("SELECT key FROM catalog.copy_job_files WHERE job = $1", [row.oid])}
    return [one for one in listed(warehouse, user, copy, cancel) if one.key not in known]


def listed(warehouse: Warehouse, user: str, copy: Copy, cancel: CancelToken) -> list[S3Object]:
    provider = credentials.provider(warehouse, user, copy.authorization, cancel)
    s3 = S3(warehouse.config.s3, copy.region or warehouse.config.region, provider, cancel)
    return list(s3.list(bucket_of(copy), copy.source[5:].partition("/")[2]))


def bucket_of(copy: Copy) -> str:
    return copy.source[5:].partition("/")[0]


def copy_of(row: CopyJobRow) -> Copy:
    """The job's COPY, read again from its text."""
    statement = parse(row.text)[0].statement
    assert isinstance(statement, Copy)
    return statement


def for_job(copy: Copy, row: CopyJobRow, found: Sequence[S3Object]) -> Copy:
    return replace(copy, job=row.oid, only=frozenset(one.key for one in found))
