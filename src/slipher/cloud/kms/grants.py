"""Grants: what a principal may do with a key, beside its policy."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms.authority import allow, allowed_key, check_tokens
from slipher.cloud.kms.common import check_usable, find, invalid, moment, not_found, page
from slipher.cloud.state.kms import grants

OPERATIONS = (
    "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "CreateGrant",
    "RetireGrant", "DescribeKey",
)  # fmt: skip


def create(call: Call) -> dict[str, Any]:
    """CreateGrant. The same grant under the same name again is the same grant."""
    params = call.params
    check_tokens(call)
    row = allowed_key(call, "kms:CreateGrant")
    check_usable(row)
    if not params.get("GranteePrincipal"):
        raise invalid("A grant needs a GranteePrincipal.")
    unknown = [one for one in params["Operations"] if one not in OPERATIONS]
    if unknown or not params["Operations"]:
        raise invalid(f"Operations are not supported by this key: {', '.join(unknown) or 'none given'}")
    limits = params.get("Constraints") or {}
    if set(limits) - {"EncryptionContextSubset", "EncryptionContextEquals"}:
        raise AwsError(
            "NotImplemented", "CreateGrant with Constraints.SourceArn is not implemented by Slipher yet.", 501
        )
    facts = {
        name: params[name]
        for name in ("GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints", "Name")
        if params.get(name)
    }
    with call.gateway.transaction() as db:
        for one in db.execute(select(grants).where(grants.c.key == row.id)):
            if facts.get("Name") and one.facts == facts:
                return {"GrantId": one.id, "GrantToken": one.token}
        made, token = secrets.token_hex(32), secrets.token_urlsafe(96)
        db.execute(insert(grants).values(id=made, key=row.id, token=token, facts=facts, created=call.gateway.now()))
    return {"GrantId": made, "GrantToken": token}


def list_(call: Call) -> dict[str, Any]:
    """ListGrants."""
    params = call.params
    row = allowed_key(call, "kms:ListGrants")
    with call.gateway.read() as db:
        rows = db.execute(select(grants).where(grants.c.key == row.id).order_by(grants.c.id)).all()
    found = [
        {
            "KeyId": row.arn,
            "GrantId": one.id,
            "CreationDate": moment(one.created),
            "IssuingAccount": f"arn:aws:iam::{row.account}:root",
            **one.facts,
        }
        for one in rows
        if params.get("GrantId") in (None, one.id)
        and params.get("GranteePrincipal") in (None, one.facts["GranteePrincipal"])
    ]
    return page(found, params, "Grants", "GrantId", 100)


def revoke(call: Call) -> None:
    """RevokeGrant."""
    row = allowed_key(call, "kms:RevokeGrant")
    with call.gateway.transaction() as db:
        gone = db.execute(delete(grants).where(grants.c.key == row.id, grants.c.id == call.params["GrantId"]))
        if not gone.rowcount:
            raise not_found(f"Grant ID {call.params['GrantId']} not found")


def retire(call: Call) -> None:
    """RetireGrant: by the grant's token, or by key and id; for its retiring principal, or who has the permission."""
    params = call.params
    token, key, made = params.get("GrantToken"), params.get("KeyId"), params.get("GrantId")
    if bool(token) == bool(key and made):
        raise invalid("RetireGrant needs a GrantToken, or a KeyId and a GrantId.")
    which = grants.c.token == token if token else grants.c.id == made
    with call.gateway.read() as db:
        one = db.execute(select(grants).where(which)).first()
    if one is None:
        raise not_found("The grant does not exist.")
    row = find(call, str(key or one.key))
    retiring = one.facts.get("RetiringPrincipal")
    if retiring is None or retiring not in (call.caller.arn, call.caller.role_arn):
        allow(call, row, "kms:RetireGrant")
    with call.gateway.transaction() as db:
        db.execute(delete(grants).where(grants.c.id == one.id, grants.c.key == row.id))
