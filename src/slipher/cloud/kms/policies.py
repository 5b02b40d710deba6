"""Key policies: every key has one, named default."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_principals
from slipher.cloud.kms.authority import allowed_key
from slipher.cloud.kms.common import check_stays, not_found, page
from slipher.cloud.state.kms import keys
from slipher.policy.document import parse

MAX_SIZE = 32768
LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


def checked_policy(call: Call, text: str, lock_out: bool | None, arn: str | None = None) -> None:
    """Refuse what is no policy, or what would not let the caller change it again (unless they say that they want it so)."""
    if len(text.encode()) > MAX_SIZE:
        raise AwsError("LimitExceededException", f"A key policy has at most {MAX_SIZE} bytes.")
    try:
        document = parse(text, "resource")
        with call.gateway.read() as db:
            check_principals(db, call, document)
    except AwsError as error:
        raise AwsError("MalformedPolicyDocumentException", error.message) from None
    if lock_out:
        return
    own = arn or f"arn:aws:kms:{call.region}:{call.account}:key/new"
    context = {"kms:CallerAccount": call.account}
    _, decision = decide(call, "kms:PutKeyPolicy", own, context, (text, call.account), key=True)
    named = any(
        one.allow and value in (call.account, f"arn:aws:iam::{call.account}:root")
        for one in document.statements
        for _, value in one.principals
    )
    if not decision.allowed and not (named and decision.reason != "explicit_deny"):
        raise AwsError("MalformedPolicyDocumentException", LOCKED_OUT)


def _check_name(call: Call) -> None:
    if call.params.get("PolicyName") not in (None, "default"):
        raise not_found(f"No such policy exists: {call.params['PolicyName']}")


def get(call: Call) -> dict[str, Any]:
    """GetKeyPolicy."""
    row = allowed_key(call, "kms:GetKeyPolicy")
    _check_name(call)
    return {"Policy": row.policy, "PolicyName": "default"}


def put(call: Call) -> None:
    """PutKeyPolicy."""
    row = allowed_key(call, "kms:PutKeyPolicy")
    _check_name(call)
    check_stays(row)
    text = str(call.params["Policy"])
    checked_policy(call, text, call.params.get("BypassPolicyLockoutSafetyCheck"), row.arn)
    with call.gateway.transaction() as db:
        db.execute(update(keys).where(keys.c.id == row.id).values(policy=text))


def list_(call: Call) -> dict[str, Any]:
    """ListKeyPolicies."""
    allowed_key(call, "kms:ListKeyPolicies")
    found = page([{"name": "default"}], call.params, "PolicyNames", "name")
    return found | {"PolicyNames": [one["name"] for one in found["PolicyNames"]]}
