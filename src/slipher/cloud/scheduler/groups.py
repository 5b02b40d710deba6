"""Schedule groups; `default` is always there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.scheduler.common import (
    DEFAULT,
    check_name,
    conflict,
    find_group,
    group_arn,
    invalid,
    moment,
    not_found,
    page,
)
from slipher.cloud.state.scheduler import groups, schedules

MAX_TAGS = 50


def _shape(call: Call, row: Row[Any] | None) -> dict[str, Any]:
    created = moment(row.created if row is not None else 0.0)
    name = row.name if row is not None else DEFAULT
    return {
        "Arn": group_arn(call, name),
        "Name": name,
        "State": "ACTIVE",
        "CreationDate": created,
        "LastModificationDate": created,
    }


def create(call: Call) -> dict[str, Any]:
    """CreateScheduleGroup."""
    name = str(call.params["Name"])
    check_name(name)
    with call.gateway.transaction() as db:
        known = select(groups.c.name).where(
            groups.c.account == call.account, groups.c.region == call.region, groups.c.name == name
        )
        if name == DEFAULT or db.execute(known).first():
            raise conflict(f"Schedule group {name} already exists.")
        db.execute(
            insert(groups).values(
                account=call.account,
                region=call.region,
                name=name,
                tags=list(call.params.get("Tags") or []),
                created=call.gateway.now(),
            )
        )
    return {"ScheduleGroupArn": group_arn(call, name)}


def get(call: Call) -> dict[str, Any]:
    """GetScheduleGroup."""
    with call.gateway.read() as db:
        return _shape(call, find_group(db, call, str(call.params["Name"])))


def list_(call: Call) -> dict[str, Any]:
    """ListScheduleGroups."""
    with call.gateway.read() as db:
        rows = db.execute(select(groups).where(groups.c.account == call.account, groups.c.region == call.region)).all()
    found = [_shape(call, row) for row in (None, *rows)]
    found = [one for one in found if one["Name"].startswith(call.params.get("NamePrefix") or "")]
    return page(sorted(found, key=lambda one: one["Arn"]), call.params, "ScheduleGroups")


def delete_(call: Call) -> None:
    """DeleteScheduleGroup: with its schedules."""
    name = str(call.params["Name"])
    if name == DEFAULT:
        raise invalid("Deleting default ScheduleGroup is not allowed.")
    with call.gateway.transaction() as db:
        find_group(db, call, name)
        for table, column in ((groups, groups.c.name), (schedules, schedules.c.group)):
            db.execute(
                delete(table).where(table.c.account == call.account, table.c.region == call.region, column == name)
            )


def _tagged(db: Connection, call: Call) -> Row[Any] | None:
    """The group that a request about tags is about; only groups have tags."""
    name = str(call.params["ResourceArn"]).rpartition("/")[2]
    if call.params["ResourceArn"] != group_arn(call, name):
        raise not_found("The resource does not exist.")
    return find_group(db, call, name)


def list_tags(call: Call) -> dict[str, Any]:
    """ListTagsForResource."""
    with call.gateway.read() as db:
        row = _tagged(db, call)
    return {"Tags": row.tags if row is not None else []}


def tag(call: Call) -> None:
    """TagResource."""
    _write(call, lambda tags: tags | {one["Key"]: one["Value"] for one in call.params["Tags"]})


def untag(call: Call) -> None:
    """UntagResource."""
    _write(call, lambda tags: {key: value for key, value in tags.items() if key not in call.params["TagKeys"]})


def _write(call: Call, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with call.gateway.transaction() as db:
        row = _tagged(db, call)
        if row is None:
            raise invalid("The default ScheduleGroup cannot have tags.")
        tags = change({one["Key"]: one["Value"] for one in row.tags})
        if len(tags) > MAX_TAGS:
            raise AwsError("ServiceQuotaExceededException", f"A resource can have at most {MAX_TAGS} tags.", 402)
        mine = (groups.c.account == call.account, groups.c.region == call.region, groups.c.name == row.name)
        kept = [{"Key": key, "Value": value} for key, value in tags.items()]
        db.execute(update(groups).where(*mine).values(tags=kept))
