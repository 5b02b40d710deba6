"""Buckets that are mounted: what is asked of their objects is asked of the endpoint behind, after it was allowed here.

What is said of the bucket itself (policy, public access block, tags, location) is ours and kept here. A body is taken whole
before any of it is sent on, so that one that does not match its signature or checksum never gets there.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call, Handler, Result, Streamed
from slipher.cloud.context import Gateway
from slipher.cloud.mounts import Mount, Unmountable, asked, client_of, mounted, refusing
from slipher.cloud.s3 import blobs
from slipher.cloud.s3.buckets import ALL_BLOCKED, NAME, find_known
from slipher.cloud.s3.facts import CHECKSUMS, described
from slipher.cloud.s3.objects import MALFORMED, key_of, missing
from slipher.cloud.s3.policies import resource_policy
from slipher.cloud.state.s3 import buckets, settings

OURS = (  # what is said of the bucket itself
    "BucketPolicy", "PublicAccessBlock", "BucketTagging", "BucketLocation", "HeadBucket", "BucketAcl", "OwnershipControls",
    "GetBucketEncryption", "GetBucketVersioning", "GetBucketRequestPayment", "GetBucketLogging", "ListBuckets", "CreateBucket",
)  # fmt: skip
NOT_SENT = ("ExpectedBucketOwner", "RequestPayer", "ACL", "Body", "ContentMD5", "ChecksumAlgorithm", "ContentLength")
KEYS_OF_KMS = ("SSEKMSKeyId", "SSEKMSEncryptionContext", "BucketKeyEnabled")
IN_MEMORY = 4 * 1024 * 1024  # bytes of a body that need no temporary file
Forward = Callable[[Mount, Call], "Result | Awaitable[Result]"]


def instead(call: Call) -> Handler | None:
    """What answers in place of the operation's handler; None: the handler."""
    name = call.params.get("Bucket")
    source = str(call.params.get("CopySource") or "").lstrip("/").partition("/")[0]
    if source and mounted(call.gateway, "s3", source) is not None:
        return refusing(source)
    if name is None or (mount := mounted(call.gateway, "s3", str(name))) is None:
        return None
    if any(one in call.operation for one in OURS):
        return None
    forward = FORWARDED.get(call.operation)
    return partial(forward, mount) if forward is not None else refusing(mount.name)


def _params(call: Call, mount: Mount) -> dict[str, Any]:
    """The request's members as the endpoint is asked them."""
    if call.params.get("ServerSideEncryption") not in (None, "AES256") or any(
        call.params.get(one) for one in KEYS_OF_KMS
    ):
        raise AwsError("NotImplemented", "SSE-KMS in a mounted bucket is not implemented by Slipher yet.", 501)
    if call.params.get("Tagging"):
        raise AwsError("NotImplemented", "Tagging in a mounted bucket is not implemented by Slipher yet.", 501)
    found_known = find_known(call)  # region and owner as the request expects them
    assert found_known is not None
    kept = {name: value for name, value in call.params.items() if name not in NOT_SENT and value is not None}
    return kept | {"Bucket": mount.remote}


def _send(call: Call, mount: Mount, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The endpoint's answer, with our names in it."""
    ask = getattr(client_of(call.gateway, mount), method)
    found: dict[str, Any] = asked(lambda: ask(**params), mount)
    found.pop("ResponseMetadata", None)
    for member in ("Name", "Bucket"):
        if member in found:
            found[member] = mount.name
    if "Location" in found:
        found["Location"] = f"{call.gateway.url}/{mount.name}/{call.params.get('Key', '')}"
    if found.get("EncodingType") and not call.params.get("EncodingType"):
        del found["EncodingType"]  # botocore asked for it, and decoded
    return found


def _plainly(method: str) -> Forward:
    """An operation without body, whose answer is the endpoint's."""

    def forward(mount: Mount, call: Call) -> Result:
        return _send(call, mount, method, _params(call, mount))

    return forward


def _object(method: str) -> Forward:
    """A read of one object: who may not list learns nothing of what is not there."""

    def forward(mount: Mount, call: Call) -> Result:
        key_of(call)
        try:
            found = _send(call, mount, method, _params(call, mount))
        except AwsError as error:
            if error.status == 404 and error.code == "NoSuchKey":
                raise missing(call, mount.name, str(call.params["Key"]), resource_policy(call)) from None
            raise
        if call.params.get("ChecksumMode") != "ENABLED":
            found = {name: value for name, value in found.items() if not name.startswith("Checksum")}
        body = found.pop("Body", None)
        if body is None:
            return found
        status = 206 if found.get("ContentRange") else 200
        return Streamed(found, _chunks(body, mount), int(found["ContentLength"]), status)

    return forward


async def _chunks(body: Any, mount: Mount) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(body.read, blobs.PIECE):
            yield piece
    finally:
        body.close()


def _with_body(method: str) -> Forward:
    """A write: the body is taken and checked, then sent."""

    async def forward(mount: Mount, call: Call) -> Result:
        assert call.body is not None
        described(call)  # refuses what no bucket here takes
        key_of(call)
        params = _params(call, mount)
        with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(call.gateway.blobs_dir)) as file:
            async for piece in call.body:
                await asyncio.to_thread(file.write, piece)
            file.seek(0)
            sums = {CHECKSUMS[name]: value for name, value in call.checksums().items() if name in CHECKSUMS}
            sent = {name: value for name, value in params.items() if not name.startswith("Checksum")}
            return await asyncio.to_thread(_send, call, mount, method, sent | sums | {"Body": file})

    return forward


def _delete_many(mount: Mount, call: Call) -> Result:
    """DeleteObjects: permission is asked key by key, and only what is allowed is sent."""
    wanted = call.params["Delete"].get("Objects") or []
    if not wanted or len(wanted) > 1000 or any(not one.get("Key") for one in wanted):
        raise AwsError("MalformedXML", MALFORMED)
    policy, allowed, errors = resource_policy(call), [], []
    for one in wanted:
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        _, decision = decide(call, action, f"arn:aws:s3:::{mount.name}/{one['Key']}", None, policy)
        if decision.allowed:
            allowed.append(one)
        else:
            errors.append({"Key": one["Key"], "Code": "AccessDenied", "Message": "Access Denied"})
    found: dict[str, Any] = {}
    if allowed:
        params = _params(call, mount) | {"Delete": dict(call.params["Delete"]) | {"Objects": allowed}}
        found = _send(call, mount, "delete_objects", params)
    return {"Deleted": found.get("Deleted", []), "Errors": [*found.get("Errors", []), *errors]}


FORWARDED: dict[str, Forward] = {
    "GetObject": _object("get_object"),
    "HeadObject": _object("head_object"),
    "PutObject": _with_body("put_object"),
    "DeleteObject": _plainly("delete_object"),
    "DeleteObjects": _delete_many,
    "ListObjects": _plainly("list_objects"),
    "ListObjectsV2": _plainly("list_objects_v2"),
    "CreateMultipartUpload": _plainly("create_multipart_upload"),
    "UploadPart": _with_body("upload_part"),
    "CompleteMultipartUpload": _plainly("complete_multipart_upload"),
    "AbortMultipartUpload": _plainly("abort_multipart_upload"),
    "ListParts": _plainly("list_parts"),
    "ListMultipartUploads": _plainly("list_multipart_uploads"),
}


# Mounting


def look(client: Any, mount: Mount) -> Any:
    """Whether the bucket is there, and may be listed."""
    return client.list_objects_v2(Bucket=mount.remote, MaxKeys=1)


def enter(db: Connection, gateway: Gateway, mount: Mount, _: Any) -> None:
    """Our row of the bucket."""
    if not NAME.fullmatch(mount.name):
        raise Unmountable(f"{mount.name} is not a valid name of a bucket")
    if db.execute(select(buckets.c.name).where(buckets.c.name == mount.name)).first():
        raise Unmountable(f"there is a bucket {mount.name} already")
    region, account = gateway.settings.region, gateway.settings.account
    db.execute(insert(buckets).values(name=mount.name, account=account, region=region, created=gateway.now()))
    db.execute(insert(settings).values(bucket=mount.name, name="public", value=ALL_BLOCKED))


def leave(db: Connection, _: Gateway, name: str) -> None:
    """What is ours of the bucket goes."""
    db.execute(delete(settings).where(settings.c.bucket == name))
    db.execute(delete(buckets).where(buckets.c.name == name))
