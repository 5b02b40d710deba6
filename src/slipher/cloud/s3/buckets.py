"""Buckets: global names, each in one region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.s3 import regions
from slipher.cloud.state.s3 import buckets, encryptions, objects, settings, uploads, versions

NAME = re.compile(r"(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL_BLOCKED = {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True)}


def no_such_bucket(name: str) -> AwsError:
    """NoSuchBucket."""
    return AwsError("NoSuchBucket", "The specified bucket does not exist", 404, extra={"BucketName": name})


@dataclass(frozen=True, slots=True)
class Known:
    """A bucket as it was when something of it last changed: its row, its documents by name, its default encryption."""

    row: Row[Any]
    settings: Mapping[str, Any]
    encryption: Mapping[str, Any] | None


def known(gateway: Gateway, name: str) -> Known | None:
    """A bucket from memory, for reads: this process alone writes them, and forgets all with each change of a bucket."""
    generation, found = gateway.cached(("bucket", name))
    if found is None:
        with gateway.read() as db:
            row = db.execute(select(buckets).where(buckets.c.name == name)).first()
            if row is None:
                return None
            kept = db.execute(select(settings.c.name, settings.c.value).where(settings.c.bucket == name)).all()
            rule = db.scalar(select(encryptions.c.rule).where(encryptions.c.bucket == name))
        found = Known(row, {one.name: one.value for one in kept}, rule)
        gateway.remember(generation, ("bucket", name), found)
    return found if isinstance(found, Known) else None


def find_known(call: Call) -> Known:
    """The request's bucket from memory; errors as `find`'s."""
    found = known(call.gateway, str(call.params["Bucket"]))
    _check(call, found.row if found is not None else None)
    assert found is not None
    return found


def find(db: Connection, call: Call) -> Row[Any]:
    """The request's bucket, in the region that the request was signed for; else NoSuchBucket or the redirect."""
    return _check(call, db.execute(select(buckets).where(buckets.c.name == str(call.params["Bucket"]))).first())


def _check(call: Call, row: Row[Any] | None) -> Row[Any]:
    name = str(call.params["Bucket"])
    if row is None:
        raise no_such_bucket(name)
    expected = call.params.get("ExpectedBucketOwner")
    if expected is not None and expected != row.account:
        raise AwsError("AccessDenied", "Access Denied", 403)
    signed = call.caller.kind != "anonymous" and "AWSAccessKeyId" not in call.http.query  # which names no region
    style = "path" if call.http.path[1:].partition("/")[0] == name else "host"
    regions.check(call.operation, style, call.region if signed else None, name, row.region)
    return row


def create(call: Call) -> dict[str, Any]:
    """CreateBucket. Access is by policies alone, and no policy may open the bucket to everyone, as AWS has it for new
    buckets: ACLs are off, public access is blocked until somebody takes the block away."""
    if call.params.get("ObjectOwnership") not in (None, "BucketOwnerEnforced"):
        raise AwsError("NotImplemented", "CreateBucket with ObjectOwnership is not implemented by Slipher yet.", 501)
    if call.params.get("ACL") not in (None, "private"):
        raise AwsError(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        )
    if call.caller.kind == "anonymous":
        raise AwsError("AccessDenied", "Access Denied", 403)
    name = str(call.params["Bucket"])
    if not NAME.fullmatch(name):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", extra={"BucketName": name})
    wanted = (call.params.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if wanted is None and call.region != "us-east-1":
        raise AwsError(
            "IllegalLocationConstraintException",
            "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
        )
    if wanted is not None and (wanted == "us-east-1" or (not regions.REGION.fullmatch(wanted) and wanted != "EU")):
        raise AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid")
    region = {"EU": "eu-west-1", None: "us-east-1"}.get(wanted, wanted)
    if call.region not in (region, "us-east-1"):
        raise AwsError(
            "IllegalLocationConstraintException",
            f"The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to.",
        )
    with call.gateway.transaction() as db:
        row = db.execute(select(buckets).where(buckets.c.name == name)).first()
        if row is not None and row.account != call.account:
            raise AwsError(
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                "Please select a different name and try again.",
                409,
                extra={"BucketName": name},
            )
        if row is not None and not (row.region == region == "us-east-1"):  # us-east-1 takes its own bucket again
            raise AwsError(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
                409,
                extra={"BucketName": name},
            )
        if row is None:
            db.execute(
                insert(buckets).values(name=name, account=call.account, region=region, created=call.gateway.now())
            )
            db.execute(insert(settings).values(bucket=name, name="public", value=ALL_BLOCKED))
    return {"Location": f"/{name}"}


def head(call: Call) -> dict[str, Any]:
    """HeadBucket."""
    with call.gateway.read() as db:
        return {"BucketRegion": find(db, call).region}


def list_(call: Call) -> dict[str, Any]:
    """ListBuckets."""
    with call.gateway.read() as db:
        rows = db.execute(select(buckets).where(buckets.c.account == call.account).order_by(buckets.c.name)).all()
    prefix = call.params.get("Prefix") or ""
    region = call.params.get("BucketRegion")
    after = call.params.get("ContinuationToken") or ""
    limit = call.params.get("MaxBuckets") or 10000
    if not 1 <= limit <= 10000:
        raise AwsError("InvalidArgument", "Argument max-buckets must be an integer between 1 and 10000")
    found = [
        {"Name": row.name, "CreationDate": datetime.fromtimestamp(row.created, UTC), "BucketRegion": row.region}
        for row in rows
        if row.name.startswith(prefix) and region in (None, row.region) and row.name > after
    ]
    result = {"Buckets": found[:limit], "Owner": owner(call.account)}
    if len(found) > limit:
        result["ContinuationToken"] = found[limit - 1]["Name"]
    return result | ({"Prefix": prefix} if prefix else {})


def owner(account: str) -> dict[str, str]:
    """An account as S3 shows it: its canonical id."""
    return {"ID": account.rjust(64, "0"), "DisplayName": account}


def delete_(call: Call) -> None:
    """DeleteBucket."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        for table in (objects, uploads, versions):
            if db.execute(select(table.c.key).where(table.c.bucket == row.name).limit(1)).first():
                tail = ". You must delete all versions in the bucket." if table is versions else ""
                raise AwsError(
                    "BucketNotEmpty",
                    f"The bucket you tried to delete is not empty{tail}",
                    409,
                    extra={"BucketName": row.name},
                )
        db.execute(delete(encryptions).where(encryptions.c.bucket == row.name))
        db.execute(delete(settings).where(settings.c.bucket == row.name))
        db.execute(delete(buckets).where(buckets.c.name == row.name))


def location(call: Call) -> dict[str, Any]:
    """GetBucketLocation: empty for us-east-1."""
    with call.gateway.read() as db:
        region = find(db, call).region
    return {"LocationConstraint": None if region == "us-east-1" else region}
