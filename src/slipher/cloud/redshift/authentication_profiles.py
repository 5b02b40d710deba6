"""Authentication profiles: connection settings as JSON, which drivers ask for by name."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import Connection, Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import rows

KIND = "authenticationprofile"
NAME = re.compile(r"[\w+=,.@-]{1,63}")
MOST = 15  # of an account and region


def resource(call: Call) -> str:
    """What policies name."""
    return rows.arn(call, KIND, str(call.params.get("AuthenticationProfileName") or "*"))


def _find(db: Connection, call: Call, name: str) -> Row[Any]:
    row = rows.get(call, db, KIND, name)
    if row is None:
        raise AwsError("AuthenticationProfileNotFoundFault", f"Authentication profile {name} not found.", 404)
    return row


def _content(call: Call) -> str:
    text = str(call.params["AuthenticationProfileContent"])
    try:
        good = isinstance(json.loads(text), dict)
    except ValueError:
        good = False
    if not good:
        raise AwsError("InvalidAuthenticationProfileRequestFault", "The content must be a JSON object.")
    return text


def _shape(name: str, content: str) -> dict[str, Any]:
    return {"AuthenticationProfileName": name, "AuthenticationProfileContent": content}


def create(call: Call) -> dict[str, Any]:
    """CreateAuthenticationProfile."""
    name, content = str(call.params["AuthenticationProfileName"]), _content(call)
    if not NAME.fullmatch(name):
        raise AwsError("InvalidAuthenticationProfileRequestFault", f"The name of the profile is not valid: {name}")
    with call.gateway.transaction() as db:
        if len(rows.every(call, db, KIND)) >= MOST:
            raise AwsError("AuthenticationProfileQuotaExceededFault", f"There can be {MOST} authentication profiles.")
        if not rows.put(call, db, KIND, name, {"Content": content}):
            raise AwsError("AuthenticationProfileAlreadyExistsFault", f"Authentication profile {name} already exists.")
    return _shape(name, content)


def describe(call: Call) -> dict[str, Any]:
    """DescribeAuthenticationProfiles."""
    name = call.params.get("AuthenticationProfileName")
    with call.gateway.read() as db:
        found = [_find(db, call, str(name))] if name else list(rows.every(call, db, KIND))
    return {"AuthenticationProfiles": [_shape(row.name, row.facts["Content"]) for row in found]}


def modify(call: Call) -> dict[str, Any]:
    """ModifyAuthenticationProfile."""
    content = _content(call)
    with call.gateway.transaction() as db:
        row = _find(db, call, str(call.params["AuthenticationProfileName"]))
        rows.change(call, db, KIND, row.name, {"Content": content})
    return _shape(row.name, content)


def delete_(call: Call) -> dict[str, Any]:
    """DeleteAuthenticationProfile."""
    with call.gateway.transaction() as db:
        row = _find(db, call, str(call.params["AuthenticationProfileName"]))
        rows.remove(call, db, KIND, row.name)
    return {"AuthenticationProfileName": row.name}
