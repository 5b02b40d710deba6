"""What AWS's services write into a bucket: as the bucket's policy lets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from slipher.base.errors import AwsError
from slipher.base.ids import request_id
from slipher.cloud.call import Call, Caller, HttpFacts
from slipher.cloud.context import Gateway
from slipher.cloud.s3 import objects
from slipher.cloud.s3.buckets import known
from slipher.policy.evaluate import Named, Policies, Principal, Request, evaluate


def allowed(
    gateway: Gateway, service: str, action: str, bucket: str, key: str | None, account: str, source: str
) -> bool:
    """Whether a bucket's policy lets a service act for a resource of an account."""
    found = known(gateway, bucket)
    if found is None or found.row.policy is None:
        return False
    context = {
        "aws:sourceaccount": account,
        "aws:sourcearn": source,
        "aws:securetransport": "true",
        "aws:principalisawsservice": "true",
        "aws:principalservicename": service,
    }
    if action == "s3:PutObject":
        context["s3:x-amz-acl"] = "bucket-owner-full-control"
    resource = f"arn:aws:s3:::{bucket}" + ("" if key is None else f"/{key}")
    who = Principal("service", service, account, services=(service,))
    request = Request(who, action, resource, context, found.row.account)
    return evaluate(request, Policies(resource=Named(f"policy of {bucket}", found.row.policy))).allowed


async def put(
    gateway: Gateway, service: str, region: str, account: str, source: str, bucket: str, key: str, body: bytes
) -> None:
    """Put an object for a service; AccessDenied, or what else PutObject ends with."""
    if not allowed(gateway, service, "s3:PutObject", bucket, key, account, source):
        raise AwsError("AccessDenied", "Access Denied", 403)

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    def no_more(action: str, resource: str, *rest: Any) -> None:
        raise AwsError("AccessDenied", "Access Denied", 403)

    caller = Caller("service", account, service, service, "")
    http = HttpFacts("PUT", f"/{bucket}/{key}", {}, {}, "https", "127.0.0.1")
    params = {"Bucket": bucket, "Key": key}
    call = Call(
        gateway, "s3", "PutObject", account, region, caller, params, http, request_id(), body=pieces(), require=no_more
    )
    await objects.put(call)
