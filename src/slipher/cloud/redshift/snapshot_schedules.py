"""Snapshot schedules: when the automated snapshots of the clusters that have one are made."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows, schedule_times, tags
from slipher.cloud.redshift.automatic_times import SCHEDULE
from slipher.cloud.state.redshift import clusters

KIND = SCHEDULE
NAME = re.compile(r"[a-z][a-z0-9-]{0,254}")
SHOWN = 10  # invocations, unless NextInvocations says how many


def find(db: Connection, call: Call, name: str) -> Row[Any]:
    """The schedule of this name; SnapshotScheduleNotFound."""
    row = rows.get(call, db, KIND, name.lower())
    if row is None:
        raise AwsError("SnapshotScheduleNotFound", f"Snapshot schedule {name} not found.")
    return row


def resource(call: Call) -> str:
    """What policies name."""
    return rows.arn(call, KIND, str(call.params.get("ScheduleIdentifier") or "*").lower())


def _users(db: Connection, call: Call, name: str) -> list[Row[Any]]:
    every = db.execute(select(clusters).where(*common.own(call, clusters)).order_by(clusters.c.id)).all()
    return [row for row in every if row.facts.get("SnapshotSchedule") == name]


def _shape(call: Call, name: str, facts: dict[str, Any], created: float, users: list[Row[Any]]) -> dict[str, Any]:
    count = call.params.get("NextInvocations") or SHOWN
    times = schedule_times.invocations(facts["Definitions"], call.gateway.now(), created, count)
    return {
        "ScheduleIdentifier": name,
        "ScheduleDefinitions": facts["Definitions"],
        "ScheduleDescription": facts["Description"],
        "Tags": facts["Tags"],
        "NextInvocations": [datetime.fromtimestamp(one, UTC) for one in times],
        "AssociatedClusterCount": len(users),
        "AssociatedClusters": [
            {"ClusterIdentifier": row.id, "ScheduleAssociationState": "ACTIVE"} for row in users[:100]
        ],
    }


def create(call: Call) -> dict[str, Any]:
    """CreateSnapshotSchedule; with DryRun it is only checked, and its times are told."""
    params, now = call.params, call.gateway.now()
    name = str(params.get("ScheduleIdentifier") or f"schedule-{uuid.uuid4()}").lower()
    if not NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"The parameter ScheduleIdentifier is not valid: {name}")
    facts = {
        "Definitions": schedule_times.check(params.get("ScheduleDefinitions") or [], now),
        "Description": params.get("ScheduleDescription") or "",
        "Tags": tags.checked(params.get("Tags")),
    }
    if not params.get("DryRun"):
        with call.gateway.transaction() as db:
            if not rows.put(call, db, KIND, name, facts):
                raise AwsError("SnapshotScheduleAlreadyExists", f"Snapshot schedule {name} already exists.")
    return _shape(call, name, facts, now, [])


def describe(call: Call) -> dict[str, Any]:
    """DescribeSnapshotSchedules."""
    params = call.params
    name, cluster = params.get("ScheduleIdentifier"), str(params.get("ClusterIdentifier") or "").lower()
    with call.gateway.read() as db:
        every = rows.every(call, db, KIND)
        found = [row for row in every if name in (None, "") or row.name == str(name).lower()]
        using = {row.name: _users(db, call, row.name) for row in found}
    shapes = [
        _shape(call, row.name, row.facts, row.created, using[row.name])
        for row in found
        if tags.matches(row.facts["Tags"], params)
        and (not cluster or any(one.id == cluster for one in using[row.name]))
    ]
    return rows.page(call, "SnapshotSchedules", shapes)


def modify(call: Call) -> dict[str, Any]:
    """ModifySnapshotSchedule: its definitions."""
    with call.gateway.transaction() as db:
        row = find(db, call, str(call.params["ScheduleIdentifier"]))
        definitions = schedule_times.check(call.params["ScheduleDefinitions"], call.gateway.now())
        facts = row.facts | {"Definitions": definitions}
        rows.change(call, db, KIND, row.name, facts)
        for one in _users(db, call, row.name):  # what the old one would have had by now is not made up for
            _give(call, db, one, row.name)
        return _shape(call, row.name, facts, row.created, _users(db, call, row.name))


def delete_(call: Call) -> None:
    """DeleteSnapshotSchedule: of one that no cluster has."""
    with call.gateway.transaction() as db:
        row = find(db, call, str(call.params["ScheduleIdentifier"]))
        if _users(db, call, row.name):
            raise AwsError(
                "InvalidClusterSnapshotScheduleState", f"Snapshot schedule {row.name} is associated with a cluster."
            )
        rows.remove(call, db, KIND, row.name)


def _give(call: Call, db: Connection, cluster: Row[Any], name: str | None) -> None:
    facts = cluster.facts | {"SnapshotSchedule": name, "SnapshotScheduleSince": call.gateway.now()}
    db.execute(update(clusters).where(clusters.c.arn == cluster.arn).values(facts=facts))


def associate(call: Call) -> None:
    """ModifyClusterSnapshotSchedule."""
    params = call.params
    name, leave = params.get("ScheduleIdentifier"), params.get("DisassociateSchedule")
    if not name and not leave:
        raise AwsError(
            "InvalidParameterCombination", "Either ScheduleIdentifier or DisassociateSchedule must be specified."
        )
    with call.gateway.transaction() as db:
        cluster = common.find(db, call)
        schedule = find(db, call, str(name)).name if name else None
        now = cluster.facts.get("SnapshotSchedule")
        if leave and (now is None or schedule not in (None, now)):
            raise AwsError(
                "InvalidClusterSnapshotScheduleState", f"Cluster {cluster.id} does not have this snapshot schedule."
            )
        _give(call, db, cluster, None if leave else schedule)


def of_new_cluster(call: Call, db: Connection) -> dict[str, Any]:
    """What SnapshotScheduleIdentifier of a request that makes a cluster says, as facts of the cluster."""
    if not call.params.get("SnapshotScheduleIdentifier"):
        return {}
    name = find(db, call, str(call.params["SnapshotScheduleIdentifier"])).name
    return {"SnapshotSchedule": name, "SnapshotScheduleSince": call.gateway.now()}
