"""Objects: put, get, head, copy, delete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, Row, select

from slipher.aws.parse import unquote_copy_source
from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call, Streamed
from slipher.cloud.s3 import blobs, encryption, index, tagging, versions
from slipher.cloud.s3.buckets import find, find_known, no_such_bucket
from slipher.cloud.s3.conditions import byte_range, check_read, check_write
from slipher.cloud.s3.facts import TEXTS, checksums, described, shown, shown_checksums
from slipher.cloud.s3.policies import resource_policy
from slipher.cloud.state.s3 import buckets

MAX_KEY = 1024
SMALL = 256 * 1024
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


def save(
    call: Call, db: Connection, bucket: str, key: bytes, blob: str, size: int, etag: str, facts: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """Put the object's row in place of the one before, under the request's conditions.

    The blobs that no row names now, and {"VersionId": ...} in a versioned bucket.
    """
    if not index.has_bucket(db, bucket):
        raise no_such_bucket(bucket)
    before = index.current(db, bucket, key)
    check_write(call.params, before)
    old, version = versions.retire(db, before, bucket, key)
    index.put(db, index.Current(bucket, key, blob, size, etag, call.gateway.now(), facts | version))
    return blobs.forget(db, old), version


async def put(call: Call) -> dict[str, Any]:
    """PutObject."""
    assert call.body is not None
    facts, key = described(call), key_of(call)
    bucket = find_known(call).row.name
    if call.params.get("IfMatch") or call.params.get("IfNoneMatch"):
        with call.gateway.read() as db:  # told before the body is read, and asked again when the row is written
            check_write(call.params, index.current(db, bucket, key))
    sealed, data_key = await asyncio.to_thread(encryption.begin, call, bucket)
    run = encryption.Run(data_key, [[0, 0]]) if data_key is not None else None
    blob = await blobs.receive(call.gateway, encryption.through(run, call.body))
    sums = checksums(call)

    def commit(db: Connection) -> tuple[list[str], dict[str, Any]]:
        blobs.keep(db, blob)
        return save(call, db, bucket, key, blob.id, blob.size, blob.md5, facts | sums | sealed)

    try:
        old, version = await asyncio.to_thread(call.gateway.write, commit)
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)
    return {"ETag": f'"{blob.md5}"'} | encryption.shown(sealed) | version | shown_checksums(sums)


def missing(call: Call, bucket: str, key: str, policy: tuple[str | None, str | None]) -> AwsError:
    """NoSuchKey; a caller who may not list learns nothing of what is not there: 403."""
    _, decision = decide(call, "s3:ListBucket", f"arn:aws:s3:::{bucket}", None, policy)
    if not decision.allowed:
        return AwsError("AccessDenied", "Access Denied", 403)
    return AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": key})


def find_object(call: Call) -> Row[Any]:
    """The request's object, in the version that it asks for."""
    wanted = call.params.get("VersionId")
    if wanted is not None:
        return versions.asked(call, key_of(call), str(wanted))
    bucket = find_known(call).row
    key = key_of(call)
    row = index.current_now(call.gateway, bucket.name, key)
    if row is None:
        with call.gateway.read() as db:
            marker = versions.latest_marker(db, bucket.name, key)
        error = missing(call, bucket.name, str(call.params["Key"]), resource_policy(call))
        shown = {"x-amz-delete-marker": "true", "x-amz-version-id": marker} if marker else {}
        raise AwsError(error.code, error.message, error.status, error.extra, {**error.headers, **shown})
    return row


def _result(row: Row[Any], call: Call) -> dict[str, Any]:
    found = shown(row.facts, row.size, row.etag, row.modified) | versions.shown(call, row) | tagging.counted(call, row)
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
    if length <= SMALL and data_key is None:  # this is a worker thread already: no other need be asked
        chunks = blobs.at_once(file, start, length)
    else:
        chunks = opened(row, file, data_key, start, length)
    return Streamed(result, chunks, length, 206 if part is not None else 200)


def opened(row: Row[Any], file: blobs.File, data_key: bytes | None, start: int, length: int) -> AsyncIterator[bytes]:
    """A range of an object's bytes, decrypted where they are encrypted."""
    pieces = blobs.read(file, start, length)
    if data_key is None:
        return pieces
    return encryption.through(encryption.Run(data_key, encryption.parts_of(row.facts, row.size), start), pieces)


def _open(call: Call) -> tuple[Row[Any], blobs.File]:
    """The object's row and its open file; a writer may put another in its place between the two looks."""
    row = find_object(call)
    while True:
        try:
            return row, blobs.open_blob(call.gateway, row.blob, row.size)
        except FileNotFoundError:
            before, row = row, find_object(call)
            if row.blob == before.blob:
                raise


def head(call: Call) -> dict[str, Any]:
    """HeadObject."""
    row = find_object(call)
    check_read(call.params, row)
    result = _result(row, call)
    part = byte_range(call.params.get("Range"), row.size)
    if part is not None:
        start, length = part
        result |= {"ContentLength": length, "ContentRange": f"bytes {start}-{start + length - 1}/{row.size}"}
    return result


def delete_(call: Call) -> dict[str, Any]:
    """DeleteObject: a key that is not there is deleted as well; in a versioned bucket a marker hides it."""
    version = call.params.get("VersionId")
    with call.gateway.transaction() as db:
        bucket, key = find(db, call).name, key_of(call)
        if call.params.get("IfMatch"):
            check_write(call.params, index.current(db, bucket, key))
        old, result = _delete(db, call, bucket, key, version)
    blobs.remove(call.gateway, old)
    return result


def _delete(
    db: Connection, call: Call, bucket: str, key: bytes, version: str | None
) -> tuple[list[str], dict[str, Any]]:
    """The blobs that no row names now, and what an answer says of versions."""
    if version is not None and not (version == versions.NULL and versions.status(db, bucket) is None):
        versions.check_id(version)
        old, marker = versions.delete_version(db, bucket, key, version)
        return blobs.forget(db, old), {"VersionId": version} | ({"DeleteMarker": True} if marker else {})
    old, made = versions.mark_deleted(db, call, index.current(db, bucket, key), bucket, key)
    return blobs.forget(db, old), {"DeleteMarker": True, "VersionId": made} if made else {}


def delete_many(call: Call) -> dict[str, Any]:
    """DeleteObjects: permission is asked key by key."""
    wanted = call.params["Delete"].get("Objects") or []
    if not wanted or len(wanted) > 1000 or any(not one.get("Key") for one in wanted):
        raise AwsError("MalformedXML", MALFORMED)
    for one in wanted:
        for member in set(one) - {"Key", "VersionId"}:
            if one[member] not in (None, "null"):
                raise AwsError("NotImplemented", f"DeleteObjects with {member} is not implemented by Slipher yet.", 501)
    quiet = call.params["Delete"].get("Quiet")
    deleted, errors, old = [], [], []
    policy = resource_policy(call)
    with call.gateway.transaction() as db:
        bucket = find(db, call).name
        for one in wanted:
            key, version = one["Key"], one.get("VersionId")
            named = {"VersionId": version} if version else {}
            action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
            _, decision = decide(call, action, f"arn:aws:s3:::{bucket}/{key}", None, policy)
            if not decision.allowed:
                errors.append({"Key": key, **named, "Code": "AccessDenied", "Message": "Access Denied"})
                continue
            gone, result = _delete(db, call, bucket, key.encode(), version)
            old += gone
            marker = result.get("DeleteMarker")
            shown = {"DeleteMarker": True, "DeleteMarkerVersionId": result["VersionId"]} if marker else {}
            deleted.append({"Key": key, **named, **shown})
    blobs.remove(call.gateway, old)
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


def copy(call: Call) -> dict[str, Any]:
    """CopyObject: GetObject on the source, PutObject on the target. Bodies never change, so the copy shares the bytes."""
    params = call.params
    facts = described(call)
    key_of(call)
    retag = params.get("TaggingDirective") or "COPY"
    if retag not in ("COPY", "REPLACE"):
        raise AwsError("InvalidArgument", "Unknown tagging directive.")
    directive = params.get("MetadataDirective") or "COPY"
    if directive not in ("COPY", "REPLACE"):
        raise AwsError("InvalidArgument", "Unknown metadata directive.")
    source_bucket, source_key, version = copy_source(call)
    row = source(call, source_bucket, source_key, version)
    tags = (
        facts.get(tagging.NAME) if retag == "REPLACE" else tagging.copied(call, row, source_bucket, source_key, version)
    )
    facts = {name: value for name, value in facts.items() if name != tagging.NAME}
    before = encryption.data_key_of(call, row.facts)
    with call.gateway.read() as db:
        target = find(db, call).name
    sealed, after = encryption.begin(call, target)
    made = _rewritten(call, row, before, after)
    try:
        result, old = _commit_copy(call, row, made, facts, sealed | ({tagging.NAME: tags} if tags else {}))
    except BaseException:
        blobs.remove(call.gateway, [made.id] if made is not None else [])
        raise
    blobs.remove(call.gateway, old)
    came = versions.shown(call, row)
    return result | encryption.shown(sealed) | ({"CopySourceVersionId": came["VersionId"]} if came else {})


def _commit_copy(
    call: Call, row: Row[Any], made: blobs.Blob | None, facts: dict[str, Any], new: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The copy's row, with new facts of its own: the result, and the blobs that no row names now."""
    params, key, source_bucket = call.params, key_of(call), row.bucket
    _, _, version = copy_source(call)
    directive = params.get("MetadataDirective") or "COPY"
    retag = params.get("TaggingDirective") or "COPY"
    with call.gateway.transaction() as db:
        target = find(db, call).name
        again = target == source_bucket and key == row.key
        if (
            again
            and version is None
            and directive == retag == "COPY"
            and not params.get("StorageClass")
            and not params.get("ServerSideEncryption")
        ):
            raise AwsError(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                "object's metadata, storage class, website redirect location or encryption attributes.",
            )
        # as it is now that no one can write
        if version is None:
            current = index.current(db, source_bucket, row.key)
        else:
            current = versions.find_version(db, source_bucket, row.key, version)
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
            own = ("StorageClass", versions.NAME, tagging.NAME)
            facts = {name: value for name, value in row.facts.items() if name not in own} | kind
        else:
            facts = {name: value for name, value in facts.items() if name != tagging.NAME}
            facts |= shown_checksums(row.facts)
        facts = {name: value for name, value in facts.items() if name != encryption.NAME} | new
        blob = made.id if made is not None else blobs.again(call.gateway, db, row.blob)
        etag = made.md5 if made is not None else row.etag
        try:
            old, version_made = save(call, db, target, key, blob, row.size, etag, facts)
        except BaseException:
            blobs.remove(call.gateway, [blob])
            raise
    result = {"ETag": f'"{etag}"', "LastModified": call.gateway.clock.now()}
    return {"CopyObjectResult": result | shown_checksums(row.facts)} | version_made, old


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


def copy_source(call: Call) -> tuple[str, str, str | None]:
    """Bucket, key and version of a CopySource."""
    text, _, version = str(call.params["CopySource"]).partition("?versionId=")
    bucket, key = unquote_copy_source(text)
    if not bucket or not key:
        raise AwsError("InvalidArgument", "Invalid copy source object key")
    return bucket, key, unquote(version) or None


def source(call: Call, bucket: str, key: str, version: str | None = None) -> Row[Any]:
    """The row of a copy's source, which the caller may read."""
    with call.gateway.read() as db:
        owner = db.execute(select(buckets.c.policy, buckets.c.account).where(buckets.c.name == bucket)).first()
        row = (
            index.current(db, bucket, checked_key(key))
            if version is None
            else versions.find_version(db, bucket, checked_key(key), version)
        )
    if owner is None:
        raise no_such_bucket(bucket)
    if call.params.get("ExpectedSourceBucketOwner") not in (None, owner.account):
        raise AwsError("AccessDenied", "Access Denied", 403)
    policy = (owner.policy, owner.account)
    action = "s3:GetObject" if version is None else "s3:GetObjectVersion"
    call.require(action, f"arn:aws:s3:::{bucket}/{key}", None, policy)
    if row is None and version is not None:
        raise versions.no_such_version(key, version)
    if row is None:
        raise missing(call, bucket, key, policy)
    if version is not None and versions.is_marker(row):
        raise AwsError(
            "InvalidRequest",
            "The source of a copy request may not specifically refer to a delete marker by version id.",
        )
    return row
