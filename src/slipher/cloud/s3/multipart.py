"""Multipart uploads: create, parts, complete, abort."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.aws.payload import checksum
from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3 import blobs, encryption
from slipher.cloud.s3.buckets import find
from slipher.cloud.s3.conditions import byte_range, check_read
from slipher.cloud.s3.facts import CHECKSUMS, checksums, described
from slipher.cloud.s3.objects import MALFORMED, copy_source, key_of, opened, save, source
from slipher.cloud.state.s3 import parts, uploads

MIN_PART = 5 * 1024 * 1024
MEMBERS = tuple(CHECKSUMS.values())


def create(call: Call) -> dict[str, Any]:
    """CreateMultipartUpload."""
    facts, key = described(call), key_of(call)
    algorithm, kind = call.params.get("ChecksumAlgorithm"), call.params.get("ChecksumType")
    if algorithm is not None:
        checksum(algorithm)  # refuses one that is not known
    if kind is not None and algorithm is None:
        raise AwsError(
            "InvalidRequest",
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
        )
    kind = kind or ("FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE")
    if algorithm is not None:
        facts["ChecksumWanted"] = [algorithm, kind]
    upload = secrets.token_urlsafe(48)
    with call.gateway.read() as db:
        bucket = find(db, call).name
    facts |= encryption.begin(call, bucket)[0]
    with call.gateway.transaction() as db:
        find(db, call)
        db.execute(insert(uploads).values(id=upload, bucket=bucket, key=key, created=call.gateway.now(), facts=facts))
    found = {"Bucket": bucket, "Key": call.params["Key"], "UploadId": upload, **encryption.shown(facts)}
    return found | ({"ChecksumAlgorithm": algorithm, "ChecksumType": kind} if algorithm else {})


def find_upload(db: Connection, call: Call) -> Row[Any]:
    """The upload that a request names; NoSuchUpload if there is none."""
    bucket = find(db, call).name
    row = db.execute(select(uploads).where(uploads.c.id == call.params["UploadId"])).first()
    if row is None or row.bucket != bucket or row.key != key_of(call):
        raise no_such_upload(call)
    return row


def no_such_upload(call: Call) -> AwsError:
    """NoSuchUpload."""
    return AwsError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
        "or completed.",
        404,
        extra={"UploadId": str(call.params["UploadId"])},
    )


def _number(call: Call) -> int:
    number = int(call.params["PartNumber"])
    if not 1 <= number <= 10000:
        raise AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    return number


def _put_part(call: Call, number: int, blob: blobs.Blob, facts: dict[str, str]) -> None:
    """The part's row, in place of the one before; the blob goes if that cannot be."""
    old = []
    try:
        with call.gateway.transaction() as db:
            upload = find_upload(db, call)
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
                    facts=facts,
                )
            )
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)


async def upload_part(call: Call) -> dict[str, Any]:
    """UploadPart."""
    assert call.body is not None
    number = _number(call)
    with call.gateway.read() as db:
        upload = find_upload(db, call)
    run = await asyncio.to_thread(_sealing, call, upload, number)
    blob = await blobs.store(call.gateway, encryption.through(run, call.body))
    sums = checksums(call)
    await asyncio.to_thread(_put_part, call, number, blob, sums)
    return {"ETag": f'"{blob.md5}"', **encryption.shown(upload.facts), **sums}


def _sealing(call: Call, upload: Row[Any], number: int) -> encryption.Run | None:
    """The cipher of a part, if the upload's object is encrypted: its caller must be allowed to decrypt the data key."""
    key = encryption.data_key_of(call, upload.facts)
    return encryption.Run(key, [[number, 0]]) if key is not None else None


async def upload_part_copy(call: Call) -> dict[str, Any]:
    """UploadPartCopy: a range of an object that the caller may read."""
    number = _number(call)
    bucket, key, version = copy_source(call)
    with call.gateway.read() as db:
        upload = find_upload(db, call)
    row = await asyncio.to_thread(source, call, bucket, key, version)
    check_read(call.params, row, "CopySource")
    wanted = call.params.get("CopySourceRange")
    part = byte_range(wanted, row.size)
    if wanted and part is None:
        raise AwsError("InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last")
    start, length = part or (0, row.size)
    file = await asyncio.to_thread(blobs.open_blob, call.gateway, row.blob, row.size)
    try:
        before = await asyncio.to_thread(encryption.data_key_of, call, row.facts)
        run = await asyncio.to_thread(_sealing, call, upload, number)
    except BaseException:
        file.close()
        raise
    blob = await blobs.store(call.gateway, encryption.through(run, opened(row, file, before, start, length)))
    await asyncio.to_thread(_put_part, call, number, blob, {})
    result = {"ETag": f'"{blob.md5}"', "LastModified": call.gateway.clock.now()}
    return {"CopyPartResult": result} | encryption.shown(upload.facts)


def complete(call: Call) -> dict[str, Any]:
    """CompleteMultipartUpload."""
    wanted = (call.params.get("MultipartUpload") or {}).get("Parts") or []
    if not wanted:
        raise AwsError("MalformedXML", MALFORMED)
    with call.gateway.read() as db:
        upload = find_upload(db, call)
        stored = {row.number: row for row in db.execute(select(parts).where(parts.c.upload == upload.id))}
    chosen = _chosen(wanted, stored)
    size = call.params.get("MpuObjectSize")
    if size is not None and size != sum(row.size for row in chosen):
        raise AwsError("InvalidRequest", "The provided 'x-amz-mp-object-size' header does not match what was computed.")
    try:
        blob = blobs.join(call.gateway, [row.blob for row in chosen])
    except FileNotFoundError:  # aborted or completed meanwhile
        raise no_such_upload(call) from None
    digest = hashlib.md5(b"".join(bytes.fromhex(row.etag) for row in chosen), usedforsecurity=False).hexdigest()
    etag = f"{digest}-{len(chosen)}"
    try:
        facts = dict(upload.facts)
        if encryption.NAME in facts:
            facts[encryption.NAME] |= {"Parts": [[row.number, row.size] for row in chosen]}
        sums = _checksum(call, facts.pop("ChecksumWanted", None), chosen, blob, facts)
        with call.gateway.transaction() as db:
            find_upload(db, call)
            old, version = save(call, db, upload.bucket, upload.key, blob.id, blob.size, etag, facts | sums)
            old += _forget(db, upload.id)
    except BaseException:
        blobs.remove(call.gateway, [blob.id])
        raise
    blobs.remove(call.gateway, old)
    return {
        "Location": f"{call.gateway.url}/{upload.bucket}/{call.params['Key']}",
        "Bucket": upload.bucket,
        "Key": call.params["Key"],
        "ETag": f'"{etag}"',
        **encryption.shown(facts),
        **version,
        **sums,
    }


def _checksum(
    call: Call, wanted: list[str] | None, chosen: list[Row[Any]], blob: blobs.Blob, facts: dict[str, Any]
) -> dict[str, str]:
    """The object's checksum: of the parts' checksums (composite), or of the whole; compared with what the request says."""
    algorithm, kind = wanted or ("", "")
    member = f"Checksum{algorithm}"
    if call.params.get("ChecksumType") not in (None, kind):
        raise AwsError("InvalidRequest", "The upload was created with another checksum type.")
    found: dict[str, str] = {}
    if kind == "COMPOSITE":
        if any(member not in row.facts for row in chosen):
            raise AwsError(
                "InvalidRequest", f"The upload was created using a {algorithm.lower()} checksum. Every part needs one."
            )
        digest = checksum(algorithm)
        digest.update(b"".join(base64.b64decode(row.facts[member]) for row in chosen))
        found = {member: f"{base64.b64encode(digest.digest()).decode()}-{len(chosen)}", "ChecksumType": kind}
    elif kind == "FULL_OBJECT":
        digest = checksum(algorithm)
        key = encryption.data_key_of(call, facts)
        run = encryption.Run(key, encryption.parts_of(facts, blob.size)) if key is not None else None
        with blobs.open_blob(call.gateway, blob.id, blob.size) as file:
            while piece := file.read(blobs.PIECE):
                digest.update(run.update(piece) if run is not None else piece)
        found = {member: base64.b64encode(digest.digest()).decode(), "ChecksumType": kind}
    for name in MEMBERS:
        given = call.params.get(name)
        if given is not None and found.get(name, "").partition("-")[0] != str(given).partition("-")[0]:
            raise AwsError(
                "BadDigest", f"The {name.removeprefix('Checksum')} you specified did not match the calculated checksum."
            )
    return found


def _chosen(wanted: list[dict[str, Any]], stored: dict[int, Row[Any]]) -> list[Row[Any]]:
    """The rows of the parts that a request names, after the checks of order, presence, ETag, checksums and size."""
    numbers = [part.get("PartNumber", 0) for part in wanted]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise AwsError(
            "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number."
        )
    chosen = []
    for part in wanted:
        row = stored.get(part.get("PartNumber", 0))
        if (
            row is None
            or str(part.get("ETag", "")).strip('"') != row.etag
            or any(name in part and part[name] != row.facts.get(name) for name in MEMBERS)
        ):
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
        old = _forget(db, find_upload(db, call).id)
    blobs.remove(call.gateway, old)
