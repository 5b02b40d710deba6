"""EventBridge Scheduler through boto3: schedules and groups, roles that must be trusted, what is done with what is due."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from refusals import refused

ACCOUNT = "123456789012"
EXECUTE = "arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement"
OFF = {"Mode": "OFF"}


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture(scope="module")
def role(shared_gateway: Any) -> str:
    iam = shared_gateway.client("iam")
    return str(
        iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=trust("scheduler.amazonaws.com"))["Role"]["Arn"]
    )


@pytest.fixture
def scheduler(local: Any) -> Any:
    return local.client("scheduler")


def target(role: str, **more: Any) -> dict[str, Any]:
    given = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev", "DbUser": "awsuser", "Sql": "select 1"}
    return {"Arn": EXECUTE, "RoleArn": role, "Input": json.dumps(given), **more}


def test_schedules_and_groups(scheduler: Any, role: str) -> None:
    given = {"ScheduleExpression": "cron(0 2 * * ? *)", "FlexibleTimeWindow": OFF, "Target": target(role)}
    group = scheduler.create_schedule_group(Name="etl", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    assert group == f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule-group/etl"
    assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "a", "Value": "1"}]
    scheduler.tag_resource(ResourceArn=group, Tags=[{"Key": one, "Value": one} for one in ("a", "b", "c", "d")])
    scheduler.untag_resource(ResourceArn=group, TagKeys=["a", "c"])  # a list in the address
    assert [one["Key"] for one in scheduler.list_tags_for_resource(ResourceArn=group)["Tags"]] == ["b", "d"]
    start = datetime(2030, 1, 1, tzinfo=UTC)
    arn = scheduler.create_schedule(
        Name="load",
        GroupName="etl",
        **given,
        ScheduleExpressionTimezone="Europe/Berlin",
        StartDate=start,
        Description="d",
    )["ScheduleArn"]
    assert arn == f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/etl/load"
    got = scheduler.get_schedule(Name="load", GroupName="etl")
    assert (got["Arn"], got["State"], got["StartDate"], got["ScheduleExpressionTimezone"]) == (
        arn,
        "ENABLED",
        start,
        "Europe/Berlin",
    )
    assert got["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert (
        refused("ConflictException", scheduler.create_schedule, Name="load", GroupName="etl", **given)
        == "Schedule load already exists."
    )
    scheduler.update_schedule(Name="load", GroupName="etl", **given, State="DISABLED")
    assert "StartDate" not in scheduler.get_schedule(Name="load", GroupName="etl")
    assert [one["Name"] for one in scheduler.list_schedules(GroupName="etl", State="DISABLED")["Schedules"]] == ["load"]
    assert [one["Name"] for one in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default", "etl"]
    text = refused("ResourceNotFoundException", scheduler.get_schedule, Name="load")
    assert text == "Schedule load does not exist."
    scheduler.delete_schedule_group(Name="etl")
    text = refused("ResourceNotFoundException", scheduler.get_schedule, Name="load", GroupName="etl")
    assert text == "Schedule group etl does not exist."


def test_what_is_wrong_is_refused(scheduler: Any, local: Any, role: str) -> None:
    iam = local.client("iam")
    other = iam.create_role(RoleName="untrusting", AssumeRolePolicyDocument=trust("redshift.amazonaws.com"))["Role"][
        "Arn"
    ]

    def given(expression: str = "rate(1 day)", **more: Any) -> dict[str, Any]:
        return {
            "Name": "wrong",
            "ScheduleExpression": expression,
            "FlexibleTimeWindow": OFF,
            "Target": target(role),
            **more,
        }

    create = scheduler.create_schedule
    assert (
        refused("ValidationException", create, **given("rate(5 foos)")) == "Invalid Schedule Expression rate(5 foos)."
    )
    refused("ValidationException", create, **given(ScheduleExpressionTimezone="Mars/Base"))
    text = refused("ValidationException", create, **given(Target=target(other)))
    assert text == "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    refused("ValidationException", create, **given(Target=target(role, Input="[")))
    refused("ValidationException", create, **given(FlexibleTimeWindow={"Mode": "FLEXIBLE"}))
    refused("NotImplemented", create, **given(Target=target(role, Arn="arn:aws:lambda:us-east-1:1:function:f")))
    may = {"Effect": "Allow", "Action": "scheduler:*", "Resource": "*"}
    without = local.client("scheduler", local.user("no-pass", may))
    assert "iam:PassRole" in refused("AccessDeniedException", without.create_schedule, **given())
    refused("ResourceNotFoundException", scheduler.get_schedule, Name="wrong")


def attempts(local: Any, arn: str) -> list[tuple[str, str | None]]:
    from slipher.cloud.state.scheduler import attempts as table

    with local.gateway.read() as db:
        return [(row.outcome, row.error) for row in db.execute(table.select().where(table.c.arn == arn))]


def test_the_role_decides_when_it_is_due(scheduler: Any, local: Any, role: str) -> None:
    arn = scheduler.create_schedule(
        Name="soon", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF, Target=target(role)
    )["ScheduleArn"]  # an interval begins at once
    end = time.monotonic() + 30
    while not attempts(local, arn) and time.monotonic() < end:
        time.sleep(0.1)
    [(outcome, error)] = attempts(local, arn)
    assert outcome == "dropped" and error is not None
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/nightly/" in error
    assert "is not authorized to perform: redshift-data:ExecuteStatement" in error
    assert scheduler.get_schedule(Name="soon")["State"] == "ENABLED"


def test_what_fails_in_passing_is_tried_again(scheduler: Any, local: Any, role: str) -> None:
    from slipher.base.errors import AwsError
    from slipher.cloud.scheduler.deliver import _settle
    from slipher.cloud.state.scheduler import schedules

    policy = {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 600}
    arn = scheduler.create_schedule(
        Name="once", ScheduleExpression="at(2199-01-01T00:00:00)", FlexibleTimeWindow=OFF, ActionAfterCompletion="DELETE",
        Target=target(role, RetryPolicy=policy),
    )["ScheduleArn"]  # fmt: skip

    def row() -> Any:
        with local.gateway.read() as db:
            return db.execute(schedules.select().where(schedules.c.arn == arn)).first()

    with local.gateway.transaction() as db:  # far from the loop that looks for what is due
        db.execute(schedules.update().where(schedules.c.arn == arn).values(due=local.gateway.now() + 100))
    busy = AwsError("InternalServerException", "later", 500)
    _settle(local.gateway, row(), busy)
    again = row()
    assert again.attempts == 1 and again.next > local.gateway.now()
    _settle(local.gateway, again, busy)
    assert [outcome for outcome, _ in attempts(local, arn)] == ["retried", "dropped"]
    with local.gateway.transaction() as db:
        db.execute(
            schedules.update()
            .where(schedules.c.arn == arn)
            .values(facts=again.facts | {"ScheduleExpression": "at(2001-01-01T00:00:00)"})
        )
    _settle(local.gateway, row(), None)
    assert row() is None
