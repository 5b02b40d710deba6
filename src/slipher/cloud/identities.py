"""Who an access key belongs to, and the policies that users, groups and roles have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from slipher.cloud.call import Caller
from slipher.cloud.context import Gateway
from slipher.cloud.state import iam as tables
from slipher.policy.evaluate import Named
from slipher.spec.iam import managed_policy


@dataclass(frozen=True, slots=True)
class Key:
    """An access key as found: its caller, its secret, and for temporary ones token and expiry."""

    caller: Caller
    secret: str
    token: str | None = None
    expires: float | None = None
    console: bool = False  # of a console's session


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


def _tags(row: Any) -> dict[str, str]:
    """The tags of a user's or role's row."""
    return {tag["Key"]: tag["Value"] for tag in row.tags or ()}


def _permanent(db: Connection, access_key_id: str) -> Key | None:
    keys, users = tables.access_keys, tables.users
    row = db.execute(
        select(keys.c.secret, keys.c.account, users.c.name, users.c.arn, users.c.id, users.c.tags)
        .join(users, (users.c.account == keys.c.account) & (users.c.name == keys.c.user_name))
        .where(keys.c.id == access_key_id, keys.c.status == "Active")
    ).first()
    if row is None:
        return None
    caller = Caller("user", row.account, row.arn, row.id, access_key_id, user_name=row.name, tags=_tags(row))
    return Key(caller, row.secret)


def _temporary(db: Connection, access_key_id: str) -> Key | None:
    sessions = tables.sessions
    row = db.execute(select(sessions).where(sessions.c.access_key_id == access_key_id)).first()
    if row is None:
        return None
    owners = tables.roles if row.kind == "role" else tables.users
    owner = db.execute(select(owners).where(owners.c.account == row.account, owners.c.name == row.name)).first()
    if owner is None:
        return None
    facts: dict[str, Any] = row.facts or {}
    common: dict[str, Any] = {
        "tags": merged(_tags(owner), facts.get("tags") or {}),
        "transitive": tuple(facts.get("transitive") or ()),
        "source_identity": facts.get("source_identity"),
        "issued": facts.get("issued"),
    }
    if row.kind == "user":
        caller = Caller("user", row.account, owner.arn, owner.id, access_key_id, user_name=owner.name, **common)
    elif row.kind == "federated":
        arn = f"arn:aws:sts::{row.account}:federated-user/{row.session_name}"
        who = f"{row.account}:{row.session_name}"
        federated = _session_policies(db, row.policies)
        caller = Caller("federated", row.account, arn, who, access_key_id, source_user=owner.name,
                        session_name=row.session_name, session_policies=federated, **common)  # fmt: skip
    else:
        arn = f"arn:aws:sts::{row.account}:assumed-role/{owner.name}/{row.session_name}"
        policies = _session_policies(db, row.policies) if row.policies else None
        caller = Caller("role", row.account, arn, f"{owner.id}:{row.session_name}", access_key_id, role_arn=owner.arn,
                        session_name=row.session_name, session_policies=policies, **common)  # fmt: skip
    return Key(caller, row.secret, row.token, row.expires, bool(facts.get("console")))


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Tags, where a newer one takes the place of one whose key differs in case only."""
    lower = {key.lower() for key in new}
    return {key: value for key, value in old.items() if key.lower() not in lower} | dict(new)


def _session_policies(db: Connection, kept: Sequence[str]) -> tuple[Named, ...]:
    """Session policies as kept: texts, and ARNs of managed ones; one that is gone allows nothing."""
    found = []
    for one in kept:
        text = policy_text(db, one) if one.startswith("arn:") else one
        if text is not None:
            found.append(Named(f"session policy {one}" if one.startswith("arn:") else "session policy", text))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Own:
    """The policies of a user or role itself: what gives (of its groups, too), and the boundary that limits."""

    identity: tuple[Named, ...] = ()
    boundary: Named | None = None
    asks_resource_tags: bool = False  # whether a condition or variable is about tags of resources


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
    texts = [one.text for one in (*found, *([boundary] if boundary else []))]
    return Own(tuple(found), boundary, any("resourcetag/" in text.lower() for text in texts))


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
