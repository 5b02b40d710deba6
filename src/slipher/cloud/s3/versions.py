"""Versions: a bucket's versioning, and the rows of what is not current any more.

The current version of a key is its row among the objects, so lists and reads of what is current know nothing of versions. A
write in a versioned bucket moves the row before to s3_versions; a delete moves it too and puts a marker above it; deleting the
current version by its id brings the next one back, unless that is a marker.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3 import index
from slipher.cloud.s3.buckets import find, known
from slipher.cloud.s3.records import MALFORMED, keep, setting
from slipher.cloud.state.s3 import objects, versions

NULL = "null"  # the version of what was written while the bucket was not versioned
ID_LENGTH = 32
NAME = "VersionId"  # among an object's facts; not there: null


def put_status(call: Call) -> None:
    """PutBucketVersioning."""
    given = call.params["VersioningConfiguration"]
    if given.get("Status") not in ("Enabled", "Suspended"):
        raise AwsError("MalformedXML", MALFORMED)
    if given.get("MFADelete") not in (None, "Disabled"):
        raise AwsError("NotImplemented", "PutBucketVersioning with MFADelete is not implemented by Slipher yet.", 501)
    with call.gateway.transaction() as db:
        keep(db, find(db, call).name, "versioning", {"Status": given["Status"]})


def get_status(call: Call) -> dict[str, Any]:
    """GetBucketVersioning: empty of a bucket that was never versioned."""
    with call.gateway.read() as db:
        return dict(setting(db, find(db, call).name, "versioning") or {})


def status(db: Connection, bucket: str) -> str | None:
    """Enabled, Suspended, or None for never."""
    return index.versioning(db, bucket)


def version_of(row: Row[Any]) -> str:
    """The version id of a row of objects or versions."""
    return str(row.version) if "version" in row._fields else str(row.facts.get(NAME, NULL))


def new_id() -> str:
    """A version id."""
    return secrets.token_urlsafe(24)


def shown(call: Call, row: Row[Any]) -> dict[str, Any]:
    """{"VersionId": ...} of a row, unless its bucket was never versioned."""
    version = version_of(row)
    if version == NULL:
        bucket = known(call.gateway, row.bucket)
        if bucket is None or "versioning" not in bucket.settings:
            return {}
    return {NAME: version}


def check_id(version: str) -> None:
    """A version id as they are made."""
    if version != NULL and len(version) != ID_LENGTH:
        raise AwsError(
            "InvalidArgument",
            "Invalid version id specified",
            extra={"ArgumentName": "versionId", "ArgumentValue": version},
        )


def no_such_version(key: str, version: str) -> AwsError:
    """NoSuchVersion."""
    return AwsError(
        "NoSuchVersion", "The specified version does not exist.", 404, extra={"Key": key, "VersionId": version}
    )


def is_marker(row: Row[Any]) -> bool:
    """Whether a row of objects or versions is a delete marker."""
    return "marker" in row._fields and bool(row.marker)


def asked(call: Call, key: bytes, version: str) -> Row[Any]:
    """The version that a request asks for; a marker cannot be read."""
    check_id(version)
    with call.gateway.read() as db:
        row = find_version(db, find(db, call).name, key, version)
    if row is None:
        raise no_such_version(str(call.params["Key"]), version)
    if is_marker(row):
        moment = format_datetime(datetime.fromtimestamp(row.modified, UTC), usegmt=True)
        raise AwsError(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            405,
            extra={"Method": call.http.method, "ResourceType": "DeleteMarker"},
            headers={
                "x-amz-delete-marker": "true",
                "x-amz-version-id": version,
                "allow": "DELETE",
                "last-modified": moment,
            },
        )
    return row


def retire(db: Connection, before: Row[Any] | None, bucket: str, key: bytes) -> tuple[list[str], dict[str, Any]]:
    """Make room for a new current version: the blobs that no row names now, and the facts of the new version.

    The current row is taken from the objects; in a versioned bucket it goes on among the versions.
    """
    state = status(db, bucket)
    old: list[str] = []
    if state == "Suspended":
        old += _drop(db, bucket, key, NULL)
    if before is not None:
        index.take(db, bucket, key)
        if state is None or (state == "Suspended" and version_of(before) == NULL):
            old.append(before.blob)
        else:
            _add(db, before, version_of(before))
    return old, {NAME: new_id()} if state == "Enabled" else {}


def _age(db: Connection, bucket: str, key: bytes) -> int:
    top = db.scalar(select(func.max(versions.c.age)).where(versions.c.bucket == bucket, versions.c.key == key))
    return (top or 0) + 1


def _add(db: Connection, row: Row[Any], version: str) -> None:
    db.execute(
        insert(versions).values(
            bucket=row.bucket, key=row.key, age=_age(db, row.bucket, row.key), version=version, marker=False,
            blob=row.blob, size=row.size, etag=row.etag, modified=row.modified, facts=row.facts,
        )
    )  # fmt: skip


def _drop(db: Connection, bucket: str, key: bytes, version: str) -> list[str]:
    here = (versions.c.bucket == bucket, versions.c.key == key, versions.c.version == version)
    found = [row.blob for row in db.execute(select(versions.c.blob, versions.c.marker).where(*here)) if not row.marker]
    db.execute(delete(versions).where(*here))
    return found


def mark_deleted(
    db: Connection, call: Call, before: Row[Any] | None, bucket: str, key: bytes
) -> tuple[list[str], str | None]:
    """Delete a key without a version id: the blobs that no row names now, and the marker's version in a versioned bucket."""
    state = status(db, bucket)
    if state is None and before is None:
        return [], None
    old, facts = retire(db, before, bucket, key)
    if state is None:
        return old, None
    version = str(facts.get(NAME, NULL))
    db.execute(
        insert(versions).values(
            bucket=bucket, key=key, age=_age(db, bucket, key), version=version, marker=True, blob="", size=0, etag="",
            modified=call.gateway.now(), facts={},
        )
    )  # fmt: skip
    return old, version


def find_version(db: Connection, bucket: str, key: bytes, version: str) -> Row[Any] | None:
    """A version's row, of objects if it is current."""
    row = index.current(db, bucket, key)
    if row is not None and version_of(row) == version:
        return row
    return db.execute(
        select(versions).where(versions.c.bucket == bucket, versions.c.key == key, versions.c.version == version)
    ).first()


def latest_marker(db: Connection, bucket: str, key: bytes) -> str | None:
    """The version of the delete marker that hides a key which has no current version."""
    row = _latest(db, bucket, key)
    return str(row.version) if row is not None and row.marker else None


def _latest(db: Connection, bucket: str, key: bytes) -> Row[Any] | None:
    return db.execute(
        select(versions)
        .where(versions.c.bucket == bucket, versions.c.key == key)
        .order_by(versions.c.age.desc())
        .limit(1)
    ).first()


def delete_version(db: Connection, bucket: str, key: bytes, version: str) -> tuple[list[str], bool]:
    """Delete a version for good: the blobs that no row names now, and whether it was a marker."""
    row = find_version(db, bucket, key, version)
    if row is None:
        return [], False
    marker = is_marker(row)
    if "marker" in row._fields:
        old = _drop(db, bucket, key, version)
    else:
        old = [row.blob]
        db.execute(delete(objects).where(objects.c.bucket == bucket, objects.c.key == key))
    top = _latest(db, bucket, key)
    if index.current(db, bucket, key) is None and top is not None and not top.marker:
        values = {name: value for name, value in top._mapping.items() if name not in ("age", "version", "marker")}
        db.execute(insert(objects).values(**values))
        db.execute(
            delete(versions).where(versions.c.bucket == bucket, versions.c.key == key, versions.c.age == top.age)
        )
    return old, marker
