"""IAM roles and their trust policies."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import (
    boundary_shape,
    check_boundary,
    check_name,
    check_principals,
    find,
    moment,
    path_of,
    refuse_attached,
    refuse_protected,
    refuse_taken,
    tags_of,
)
from slipher.cloud.iam.policies import LIMITS, size
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam, redshift
from slipher.policy.document import Document
from slipher.policy.validate import validate

roles = iam.roles


def last_used(row: Row[Any]) -> dict[str, Any]:
    """When and for which region a session of the role last made a request."""
    return {"LastUsedDate": moment(row.used), "Region": row.used_region} if row.used else {}


def shape(row: Row[Any], *, listed: bool = False) -> dict[str, Any]:
    """A role as the API shows it; lists leave tags, boundary and last use out."""
    found: dict[str, Any] = {
        "Path": row.path,
        "RoleName": row.name,
        "RoleId": row.id,
        "Arn": row.arn,
        "CreateDate": moment(row.created),
        "AssumeRolePolicyDocument": quote(row.trust, safe="-_.~"),
        "MaxSessionDuration": row.max_session,
    }
    if row.description:
        found["Description"] = row.description
    if not listed:
        found |= boundary_shape(row) | {"RoleLastUsed": last_used(row)}
        if row.tags:
            found["Tags"] = row.tags
    return found


def _trust(text: str) -> Document:
    """A trust policy, checked."""
    document = validate(text, "trust")
    if size(text) > LIMITS["trust"]:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for ACLSizePerRole: {LIMITS['trust']}", 409)
    return document


def _duration(call: Call) -> int:
    """MaxSessionDuration, checked."""
    duration = call.params.get("MaxSessionDuration")
    if duration is None:
        return 3600
    if not 3600 <= duration <= 43200:
        bound = "greater than or equal to 3600" if duration < 3600 else "less than or equal to 43200"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{duration}' at 'maxSessionDuration' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    return int(duration)


def create(call: Call) -> dict[str, Any]:
    """CreateRole."""
    name, trust = call.params["RoleName"], call.params["AssumeRolePolicyDocument"]
    check_name("roleName", name, 64)
    path = path_of(call)
    document = _trust(trust)
    duration = _duration(call)
    with call.gateway.transaction() as db:
        refuse_taken(db, call, "role", name)
        check_principals(db, call, document)
        db.execute(
            insert(roles).values(
                account=call.account,
                name=name,
                id=unique_id("AROA"),
                path=path,
                arn=f"arn:aws:iam::{call.account}:role{path}{name}",
                trust=trust,
                description=call.params.get("Description"),
                max_session=duration,
                created=call.gateway.now(),
                tags=tags_of(call),
                boundary=check_boundary(db, call),
            )
        )
        return {"Role": shape(find(db, roles, call, name, "role"))}


def get(call: Call) -> dict[str, Any]:
    """GetRole."""
    with call.gateway.read() as db:
        return {"Role": shape(find(db, roles, call, call.params["RoleName"], "role"))}


def list_(call: Call) -> dict[str, Any]:
    """ListRoles."""
    prefix = call.params.get("PathPrefix") or "/"
    with call.gateway.read() as db:
        rows = db.execute(select(roles).where(roles.c.account == call.account).order_by(roles.c.name)).all()
    found = [shape(row, listed=True) for row in rows if row.path.startswith(prefix)]
    return iam_page(found, call.params, "Roles", lambda role: str(role["RoleName"]))


def delete_(call: Call) -> None:
    """DeleteRole."""
    name = call.params["RoleName"]
    with call.gateway.transaction() as db:
        row = find(db, roles, call, name, "role")
        refuse_protected(row)
        profiles = iam.instance_profiles
        if db.execute(
            select(profiles.c.name).where(profiles.c.account == call.account, profiles.c.role == name)
        ).first():
            raise AwsError(
                "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409
            )
        refuse_attached(db, call, "role", name)
        db.execute(delete(roles).where(roles.c.account == call.account, roles.c.name == name))
        db.execute(delete(redshift.cluster_roles).where(redshift.cluster_roles.c.role_arn == row.arn))
        db.execute(
            delete(iam.sessions).where(
                iam.sessions.c.account == call.account, iam.sessions.c.kind == "role", iam.sessions.c.name == name
            )
        )


def update_(call: Call) -> dict[str, Any]:
    """UpdateRole."""
    name = call.params["RoleName"]
    changes = {}
    if call.params.get("Description") is not None:
        changes["description"] = call.params["Description"]
    if call.params.get("MaxSessionDuration") is not None:
        changes["max_session"] = _duration(call)
    with call.gateway.transaction() as db:
        refuse_protected(find(db, roles, call, name, "role"))
        if changes:
            db.execute(update(roles).where(roles.c.account == call.account, roles.c.name == name).values(**changes))
    return {}


def update_description(call: Call) -> dict[str, Any]:
    """UpdateRoleDescription: UpdateRole's older form."""
    name = call.params["RoleName"]
    with call.gateway.transaction() as db:
        refuse_protected(find(db, roles, call, name, "role"))
        mine = (roles.c.account == call.account, roles.c.name == name)
        db.execute(update(roles).where(*mine).values(description=call.params["Description"]))
        return {"Role": shape(find(db, roles, call, name, "role"))}


def update_trust(call: Call) -> None:
    """UpdateAssumeRolePolicy."""
    name, trust = call.params["RoleName"], call.params["PolicyDocument"]
    document = _trust(trust)
    with call.gateway.transaction() as db:
        refuse_protected(find(db, roles, call, name, "role"))
        check_principals(db, call, document)
        db.execute(update(roles).where(roles.c.account == call.account, roles.c.name == name).values(trust=trust))
