"""IAM_ROLE, CREDENTIALS and ACCESS_KEY_ID: the forms that COPY and UNLOAD share (source: reference on COPY, section 3)."""

from __future__ import annotations

from typing import Any

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.authorization import Authorization

KEYS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "token": "session_token",
    "master_symmetric_key": "master_symmetric_key",
}


def authorization(cursor: Cursor, known: Authorization | None = None) -> Authorization | None:
    """Take a form of authorization if one comes next; 42601 if one was given before."""
    found: Authorization | None = None
    if cursor.accept("IAM_ROLE"):
        cursor.accept("AS")
        found = Authorization(roles=("default",)) if cursor.accept("DEFAULT") else _chain(cursor.string())
    elif cursor.accept("WITH", "CREDENTIALS") or cursor.accept("CREDENTIALS"):
        cursor.accept("AS")
        found = _credentials(cursor.string())
    elif cursor.accept("ACCESS_KEY_ID"):
        cursor.accept("AS")
        key = cursor.string()
        cursor.expect("SECRET_ACCESS_KEY")
        cursor.accept("AS")
        secret = cursor.string()
        token = ""
        if cursor.accept_any(("SESSION_TOKEN", "TOKEN")):
            cursor.accept("AS")
            token = cursor.string()
        found = Authorization(access_key_id=key, secret_access_key=secret, session_token=token)
    if found is not None and known is not None:
        raise SqlError("42601", "conflicting or redundant options: more than one form of credentials")
    return found


def _chain(text: str) -> Authorization:
    if text == "SESSION":
        return Authorization(roles=("SESSION",))
    roles = tuple(text.split(","))
    if not text or any(not role or role != role.strip() for role in roles):
        raise SqlError("22023", "Invalid IAM role: a chain is a list of role ARNs separated by commas, without spaces")
    return Authorization(roles=roles)


def _credentials(text: str) -> Authorization:
    """'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'."""
    bad = SqlError(
        "22023",
        "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or "
        "'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'",
    )
    facts: dict[str, Any] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or name.strip() in facts:
            raise bad
        facts[name.strip()] = value.strip()
    if "aws_iam_role" in facts:
        roles = _chain(facts.pop("aws_iam_role")).roles
        master = facts.pop("master_symmetric_key", "")
        if facts:
            raise bad
        return Authorization(roles=roles, master_symmetric_key=master, credentials=True)
    if set(facts) - set(KEYS) or not {"aws_access_key_id", "aws_secret_access_key"} <= set(facts):
        raise bad
    return Authorization(**{KEYS[name]: value for name, value in facts.items()}, credentials=True)
