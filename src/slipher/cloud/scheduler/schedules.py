"""Schedules: create, get, list, update, delete. Their due times are rows; deliver.py looks after them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import orjson
import pytz
from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.scheduler.common import (
    check_name,
    conflict,
    find_group,
    group_name,
    invalid,
    moment,
    not_found,
    page,
    schedule_arn,
)
from slipher.cloud.scheduler.expressions import BadExpression, following, parse
from slipher.cloud.scheduler.roles import check_trust
from slipher.cloud.state.scheduler import schedules

TARGETS = {  # universal targets: the ARN's end, and the operation
    "arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement": "ExecuteStatement",
    "arn:aws:scheduler:::aws-sdk:redshiftdata:batchExecuteStatement": "BatchExecuteStatement",
}
KEPT = (
    "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate", "Description", "State", "Target",
    "FlexibleTimeWindow", "ActionAfterCompletion", "ClientToken",
)  # fmt: skip
RETRY = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
LIMITS = {"MaximumEventAgeInSeconds": (60, 86400), "MaximumRetryAttempts": (0, 185)}


def _facts(call: Call) -> dict[str, Any]:
    """The request as it is kept, checked."""
    params = call.params
    facts = {name: params[name] for name in KEPT if params.get(name) is not None}
    for name in ("StartDate", "EndDate"):
        if isinstance(facts.get(name), datetime):
            facts[name] = facts[name].timestamp()
    facts = {"ScheduleExpressionTimezone": "UTC", "State": "ENABLED", "ActionAfterCompletion": "NONE"} | facts
    try:
        parse(facts["ScheduleExpression"])
    except BadExpression:
        raise invalid(f"Invalid Schedule Expression {facts['ScheduleExpression']}.") from None
    if facts["ScheduleExpressionTimezone"] not in pytz.all_timezones_set:
        raise invalid("The provided ScheduleExpressionTimezone is not a valid timezone.")
    if facts["State"] not in ("ENABLED", "DISABLED") or facts["ActionAfterCompletion"] not in ("NONE", "DELETE"):
        raise invalid("State is ENABLED or DISABLED, ActionAfterCompletion is NONE or DELETE.")
    if facts.get("EndDate", float("inf")) <= facts.get("StartDate", float("-inf")):
        raise invalid("The EndDate you specify must come after the StartDate.")
    window = facts["FlexibleTimeWindow"]
    minutes = window.get("MaximumWindowInMinutes")
    if window.get("Mode") not in ("OFF", "FLEXIBLE") or (window["Mode"] == "FLEXIBLE") != (minutes is not None):
        raise invalid("MaximumWindowInMinutes is required when Mode is FLEXIBLE, and only then.")
    if minutes is not None and not 1 <= minutes <= 1440:
        raise invalid("MaximumWindowInMinutes must be between 1 and 1440.")
    facts["Target"] = _target(call, dict(facts["Target"]))
    return facts


def _target(call: Call, target: dict[str, Any]) -> dict[str, Any]:
    arn, role = str(target.get("Arn") or ""), str(target.get("RoleArn") or "")
    if arn not in TARGETS:
        raise AwsError("NotImplemented", f"The target {arn} is not implemented by Slipher yet.", 501)
    for member in set(target) - {"Arn", "RoleArn", "RetryPolicy", "Input"}:
        raise AwsError(
            "NotImplemented", f"{call.operation} with Target.{member} is not implemented by Slipher yet.", 501
        )
    try:
        given = orjson.loads(target.get("Input") or "")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise invalid("Invalid RequestJson provided. Reason The JSON must be a valid request of the target.")
    retry = RETRY | (target.get("RetryPolicy") or {})
    for name, (low, high) in LIMITS.items():
        if not low <= retry[name] <= high:
            raise invalid(f"{name} must be between {low} and {high}.")
    call.require("iam:PassRole", role, {"iam:PassedToService": "scheduler.amazonaws.com"})
    check_trust(call.gateway, role, call.account, call.region, group_name(call))
    return target | {"RetryPolicy": retry}


def due_after(facts: dict[str, Any], after: float, created: float) -> tuple[float | None, float | None]:
    """The next due time, and the time of its first attempt, somewhere in its window."""
    if facts["State"] != "ENABLED":
        return None, None
    start = max(facts.get("StartDate", created), 0.0)
    expression = parse(facts["ScheduleExpression"])
    due = following(expression, facts["ScheduleExpressionTimezone"], after, start)
    if due is None or due > facts.get("EndDate", float("inf")):
        return None, None
    return due, due + random.uniform(0, 60 * (facts["FlexibleTimeWindow"].get("MaximumWindowInMinutes") or 0))


def _mine(call: Call) -> tuple[Any, ...]:
    return (
        schedules.c.account == call.account,
        schedules.c.region == call.region,
        schedules.c.group == group_name(call),
        schedules.c.name == str(call.params["Name"]),
    )


def _find(db: Connection, call: Call) -> Row[Any]:
    find_group(db, call, group_name(call))
    row = db.execute(select(schedules).where(*_mine(call))).first()
    if row is None:
        raise not_found(f"Schedule {call.params['Name']} does not exist.")
    return row


def create(call: Call) -> dict[str, Any]:
    """CreateSchedule."""
    name = str(call.params["Name"])
    check_name(name)
    facts, now = _facts(call), call.gateway.now()
    due, first = due_after(facts, now - 1e-3, now)  # an interval begins at once
    with call.gateway.transaction() as db:
        find_group(db, call, group_name(call))
        before = db.execute(select(schedules).where(*_mine(call))).first()
        if before is not None and before.facts == facts:  # with the same ClientToken: the same request again
            return {"ScheduleArn": before.arn}
        if before is not None:
            raise conflict(f"Schedule {name} already exists.")
        db.execute(
            insert(schedules).values(
                account=call.account,
                region=call.region,
                group=group_name(call),
                name=name,
                arn=schedule_arn(call),
                facts=facts,
                created=now,
                modified=now,
                due=due,
                next=first,
                attempts=0,
            )
        )
    return {"ScheduleArn": schedule_arn(call)}


def update_(call: Call) -> dict[str, Any]:
    """UpdateSchedule: all of it; what the request leaves out has its default again."""
    facts, now = _facts(call), call.gateway.now()
    with call.gateway.transaction() as db:
        row = _find(db, call)
        due, first = due_after(facts, now, row.created)
        db.execute(
            update(schedules).where(*_mine(call)).values(facts=facts, modified=now, due=due, next=first, attempts=0)
        )
    return {"ScheduleArn": row.arn}


def get(call: Call) -> dict[str, Any]:
    """GetSchedule."""
    with call.gateway.read() as db:
        row = _find(db, call)
    times = {name: moment(row.facts[name]) for name in ("StartDate", "EndDate") if name in row.facts}
    found: dict[str, Any] = row.facts | times | _head(row)
    return found


def _head(row: Row[Any]) -> dict[str, Any]:
    return {
        "Arn": row.arn,
        "Name": row.name,
        "GroupName": row.group,
        "State": row.facts["State"],
        "CreationDate": moment(row.created),
        "LastModificationDate": moment(row.modified),
    }


def list_(call: Call) -> dict[str, Any]:
    """ListSchedules."""
    params = call.params
    with call.gateway.read() as db:
        if params.get("GroupName"):
            find_group(db, call, group_name(call))
        rows = db.execute(
            select(schedules)
            .where(schedules.c.account == call.account, schedules.c.region == call.region)
            .order_by(schedules.c.arn)
        ).all()
    found = [
        _head(row) | {"Target": {"Arn": row.facts["Target"]["Arn"]}}
        for row in rows
        if params.get("GroupName") in (None, row.group)
        and params.get("State") in (None, row.facts["State"])
        and row.name.startswith(params.get("NamePrefix") or "")
    ]
    return page(found, params, "Schedules")


def delete_(call: Call) -> None:
    """DeleteSchedule."""
    with call.gateway.transaction() as db:
        _find(db, call)
        db.execute(delete(schedules).where(*_mine(call)))
