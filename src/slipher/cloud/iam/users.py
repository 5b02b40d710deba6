"""IAM users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import (
    boundary_shape,
    check_boundary,
    check_name,
    find,
    moment,
    path_of,
    refuse_attached,
    refuse_taken,
    rename,
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
        refuse_taken(db, call, "user", name)
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


def update_(call: Call) -> None:
    """UpdateUser: another name or path, and so another ARN; keys, groups and policies stay."""
    name = call.params["UserName"]
    new = str(call.params.get("NewUserName") or name)
    check_name("newUserName", new, 64)
    with call.gateway.transaction() as db:
        row = find(db, users, call, name, "user")
        path = path_of(call, "NewPath") if call.params.get("NewPath") else row.path
        if new.lower() != name.lower():
            refuse_taken(db, call, "user", new)
        rename(db, call, "user", name, path, new)
        for table, column in ((keys, "user_name"), (iam.members, "user_name")):
            mine = (table.c.account == call.account, table.c[column] == name)
            db.execute(update(table).where(*mine).values({column: new}))
        sessions = iam.sessions
        of_user = (sessions.c.kind.in_(("user", "federated")), sessions.c.name == name)
        db.execute(update(sessions).where(sessions.c.account == call.account, *of_user).values(name=new))
