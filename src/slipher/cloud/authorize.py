"""Who signed a request, and whether the policies allow it: one place for every service."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller
from slipher.cloud.context import Gateway
from slipher.cloud.state import iam as tables
from slipher.policy.evaluate import Decision, Named, Policies, Principal, Request, evaluate
from slipher.policy.explain import denied_text, reason_line
from slipher.spec.iam import managed_policy
from slipher.spec.iam.actions import DENIALS

USE_KEPT_EVERY = 60.0
ResourcePolicy = tuple[str | None, str | None]  # text, owner's account


@dataclass(frozen=True, slots=True)
class Key:
    """An access key as found: its caller, its secret, and for temporary ones token and expiry."""

    caller: Caller
    secret: str
    token: str | None = None
    expires: float | None = None


def find_key(gateway: Gateway, access_key_id: str) -> Key | None:
    """The key's owner, None if there is no such key or it is inactive."""
    generation, found = gateway.cached(("key", access_key_id))
    if found is not None:
        return found if isinstance(found, Key) else None
    with gateway.read() as db:
        key = _permanent(db, access_key_id) or _temporary(db, access_key_id)
    if key is not None:
        gateway.remember(generation, ("key", access_key_id), key)
    return key


def _permanent(db: Connection, access_key_id: str) -> Key | None:
    keys, users = tables.access_keys, tables.users
    row = db.execute(
        select(keys.c.secret, keys.c.account, users.c.name, users.c.arn, users.c.id)
        .join(users, (users.c.account == keys.c.account) & (users.c.name == keys.c.user_name))
        .where(keys.c.id == access_key_id, keys.c.status == "Active")
    ).first()
    if row is None:
        return None
    return Key(Caller("user", row.account, row.arn, row.id, access_key_id, user_name=row.name), row.secret)


def _temporary(db: Connection, access_key_id: str) -> Key | None:
    sessions = tables.sessions
    row = db.execute(select(sessions).where(sessions.c.access_key_id == access_key_id)).first()
    if row is None:
        return None
    if row.kind == "user":
        user = db.execute(
            select(tables.users).where(tables.users.c.account == row.account, tables.users.c.name == row.name)
        ).first()
        if user is None:
            return None
        caller = Caller("user", row.account, user.arn, user.id, access_key_id, user_name=user.name)
    else:
        role = db.execute(
            select(tables.roles).where(tables.roles.c.account == row.account, tables.roles.c.name == row.name)
        ).first()
        if role is None:
            return None
        arn = f"arn:aws:sts::{row.account}:assumed-role/{role.name}/{row.session_name}"
        caller = Caller(
            "role",
            row.account,
            arn,
            f"{role.id}:{row.session_name}",
            access_key_id,
            role_arn=role.arn,
            session_name=row.session_name,
            session_policies=tuple(row.policies),
        )
    return Key(caller, row.secret, row.token, row.expires)


@dataclass(frozen=True, slots=True)
class Own:
    """The policies of a user or role itself: what gives (of its groups, too), and the boundary that limits."""

    identity: tuple[Named, ...] = ()
    boundary: Named | None = None


def identity_policies(gateway: Gateway, kind: str, account: str, name: str) -> Own:
    """The managed and inline policies of a user or role, and its permissions boundary."""
    generation, found = gateway.cached(("policies", kind, account, name))
    if found is None:
        with gateway.read() as db:
            found = read_policies(db, kind, account, name)
        gateway.remember(generation, ("policies", kind, account, name), found)
    assert isinstance(found, Own)
    return found


def read_policies(db: Connection, kind: str, account: str, name: str) -> Own:
    """What identity_policies returns, from the database."""
    found = _identity_policies(db, kind, account, name)
    if kind == "user":
        of_user = (tables.members.c.account == account, tables.members.c.user_name == name)
        for group in db.scalars(select(tables.members.c.group_name).where(*of_user)).all():
            found += _identity_policies(db, "group", account, group)
    boundary = None
    if kind != "group":
        table = {"user": tables.users, "role": tables.roles}[kind]
        arn = db.scalar(select(table.c.boundary).where(table.c.account == account, table.c.name == name))
        if arn:
            # a boundary whose policy is gone allows nothing
            text = policy_text(db, arn) or '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
            boundary = Named(f"permissions boundary {arn}", text, arn.rpartition("/")[2], "user-managed")
    return Own(tuple(found), boundary)


def policy_text(db: Connection, arn: str) -> str | None:
    """The default version of a managed policy."""
    managed = managed_policy(arn)
    if managed is not None:
        return managed.document
    return db.scalar(select(tables.policies.c.document).where(tables.policies.c.arn == arn))


def _identity_policies(db: Connection, kind: str, account: str, name: str) -> list[Named]:
    attached, inline = tables.attachments, tables.inline_policies
    found = []
    for arn in db.scalars(
        select(attached.c.policy_arn).where(
            attached.c.account == account, attached.c.kind == kind, attached.c.name == name
        )
    ).all():
        text = policy_text(db, arn)
        if text is not None:
            owner = "aws-managed" if managed_policy(arn) is not None else "user-managed"
            found.append(Named(f"policy {arn}", text, arn.rpartition("/")[2], owner))
    for row in db.execute(
        select(inline.c.policy_name, inline.c.document).where(
            inline.c.account == account, inline.c.kind == kind, inline.c.name == name
        )
    ):
        shown = f"inline policy {row.policy_name} of {kind} {name}"
        found.append(Named(shown, row.document, row.policy_name, kind))
    return found


def principal_of(caller: Caller) -> Principal:
    """The caller as the evaluator takes it."""
    return Principal(caller.kind, caller.arn, caller.account, caller.role_arn)


def policies_of(gateway: Gateway, caller: Caller) -> tuple[Own, tuple[Named, ...] | None]:
    """The caller's own policies and session policies (None: none apply)."""
    if caller.kind == "user":
        return identity_policies(gateway, "user", caller.account, caller.user_name or ""), None
    if caller.kind == "role":
        role = (caller.role_arn or "").rpartition("/")[2]
        session = tuple(Named("session policy", text) for text in caller.session_policies)
        return identity_policies(gateway, "role", caller.account, role), session or None
    return Own(), None


def base_context(call: Call) -> dict[str, Any]:
    """The global condition keys that every request has."""
    caller = call.caller
    now = call.gateway.clock.now()
    context: dict[str, Any] = {
        "aws:sourceip": call.http.source_ip,
        "aws:securetransport": "true" if call.http.scheme == "https" else "false",
        "aws:currenttime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:requestedregion": call.region,
        "aws:principalarn": caller.role_arn or caller.arn,
        "aws:principalaccount": caller.account,
        "aws:principaltype": {"user": "User", "role": "AssumedRole", "root": "Account"}.get(caller.kind, "Anonymous"),
        "aws:userid": caller.user_id,
        "aws:useragent": call.http.headers.get("user-agent", ""),
    }
    if caller.user_name is not None:
        context["aws:username"] = caller.user_name
    if caller.access_key_id.startswith("ASIA"):
        context["aws:multifactorauthpresent"] = "false"  # a key that long-term credentials do not have at all
    if "referer" in call.http.headers:
        context["aws:referer"] = call.http.headers["referer"]
    tags = call.params.get("Tags")
    if isinstance(tags, list) and all(isinstance(tag, dict) and "Key" in tag for tag in tags):
        context["aws:tagkeys"] = [str(tag["Key"]) for tag in tags]
        context |= {f"aws:requesttag/{str(tag['Key']).lower()}": str(tag.get("Value", "")) for tag in tags}
    elif isinstance(tags, list) and all(isinstance(tag, dict) and "TagKey" in tag for tag in tags):  # KMS's spelling
        context["aws:tagkeys"] = [str(tag["TagKey"]) for tag in tags]
        context |= {f"aws:requesttag/{str(tag['TagKey']).lower()}": str(tag.get("TagValue", "")) for tag in tags}
    elif isinstance(call.params.get("TagKeys"), list):
        context["aws:tagkeys"] = list(call.params["TagKeys"])
    return context


def note_use(call: Call) -> None:
    """Keep that a role was used, for RoleLastUsed: written at most once a minute for each role."""
    gateway, arn, now = call.gateway, call.caller.role_arn, call.gateway.now()
    if call.caller.kind != "role" or arn is None or now - gateway.roles_used.get(arn, 0.0) < USE_KEPT_EVERY:
        return
    gateway.roles_used[arn] = now
    with contextlib.suppress(OperationalError), gateway.transaction() as db:  # a full disk must not stop who only reads
        db.execute(update(tables.roles).where(tables.roles.c.arn == arn).values(used=now, used_region=call.region))


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
    request = Request(
        principal_of(call.caller),
        action,
        resource,
        {**base_context(call), **{name.lower(): value for name, value in (context or {}).items()}},
        owner,
    )
    named = Named(f"policy of {resource}", text) if text else None
    return request, evaluate(request, Policies(own.identity, named, own.boundary, session, trust, key))


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
        raise denied(call.service, denied_text(request, decision), reason_line(request, decision))


def denied(service: str, text: str, reason: str) -> AwsError:
    """Access denied, in the form of a service; the reason rides on a header that COPY's hint shows."""
    headers = {"x-slipher-reason": reason.encode("ascii", "backslashreplace").decode()[:1000].replace("\n", " ")}
    form = DENIALS[service]
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
