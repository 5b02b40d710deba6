"""The unattended night: a schedule loads and unloads under its role, with no server of one's own. The clock is the test's."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slipher.cloud.scheduler.schedules import due_after
from slipher.host.schedules import found, readable
from slipher.warehouse import s3 as warehouse_s3

BATCH = "arn:aws:scheduler:::aws-sdk:redshiftdata:batchExecuteStatement"
BERLIN = ZoneInfo("Europe/Berlin")


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


@pytest.fixture
def moved(live: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The cluster has the test's clock too, with which it signs its requests to S3."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return live.clock.now().astimezone(tz)

    monkeypatch.setattr(warehouse_s3, "datetime", Moved)
    monkeypatch.setattr(live.server.warehouse, "clock", live.clock)
    return live


def test_a_nightly_load_and_unload(moved: Any) -> None:
    live = moved
    iam, s3, scheduler, data = (live.client(one) for one in ("iam", "s3", "scheduler", "redshift-data"))
    s3.create_bucket(Bucket="nightly")
    loader = iam.create_role(RoleName="loader", AssumeRolePolicyDocument=policy(
        Principal={"Service": "redshift.amazonaws.com"}, Action="sts:AssumeRole"))["Role"]["Arn"]  # fmt: skip
    iam.put_role_policy(RoleName="loader", PolicyName="p", PolicyDocument=policy(Action="s3:*", Resource="*"))
    runner = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=policy(
        Principal={"Service": "scheduler.amazonaws.com", "AWS": "123456789012"}, Action="sts:AssumeRole"))["Role"]["Arn"]  # fmt: skip
    may = policy(Action=["redshift-data:*", "redshift:GetClusterCredentials"], Resource="*")
    iam.put_role_policy(RoleName="runner", PolicyName="p", PolicyDocument=may)
    redshift = live.client("redshift")
    cluster = {"ClusterIdentifier": "redshift-cluster-1"}
    redshift.modify_cluster_iam_roles(**cluster, AddIamRoles=[loader])
    live.until(lambda: redshift.describe_clusters(**cluster)["Clusters"][0]["ClusterStatus"] == "available")
    live.sql("create table sales (day varchar(30), amount int)")

    when = "<aws.scheduler.scheduled-time>"
    sqls = [
        f"copy sales from 's3://nightly/in/{when}/' iam_role '{loader}' csv",
        f"unload ('select day, sum(amount) from sales group by day order by day') to 's3://nightly/out/{when}/' "
        f"iam_role '{loader}' csv parallel off",
    ]
    given = cluster | {"Database": "dev", "DbUser": "awsuser", "StatementName": "nightly", "Sqls": sqls}
    target = {"Arn": BATCH, "RoleArn": runner, "Input": json.dumps(given)}
    arn = scheduler.create_schedule(
        Name="nightly", ScheduleExpression="cron(0 2 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"}, Target=target,
    )["ScheduleArn"]  # fmt: skip

    seen = []
    for night, amount in enumerate((10, 32), 1):
        today = live.clock.now().astimezone(BERLIN)
        due = today.replace(hour=2, minute=0, second=0, microsecond=0)
        due += timedelta(days=due <= today)
        stamp = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        s3.put_object(Bucket="nightly", Key=f"in/{stamp}/a.csv", Body=f"{night},{amount}\n".encode())
        live.clock.offset += due - live.clock.now() - timedelta(seconds=20)
        time.sleep(1.5)  # the scheduler looks each second: it is not due yet
        made = live.client("sts").assume_role(RoleArn=runner, RoleSessionName="look")["Credentials"]
        history = live.client("redshift-data", made)
        assert len(attempts(live, arn)) == night - 1
        live.clock.offset += timedelta(seconds=21)

        def ended(history: Any = history) -> Any:
            rows = history.list_statements(StatementName="nightly", Status="ALL")["Statements"]
            return [one for one in rows if one["Status"] in ("FINISHED", "FAILED", "ABORTED") and one["Id"] not in seen]

        [one] = live.until(ended)
        described = history.describe_statement(Id=one["Id"])
        assert one["Status"] == "FINISHED", described.get("Error")
        assert [part["QueryString"] for part in described["SubStatements"]] == [
            sql.replace(when, stamp) for sql in sqls
        ]
        assert described["SubStatements"][0]["ResultRows"] == 1
        seen.append(one["Id"])
        lines = s3.get_object(Bucket="nightly", Key=f"out/{stamp}/000")["Body"].read().decode().splitlines()
        assert lines == [f"{day},{value}" for day, value in ((1, 10), (2, 32))[:night]]
    assert len(set(seen)) == 2
    assert data.list_statements(StatementName="nightly", Status="ALL")["Statements"] == []  # they are the role's

    live.until(lambda: len(attempts(live, arn)) == 2)
    iam.delete_role_policy(RoleName="runner", PolicyName="p")  # from now on it may not
    live.clock.offset += timedelta(days=1)
    live.until(lambda: len(attempts(live, arn)) == 3)
    assert [outcome for outcome, _ in attempts(live, arn)] == ["delivered", "delivered", "dropped"]
    [shown] = [one for one in found(live.gateway.data_dir) if one["name"] == "default/nightly"]
    text = readable(shown)
    assert "cron(0 2 * * ? *) Europe/Berlin" in text and "delivered" in text
    assert "dropped" in text and "is not authorized to perform: redshift-data:BatchExecuteStatement" in text
    scheduler.delete_schedule(Name="nightly")


def attempts(live: Any, arn: str) -> list[tuple[str, str | None]]:
    from slipher.cloud.state.scheduler import attempts as table

    with live.gateway.read() as db:
        return [(row.outcome, row.error) for row in db.execute(table.select().where(table.c.arn == arn))]


def test_a_flexible_window() -> None:
    facts = {
        "State": "ENABLED", "ScheduleExpression": "at(2030-06-01T12:00:00)", "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    }  # fmt: skip
    due = datetime(2030, 6, 1, 12, tzinfo=UTC).timestamp()
    firsts = set()
    for _ in range(50):
        found_due, first = due_after(facts, due - 1000, 0.0)
        assert found_due == due and first is not None and due <= first <= due + 15 * 60
        firsts.add(round(first))
    assert len(firsts) > 10
    assert due_after(facts, due, 0.0) == (None, None)  # once only
