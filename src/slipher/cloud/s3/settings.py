"""What buckets are like here, for tools that ask: owned by their account alone, no ACLs, no website, no replication.

Each answer is what S3 gives for a bucket with its defaults; to set them otherwise is refused with 501.
"""

from __future__ import annotations

from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler
from slipher.cloud.s3.buckets import find, owner
from slipher.cloud.s3.objects import find_object

GIVEN = (  # what a request that sets an ACL must have one of
    "ACL", "AccessControlPolicy", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP",
)  # fmt: skip


def _bucket(call: Call) -> Any:
    with call.gateway.read() as db:
        return find(db, call)


def bucket_acl(call: Call) -> dict[str, Any]:
    """GetBucketAcl: the owner has full control, nobody else anything."""
    who = owner(_bucket(call).account)
    return {"Owner": who, "Grants": [{"Grantee": who | {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}


def object_acl(call: Call) -> dict[str, Any]:
    """GetObjectAcl: the owner of the bucket has full control."""
    find_object(call)
    return bucket_acl(call)


def put_bucket_acl(call: Call) -> None:
    """PutBucketAcl: ACLs are off in every bucket (BucketOwnerEnforced)."""
    _bucket(call)
    if not any(call.params.get(name) for name in GIVEN):
        raise AwsError("MissingSecurityHeader", "Your request was missing a required header")
    raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")


def put_object_acl(call: Call) -> None:
    """PutObjectAcl, likewise."""
    find_object(call)
    put_bucket_acl(call)


def answering(result: dict[str, Any]) -> Handler:
    """The answer of a bucket with its defaults."""

    def get(call: Call) -> dict[str, Any]:
        _bucket(call)
        return dict(result)

    return get


def without(code: str, text: str) -> Handler:
    """The error of a bucket that has no such configuration."""

    def get(call: Call) -> dict[str, Any]:
        raise AwsError(code, text, 404, extra={"BucketName": _bucket(call).name})

    return get
