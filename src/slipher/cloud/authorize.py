"""Who signed a request, and whether the policies allow it: one place for every service."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from slipher.base.clock import iso
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller
from slipher.cloud.context import Gateway
from slipher.cloud.decisions import decision_record
from slipher.cloud.identities import Own, identity_policies
from slipher.cloud.messages import encode
from slipher.cloud.resource_tags import resource_tags
from slipher.cloud.shown import shown_resource
from slipher.cloud.state import iam as tables
from slipher.policy.evaluate import Decision, Named, Policies, Principal, Request, evaluate
from slipher.policy.explain import denied_text, reason_line
from slipher.spec.iam.actions import DENIALS

PRINCIPAL_TYPES = {"user": "User", "role": "AssumedRole", "root": "Account", "federated": "FederatedUser"}
USE_KEPT_EVERY = 60.0
ResourcePolicy = tuple[str | None, str | None]  # text, owner's account


def principal_of(caller: Caller) -> Principal:
    """The caller as the evaluator takes it. A federated user's session stands to its user as a role's to its role."""
    behind = f"arn:aws:iam::{caller.account}:user/{caller.source_user}" if caller.source_user else caller.role_arn
    return Principal(caller.kind, caller.arn, caller.account, behind)


def policies_of(gateway: Gateway, caller: Caller) -> tuple[Own, tuple[Named, ...] | None]:
    """The caller's own policies and session policies (None: none apply)."""
    if caller.kind == "user":
        return identity_policies(gateway, "user", caller.account, caller.user_name or ""), None
    if caller.kind == "role":
        role = (caller.role_arn or "").rpartition("/")[2]
        return identity_policies(gateway, "role", caller.account, role), caller.session_policies
    if caller.kind == "federated":
        own = identity_policies(gateway, "user", caller.account, caller.source_user or "")
        return own, caller.session_policies or ()
    return Own(), None


def base_context(call: Call) -> dict[str, Any]:
    """The global condition keys that every request has."""
    caller = call.caller
    now = call.gateway.clock.now()
    context: dict[str, Any] = {
        "aws:sourceip": call.http.source_ip,
        "aws:securetransport": "true" if call.http.scheme == "https" else "false",
        "aws:currenttime": iso(now.timestamp()),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:requestedregion": call.region,
        "aws:principalarn": caller.role_arn or caller.arn,
        "aws:principalaccount": caller.account,
        "aws:principaltype": PRINCIPAL_TYPES.get(caller.kind, "Anonymous"),
        "aws:userid": caller.user_id,
        "aws:useragent": call.http.headers.get("user-agent", ""),
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
    }
    context |= {f"aws:principaltag/{key.lower()}": value for key, value in caller.tags.items()}
    if caller.source_identity:
        context["aws:sourceidentity"] = caller.source_identity
    if caller.issued is not None:
        context["aws:tokenissuetime"] = iso(caller.issued)
    if caller.user_name is not None:
        context["aws:username"] = caller.user_name
    if caller.access_key_id.startswith("ASIA"):
        context["aws:multifactorauthpresent"] = "false"  # a key that long-term credentials do not have at all
    if "referer" in call.http.headers:
        context["aws:referer"] = call.http.headers["referer"]
    pairs = _request_tags(call)
    keys = call.params.get("TagKeys") or call.params.get("tagKeys")
    if pairs:
        context["aws:tagkeys"] = [name for name, _ in pairs]
        context |= {f"aws:requesttag/{name.lower()}": value for name, value in pairs}
    elif isinstance(keys, list):
        context["aws:tagkeys"] = [str(name) for name in keys]
    return context


TAGS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))  # as services spell a tag's members


def _request_tags(call: Call) -> list[tuple[str, str]]:
    """The tags that a request brings."""
    tags = call.params.get("Tags") or call.params.get("tags")
    found = []
    for tag in tags if isinstance(tags, list) else ():
        for name, value in TAGS:
            if isinstance(tag, dict) and name in tag:
                found.append((str(tag[name]), str(tag.get(value) or "")))
    return found


def note_use(call: Call) -> None:
    """Keep that a role, or a key at a service, was used: written at most once a minute for each."""
    gateway, caller, now = call.gateway, call.caller, call.gateway.now()
    facts: dict[str, Any] = {"used": now, "used_region": call.region}
    if caller.kind == "role":
        used, who, mine = caller.role_arn, caller.role_arn, tables.roles.c.arn == caller.role_arn
    elif caller.kind == "user" and not caller.access_key_id.startswith("ASIA"):
        used = f"{caller.access_key_id} {call.service}"
        who, mine = caller.access_key_id, tables.access_keys.c.id == caller.access_key_id
        facts["used_service"] = call.service
    else:
        return
    if who is None or used is None or now - gateway.last_used.get(used, 0.0) < USE_KEPT_EVERY:
        return
    gateway.last_used[used] = now
    table = tables.roles if caller.kind == "role" else tables.access_keys
    with contextlib.suppress(OperationalError):  # a full disk must not stop who only reads
        gateway.write(lambda db: db.execute(update(table).where(mine).values(**facts)))


def note_decision(call: Call, request: Request, decision: Decision) -> None:
    """A line of the authorisation log."""
    record = decision_record(call.gateway.now(), request, decision)
    record |= {"service": call.service, "operation": call.operation, "request": call.request_id}
    call.gateway.decisions.write(record)


def decide(
    call: Call,
    action: str,
    resource: str,
    context: dict[str, Any] | None = None,
    resource_policy: ResourcePolicy = (None, None),
    *,
    trust: bool = False,
    key: bool = False,
) -> tuple[Request, Decision]:
    """Gather everything and decide."""
    own, session = policies_of(call.gateway, call.caller)
    text, owner = resource_policy
    everything = {**base_context(call), **{name.lower(): value for name, value in (context or {}).items()}}
    if own.asks_resource_tags or (text and "resourcetag/" in text.lower()):
        everything |= resource_tags(call.gateway, resource)
    request = Request(principal_of(call.caller), action, resource, everything, owner)
    named = Named(f"policy of {resource}", text) if text else None
    decision = evaluate(request, Policies(own.identity, named, own.boundary, session, trust, key))
    note_decision(call, request, decision)
    return request, decision


def require(
    call: Call,
    action: str,
    resource: str,
    context: dict[str, Any] | None = None,
    resource_policy: ResourcePolicy = (None, None),
) -> None:
    """Raise the service's AccessDenied unless the policies allow an action."""
    request, decision = decide(call, action, resource, context, resource_policy)
    if not decision.allowed:
        shown = shown_resource(call, action, resource)
        raise denied(call, denied_text(request, decision, shown), request, decision)


def denied(call: Call, text: str, request: Request, decision: Decision) -> AwsError:
    """Access denied, in the form of the call's service.

    Headers tell more: the reason, which COPY's hint shows, and an encoded message for DecodeAuthorizationMessage.
    """
    reason = reason_line(request, decision).encode("ascii", "backslashreplace").decode()[:1000].replace("\n", " ")
    headers = {"x-slipher-reason": reason}
    with contextlib.suppress(OSError):  # the first one makes a key, which a full disk has no room for
        headers["x-slipher-authorization-message"] = encode(call.gateway, call.caller.user_id, request, decision)
    form = DENIALS[call.service]
    return AwsError(form.code, text if form.tells else "Access Denied", form.status, headers=headers)


def requirer(call: Call) -> Callable[..., None]:
    """`call.require`."""

    def check(
        action: str, resource: str, context: dict[str, Any] | None = None, policy: ResourcePolicy = (None, None)
    ) -> None:
        require(call, action, resource, context, policy)

    return check


def as_json(document: str) -> str:
    """A policy document as it is stored: its text, checked to be JSON."""
    json.loads(document)
    return document
