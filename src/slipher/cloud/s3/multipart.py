"""Multipart uploads."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3 import blobs
from slipher.cloud.s3.buckets import find
from slipher.cloud.s3.objects import CHECKSUMS, KEPT, key_of, refuse, save
from slipher.cloud.state.s3 import parts, uploads

MIN_PART = 5 * 1024 * 1024


def create(call: Call) -> dict[str, Any]:
    """CreateMultipartUpload."""
    refuse(call)
    key = key_of(call)
    upload = secrets.token_urlsafe(48)
    facts = {name: call.params[name] for name in KEPT if call.params.get(name)}
    with call.gateway.transaction() as db:
        bucket = find(db, call).name
        db.execute(insert(uploads).values(id=upload, bucket=bucket, key=key, created=call.gateway.now(), facts=facts))
    return {"Bucket": bucket, "Key": call.params["Key"], "UploadId": upload}


def _find(db: Connection, call: Call) -> Row[Any]:
    bucket = find(db, call).name
    row = db.execute(select(uploads).where(uploads.c.id == call.params["UploadId"])).first()
    if row is None or row.bucket != bucket or row.key != key_of(call):
        raise AwsError(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
            "or completed.",
            404,
            extra={"UploadId": str(call.params["UploadId"])},
        )
    return row


async def upload_part(call: Call) -> dict[str, Any]:
    """UploadPart."""
    assert call.body is not None
    number = call.params["PartNumber"]
    if not 1 <= number <= 10000:
        raise AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    with call.gateway.read() as db:
        _find(db, call)
    blob = await blobs.store(call.gateway, call.body)
    old = []
    try:
        with call.gateway.transaction() as db:
            upload = _find(db, call)
            mine = (parts.c.upload == upload.id, parts.c.number == number)
            before = db.execute(select(parts.c.blob).where(*mine)).first()
            if before is not None:
                old.append(before.blob)
                db.execute(delete(parts).where(*mine))
            db.execute(
                insert(parts).values(
                    upload=upload.id,
                    number=number,
                    blob=blob.id,
                    size=blob.size,
                    etag=blob.md5,
                    modified=call.gateway.now(),
                )
            )
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)
    checksums = {CHECKSUMS[name]: value for name, value in call.checksums().items() if name in CHECKSUMS}
    return {"ETag": f'"{blob.md5}"', "ServerSideEncryption": "AES256", **checksums}


async def complete(call: Call) -> dict[str, Any]:
    """CompleteMultipartUpload."""
    wanted = (call.params.get("MultipartUpload") or {}).get("Parts") or []
    if not wanted:
        raise AwsError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )
    with call.gateway.read() as db:
        upload = _find(db, call)
        stored = {row.number: row for row in db.execute(select(parts).where(parts.c.upload == upload.id))}
    chosen = _chosen(wanted, stored)
    blob = await asyncio.to_thread(blobs.join, call.gateway, [row.blob for row in chosen])
    digest = hashlib.md5(b"".join(bytes.fromhex(row.etag) for row in chosen), usedforsecurity=False).hexdigest()
    etag = f"{digest}-{len(chosen)}"
    try:
        old = save(call, upload.bucket, upload.key, blob.id, blob.size, etag, upload.facts)
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    with call.gateway.transaction() as db:
        old += _forget(db, upload.id)
    blobs.remove(call.gateway, old)
    return {
        "Location": f"{call.gateway.url}/{upload.bucket}/{call.params['Key']}",
        "Bucket": upload.bucket,
        "Key": call.params["Key"],
        "ETag": f'"{etag}"',
    }


def _chosen(wanted: list[dict[str, Any]], stored: dict[int, Row[Any]]) -> list[Row[Any]]:
    """The rows of the parts that a request names, after the checks of order, presence, ETag and size."""
    numbers = [part.get("PartNumber", 0) for part in wanted]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise AwsError(
            "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number."
        )
    chosen = []
    for part in wanted:
        row = stored.get(part.get("PartNumber", 0))
        if row is None or str(part.get("ETag", "")).strip('"') != row.etag:
            raise AwsError(
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag.",
            )
        chosen.append(row)
    if any(row.size < MIN_PART for row in chosen[:-1]):
        raise AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    return chosen


def _forget(db: Connection, upload: str) -> list[str]:
    old = list(db.scalars(select(parts.c.blob).where(parts.c.upload == upload)))
    db.execute(delete(parts).where(parts.c.upload == upload))
    db.execute(delete(uploads).where(uploads.c.id == upload))
    return old


def abort(call: Call) -> None:
    """AbortMultipartUpload."""
    with call.gateway.transaction() as db:
        old = _forget(db, _find(db, call).id)
    blobs.remove(call.gateway, old)


def list_parts(call: Call) -> dict[str, Any]:
    """ListParts."""
    limit = min(call.params.get("MaxParts") or 1000, 1000)
    marker = int(call.params.get("PartNumberMarker") or 0)
    with call.gateway.read() as db:
        upload = _find(db, call)
        rows = db.execute(
            select(parts)
            .where(parts.c.upload == upload.id, parts.c.number > marker)
            .order_by(parts.c.number)
            .limit(limit + 1)
        ).all()
    page = rows[:limit]
    return {
        "Bucket": upload.bucket,
        "Key": call.params["Key"],
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(rows) > limit,
        "Parts": [
            {
                "PartNumber": row.number,
                "LastModified": datetime.fromtimestamp(row.modified, UTC),
                "ETag": f'"{row.etag}"',
                "Size": row.size,
            }
            for row in page
        ],
        "StorageClass": "STANDARD",
    }


def list_uploads(call: Call) -> dict[str, Any]:
    """ListMultipartUploads: by key, then by age; one page (MaxUploads 1000)."""
    prefix = str(call.params.get("Prefix") or "").encode()
    with call.gateway.read() as db:
        bucket = find(db, call).name
        rows = db.execute(
            select(uploads).where(uploads.c.bucket == bucket).order_by(uploads.c.key, uploads.c.created)
        ).all()
    found = [row for row in rows if row.key.startswith(prefix)]
    return {
        "Bucket": bucket,
        "Prefix": prefix.decode(),
        "MaxUploads": 1000,
        "IsTruncated": len(found) > 1000,
        "Uploads": [
            {"Key": row.key.decode(), "UploadId": row.id, "Initiated": datetime.fromtimestamp(row.created, UTC)}
            for row in found[:1000]
        ],
    }
