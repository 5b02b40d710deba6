"""Instance profiles: records that Terraform and scripts keep; no instance runs here that would take one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam import roles
from slipher.cloud.iam.common import check_name, find, moment, path_of, refuse_taken, tags_of
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam

profiles = iam.instance_profiles
KIND = "instance-profile"


def shape(db: Connection, row: Row[Any]) -> dict[str, Any]:
    """An instance profile as the API shows it, with its role."""
    query = select(iam.roles).where(iam.roles.c.account == row.account, iam.roles.c.name == row.role)
    role = db.execute(query).first()
    return {
        "Path": row.path,
        "InstanceProfileName": row.name,
        "InstanceProfileId": row.id,
        "Arn": row.arn,
        "CreateDate": moment(row.created),
        "Roles": [roles.shape(role, listed=True)] if role is not None else [],
        **({"Tags": row.tags} if row.tags else {}),
    }


def create(call: Call) -> dict[str, Any]:
    """CreateInstanceProfile."""
    name = call.params["InstanceProfileName"]
    check_name("instanceProfileName", name, 128)
    path = path_of(call)
    with call.gateway.transaction() as db:
        refuse_taken(db, call, "instance-profile", name)
        db.execute(
            insert(profiles).values(
                account=call.account,
                name=name,
                id=unique_id("AIPA"),
                path=path,
                arn=f"arn:aws:iam::{call.account}:instance-profile{path}{name}",
                created=call.gateway.now(),
                tags=tags_of(call),
            )
        )
        return {"InstanceProfile": shape(db, find(db, profiles, call, name, KIND))}


def get(call: Call) -> dict[str, Any]:
    """GetInstanceProfile."""
    with call.gateway.read() as db:
        return {"InstanceProfile": shape(db, find(db, profiles, call, call.params["InstanceProfileName"], KIND))}


def _page(call: Call, db: Connection, *where: Any) -> dict[str, Any]:
    rows = db.execute(
        select(profiles).where(profiles.c.account == call.account, *where).order_by(profiles.c.name)
    ).all()
    prefix = call.params.get("PathPrefix") or "/"
    found = [shape(db, row) for row in rows if row.path.startswith(prefix)]
    return iam_page(found, call.params, "InstanceProfiles", lambda one: str(one["InstanceProfileName"]))


def list_(call: Call) -> dict[str, Any]:
    """ListInstanceProfiles."""
    with call.gateway.read() as db:
        return _page(call, db)


def list_for_role(call: Call) -> dict[str, Any]:
    """ListInstanceProfilesForRole."""
    with call.gateway.read() as db:
        find(db, iam.roles, call, call.params["RoleName"], "role")
        return _page(call, db, profiles.c.role == call.params["RoleName"])


def _set_role(call: Call, db: Connection, role: str | None) -> None:
    mine = (profiles.c.account == call.account, profiles.c.name == call.params["InstanceProfileName"])
    db.execute(update(profiles).where(*mine).values(role=role))


def add_role(call: Call) -> None:
    """AddRoleToInstanceProfile: one role, and the caller may pass it."""
    with call.gateway.transaction() as db:
        row = find(db, profiles, call, call.params["InstanceProfileName"], KIND)
        role = find(db, iam.roles, call, call.params["RoleName"], "role")
        if row.role is not None:
            raise AwsError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409)
        call.require("iam:PassRole", role.arn, {"iam:passedtoservice": "ec2.amazonaws.com"})
        _set_role(call, db, role.name)


def remove_role(call: Call) -> None:
    """RemoveRoleFromInstanceProfile."""
    name = call.params["RoleName"]
    with call.gateway.transaction() as db:
        row = find(db, profiles, call, call.params["InstanceProfileName"], KIND)
        if row.role != name:
            raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found in the instance profile.", 404)
        _set_role(call, db, None)


def delete_(call: Call) -> None:
    """DeleteInstanceProfile."""
    name = call.params["InstanceProfileName"]
    with call.gateway.transaction() as db:
        if find(db, profiles, call, name, KIND).role is not None:
            raise AwsError(
                "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409
            )
        db.execute(delete(profiles).where(profiles.c.account == call.account, profiles.c.name == name))
