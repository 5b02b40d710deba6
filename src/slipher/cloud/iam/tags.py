"""Tags of roles and users: one function a verb, made for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import check_tags, find
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam

ENTITY = {"role": (iam.roles, "RoleName"), "user": (iam.users, "UserName")}


def _change(kind: str, change: Callable[[Call, dict[str, str]], dict[str, str]]) -> Handler:
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name = call.params[member]
        with call.gateway.transaction() as db:
            row = find(db, table, call, name, kind)
            tags = change(call, {tag["Key"]: tag["Value"] for tag in row.tags})
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            check_tags(listed)
            db.execute(update(table).where(table.c.account == call.account, table.c.name == name).values(tags=listed))

    return handler


def tag(kind: str) -> Handler:
    """TagRole, TagUser."""

    def change(call: Call, tags: dict[str, str]) -> dict[str, str]:
        check_tags(call.params["Tags"])
        new = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
        lower = {key.lower() for key in new}
        return {key: value for key, value in tags.items() if key.lower() not in lower} | new

    return _change(kind, change)


def untag(kind: str) -> Handler:
    """UntagRole, UntagUser."""

    def change(call: Call, tags: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in tags.items() if key not in call.params["TagKeys"]}

    return _change(kind, change)


def list_(kind: str) -> Handler:
    """ListRoleTags, ListUserTags."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        with call.gateway.read() as db:
            row = find(db, table, call, call.params[member], kind)
        return iam_page(sorted(row.tags, key=lambda tag: tag["Key"]), call.params, "Tags", lambda tag: str(tag["Key"]))

    return handler
