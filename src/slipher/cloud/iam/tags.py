"""Tags of roles, users, policies and instance profiles: one function a verb, made for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Table, update

from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import ENTITY, check_tags, find, refuse_protected
from slipher.cloud.iam.policies import by_arn, missing
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam


def _found(db: Connection, call: Call, kind: str) -> tuple[Table, Row[Any]]:
    if kind == "policy":
        row = by_arn(db, call.params["PolicyArn"])
        if row is None or row.account != call.account:
            raise missing(call.params["PolicyArn"])
        return iam.policies, row
    table, member = ENTITY[kind]
    return table, find(db, table, call, call.params[member], kind)


def _change(kind: str, change: Callable[[Call, dict[str, str]], dict[str, str]]) -> Handler:
    def handler(call: Call) -> None:
        with call.gateway.transaction() as db:
            table, row = _found(db, call, kind)
            if kind == "role":
                refuse_protected(row)
            tags = change(call, {tag["Key"]: tag["Value"] for tag in row.tags or ()})
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            check_tags(listed)
            mine = (table.c.account == call.account, table.c.name == row.name)
            db.execute(update(table).where(*mine).values(tags=listed))

    return handler


def tag(kind: str) -> Handler:
    """TagRole, TagUser, TagPolicy, TagInstanceProfile."""

    def change(call: Call, tags: dict[str, str]) -> dict[str, str]:
        check_tags(call.params["Tags"])
        new = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
        lower = {key.lower() for key in new}
        return {key: value for key, value in tags.items() if key.lower() not in lower} | new

    return _change(kind, change)


def untag(kind: str) -> Handler:
    """UntagRole, UntagUser, UntagPolicy, UntagInstanceProfile."""

    def change(call: Call, tags: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in tags.items() if key not in call.params["TagKeys"]}

    return _change(kind, change)


def list_(kind: str) -> Handler:
    """ListRoleTags, ListUserTags, ListPolicyTags, ListInstanceProfileTags."""

    def handler(call: Call) -> dict[str, Any]:
        with call.gateway.read() as db:
            _, row = _found(db, call, kind)
        tags = sorted(row.tags or (), key=lambda tag: str(tag["Key"]))
        return iam_page(tags, call.params, "Tags", lambda tag: str(tag["Key"]))

    return handler
