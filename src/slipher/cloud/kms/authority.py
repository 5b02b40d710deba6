"""Who may use a key: its policy must allow, by itself or by leaving it to IAM; a grant allows beside both.

An explicit deny stands above grants (source: "Key policies in AWS KMS", "Grants in AWS KMS").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide, denied, note_decision
from slipher.cloud.call import Call
from slipher.cloud.kms.common import find
from slipher.cloud.state.kms import aliases, grants
from slipher.policy.evaluate import Decision, Match
from slipher.policy.explain import denied_text
from slipher.spec.iam.actions import DENIALS

GRANTED = {  # operations of grants that are called otherwise than their actions
    "kms:ReEncryptFrom": "ReEncryptFrom",
    "kms:ReEncryptTo": "ReEncryptTo",
}


def context_of(call: Call, row: Row[Any], encryption: Mapping[str, str] | None, via: str | None) -> dict[str, Any]:
    """The condition keys of a request for a key."""
    with call.gateway.read() as db:
        names = list(db.scalars(select(aliases.c.name).where(aliases.c.key == row.id)))
    context: dict[str, Any] = {
        "kms:CallerAccount": call.account,
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": "false",
    }
    if names:
        context["kms:ResourceAliases"] = names
    given = str(call.params.get("KeyId") or "")
    if via is None and "alias/" in given:
        context["kms:RequestAlias"] = given[given.index("alias/") :]
    if via is not None:
        context["kms:ViaService"] = f"{via}.{call.region}.amazonaws.com"
    for name, value in (encryption or {}).items():
        context[f"kms:EncryptionContext:{name}"] = value
    if encryption:
        context["kms:EncryptionContextKeys"] = list(encryption)
    if call.service == "kms":
        if call.operation == "CreateGrant":
            context["kms:GrantOperations"] = list(call.params["Operations"])
            context["kms:GranteePrincipal"] = str(call.params.get("GranteePrincipal") or "")
        context["kms:GrantIsForAWSResource"] = "false"
    return context | {f"aws:ResourceTag/{tag['TagKey']}": tag["TagValue"] for tag in row.facts["Tags"]}


def allow(
    call: Call, row: Row[Any], action: str, encryption: Mapping[str, str] | None = None, via: str | None = None
) -> None:
    """Raise AccessDenied unless the caller may do this with the key; `via` is the service that asks in their name."""
    context = context_of(call, row, encryption, via)
    request, decision = decide(call, action, row.arn, context, (row.policy, row.account), key=True)
    if decision.allowed:
        return
    if decision.reason != "explicit_deny" and _granted(call, row, action, encryption or {}):
        note_decision(call, request, Decision(True, "allow", "resource", (Match(f"grant of {row.arn}", "", True),)))
        return
    text = denied_text(request, decision)
    if not DENIALS[call.service].tells:  # S3 tells what KMS said, though not what it decides itself
        headers = denied(call, text, request, decision).headers
        raise AwsError("AccessDenied", text, 403, headers=headers)
    raise denied(call, text, request, decision)


def _granted(call: Call, row: Row[Any], action: str, encryption: Mapping[str, str]) -> bool:
    wanted = GRANTED.get(action, action.removeprefix("kms:"))
    who = {call.caller.arn, call.caller.role_arn}
    with call.gateway.read() as db:
        rows = db.execute(select(grants.c.facts).where(grants.c.key == row.id)).all()
    for facts in (one.facts for one in rows):
        limits = facts.get("Constraints") or {}
        subset, equal = limits.get("EncryptionContextSubset"), limits.get("EncryptionContextEquals")
        if (
            wanted in facts["Operations"]
            and facts["GranteePrincipal"] in who
            and (not subset or subset.items() <= encryption.items())
            and (not equal or equal == encryption)
        ):
            return True
    return False


def allowed_key(call: Call, action: str, member: str = "KeyId") -> Row[Any]:
    """The request's key, which the caller may do this with."""
    row = find(call, str(call.params[member]))
    allow(call, row, action)
    return row


def check_tokens(call: Call) -> None:
    """InvalidGrantTokenException for a token that no grant has; a grant has effect at once here, with its token or without."""
    tokens = call.params.get("GrantTokens") or []
    with call.gateway.read() as db:
        known = set(db.scalars(select(grants.c.token).where(grants.c.token.in_(tokens)))) if tokens else set()
    if set(tokens) - known:
        raise AwsError("InvalidGrantTokenException", "The grant token is not valid.")
