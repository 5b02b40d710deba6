"""What is there of multipart uploads: lists of parts and of uploads under way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3.buckets import find, owner
from slipher.cloud.s3.facts import CHECKSUMS
from slipher.cloud.s3.multipart import find_upload
from slipher.cloud.state.s3 import parts, uploads


def list_parts(call: Call) -> dict[str, Any]:
    """ListParts."""
    limit = min(call.params.get("MaxParts") or 1000, 1000)
    marker = int(call.params.get("PartNumberMarker") or 0)
    with call.gateway.read() as db:
        bucket = find(db, call)
        upload = find_upload(db, call)
        rows = db.execute(
            select(parts)
            .where(parts.c.upload == upload.id, parts.c.number > marker)
            .order_by(parts.c.number)
            .limit(limit + 1)
        ).all()
    page = rows[:limit]
    who = owner(bucket.account)
    found: dict[str, Any] = {
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
            | {name: row.facts[name] for name in CHECKSUMS.values() if name in row.facts}
            for row in page
        ],
        "Initiator": who,
        "Owner": who,
        "StorageClass": upload.facts.get("StorageClass", "STANDARD"),
    }
    if wanted := upload.facts.get("ChecksumWanted"):
        found |= {"ChecksumAlgorithm": wanted[0], "ChecksumType": wanted[1]}
    return found


def list_uploads(call: Call) -> dict[str, Any]:
    """ListMultipartUploads: by key, then by age; common prefixes at a delimiter; pages by the two markers."""
    params = call.params
    if params.get("EncodingType") not in (None, "url"):
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request")

    def text(key: bytes) -> str:
        return quote(key, safe="/-_.~*()!'") if params.get("EncodingType") else key.decode()

    prefix, delimiter = str(params.get("Prefix") or "").encode(), str(params.get("Delimiter") or "").encode()
    marker, id_marker = str(params.get("KeyMarker") or "").encode(), str(params.get("UploadIdMarker") or "")
    limit = min(params["MaxUploads"] if params.get("MaxUploads") is not None else 1000, 1000)
    with call.gateway.read() as db:
        bucket = find(db, call)
        rows = db.execute(
            select(uploads)
            .where(uploads.c.bucket == bucket.name, uploads.c.key >= marker)
            .order_by(uploads.c.key, uploads.c.created, uploads.c.id)
        ).all()
    passed = {row.id for row in rows if row.key == marker}  # with an id: those of the marker's key up to it
    if id_marker:
        same = [row.id for row in rows if row.key == marker]
        passed = set(same[: same.index(id_marker) + 1]) if id_marker in same else passed
    who = owner(bucket.account)
    found: list[dict[str, Any]] = []
    prefixes: list[bytes] = []
    truncated, last = False, (b"", "")
    for row in rows:
        if not row.key.startswith(prefix) or (marker and row.id in passed):
            continue
        cut = row.key.find(delimiter, len(prefix)) if delimiter else -1
        common = row.key[: cut + len(delimiter)] if cut >= 0 else None
        if common is not None and (common in prefixes or common <= marker):
            continue
        if len(found) + len(prefixes) == limit:
            truncated = True
            break
        if common is not None:
            prefixes.append(common)
            last = (common, "")
            continue
        found.append(
            {
                "Key": text(row.key),
                "UploadId": row.id,
                "Initiated": datetime.fromtimestamp(row.created, UTC),
                "StorageClass": row.facts.get("StorageClass", "STANDARD"),
                "Initiator": who,
                "Owner": who,
            }
        )
        last = (row.key, row.id)
    result: dict[str, Any] = {
        "Bucket": bucket.name,
        "KeyMarker": text(marker),
        "UploadIdMarker": id_marker,
        "Prefix": text(prefix),
        "MaxUploads": limit,
        "IsTruncated": truncated,
        "Uploads": found,
        "CommonPrefixes": [{"Prefix": text(one)} for one in prefixes],
    }
    if delimiter:
        result["Delimiter"] = text(delimiter)
    if params.get("EncodingType"):
        result["EncodingType"] = "url"
    if truncated:
        result |= {"NextKeyMarker": text(last[0]), "NextUploadIdMarker": last[1]}
    return result
