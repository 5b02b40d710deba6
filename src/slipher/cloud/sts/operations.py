"""STS: who am I, and credentials for a while."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide, denied
from slipher.cloud.call import Call
from slipher.cloud.state.iam import roles
from slipher.cloud.sts.sessions import issue
from slipher.policy.document import parse
from slipher.policy.explain import denied_text, reason_line

ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", re.ASCII)
MAX_POLICY = 2048
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


def get_caller_identity(call: Call) -> dict[str, Any]:
    """GetCallerIdentity: needs no permission."""
    return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}


def get_session_token(call: Call) -> dict[str, Any]:
    """GetSessionToken: for users with their long-term keys."""
    if call.caller.kind != "user" or call.caller.access_key_id.startswith("ASIA"):
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    seconds = call.params.get("DurationSeconds") or 43200
    _check_duration(seconds, 900, 129600)
    with call.gateway.transaction() as db:
        made = issue(
            db,
            call.gateway.now(),
            seconds,
            account=call.caller.account,
            kind="user",
            name=call.caller.user_name or "",
        )
    return {"Credentials": made.shape()}


def _check_duration(seconds: int, low: int, high: int) -> None:
    if not low <= seconds <= high:
        bound = f"greater than or equal to {low}" if seconds < low else f"less than or equal to {high}"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )


def assume_role(call: Call) -> dict[str, Any]:
    """AssumeRole: the role's trust policy decides, with the caller's own policies where it trusts their account."""
    arn, session = str(call.params["RoleArn"]), str(call.params["RoleSessionName"])
    if not SESSION_NAME.fullmatch(session):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        )
    seconds = call.params.get("DurationSeconds") or 3600
    _check_duration(seconds, 900, 43200)
    policy = call.params.get("Policy")
    if policy is not None:
        if len(policy) > MAX_POLICY:
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value at 'policy' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_POLICY}",
            )
        parse(policy, "identity")
    if not ARN.fullmatch(arn):
        raise AwsError("ValidationError", f"{arn} is invalid")
    with call.gateway.read() as db:
        role = db.execute(select(roles).where(roles.c.arn == arn)).first()
    context: dict[str, Any] = {"sts:rolesessionname": session}
    if call.params.get("ExternalId"):
        context["sts:externalid"] = call.params["ExternalId"]
    trust = (
        (role.trust, role.account) if role is not None else (None, arn.split(":")[4] if arn.count(":") > 4 else None)
    )
    request, decision = decide(call, "sts:AssumeRole", arn, context, trust, trust=True)
    if role is None or not decision.allowed:
        text = f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        if decision.reason == "explicit_deny":
            text = denied_text(request, decision)
        raise denied("sts", text, reason_line(request, decision))
    limit = 3600 if call.caller.kind == "role" else role.max_session
    if seconds > limit:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            if call.caller.kind != "role"
            else "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    with call.gateway.transaction() as db:
        made = issue(
            db,
            call.gateway.now(),
            seconds,
            account=role.account,
            kind="role",
            name=role.name,
            session_name=session,
            policies=(policy,) if policy else (),
        )
    packed = {"PackedPolicySize": max(len(policy) * 100 // MAX_POLICY, 1)} if policy else {}
    return packed | {
        "Credentials": made.shape(),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{session}",
            "Arn": f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session}",
        },
    }
