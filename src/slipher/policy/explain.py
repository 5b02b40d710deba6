"""A decision in words: AWS's AccessDenied text, and a line that names the statements that decided."""

from __future__ import annotations

from slipher.policy.evaluate import Decision, Request

KINDS = {
    "identity": "an identity-based policy",
    "resource": "a resource-based policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
}


def denied_text(request: Request, decision: Decision, shown: str | None = None) -> str:
    """AWS's text: 'User: ARN is not authorized to perform: ACTION on resource: ARN because ...'; `shown`: for the ARN."""
    where = decision.where if decision.where in KINDS else "identity"
    if decision.reason == "explicit_deny":
        because = f"with an explicit deny in {KINDS[where]}"
    else:
        kind = KINDS[where].split(" ", 1)[1]
        because = f"because no {kind} allows the {request.action} action"
    shown = shown or request.resource
    resource = f" on resource: {shown}" if shown != "*" else ""
    return f"User: {request.principal.arn} is not authorized to perform: {request.action}{resource} {because}"


def reason_line(request: Request, decision: Decision) -> str:
    """Who decided: for hints and logs, one line."""
    if decision.reason == "explicit_deny":
        named = ", ".join(
            f"{match.policy}" + (f" (Sid {match.sid})" if match.sid else "") for match in decision.matches
        )
        return f"{request.action} on {request.resource} is denied explicitly by {named}"
    if decision.allowed:
        named = ", ".join(dict.fromkeys(match.policy for match in decision.matches))
        return f"{request.action} on {request.resource} is allowed by {named}"
    kind = KINDS.get(decision.where, KINDS["identity"]).split(" ", 1)[1]
    return f"no {kind} of {request.principal.role_arn or request.principal.arn} allows {request.action} on {request.resource}"
