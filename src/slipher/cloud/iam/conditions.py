"""IAM's own condition keys: the policy in question, the boundary of who is changed, the tags of what is there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from slipher.cloud.call import Call, ConditionContext, Context
from slipher.cloud.iam.common import ENTITY
from slipher.cloud.state import iam


def about(kind: str) -> Context:
    """The keys of a request that is about one role, user, group, policy or instance profile."""

    def context(call: Call) -> ConditionContext:
        found: dict[str, Any] = {}
        if kind != "policy" and call.params.get("PolicyArn"):
            found["iam:policyarn"] = str(call.params["PolicyArn"])
        row = _row(call, kind)
        boundary = call.params.get("PermissionsBoundary") or getattr(row, "boundary", None)
        if boundary:
            found["iam:permissionsboundary"] = str(boundary)
        for tag in getattr(row, "tags", None) or ():
            for prefix in ("aws", "iam"):
                found[f"{prefix}:resourcetag/{tag['Key'].lower()}"] = tag["Value"]
        return found

    return context


def _row(call: Call, kind: str) -> Any:
    with call.gateway.read() as db:
        if kind == "policy":
            return db.execute(select(iam.policies).where(iam.policies.c.arn == call.params.get("PolicyArn"))).first()
        table, member = ENTITY[kind]
        name = call.params.get(member) or (call.caller.user_name if kind == "user" else None)
        return db.execute(select(table).where(table.c.account == call.account, table.c.name == name)).first()
