"""IAM groups and who is in them; what their policies give is theirs who are in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_name, find, moment, path_of, refuse_attached, refuse_taken, rename
from slipher.cloud.iam.users import name_of, shape as user_shape
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam

groups, members, users = iam.groups, iam.members, iam.users
QUOTA = 10  # groups that one user is in


def shape(row: Row[Any]) -> dict[str, Any]:
    """A group as the API shows it."""
    return {
        "Path": row.path,
        "GroupName": row.name,
        "GroupId": row.id,
        "Arn": row.arn,
        "CreateDate": moment(row.created),
    }


def _name(group: dict[str, Any]) -> str:
    return str(group["GroupName"])


def create(call: Call) -> dict[str, Any]:
    """CreateGroup."""
    name = call.params["GroupName"]
    check_name("groupName", name, 128)
    path = path_of(call)
    with call.gateway.transaction() as db:
        refuse_taken(db, call, "group", name)
        db.execute(
            insert(groups).values(
                account=call.account,
                name=name,
                id=unique_id("AGPA"),
                path=path,
                arn=f"arn:aws:iam::{call.account}:group{path}{name}",
                created=call.gateway.now(),
            )
        )
        return {"Group": shape(find(db, groups, call, name, "group"))}


def get(call: Call) -> dict[str, Any]:
    """GetGroup: the group and its users."""
    name = call.params["GroupName"]
    with call.gateway.read() as db:
        row = find(db, groups, call, name, "group")
        join = (members.c.account == users.c.account) & (members.c.user_name == users.c.name)
        mine = (members.c.account == call.account, members.c.group_name == name)
        found = [user_shape(one, listed=True) for one in db.execute(select(users).join(members, join).where(*mine))]
    found.sort(key=lambda user: user["UserName"])
    return {"Group": shape(row)} | iam_page(found, call.params, "Users", lambda user: str(user["UserName"]))


def list_(call: Call) -> dict[str, Any]:
    """ListGroups."""
    prefix = call.params.get("PathPrefix") or "/"
    with call.gateway.read() as db:
        rows = db.execute(select(groups).where(groups.c.account == call.account).order_by(groups.c.name)).all()
    return iam_page([shape(row) for row in rows if row.path.startswith(prefix)], call.params, "Groups", _name)


def list_for_user(call: Call) -> dict[str, Any]:
    """ListGroupsForUser."""
    name = name_of(call)
    with call.gateway.read() as db:
        find(db, users, call, name, "user")
        join = (members.c.account == groups.c.account) & (members.c.group_name == groups.c.name)
        mine = (members.c.account == call.account, members.c.user_name == name)
        rows = db.execute(select(groups).join(members, join).where(*mine).order_by(groups.c.name)).all()
    return iam_page([shape(row) for row in rows], call.params, "Groups", _name)


def update_(call: Call) -> None:
    """UpdateGroup: another name or path, and so another ARN; users and policies stay."""
    name = call.params["GroupName"]
    new = str(call.params.get("NewGroupName") or name)
    check_name("newGroupName", new, 128)
    with call.gateway.transaction() as db:
        row = find(db, groups, call, name, "group")
        path = path_of(call, "NewPath") if call.params.get("NewPath") else row.path
        if new.lower() != name.lower():
            refuse_taken(db, call, "group", new)
        rename(db, call, "group", name, path, new)
        of_group = (members.c.account == call.account, members.c.group_name == name)
        db.execute(update(members).where(*of_group).values(group_name=new))


def delete_(call: Call) -> None:
    """DeleteGroup."""
    name = call.params["GroupName"]
    with call.gateway.transaction() as db:
        find(db, groups, call, name, "group")
        of_group = (members.c.account == call.account, members.c.group_name == name)
        if db.execute(select(members.c.user_name).where(*of_group)).first():
            raise AwsError("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)
        refuse_attached(db, call, "group", name)
        db.execute(delete(groups).where(groups.c.account == call.account, groups.c.name == name))


def add_user(call: Call) -> None:
    """AddUserToGroup."""
    group, user = call.params["GroupName"], call.params["UserName"]
    with call.gateway.transaction() as db:
        find(db, groups, call, group, "group")
        find(db, users, call, user, "user")
        mine = (members.c.account == call.account, members.c.user_name == user)
        known = set(db.scalars(select(members.c.group_name).where(*mine)))
        if group in known:
            return
        if len(known) >= QUOTA:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {QUOTA}", 409)
        db.execute(insert(members).values(account=call.account, group_name=group, user_name=user))


def remove_user(call: Call) -> None:
    """RemoveUserFromGroup: content where the user is not in the group."""
    group, user = call.params["GroupName"], call.params["UserName"]
    with call.gateway.transaction() as db:
        find(db, groups, call, group, "group")
        find(db, users, call, user, "user")
        db.execute(
            delete(members).where(
                members.c.account == call.account, members.c.group_name == group, members.c.user_name == user
            )
        )
