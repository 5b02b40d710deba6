"""What buckets are like here, for tools that ask: never versioned, owned by their account alone, no ACLs.

Each answer is what S3 gives for a bucket with its defaults; to set them otherwise is refused with 501.
"""

from __future__ import annotations

from typing import Any

from slipher.cloud.call import Call
from slipher.cloud.s3.buckets import find, owner


def _bucket(call: Call) -> Any:
    with call.gateway.read() as db:
        return find(db, call)


def versioning(call: Call) -> dict[str, Any]:
    """GetBucketVersioning: empty, as of a bucket that was never versioned."""
    _bucket(call)
    return {}


def ownership(call: Call) -> dict[str, Any]:
    """GetBucketOwnershipControls."""
    _bucket(call)
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}


def bucket_acl(call: Call) -> dict[str, Any]:
    """GetBucketAcl: the owner has full control, nobody else anything."""
    who = owner(_bucket(call).account)
    return {"Owner": who, "Grants": [{"Grantee": who | {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}
