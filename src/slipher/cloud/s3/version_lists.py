"""ListObjectVersions: current versions, those before, and delete markers, by key and then the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, false, literal, select, union_all

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3.buckets import find, owner
from slipher.cloud.s3.listing import MAX_KEYS, after_prefix, text_of
from slipher.cloud.s3.versions import check_id, find_version
from slipher.cloud.state.s3 import objects, versions

CURRENT = 1 << 62  # the age of what is current: greater than any other
BATCH = 1000


def _rows(db: Connection, bucket: str, key: bytes, age: int | None, end: bytes | None) -> Iterator[Any]:
    """Rows from a key on; with an age, from below it among those of the key."""
    columns = ("key", "size", "etag", "modified", "facts")
    current = select(
        *(objects.c[name] for name in columns),
        literal(CURRENT).label("age"),
        literal("").label("version"),
        false().label("marker"),
    ).where(objects.c.bucket == bucket)
    before = select(
        *(versions.c[name] for name in columns), versions.c.age, versions.c.version, versions.c.marker
    ).where(versions.c.bucket == bucket)
    while True:
        low_age = CURRENT + 1 if age is None else age
        found = union_all(
            *(
                query.where((table.c.key >= key), *((table.c.key < end,) if end is not None else ()))
                for query, table in ((current, objects), (before, versions))
            )
        ).subquery()
        page = db.execute(
            select(found)
            .where((found.c.key > key) | (found.c.age < low_age))
            .order_by(found.c.key, found.c.age.desc())
            .limit(BATCH)
        ).all()
        yield from page
        if len(page) < BATCH:
            return
        key, age = page[-1].key, page[-1].age


def list_versions(call: Call) -> dict[str, Any]:
    """ListObjectVersions."""
    params = call.params
    if params.get("EncodingType") not in (None, "url"):
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request")
    limit = min(MAX_KEYS if params.get("MaxKeys") is None else params["MaxKeys"], MAX_KEYS)
    if limit < 0:
        raise AwsError("InvalidArgument", "maxKeys must be greater than or equal to 0")
    prefix, delimiter = str(params.get("Prefix") or "").encode(), str(params.get("Delimiter") or "").encode()
    key_marker, version_marker = str(params.get("KeyMarker") or "").encode(), params.get("VersionIdMarker")
    if version_marker and not key_marker:
        raise AwsError("InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    found: dict[str, list[dict[str, Any]]] = {"Versions": [], "DeleteMarkers": []}
    prefixes: list[bytes] = []
    truncated, last, count, seen = False, (b"", ""), 0, b""
    with call.gateway.read() as db:
        bucket = find(db, call)
        age = 0 if key_marker else None
        if version_marker:
            check_id(version_marker)
            row = find_version(db, bucket.name, key_marker, version_marker)
            age = 0 if row is None else row.age if "age" in row._fields else CURRENT
        low = key_marker
        if prefix > low:
            low, age = prefix, None
        who = owner(bucket.account)
        for row in _rows(db, bucket.name, low, age, after_prefix(prefix)):
            latest, seen = row.key != seen and not (row.key == key_marker and version_marker), row.key
            cut = row.key.find(delimiter, len(prefix)) if delimiter else -1
            common = row.key[: cut + len(delimiter)] if cut >= 0 else None
            if common is not None and (common in prefixes or (key_marker and common <= key_marker)):
                continue
            if count == limit:
                truncated = limit > 0
                break
            count += 1
            if common is not None:
                prefixes.append(common)
                last = (common, "")
                continue
            version = str(row.version) or str(row.facts.get("VersionId", "null"))
            shown = {
                "Key": text_of(row.key, call),
                "VersionId": version,
                "IsLatest": latest,
                "LastModified": datetime.fromtimestamp(row.modified, UTC),
                "Owner": who,
            }
            if row.marker:
                found["DeleteMarkers"].append(shown)
            else:
                kind = row.facts.get("StorageClass", "STANDARD")
                found["Versions"].append(shown | {"ETag": f'"{row.etag}"', "Size": row.size, "StorageClass": kind})
            last = (row.key, version)
    result: dict[str, Any] = {
        "Name": bucket.name,
        "Prefix": text_of(prefix, call),
        "KeyMarker": text_of(key_marker, call),
        "VersionIdMarker": version_marker or "",
        "MaxKeys": limit,
        "IsTruncated": truncated,
        "CommonPrefixes": [{"Prefix": text_of(one, call)} for one in prefixes],
        **found,
    }
    if delimiter:
        result["Delimiter"] = text_of(delimiter, call)
    if params.get("EncodingType"):
        result["EncodingType"] = "url"
    if truncated:
        result |= {"NextKeyMarker": text_of(last[0], call)} | ({"NextVersionIdMarker": last[1]} if last[1] else {})
    return result
