"""Bucket policies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_principals
from slipher.cloud.s3.buckets import find, known
from slipher.cloud.state.s3 import buckets, settings
from slipher.policy.document import Document, parse

MAX_SIZE = 20480


def resource_policy(call: Call, bucket: str | None = None) -> tuple[str | None, str | None]:
    """The policy of the request's bucket, or another, and the account that owns it; (None, None) without bucket."""
    name = bucket or call.params.get("Bucket")
    if name is None:
        return None, None
    found = known(call.gateway, str(name))
    if found is None:
        return None, None
    row = found.row
    if row.policy is not None and call.caller.account != row.account:
        block = found.settings.get("public", {}).get("PublicAccessBlockConfiguration", {})
        if block.get("RestrictPublicBuckets") and is_public(parse(row.policy, "resource")):
            return None, row.account  # a public policy opens nothing to others
    return row.policy, row.account


FIXED_KEYS = {  # conditions by which a statement for everyone is not public, if their values are fixed
    "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid",
    "aws:principalorgid", "aws:principalarn", "aws:principalaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}  # fmt: skip


def _fixed(operator: str, key: str, values: tuple[str, ...]) -> bool:
    plain = operator.rpartition(":")[2].removesuffix("IfExists")
    if key.lower() not in FIXED_KEYS or plain not in (
        "StringEquals",
        "StringLike",
        "ArnEquals",
        "ArnLike",
        "IpAddress",
    ):
        return False
    wide = {"0.0.0.0/0", "::/0"} if plain == "IpAddress" else set()
    return not any("*" in value or "?" in value or "${" in value or value in wide for value in values)


def is_public(document: Document) -> bool:
    """Whether a policy opens something to everyone. Source: S3 user guide, "The meaning of public"."""
    return any(
        one.allow
        and (any(value == "*" for _, value in one.principals) or bool(one.not_principals))
        and not any(_fixed(*condition) for condition in one.conditions)
        for one in document.statements
    )


def _blocks_public(db: Connection, bucket: str) -> bool:
    found = db.scalar(select(settings.c.value).where(settings.c.bucket == bucket, settings.c.name == "public"))
    return bool((found or {}).get("PublicAccessBlockConfiguration", {}).get("BlockPublicPolicy"))


def status(call: Call) -> dict[str, Any]:
    """GetBucketPolicyStatus."""
    return {"PolicyStatus": {"IsPublic": is_public(parse(get(call)["Policy"], "resource"))}}


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
        if _blocks_public(db, row.name) and is_public(document):
            raise AwsError(
                "AccessDenied",
                f'User: {call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::{name}" '
                "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                403,
            )
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
