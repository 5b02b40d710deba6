"""Keys: create, describe, list, enable and disable, delete after a window, tags."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms.authority import allowed_key, check_tokens
from slipher.cloud.kms.ciphers import ALGORITHM
from slipher.cloud.kms.common import DAY, add_key, check_stays, default_policy, invalid, moment, page, sweep
from slipher.cloud.kms.policies import checked_policy
from slipher.cloud.state.kms import keys

ONLY = {"KeySpec": ALGORITHM, "CustomerMasterKeySpec": ALGORITHM, "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS"}
MAX_DESCRIPTION = 8192
MAX_TAGS = 50


def shape(row: Row[Any]) -> dict[str, Any]:
    """KeyMetadata."""
    found = {
        "AWSAccountId": row.account,
        "KeyId": row.id,
        "Arn": row.arn,
        "CreationDate": moment(row.created),
        "Enabled": row.state == "Enabled",
        "Description": row.facts.get("Description") or "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": row.state,
        "Origin": "AWS_KMS",
        "KeyManager": row.manager,
        "CustomerMasterKeySpec": ALGORITHM,
        "KeySpec": ALGORITHM,
        "EncryptionAlgorithms": [ALGORITHM],
        "MultiRegion": False,
    }
    return found | ({"DeletionDate": moment(row.due)} if row.due is not None else {})


def create(call: Call) -> dict[str, Any]:
    """CreateKey: symmetric keys for encryption."""
    params = call.params
    for member, value in ONLY.items():
        if params.get(member) not in (None, value):
            raise AwsError(
                "NotImplemented", f"CreateKey with {member} {params[member]} is not implemented by Slipher yet.", 501
            )
    tags = checked_tags(params.get("Tags") or [])
    facts = {"Description": _description(params.get("Description")), "Tags": tags}
    policy = params.get("Policy")
    if policy is None:
        policy = default_policy(call.account)
    else:
        checked_policy(call, policy, params.get("BypassPolicyLockoutSafetyCheck"))
    with call.gateway.transaction() as db:
        sweep(call, db)
        return {"KeyMetadata": shape(add_key(call, db, call.account, call.region, policy, facts, "CUSTOMER"))}


def _description(text: str | None) -> str:
    if len(text or "") > MAX_DESCRIPTION:
        raise invalid(f"A description has at most {MAX_DESCRIPTION} characters.")
    return text or ""


def checked_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tags, each key once."""
    found = {str(one.get("TagKey", "")): str(one.get("TagValue", "")) for one in tags}
    if len(found) > MAX_TAGS:
        raise AwsError("LimitExceededException", f"A key can have at most {MAX_TAGS} tags.")
    for name, text in found.items():
        if name.lower().startswith("aws:") or not 1 <= len(name) <= 128 or len(text) > 256:
            raise AwsError("TagException", "One or more tags are not valid.")
    return [{"TagKey": name, "TagValue": text} for name, text in found.items()]


def describe(call: Call) -> dict[str, Any]:
    """DescribeKey."""
    check_tokens(call)
    return {"KeyMetadata": shape(allowed_key(call, "kms:DescribeKey"))}


def list_(call: Call) -> dict[str, Any]:
    """ListKeys."""
    with call.gateway.read() as db:
        rows = db.execute(
            select(keys.c.id, keys.c.arn, keys.c.due)
            .where(keys.c.account == call.account, keys.c.region == call.region)
            .order_by(keys.c.id)
        ).all()
    now = call.gateway.now()
    found = [{"KeyId": row.id, "KeyArn": row.arn} for row in rows if row.due is None or row.due > now]
    return page(found, call.params, "Keys", "KeyId")


def _customers(call: Call, action: str) -> Row[Any]:
    row = allowed_key(call, action)
    if row.manager != "CUSTOMER":
        raise AwsError("AccessDeniedException", f"{row.arn} is managed by AWS; {call.operation} is not allowed on it.")
    return row


def _set(call: Call, row: Row[Any], **values: Any) -> None:
    with call.gateway.transaction() as db:
        db.execute(update(keys).where(keys.c.id == row.id).values(**values))


def enable(call: Call) -> None:
    """EnableKey."""
    row = _customers(call, "kms:EnableKey")
    check_stays(row)
    _set(call, row, state="Enabled")


def disable(call: Call) -> None:
    """DisableKey."""
    row = _customers(call, "kms:DisableKey")
    check_stays(row)
    _set(call, row, state="Disabled")


def schedule_deletion(call: Call) -> dict[str, Any]:
    """ScheduleKeyDeletion."""
    days = call.params["PendingWindowInDays"] if call.params.get("PendingWindowInDays") is not None else 30
    row = _customers(call, "kms:ScheduleKeyDeletion")
    if not 7 <= days <= 30:
        raise invalid("PendingWindowInDays must be between 7 and 30.")
    check_stays(row)
    due = call.gateway.now() + days * DAY
    _set(call, row, state="PendingDeletion", due=due)
    return {
        "KeyId": row.arn,
        "DeletionDate": moment(due),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": days,
    }


def cancel_deletion(call: Call) -> dict[str, Any]:
    """CancelKeyDeletion: the key is disabled then."""
    row = _customers(call, "kms:CancelKeyDeletion")
    if row.state != "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{row.arn} is not pending deletion.")
    _set(call, row, state="Disabled", due=None)
    return {"KeyId": row.arn}


def update_description(call: Call) -> None:
    """UpdateKeyDescription."""
    row = _customers(call, "kms:UpdateKeyDescription")
    check_stays(row)
    _set(call, row, facts=row.facts | {"Description": _description(call.params["Description"])})


def tag(call: Call) -> None:
    """TagResource."""
    row = _customers(call, "kms:TagResource")
    check_stays(row)
    _set(call, row, facts=row.facts | {"Tags": checked_tags([*row.facts["Tags"], *call.params["Tags"]])})


def untag(call: Call) -> None:
    """UntagResource."""
    row = _customers(call, "kms:UntagResource")
    check_stays(row)
    kept = [one for one in row.facts["Tags"] if one["TagKey"] not in call.params["TagKeys"]]
    _set(call, row, facts=row.facts | {"Tags": kept})


def list_tags(call: Call) -> dict[str, Any]:
    """ListResourceTags."""
    return page(allowed_key(call, "kms:ListResourceTags").facts["Tags"], call.params, "Tags", "TagKey", 50)
