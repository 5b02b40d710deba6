"""Schedule groups; `default` is always there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select

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


def list_tags(call: Call) -> dict[str, Any]:
    """ListTagsForResource: of a group."""
    name = str(call.params["ResourceArn"]).rpartition("/")[2]
    if call.params["ResourceArn"] != group_arn(call, name):
        raise not_found("The resource does not exist.")
    with call.gateway.read() as db:
        row = find_group(db, call, name)
    return {"Tags": row.tags if row is not None else []}
