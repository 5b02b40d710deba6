"""Passwords that GetClusterCredentials gives: signed statements of who may log in as whom, checked with the cluster's secret.

Nothing is stored, so many are valid at a time. Each holds until its expiry, whatever becomes of the caller's own permissions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field

PREFIXES = ("IAM:", "IAMA:", "IAMR:")  # of the names under which their owners log in
CONTEXT = b"slipher: database password of GetClusterCredentials, 1"
SIGNATURE = 32


@dataclass(frozen=True, slots=True)
class LoginGrant:
    """`login` is the name to give, `user` the database's own. `groups` are joined for the session; with `known`, those of them
    that there are. `database` None: any. `identity` is the gateway's ticket for the IAM identity that the login stands for."""

    login: str
    user: str
    expires: float
    create: bool = False
    groups: tuple[str, ...] = ()
    database: str | None = None
    identity: str | None = field(default=None, repr=False)
    known: bool = False


def _signature(secret: str, body: bytes) -> bytes:
    return hmac.digest(hmac.digest(secret.encode(), CONTEXT, hashlib.sha256), body, hashlib.sha256)


def sign(grant: LoginGrant, secret: str) -> str:
    """The password."""
    facts: list[object] = [grant.login, grant.user, grant.expires, grant.create, list(grant.groups), grant.database]
    facts += [grant.identity, grant.known]
    body = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(secret, body) + body).decode().rstrip("=")


def verify(password: bytes, secret: str, now: float) -> LoginGrant | None:
    """What a password grants; None if it was not signed with this secret, or has expired."""
    try:
        data = base64.b64decode(password + b"=" * (-len(password) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    signature, body = data[:SIGNATURE], data[SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(secret, body)):
        return None
    login, user, expires, create, groups, database, identity, known = json.loads(body)
    if now >= expires:
        return None
    return LoginGrant(login, user, expires, create, tuple(groups), database, identity, known)
