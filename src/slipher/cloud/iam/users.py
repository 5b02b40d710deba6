"""IAM users and their access keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import secret_key, unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import (
    boundary_shape,
    check_boundary,
    check_name,
    entity_exists,
    find,
    moment,
    path_of,
    refuse_attached,
    tags_of,
)
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam

users, keys = iam.users, iam.access_keys


def shape(row: Row[Any], *, listed: bool = False) -> dict[str, Any]:
    """A user as the API shows it; lists leave tags and boundary out."""
    found = {
        "Path": row.path,
        "UserName": row.name,
        "UserId": row.id,
        "Arn": row.arn,
        "CreateDate": moment(row.created),
    }
    if listed:
        return found
    return found | boundary_shape(row) | ({"Tags": row.tags} if row.tags else {})


def name_of(call: Call) -> str:
    """UserName, or the caller's own."""
    name = call.params.get("UserName") or call.caller.user_name
    if name is None:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return str(name)


def create(call: Call) -> dict[str, Any]:
    """CreateUser."""
    name = call.params["UserName"]
    check_name("userName", name, 64)
    path = path_of(call)
    with call.gateway.transaction() as db:
        if db.execute(select(users.c.name).where(users.c.account == call.account, users.c.name == name)).first():
            raise entity_exists("User", name)
        db.execute(
            insert(users).values(
                account=call.account,
                name=name,
                id=unique_id("AIDA"),
                path=path,
                arn=f"arn:aws:iam::{call.account}:user{path}{name}",
                created=call.gateway.now(),
                tags=tags_of(call),
                boundary=check_boundary(db, call),
            )
        )
        return {"User": shape(find(db, users, call, name, "user"))}


def get(call: Call) -> dict[str, Any]:
    """GetUser."""
    with call.gateway.read() as db:
        return {"User": shape(find(db, users, call, name_of(call), "user"))}


def list_(call: Call) -> dict[str, Any]:
    """ListUsers."""
    prefix = call.params.get("PathPrefix") or "/"
    with call.gateway.read() as db:
        rows = db.execute(select(users).where(users.c.account == call.account).order_by(users.c.name)).all()
    found = [shape(row, listed=True) for row in rows if row.path.startswith(prefix)]
    return iam_page(found, call.params, "Users", lambda user: str(user["UserName"]))


def delete_(call: Call) -> None:
    """DeleteUser."""
    name = call.params["UserName"]
    with call.gateway.transaction() as db:
        find(db, users, call, name, "user")
        mine = (keys.c.account == call.account) & (keys.c.user_name == name)
        if db.execute(select(keys.c.id).where(mine)).first():
            raise AwsError("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
        of_user = (iam.members.c.account == call.account, iam.members.c.user_name == name)
        if db.execute(select(iam.members.c.group_name).where(*of_user)).first():
            raise AwsError("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
        refuse_attached(db, call, "user", name)
        db.execute(delete(users).where(users.c.account == call.account, users.c.name == name))
        db.execute(
            delete(iam.sessions).where(
                iam.sessions.c.account == call.account, iam.sessions.c.kind == "user", iam.sessions.c.name == name
            )
        )


def create_key(call: Call) -> dict[str, Any]:
    """CreateAccessKey."""
    name = name_of(call)
    with call.gateway.transaction() as db:
        find(db, users, call, name, "user")
        mine = (keys.c.account == call.account) & (keys.c.user_name == name)
        if len(db.execute(select(keys.c.id).where(mine)).all()) >= 2:
            raise AwsError("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
        row = {
            "id": unique_id("AKIA")[:20],
            "account": call.account,
            "user_name": name,
            "secret": secret_key(),
            "status": "Active",
            "created": call.gateway.now(),
        }
        db.execute(insert(keys).values(**row))
    return {
        "AccessKey": {
            "UserName": name,
            "AccessKeyId": row["id"],
            "Status": "Active",
            "SecretAccessKey": row["secret"],
            "CreateDate": moment(call.gateway.now()),
        }
    }


def list_keys(call: Call) -> dict[str, Any]:
    """ListAccessKeys."""
    name = name_of(call)
    with call.gateway.read() as db:
        find(db, users, call, name, "user")
        rows = db.execute(
            select(keys).where(keys.c.account == call.account, keys.c.user_name == name).order_by(keys.c.id)
        ).all()
    found = [
        {"UserName": name, "AccessKeyId": row.id, "Status": row.status, "CreateDate": moment(row.created)}
        for row in rows
    ]
    return iam_page(found, call.params, "AccessKeyMetadata", lambda key: str(key["AccessKeyId"]))


def _own_key(call: Call) -> Any:
    return (
        (keys.c.account == call.account)
        & (keys.c.user_name == name_of(call))
        & (keys.c.id == call.params["AccessKeyId"])
    )


def update_key(call: Call) -> None:
    """UpdateAccessKey."""
    status = call.params["Status"]
    if status not in ("Active", "Inactive"):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{status}' at 'status' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Active, Inactive]",
        )
    with call.gateway.transaction() as db:
        if db.execute(update(keys).where(_own_key(call)).values(status=status)).rowcount == 0:
            raise _no_key(call)


def delete_key(call: Call) -> None:
    """DeleteAccessKey."""
    with call.gateway.transaction() as db:
        if db.execute(delete(keys).where(_own_key(call))).rowcount == 0:
            raise _no_key(call)


def _no_key(call: Call) -> AwsError:
    return AwsError("NoSuchEntity", f"The Access Key with id {call.params['AccessKeyId']} cannot be found.", 404)
