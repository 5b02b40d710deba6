"""Objects: put, get, head, copy, delete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import FileIO
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.aws.parse import unquote_copy_source
from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call, Streamed
from slipher.cloud.s3 import blobs, encryption
from slipher.cloud.s3.buckets import find, no_such_bucket
from slipher.cloud.s3.conditions import byte_range, check_read, check_write
from slipher.cloud.s3.facts import TEXTS, checksums, described, shown, shown_checksums
from slipher.cloud.s3.policies import resource_policy
from slipher.cloud.state.s3 import buckets, objects

MAX_KEY = 1024
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def object_arn(call: Call) -> str:
    """The ARN of the request's object."""
    return f"arn:aws:s3:::{call.params['Bucket']}/{call.params.get('Key', '')}"


def checked_key(text: str) -> bytes:
    """A key, not too long."""
    key = text.encode("utf-8", "surrogateescape")
    if len(key) > MAX_KEY:
        raise AwsError("KeyTooLongError", "Your key is too long", extra={"MaxSizeAllowed": str(MAX_KEY)})
    return key


def key_of(call: Call) -> bytes:
    """The request's key, checked."""
    return checked_key(str(call.params["Key"]))


def row_of(db: Connection, bucket: str, key: bytes) -> Row[Any] | None:
    """An object's row."""
    return db.execute(select(objects).where(objects.c.bucket == bucket, objects.c.key == key)).first()


def save(
    call: Call, db: Connection, bucket: str, key: bytes, blob: str, size: int, etag: str, facts: dict[str, Any]
) -> list[str]:
    """Put the object's row in place of the one before, under the request's conditions; the blobs that no row names now."""
    old: list[str] = []
    if db.execute(select(buckets.c.name).where(buckets.c.name == bucket)).first() is None:
        raise no_such_bucket(bucket)
    before = row_of(db, bucket, key)
    check_write(call.params, before)
    if before is not None:
        old.append(before.blob)
        db.execute(delete(objects).where(objects.c.bucket == bucket, objects.c.key == key))
    db.execute(
        insert(objects).values(
            bucket=bucket, key=key, blob=blob, size=size, etag=etag, modified=call.gateway.now(), facts=facts
        )
    )
    return old


async def put(call: Call) -> dict[str, Any]:
    """PutObject."""
    assert call.body is not None
    facts, key = described(call), key_of(call)
    with call.gateway.read() as db:
        bucket = find(db, call).name
        check_write(call.params, row_of(db, bucket, key))
    sealed, data_key = await asyncio.to_thread(encryption.begin, call, bucket)
    run = encryption.Run(data_key, [[0, 0]]) if data_key is not None else None
    blob = await blobs.store(call.gateway, encryption.through(run, call.body))
    sums = checksums(call)

    def commit() -> list[str]:
        with call.gateway.transaction() as db:
            return save(call, db, bucket, key, blob.id, blob.size, blob.md5, facts | sums | sealed)

    try:
        old = await asyncio.to_thread(commit)
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)
    return {"ETag": f'"{blob.md5}"'} | encryption.shown(sealed) | shown_checksums(sums)


def _missing(call: Call, bucket: str, key: str, policy: tuple[str | None, str | None]) -> AwsError:
    """NoSuchKey; a caller who may not list learns nothing of what is not there: 403."""
    _, decision = decide(call, "s3:ListBucket", f"arn:aws:s3:::{bucket}", None, policy)
    if not decision.allowed:
        return AwsError("AccessDenied", "Access Denied", 403)
    return AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": key})


def _find_object(call: Call) -> Row[Any]:
    """The request's object."""
    if call.params.get("VersionId") not in (None, "null"):
        raise AwsError("NotImplemented", f"{call.operation} with VersionId is not implemented by Slipher yet.", 501)
    with call.gateway.read() as db:
        bucket = find(db, call)
        row = row_of(db, bucket.name, key_of(call))
    if row is None:
        raise _missing(call, bucket.name, str(call.params["Key"]), resource_policy(call))
    return row


def _result(row: Row[Any], call: Call) -> dict[str, Any]:
    found = shown(row.facts, row.size, row.etag, row.modified)
    if call.params.get("ChecksumMode") == "ENABLED" and not call.params.get("Range"):
        found |= shown_checksums(row.facts)
    for name in (*TEXTS, "Expires"):
        if call.params.get(f"Response{name}"):
            if call.caller.kind == "anonymous":
                raise AwsError(
                    "InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests."
                )
            found[name] = call.params[f"Response{name}"]
    return found


def get(call: Call) -> Streamed:
    """GetObject."""
    row, file = _open(call)
    try:
        check_read(call.params, row)
        result = _result(row, call)
        part = byte_range(call.params.get("Range"), row.size)
        data_key = encryption.data_key_of(call, row.facts)
    except BaseException:
        file.close()
        raise
    start, length = part or (0, row.size)
    if part is not None:
        result["ContentRange"] = f"bytes {start}-{start + length - 1}/{row.size}"
    chunks = opened(row, file, data_key, start, length)
    return Streamed(result, chunks, length, 206 if part is not None else 200)


def opened(row: Row[Any], file: FileIO, data_key: bytes | None, start: int, length: int) -> AsyncIterator[bytes]:
    """A range of an object's bytes, decrypted where they are encrypted."""
    pieces = blobs.read(file, start, length)
    if data_key is None:
        return pieces
    return encryption.through(encryption.Run(data_key, encryption.parts_of(row.facts, row.size), start), pieces)


def _open(call: Call) -> tuple[Row[Any], FileIO]:
    """The object's row and its open file; a writer may put another in its place between the two looks."""
    row = _find_object(call)
    while True:
        try:
            return row, blobs.open_blob(call.gateway, row.blob, row.size)
        except FileNotFoundError:
            before, row = row, _find_object(call)
            if row.blob == before.blob:
                raise


def head(call: Call) -> dict[str, Any]:
    """HeadObject."""
    row = _find_object(call)
    check_read(call.params, row)
    result = _result(row, call)
    part = byte_range(call.params.get("Range"), row.size)
    if part is not None:
        start, length = part
        result |= {"ContentLength": length, "ContentRange": f"bytes {start}-{start + length - 1}/{row.size}"}
    return result


def delete_(call: Call) -> None:
    """DeleteObject: a key that is not there is deleted as well."""
    if call.params.get("VersionId") not in (None, "null"):
        raise AwsError("NotImplemented", "DeleteObject with VersionId is not implemented by Slipher yet.", 501)
    with call.gateway.transaction() as db:
        bucket, key = find(db, call).name, key_of(call)
        if call.params.get("IfMatch"):
            check_write(call.params, row_of(db, bucket, key))
        old = _delete(db, bucket, key)
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
    if not wanted or len(wanted) > 1000 or any(not one.get("Key") for one in wanted):
        raise AwsError("MalformedXML", MALFORMED)
    for one in wanted:
        for member in set(one) - {"Key"}:
            if one[member] not in (None, "null"):
                raise AwsError("NotImplemented", f"DeleteObjects with {member} is not implemented by Slipher yet.", 501)
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


def copy(call: Call) -> dict[str, Any]:
    """CopyObject: GetObject on the source, PutObject on the target. Bodies never change, so the copy shares the bytes."""
    params = call.params
    facts = described(call)
    key_of(call)
    if "?" in str(params["CopySource"]):
        raise AwsError("NotImplemented", "CopyObject of a version is not implemented by Slipher yet.", 501)
    if params.get("TaggingDirective") not in (None, "COPY"):
        raise AwsError("NotImplemented", "CopyObject with TaggingDirective is not implemented by Slipher yet.", 501)
    directive = params.get("MetadataDirective") or "COPY"
    if directive not in ("COPY", "REPLACE"):
        raise AwsError("InvalidArgument", "Unknown metadata directive.")
    source_bucket, source_key = unquote_copy_source(str(params["CopySource"]))
    if not source_bucket or not source_key:
        raise AwsError("InvalidArgument", "Invalid copy source object key")
    row = source(call, source_bucket, source_key)
    before = encryption.data_key_of(call, row.facts)
    with call.gateway.read() as db:
        target = find(db, call).name
    sealed, after = encryption.begin(call, target)
    made = _rewritten(call, row, before, after)
    try:
        result, old = _commit_copy(call, row, made, facts, sealed, directive)
    except BaseException:
        blobs.remove(call.gateway, [made.id] if made is not None else [])
        raise
    blobs.remove(call.gateway, old)
    return {"CopyObjectResult": result} | encryption.shown(sealed)


def _commit_copy(
    call: Call, row: Row[Any], made: blobs.Blob | None, facts: dict[str, Any], sealed: dict[str, Any], directive: str
) -> tuple[dict[str, Any], list[str]]:
    """The copy's row: the result, and the blobs that no row names now."""
    params, key, source_bucket = call.params, key_of(call), row.bucket
    with call.gateway.transaction() as db:
        target = find(db, call).name
        again = target == source_bucket and key == row.key
        if again and directive == "COPY" and not params.get("StorageClass") and not params.get("ServerSideEncryption"):
            raise AwsError(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                "object's metadata, storage class, website redirect location or encryption attributes.",
            )
        current = row_of(db, source_bucket, row.key)  # as it is now that no one can write
        if current is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": row.key.decode()})
        if current.blob != row.blob:
            if made is not None or encryption.NAME in current.facts:  # what was decrypted is another object
                raise AwsError(
                    "OperationAborted",
                    "A conflicting conditional operation is currently in progress against this resource. Please try again.",
                    409,
                )
            row = current
        check_read(params, row, "CopySource")
        if directive == "COPY":
            kind = {name: facts[name] for name in ("StorageClass",) if name in facts}
            facts = {name: value for name, value in row.facts.items() if name != "StorageClass"} | kind
        else:
            facts |= shown_checksums(row.facts)
        facts = {name: value for name, value in facts.items() if name != encryption.NAME} | sealed
        blob = made.id if made is not None else blobs.again(call.gateway, row.blob)
        etag = made.md5 if made is not None else row.etag
        try:
            old = save(call, db, target, key, blob, row.size, etag, facts)
        except BaseException:
            blobs.remove(call.gateway, [blob])
            raise
    result = {"ETag": f'"{etag}"', "LastModified": call.gateway.clock.now()}
    return result | shown_checksums(row.facts), old


def _rewritten(call: Call, row: Row[Any], before: bytes | None, after: bytes | None) -> blobs.Blob | None:
    """A copy's own bytes, if they are encrypted here or there; None if they are the same."""
    if before is None and after is None:
        return None
    run = encryption.Run(after, [[0, 0]]) if after is not None else None

    async def rewrite() -> blobs.Blob:
        file = blobs.open_blob(call.gateway, row.blob, row.size)
        pieces = opened(row, file, before, 0, row.size)
        return await blobs.store(call.gateway, encryption.through(run, pieces))

    return asyncio.run(rewrite())


def source(call: Call, bucket: str, key: str) -> Row[Any]:
    """The row of a copy's source, which the caller may read."""
    with call.gateway.read() as db:
        owner = db.execute(select(buckets.c.policy, buckets.c.account).where(buckets.c.name == bucket)).first()
        row = row_of(db, bucket, checked_key(key))
    if owner is None:
        raise no_such_bucket(bucket)
    if call.params.get("ExpectedSourceBucketOwner") not in (None, owner.account):
        raise AwsError("AccessDenied", "Access Denied", 403)
    policy = (owner.policy, owner.account)
    call.require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", None, policy)
    if row is None:
        raise _missing(call, bucket, key, policy)
    return row
