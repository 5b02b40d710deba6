"""Bucket policies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_principals
from slipher.cloud.s3.buckets import find
from slipher.cloud.state.s3 import buckets
from slipher.policy.document import parse

MAX_SIZE = 20480


def resource_policy(call: Call) -> tuple[str | None, str | None]:
    """The policy of the request's bucket, and the account that owns it; (None, None) without bucket."""
    name = call.params.get("Bucket")
    if name is None:
        return None, None
    with call.gateway.read() as db:
        row = db.execute(select(buckets.c.policy, buckets.c.account).where(buckets.c.name == name)).first()
    return (row.policy, row.account) if row is not None else (None, None)


def put(call: Call) -> None:
    """PutBucketPolicy."""
    text = str(call.params["Policy"])
    if len(text) > MAX_SIZE:
        raise AwsError("InvalidArgument", "The bucket policy exceeds the maximum allowed size of 20480 bytes.")
    name = call.params["Bucket"]
    try:
        document = parse(text, "resource")
    except AwsError as error:
        raise AwsError("MalformedPolicy", error.message) from None
    for statement in document.statements:
        for arn in (*statement.resources, *statement.not_resources):
            if not (arn == f"arn:aws:s3:::{name}" or arn.startswith(f"arn:aws:s3:::{name}/")):
                raise AwsError("MalformedPolicy", "Policy has invalid resource")
    with call.gateway.transaction() as db:
        row = find(db, call)
        try:
            check_principals(db, call, document)
        except AwsError:
            raise AwsError("MalformedPolicy", "Invalid principal in policy") from None
        db.execute(update(buckets).where(buckets.c.name == row.name).values(policy=text))


def get(call: Call) -> dict[str, Any]:
    """GetBucketPolicy."""
    with call.gateway.read() as db:
        row = find(db, call)
    if row.policy is None:
        raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, extra={"BucketName": row.name})
    return {"Policy": row.policy}


def delete(call: Call) -> None:
    """DeleteBucketPolicy."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        db.execute(update(buckets).where(buckets.c.name == row.name).values(policy=None))
