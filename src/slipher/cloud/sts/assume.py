"""AssumeRole: the role's trust policy decides, with the caller's own policies where it trusts their account."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row, select

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide, denied
from slipher.cloud.call import Call
from slipher.cloud.identities import merged
from slipher.cloud.state.iam import roles
from slipher.cloud.sts.limits import check_duration, check_pattern, packed, session_policies, session_tags
from slipher.cloud.sts.sessions import issue
from slipher.policy.explain import denied_text

ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+", re.ASCII)
NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def assume_role(call: Call) -> dict[str, Any]:
    """AssumeRole."""
    params, caller = call.params, call.caller
    arn, session = str(params["RoleArn"]), str(params["RoleSessionName"])
    check_pattern(session, "roleSessionName", NAME, "[\\w+=,.@-]*")
    seconds = params.get("DurationSeconds") or 3600
    check_duration(seconds, 900, 43200)
    if params.get("ExternalId"):
        check_pattern(params["ExternalId"], "externalId", EXTERNAL_ID, "[\\w+=,.@:\\/-]*")
    if params.get("SourceIdentity"):
        check_pattern(params["SourceIdentity"], "sourceIdentity", NAME, "[\\w+=,.@-]*")
    tags, transitive = session_tags(call), _transitive(call)
    if not ARN.fullmatch(arn):
        raise AwsError("ValidationError", f"{arn} is invalid")
    policies = session_policies(call, arn.split(":")[4])
    with call.gateway.read() as db:
        role = db.execute(select(roles).where(roles.c.arn == arn)).first()
    identity = params.get("SourceIdentity") or caller.source_identity
    _decide(call, role, arn, session, identity)
    assert role is not None
    limit = 3600 if caller.kind == "role" else role.max_session
    if seconds > limit:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            if caller.kind != "role"
            else "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    inherited = {key: caller.tags[key] for key in caller.transitive if key in caller.tags}
    every = merged(tags, inherited)
    facts = {"tags": every, "transitive": [*inherited, *transitive], "source_identity": identity}
    with call.gateway.transaction() as db:
        made = issue(
            db,
            call.gateway.now(),
            seconds,
            account=role.account,
            kind="role",
            name=role.name,
            session_name=session,
            policies=policies,
            facts=facts,
        )
    return {
        **packed(policies, every),
        **({"SourceIdentity": identity} if identity else {}),
        "Credentials": made.shape(),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{session}",
            "Arn": f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session}",
        },
    }


def _transitive(call: Call) -> list[str]:
    """TransitiveTagKeys: of tags in this request, and none that the calling session already hands on."""
    wanted = [str(key) for key in call.params.get("TransitiveTagKeys") or ()]
    given = {str(tag["Key"]) for tag in call.params.get("Tags") or ()}
    inherited = {key.lower() for key in call.caller.transitive}
    if any(key not in given for key in wanted):
        raise AwsError("ValidationError", "The specified transitive tag key must be included in the requested tags.")
    if inherited & {key.lower() for key in given}:
        raise AwsError(
            "ValidationError",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session.",
        )
    return wanted


def _decide(call: Call, role: Row[Any] | None, arn: str, session: str, identity: str | None) -> None:
    """AccessDenied unless the role may be assumed so: with tags and a source identity only where that is allowed, too."""
    params, caller = call.params, call.caller
    context: dict[str, Any] = {"sts:rolesessionname": session}
    if params.get("ExternalId"):
        context["sts:externalid"] = params["ExternalId"]
    if identity:
        context["sts:sourceidentity"] = identity
    if params.get("TransitiveTagKeys"):
        context["sts:transitivetagkeys"] = [str(key) for key in params["TransitiveTagKeys"]]
    actions = ["sts:AssumeRole"]
    if params.get("Tags") or caller.transitive:
        actions.append("sts:TagSession")
    if identity:
        actions.append("sts:SetSourceIdentity")
    trust = (role.trust, role.account) if role is not None else (None, arn.split(":")[4])
    for action in actions:
        request, decision = decide(call, action, arn, context, trust, trust=True)
        if role is None or not decision.allowed:
            text = f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"
            if decision.reason == "explicit_deny":
                text = denied_text(request, decision).replace("a resource-based policy", "the role trust policy")
            raise denied(call, text, request, decision)
    if caller.source_identity and identity != caller.source_identity:
        raise AwsError(
            "AccessDenied", "The source identity of a session cannot be changed by the roles that it assumes.", 403
        )
