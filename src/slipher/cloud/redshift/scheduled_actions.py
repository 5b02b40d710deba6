"""Scheduled actions: a pause, a resume or a resize of a cluster, once or again and again; scheduled_runs.py does them.

Source: API reference, CreateScheduledAction and ScheduledAction.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows
from slipher.cloud.scheduler.expressions import BadExpression, following, parse
from slipher.cloud.scheduler.roles import trusting

KIND = "scheduledaction"
SERVICE = "scheduler.redshift.amazonaws.com"
NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
TARGETS = {  # the operations that can be scheduled, and their parameters that have an effect
    "PauseCluster": ("ClusterIdentifier",),
    "ResumeCluster": ("ClusterIdentifier",),
    "ResizeCluster": ("ClusterIdentifier", "ClusterType", "NodeType", "NumberOfNodes", "Classic"),
}
LEAST = 3600.0  # seconds between two invocations
SHOWN = 10
FILTERS = ("cluster-identifier", "iam-role")


def resource(call: Call) -> str:
    """What policies name."""
    return rows.arn(call, KIND, str(call.params.get("ScheduledActionName") or "*"))


def _find(db: Connection, call: Call, name: str) -> Row[Any]:
    row = rows.get(call, db, KIND, name)
    if row is None:
        raise AwsError("ScheduledActionNotFound", f"Scheduled action {name} not found.")
    return row


def target_of(facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The operation and its parameters."""
    operation, target = next(iter(facts["TargetAction"].items()))
    return operation, target


def next_due(facts: dict[str, Any], after: float) -> float | None:
    """The first time after a moment at which an action shall run, if there is one."""
    start, end = facts.get("StartTime", 0.0), facts.get("EndTime", float("inf"))
    due = following(parse(facts["Schedule"]), "UTC", max(after, start - 1e-3), 0.0)
    return due if due is not None and due <= end and facts["Enable"] else None


def _times(facts: dict[str, Any], after: float, count: int) -> list[float]:
    found: list[float] = []
    while len(found) < count and (due := next_due(facts, after)) is not None:
        found.append(due)
        after = due
    return found


def _target(given: Any) -> dict[str, Any]:
    set_ = {name: dict(value) for name, value in (given or {}).items() if value}
    if len(set_) != 1:
        raise AwsError("InvalidScheduledAction", "A scheduled action has exactly one target action.")
    name, params = next(iter(set_.items()))
    if name not in TARGETS:
        raise AwsError("ScheduledActionTypeUnsupported", f"The action {name} cannot be scheduled.")
    for member in params:
        if member not in TARGETS[name]:
            raise AwsError(
                "NotImplemented", f"A scheduled {name} with {member} is not implemented by Slipher yet.", 501
            )
    return {name: params | {"ClusterIdentifier": str(params["ClusterIdentifier"]).lower()}}


def _checked(call: Call, db: Connection, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    operation, target = target_of(facts)
    common.find(db, call, str(target["ClusterIdentifier"]))
    if operation == "ResizeCluster" and not set(target) - {"ClusterIdentifier", "Classic"}:
        raise AwsError("InvalidScheduledAction", "A scheduled ResizeCluster needs a node type or a number of nodes.")
    text = facts["Schedule"]
    try:
        if not text.startswith(("at(", "cron(")):
            raise BadExpression(text)
        parse(text)
    except BadExpression:
        raise AwsError("InvalidSchedule", f"The schedule {text} is not valid: at(...) or cron(...) is.") from None
    if facts.get("EndTime", float("inf")) <= facts.get("StartTime", float("-inf")):
        raise AwsError("InvalidScheduledAction", "EndTime must be later than StartTime.")
    times = _times(facts | {"Enable": True}, call.gateway.now(), 30)
    if not times:
        raise AwsError("InvalidSchedule", f"The schedule {text} has no time in the future.")
    if any(later - earlier < LEAST for earlier, later in itertools.pairwise(times)):
        raise AwsError("InvalidSchedule", "Invocations of a schedule must be at least one hour apart.")
    call.require("iam:PassRole", facts["IamRole"], {"iam:PassedToService": SERVICE})
    if role_of(call.gateway, call.account, call.region, name, facts) is None:
        raise AwsError("InvalidScheduledAction", f"The IAM role {facts['IamRole']} must allow {SERVICE} to assume it.")
    return facts | {"Next": next_due(facts, call.gateway.now())}


def role_of(gateway: Any, account: str, region: str, name: str, facts: dict[str, Any]) -> str | None:
    """The name of an action's role, if the scheduler may still assume it."""
    source = f"arn:aws:redshift:{region}:{account}:{KIND}:{name}"
    return trusting(gateway, facts["IamRole"], account, region, SERVICE, source)


def _given(call: Call) -> dict[str, Any]:
    params = call.params
    facts: dict[str, Any] = {
        name: params[name]
        for name in ("Schedule", "IamRole", "ScheduledActionDescription", "Enable")
        if params.get(name) is not None
    }
    facts |= {name: params[name].timestamp() for name in ("StartTime", "EndTime") if params.get(name) is not None}
    return facts | ({"TargetAction": _target(params["TargetAction"])} if params.get("TargetAction") else {})


def _shape(call: Call, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    times = _times(facts, call.gateway.now(), SHOWN)
    return {
        "ScheduledActionName": name,
        **{one: facts[one] for one in ("TargetAction", "Schedule", "IamRole")},
        "ScheduledActionDescription": facts.get("ScheduledActionDescription", ""),
        "State": "ACTIVE" if facts["Enable"] else "DISABLED",
        "NextInvocations": [datetime.fromtimestamp(one, UTC) for one in times],
        **{one: datetime.fromtimestamp(facts[one], UTC) for one in ("StartTime", "EndTime") if one in facts},
    }


def create(call: Call) -> dict[str, Any]:
    """CreateScheduledAction."""
    name = str(call.params["ScheduledActionName"])
    if not NAME.fullmatch(name):
        raise AwsError("InvalidScheduledAction", f"The name of a scheduled action is not valid: {name}")
    with call.gateway.transaction() as db:
        facts = _checked(call, db, name, {"Enable": True} | _given(call))
        if not rows.put(call, db, KIND, name, facts):
            raise AwsError("ScheduledActionAlreadyExists", f"Scheduled action {name} already exists.")
    return _shape(call, name, facts)


def modify(call: Call) -> dict[str, Any]:
    """ModifyScheduledAction."""
    name = str(call.params["ScheduledActionName"])
    with call.gateway.transaction() as db:
        facts = _checked(call, db, name, _find(db, call, name).facts | _given(call))
        rows.change(call, db, KIND, name, facts)
    return _shape(call, name, facts)


def delete_(call: Call) -> None:
    """DeleteScheduledAction."""
    with call.gateway.transaction() as db:
        rows.remove(call, db, KIND, _find(db, call, str(call.params["ScheduledActionName"])).name)


def describe(call: Call) -> dict[str, Any]:
    """DescribeScheduledActions."""
    params, now = call.params, call.gateway.now()
    with call.gateway.read() as db:
        name = params.get("ScheduledActionName")
        found = [_find(db, call, str(name))] if name else list(rows.every(call, db, KIND))
    start, end = params.get("StartTime"), params.get("EndTime")
    begin, last = start.timestamp() if start else now, end.timestamp() if end else float("inf")

    def wanted(row: Row[Any]) -> bool:
        operation, target = target_of(row.facts)
        due = next_due(row.facts, begin - 1e-3) if start or end else begin
        return (
            params.get("TargetActionType") in (None, operation)
            and params.get("Active") in (None, row.facts["Enable"])
            and due is not None
            and due <= last
            and all(
                {"cluster-identifier": target["ClusterIdentifier"], "iam-role": row.facts["IamRole"]}.get(one["Name"])
                in one["Values"]
                for one in params.get("Filters") or []
            )
        )

    return rows.page(call, "ScheduledActions", [_shape(call, row.name, row.facts) for row in found if wanted(row)])
