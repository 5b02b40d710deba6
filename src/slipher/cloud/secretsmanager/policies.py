"""The resource policies of secrets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_principals
from slipher.cloud.secretsmanager.common import find
from slipher.cloud.state.secretsmanager import secrets
from slipher.policy.document import Document, parse

MAX_SIZE = 20480


def _public(document: Document) -> bool:
    return any(
        one.allow and not one.conditions and any(value == "*" for _, value in one.principals)
        for one in document.statements
    )


def put(call: Call) -> dict[str, Any]:
    """PutResourcePolicy."""
    text = str(call.params["ResourcePolicy"])
    if len(text) > MAX_SIZE:
        raise AwsError("InvalidParameterException", f"A resource policy has at most {MAX_SIZE} characters.")
    with call.gateway.transaction() as db:
        row = find(db, call)
        try:
            document = parse(text, "resource")
            check_principals(db, call, document)
        except AwsError as error:
            raise AwsError("MalformedPolicyDocumentException", error.message) from None
        if call.params.get("BlockPublicPolicy") and _public(document):
            raise AwsError(
                "PublicPolicyException",
                "You can't attach a resource policy that allows broad access to the secret.",
            )
        db.execute(update(secrets).where(secrets.c.arn == row.arn).values(policy=text))
    return {"ARN": row.arn, "Name": row.name}


def get(call: Call) -> dict[str, Any]:
    """GetResourcePolicy."""
    with call.gateway.read() as db:
        row = find(db, call, deleted=True)
    return {"ARN": row.arn, "Name": row.name} | ({"ResourcePolicy": row.policy} if row.policy else {})


def delete(call: Call) -> dict[str, Any]:
    """DeleteResourcePolicy."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        db.execute(update(secrets).where(secrets.c.arn == row.arn).values(policy=None))
    return {"ARN": row.arn, "Name": row.name}
