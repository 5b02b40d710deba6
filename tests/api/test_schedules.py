"""A scheduled statement on a running cluster: due, run under the schedule's role, found in the Data API's history."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from typing import Any

from slipher.testing import Instance

ACCOUNT = "123456789012"


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def test_a_scheduled_statement(slipher: Instance) -> None:
    iam, scheduler, name = slipher.client("iam"), slipher.client("scheduler"), f"sched_{secrets.token_hex(4)}"
    trust = policy(Principal={"Service": "scheduler.amazonaws.com", "AWS": ACCOUNT}, Action="sts:AssumeRole")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    may = policy(Action=["redshift-data:*", "redshift:GetClusterCredentials"], Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=may)
    given = {
        "ClusterIdentifier": slipher.cluster.id, "Database": "dev", "DbUser": "awsuser", "StatementName": name,
        "Sql": f"create table {name} as select '<aws.scheduler.schedule-arn>' as arn",
    }  # fmt: skip
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement", "RoleArn": role, "Input": json.dumps(given),
    }  # fmt: skip
    arn = scheduler.create_schedule(
        Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )["ScheduleArn"]  # an interval begins at once
    made = slipher.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
    data = slipher.client(
        "redshift-data", access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"],
        session_token=made["SessionToken"],
    )  # fmt: skip
    try:
        found: list[Any] = []
        end = time.monotonic() + 60
        while not (found and found[0]["Status"] in ("FINISHED", "FAILED", "ABORTED")) and time.monotonic() < end:
            time.sleep(0.2)
            found = data.list_statements(StatementName=name, Status="ALL", RoleLevel=True)["Statements"]
        assert [one["Status"] for one in found] == ["FINISHED"]
        with slipher.cluster.connect() as session:
            assert session.rows(f"select arn from {name}") == [(arn,)]
        command = [
            sys.executable,
            "-m",
            "slipher.host.cli",
            "schedules",
            "--format",
            "json",
            "--data-dir",
            str(slipher.data_dir),
        ]
        lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
        [shown] = [one for one in map(json.loads, lines) if one["name"] == f"default/{name}"]
        assert [one["outcome"] for one in shown["attempts"]] == ["delivered"] and shown["state"] == "ENABLED"
    finally:
        scheduler.delete_schedule(Name=name)
        with slipher.cluster.connect() as session:
            session.rows(f"drop table if exists {name}")
        iam.delete_role_policy(RoleName=name, PolicyName="p")
        iam.delete_role(RoleName=name)
