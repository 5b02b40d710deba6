"""The index's statements of every request, as text: SQLAlchemy's expressions would cost more than SQLite itself."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Connection, Row

from slipher.cloud.context import Gateway

CURRENT = "SELECT bucket, key, blob, size, etag, modified, facts FROM s3_objects WHERE bucket = ? AND key = ?"
INSERT = "INSERT INTO s3_objects (bucket, key, blob, size, etag, modified, facts) VALUES (?, ?, ?, ?, ?, ?, ?)"
DELETE = "DELETE FROM s3_objects WHERE bucket = ? AND key = ?"
BUCKET = "SELECT 1 FROM s3_buckets WHERE name = ?"
VERSIONING = "SELECT value FROM s3_settings WHERE bucket = ? AND name = 'versioning'"
BODY = "SELECT body FROM s3_bodies WHERE id = ?"
INSERT_BODY = "INSERT INTO s3_bodies (id, body) VALUES (?, ?)"
DELETE_BODY = "DELETE FROM s3_bodies WHERE id = ?"


class Current(NamedTuple):
    """A row of s3_objects."""

    bucket: str
    key: bytes
    blob: str
    size: int
    etag: str
    modified: float
    facts: dict[str, Any]


def _row(found: Any) -> Row[Any] | None:
    if found is None:
        return None
    return cast(
        "Row[Any]", Current._make((*found[:6], orjson.loads(found[6])))
    )  # what reads rows of the table reads this


def current(db: Connection, bucket: str, key: bytes) -> Row[Any] | None:
    """The current version of a key, in a transaction."""
    return _row(db.exec_driver_sql(CURRENT, (bucket, key)).first())


def current_now(gateway: Gateway, bucket: str, key: bytes) -> Row[Any] | None:
    """The current version of a key, as it is at this moment."""
    return _row(gateway.look(CURRENT, (bucket, key)))


def body_now(gateway: Gateway, blob: str) -> bytes | None:
    """A small body."""
    found = gateway.look(BODY, (blob,))
    return None if found is None else bytes(found[0])


def put(db: Connection, row: Current) -> None:
    """Add the current version of a key that has none."""
    db.exec_driver_sql(INSERT, (*row[:6], orjson.dumps(row.facts).decode()))


def take(db: Connection, bucket: str, key: bytes) -> None:
    """Delete the current version of a key."""
    db.exec_driver_sql(DELETE, (bucket, key))


def has_bucket(db: Connection, bucket: str) -> bool:
    """Whether there is such a bucket."""
    return db.exec_driver_sql(BUCKET, (bucket,)).first() is not None


def versioning(db: Connection, bucket: str) -> str | None:
    """Enabled, Suspended, or None for never."""
    found = db.exec_driver_sql(VERSIONING, (bucket,)).first()
    return None if found is None else str(orjson.loads(found[0])["Status"])
