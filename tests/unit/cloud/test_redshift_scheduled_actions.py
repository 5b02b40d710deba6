"""Scheduled actions: checked when they are made, done when they are due, under their role; the test moves the clock."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from refusals import refused
from test_redshift_api import run

from slipher.cloud.redshift import errands

CLUSTER = "redshift-cluster-1"
ROLE = "arn:aws:iam::123456789012:role/acting"
PAUSE = {"PauseCluster": {"ClusterIdentifier": CLUSTER}}


def make_role(local: Any, name: str, service: str, *actions: str) -> None:
    iam = local.client("iam")
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    allow = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(allow))


@pytest.fixture(scope="module")
def arranged(shared_gateway: Any) -> Iterator[Any]:
    make_role(
        shared_gateway, "acting", "scheduler.redshift.amazonaws.com", "redshift:PauseCluster", "redshift:ResumeCluster"
    )
    make_role(shared_gateway, "untrusting", "scheduler.amazonaws.com", "redshift:*")
    run(shared_gateway)
    shared_gateway.client("redshift").describe_clusters()
    with shared_gateway.signing(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(errands, "PATIENCE", 0.0)  # no process is here that could make automated snapshots
        yield shared_gateway


def status(rs: Any) -> str:
    return str(rs.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0]["ClusterStatus"])


def until(local: Any, rs: Any, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while status(rs) != wanted:
        assert time.monotonic() < deadline, status(rs)
        time.sleep(0.05)
        run_stopped(local) if wanted == "paused" else run(local)


def run_stopped(local: Any) -> None:
    """As a supervisor who has stopped the process."""
    from sqlalchemy import select

    from slipher.cloud.redshift import fleet
    from slipher.cloud.state.redshift import clusters

    with local.gateway.read() as db:
        row = db.execute(select(clusters)).one()
    if row.transition == "pausing":
        generation = row.generation
        fleet.record(
            local.gateway.db, row.arn, pid=None, listening=False, generation=generation, failures=0, error=None
        )


def messages(rs: Any) -> list[tuple[str, str]]:
    events = rs.describe_events(SourceType="scheduled-action", Duration=40000)["Events"]
    return [(one["SourceIdentifier"], one["Severity"]) for one in events]


def test_paused_and_resumed_every_day(arranged: Any) -> None:
    local, rs = arranged, arranged.client("redshift")
    now = local.clock.now()
    evening, morning = (now + timedelta(hours=2)).hour, (now + timedelta(hours=10)).hour
    made = rs.create_scheduled_action(
        ScheduledActionName="evening", TargetAction=PAUSE, Schedule=f"cron(0 {evening} * * ? *)", IamRole=ROLE,
        ScheduledActionDescription="good night",
    )  # fmt: skip
    assert (made["State"], made["TargetAction"]) == ("ACTIVE", PAUSE)
    first, second = made["NextInvocations"][:2]
    assert first.hour == evening and second - first == timedelta(days=1)
    rs.create_scheduled_action(
        ScheduledActionName="morning", TargetAction={"ResumeCluster": {"ClusterIdentifier": CLUSTER}},
        Schedule=f"cron(0 {morning} * * ? *)", IamRole=ROLE,
    )  # fmt: skip
    for day in (1, 2):
        for name, wanted in (("evening", "paused"), ("morning", "available")):
            due = rs.describe_scheduled_actions(ScheduledActionName=name)["ScheduledActions"][0]["NextInvocations"][0]
            local.clock.offset += due - local.clock.now() + timedelta(seconds=1)
            until(local, rs, wanted)
        assert messages(rs)[-2:] == [("evening", "INFO"), ("morning", "INFO")], day
    trail = local.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PauseCluster"}]
    )["Events"]
    assert [one["Username"].partition("-")[0] for one in trail[:2]] == ["scheduled", "scheduled"]

    # a role that may not do it, and one that trusts nobody any more: the action fails, says so, and stays
    local.client("iam").delete_role_policy(RoleName="acting", PolicyName="p")
    due = rs.describe_scheduled_actions(ScheduledActionName="evening")["ScheduledActions"][0]["NextInvocations"][0]
    local.clock.offset += due - local.clock.now() + timedelta(seconds=1)
    deadline = time.monotonic() + 60
    while messages(rs)[-1] != ("evening", "ERROR"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status(rs) == "available"
    rs.modify_scheduled_action(ScheduledActionName="evening", Enable=False)
    found = rs.describe_scheduled_actions(ScheduledActionName="evening")["ScheduledActions"][0]
    assert (found["State"], found["NextInvocations"]) == ("DISABLED", [])
    assert [one["ScheduledActionName"] for one in rs.describe_scheduled_actions(Active=True)["ScheduledActions"]] == [
        "morning"
    ]


def test_what_is_refused(arranged: Any) -> None:
    rs = arranged.client("redshift")
    given = {"ScheduledActionName": "x", "TargetAction": PAUSE, "Schedule": "at(2199-01-01T00:00:00)", "IamRole": ROLE}
    make = rs.create_scheduled_action
    for code, wrong in (
        ("InvalidSchedule", {"Schedule": "rate(1 hour)"}),
        ("InvalidSchedule", {"Schedule": "at(2001-01-01T00:00:00)"}),
        ("InvalidSchedule", {"Schedule": "cron(0/30 * * * ? *)"}),
        ("InvalidSchedule", {"Schedule": "now"}),
        ("InvalidScheduledAction", {"IamRole": ROLE.replace("acting", "untrusting")}),
        ("InvalidScheduledAction", {"IamRole": ROLE.replace("acting", "none")}),
        ("MissingParameter", {"TargetAction": {}}),
        ("InvalidScheduledAction", {"TargetAction": PAUSE | {"ResumeCluster": {"ClusterIdentifier": CLUSTER}}}),
        ("InvalidScheduledAction", {"TargetAction": {"ResizeCluster": {"ClusterIdentifier": CLUSTER}}}),
        ("InvalidScheduledAction", {"ScheduledActionName": "a name"}),
        ("ClusterNotFound", {"TargetAction": {"PauseCluster": {"ClusterIdentifier": "none"}}}),
    ):
        refused(code, make, **(given | wrong))
    refused("ScheduledActionNotFound", rs.delete_scheduled_action, ScheduledActionName="x")
    refused("ScheduledActionNotFound", rs.describe_scheduled_actions, ScheduledActionName="x")
    make(**given)
    refused("ScheduledActionAlreadyExists", make, **given)
    resize = {"ResizeCluster": {"ClusterIdentifier": CLUSTER, "NumberOfNodes": 4, "Classic": True}}
    changed = rs.modify_scheduled_action(ScheduledActionName="x", TargetAction=resize)
    assert changed["TargetAction"] == resize and changed["Schedule"] == given["Schedule"]

    def names(**filters: Any) -> list[str]:
        return [one["ScheduledActionName"] for one in rs.describe_scheduled_actions(**filters)["ScheduledActions"]]

    assert names(TargetActionType="ResizeCluster") == ["x"]
    assert "x" in names(Filters=[{"Name": "cluster-identifier", "Values": [CLUSTER]}])
    assert names(Filters=[{"Name": "iam-role", "Values": ["none"]}]) == []
    assert "x" not in names(EndTime="2100-01-01T00:00:00Z") and "x" in names(StartTime="2198-01-01T00:00:00Z")
    rs.delete_scheduled_action(ScheduledActionName="x")
    assert "x" not in names()
