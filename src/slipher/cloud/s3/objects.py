"""Objects: put, get, head, copy, delete."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.aws.parse import unquote_copy_source
from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call, Streamed
from slipher.cloud.s3 import blobs
from slipher.cloud.s3.buckets import find, no_such_bucket
from slipher.cloud.s3.policies import resource_policy
from slipher.cloud.state.s3 import buckets, objects

KEPT = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl", "Metadata")
CHECKSUMS = {
    "x-amz-checksum-crc32": "ChecksumCRC32",
    "x-amz-checksum-crc32c": "ChecksumCRC32C",
    "x-amz-checksum-crc64nvme": "ChecksumCRC64NVME",
    "x-amz-checksum-sha1": "ChecksumSHA1",
    "x-amz-checksum-sha256": "ChecksumSHA256",
}
REFUSED = ("SSECustomerAlgorithm", "SSEKMSKeyId", "ObjectLockMode", "Tagging", "GrantRead", "GrantFullControl")
MAX_KEY = 1024


def object_arn(call: Call) -> str:
    """The ARN of the request's object."""
    return f"arn:aws:s3:::{call.params['Bucket']}/{call.params.get('Key', '')}"


def key_of(call: Call) -> bytes:
    """The request's key, checked."""
    key = str(call.params["Key"]).encode()
    if len(key) > MAX_KEY:
        raise AwsError("KeyTooLongError", "Your key is too long", extra={"MaxSizeAllowed": str(MAX_KEY)})
    return key


def refuse(call: Call) -> None:
    """501 for members of a put that would have to do something."""
    for member in REFUSED:
        if call.params.get(member):
            raise AwsError("NotImplemented", f"{call.operation} with {member} is not implemented by Slipher yet.", 501)


def row_of(db: Connection, bucket: str, key: bytes) -> Row[Any] | None:
    """An object's row."""
    return db.execute(select(objects).where(objects.c.bucket == bucket, objects.c.key == key)).first()


def save(call: Call, bucket: str, key: bytes, blob: str, size: int, etag: str, facts: dict[str, Any]) -> list[str]:
    """Put the object's row in place of the one before, under the request's conditions; the blobs that no row names now."""
    old: list[str] = []
    with call.gateway.transaction() as db:
        if db.execute(select(buckets.c.name).where(buckets.c.name == bucket)).first() is None:
            raise no_such_bucket(bucket)
        before = row_of(db, bucket, key)
        _write_conditions(call, before)
        if before is not None:
            old.append(before.blob)
            db.execute(delete(objects).where(objects.c.bucket == bucket, objects.c.key == key))
        db.execute(
            insert(objects).values(
                bucket=bucket, key=key, blob=blob, size=size, etag=etag, modified=call.gateway.now(), facts=facts
            )
        )
    return old


def _write_conditions(call: Call, before: Row[Any] | None) -> None:
    if call.params.get("IfNoneMatch") == "*" and before is not None:
        raise _precondition("If-None-Match")
    wanted = call.params.get("IfMatch")
    if wanted and call.operation != "GetObject":
        if before is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        if wanted.strip('"') != before.etag:
            raise _precondition("If-Match")


def _precondition(name: str) -> AwsError:
    return AwsError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        extra={"Condition": name},
    )


async def put(call: Call) -> dict[str, Any]:
    """PutObject."""
    assert call.body is not None
    refuse(call)
    key = key_of(call)
    with call.gateway.read() as db:
        bucket = find(db, call).name
    blob = await blobs.store(call.gateway, call.body)
    checksums = {CHECKSUMS[name]: value for name, value in call.checksums().items() if name in CHECKSUMS}
    facts = {name: call.params[name] for name in KEPT if call.params.get(name)} | checksums
    try:
        old = save(call, bucket, key, blob.id, blob.size, blob.md5, facts)
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)
    return {"ETag": f'"{blob.md5}"', "ServerSideEncryption": "AES256", **checksums}


def _find_object(call: Call) -> Row[Any]:
    """The request's object; what a caller who may not list learns of a missing one is 403."""
    with call.gateway.read() as db:
        bucket = find(db, call)
        row = row_of(db, bucket.name, key_of(call))
    if row is None:
        _, decision = decide(call, "s3:ListBucket", f"arn:aws:s3:::{bucket.name}", None, resource_policy(call))
        if not decision.allowed:
            raise AwsError("AccessDenied", "Access Denied", 403)
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": str(call.params["Key"])})
    return row


def _read_conditions(call: Call, row: Row[Any]) -> None:
    params = call.params
    modified = datetime.fromtimestamp(int(row.modified), UTC)
    if params.get("IfMatch") and params["IfMatch"].strip('"') not in (row.etag, "*"):
        raise _precondition("If-Match")
    if params.get("IfNoneMatch") and params["IfNoneMatch"].strip('"') in (row.etag, "*"):
        raise AwsError("NotModified", "Not Modified", 304)
    if params.get("IfUnmodifiedSince") and not params.get("IfMatch") and modified > params["IfUnmodifiedSince"]:
        raise _precondition("If-Unmodified-Since")
    if params.get("IfModifiedSince") and not params.get("IfNoneMatch") and modified <= params["IfModifiedSince"]:
        raise AwsError("NotModified", "Not Modified", 304)


RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _range(call: Call, size: int) -> tuple[int, int] | None:
    """(start, length) of the Range parameter; None for the whole object; 416 outside."""
    match = RANGE.fullmatch(str(call.params.get("Range") or ""))
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        start = max(size - int(last), 0)
        end = size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or end <= start:
        raise AwsError(
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
            extra={"RangeRequested": str(call.params["Range"]), "ActualObjectSize": str(size)},
            headers={"content-range": f"bytes */{size}"},
        )
    return start, end - start


def _result(row: Row[Any], call: Call) -> dict[str, Any]:
    facts = row.facts
    found = {name: facts[name] for name in KEPT if name in facts}
    if call.params.get("ChecksumMode") == "ENABLED" and not call.params.get("Range"):
        found |= {name: facts[name] for name in CHECKSUMS.values() if name in facts}
    for name in KEPT[:-1]:
        if call.params.get(f"Response{name}"):
            found[name] = call.params[f"Response{name}"]
    found.setdefault("ContentType", "binary/octet-stream")
    return found | {
        "ETag": f'"{row.etag}"',
        "LastModified": datetime.fromtimestamp(row.modified, UTC),
        "ContentLength": row.size,
        "AcceptRanges": "bytes",
        "ServerSideEncryption": "AES256",
    }


def get(call: Call) -> Streamed:
    """GetObject."""
    row = _find_object(call)
    _read_conditions(call, row)
    result = _result(row, call)
    part = _range(call, row.size)
    start, length = part or (0, row.size)
    if part is not None:
        result["ContentRange"] = f"bytes {start}-{start + length - 1}/{row.size}"
    chunks = blobs.read(call.gateway, row.blob, start, length)
    return Streamed(result, chunks, length, 206 if part is not None else 200)


def head(call: Call) -> dict[str, Any]:
    """HeadObject."""
    row = _find_object(call)
    _read_conditions(call, row)
    return _result(row, call)


def delete_(call: Call) -> None:
    """DeleteObject: a key that is not there is deleted as well."""
    with call.gateway.transaction() as db:
        old = _delete(db, find(db, call).name, key_of(call))
    blobs.remove(call.gateway, old)


def _delete(db: Connection, bucket: str, key: bytes) -> list[str]:
    row = row_of(db, bucket, key)
    if row is None:
        return []
    db.execute(delete(objects).where(objects.c.bucket == bucket, objects.c.key == key))
    return [row.blob]


def delete_many(call: Call) -> dict[str, Any]:
    """DeleteObjects: permission is asked key by key."""
    wanted = call.params["Delete"].get("Objects") or []
    if not wanted or len(wanted) > 1000:
        raise AwsError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )
    quiet = call.params["Delete"].get("Quiet")
    deleted, errors, old = [], [], []
    policy = resource_policy(call)
    with call.gateway.transaction() as db:
        bucket = find(db, call).name
        for one in wanted:
            key = one["Key"]
            _, decision = decide(call, "s3:DeleteObject", f"arn:aws:s3:::{bucket}/{key}", None, policy)
            if decision.allowed:
                old += _delete(db, bucket, key.encode())
                deleted.append({"Key": key})
            else:
                errors.append({"Key": key, "Code": "AccessDenied", "Message": "Access Denied"})
    blobs.remove(call.gateway, old)
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


async def copy(call: Call) -> dict[str, Any]:
    """CopyObject: GetObject on the source, PutObject on the target."""
    refuse(call)
    source_bucket, source_key = unquote_copy_source(str(call.params["CopySource"]))
    with call.gateway.read() as db:
        target = find(db, call).name
        owner = db.execute(select(buckets.c.policy, buckets.c.account).where(buckets.c.name == source_bucket)).first()
        if owner is None:
            raise no_such_bucket(source_bucket)
        call.require("s3:GetObject", f"arn:aws:s3:::{source_bucket}/{source_key}", None, (owner.policy, owner.account))
        row = row_of(db, source_bucket, source_key.encode())
    if row is None:
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": source_key})
    blob = await blobs.store(call.gateway, blobs.read(call.gateway, row.blob, 0, row.size))
    facts = dict(row.facts)
    if call.params.get("MetadataDirective") == "REPLACE":
        facts = {name: call.params[name] for name in KEPT if call.params.get(name)}
    old = save(call, target, key_of(call), blob.id, blob.size, blob.md5, facts)
    blobs.remove(call.gateway, old)
    return {"CopyObjectResult": {"ETag": f'"{blob.md5}"', "LastModified": call.gateway.clock.now()}}
