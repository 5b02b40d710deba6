"""kill -9 of everything, of the gateway while objects are written, and connections that break in the middle of a COPY."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import botocore.exceptions
import psycopg
import pytest
from fault_tools import COLUMNS, Source, connect_again, pid_of, processes, put_source, spooled, until

from slipher.testing import Instance, start
from slipher.testing.wire import Report

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
BROKEN = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    with start() as one:
        yield one


def slipher(directory: Path, *arguments: str) -> str:
    """A command of `slipher` on a data directory; what it printed."""
    command = [sys.executable, "-m", "slipher", arguments[0], "--data-dir", str(directory), *arguments[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def client(values: dict[str, str], service: str) -> Any:
    import botocore.session

    return botocore.session.Session().create_client(
        service,
        region_name=values["AWS_REGION"],
        endpoint_url=values["AWS_ENDPOINT_URL"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
    )


def connect(values: dict[str, str]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=values["PGHOST"],
        port=values["PGPORT"],
        user=values["PGUSER"],
        password=values["PGPASSWORD"],
        dbname=values["PGDATABASE"],
        sslmode="require",
        autocommit=True,
    )


def test_kill_everything_and_start_again(tmp_path: Path) -> None:
    """Roles, objects, items, tables are there; what was not committed, and temporary tables, are not."""
    slipher(tmp_path, "up", "--detach", "--aws-port", "0", "--sql-port", "0")
    values = json.loads(slipher(tmp_path, "env", "--format", "json"))
    made = client(values, "iam").create_role(RoleName="loader", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    client(values, "iam").attach_role_policy(RoleName="loader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    client(values, "redshift").modify_cluster_iam_roles(
        ClusterIdentifier="redshift-cluster-1", AddIamRoles=[made["Arn"]]
    )
    s3, dynamodb = client(values, "s3"), client(values, "dynamodb")
    s3.create_bucket(Bucket="lasting")
    s3.put_object(Bucket="lasting", Key="rows", Body=b"1,one\n2,two\n")
    dynamodb.create_table(
        TableName="Lasting",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="Lasting", Item={"a": {"N": "3"}, "b": {"S": "three"}})
    load = f"copy t from '{{}}' iam_role '{made['Arn']}' {{}}"
    session, other = connect(values), connect(values)
    session.execute("create table t (a int, b varchar(10)); create view v as select b from t")
    session.execute("create user reader password 'Reader12'; grant select on t to reader")
    session.execute(load.format("s3://lasting/rows", "csv"))
    session.execute("create temp table mine (a int)")
    other.execute("begin; insert into t values (99, 'never'); create table never (a int)")
    report = json.loads((tmp_path / "run" / "state.json").read_bytes())
    for pid in (report["supervisor"]["pid"], report["gateway"]["pid"], *(row["pid"] for row in report["clusters"])):
        os.kill(pid, signal.SIGKILL)
    session.close()
    other.close()
    slipher(tmp_path, "up", "--detach")
    assert json.loads(slipher(tmp_path, "env", "--format", "json")) == values
    assert client(values, "iam").get_role(RoleName="loader")["Role"]["RoleId"] == made["RoleId"]
    (cluster,) = client(values, "redshift").describe_clusters()["Clusters"]
    assert cluster["ClusterStatus"] == "available"
    assert [(one["IamRoleArn"], one["ApplyStatus"]) for one in cluster["IamRoles"]] == [(made["Arn"], "in-sync")]
    assert client(values, "s3").get_object(Bucket="lasting", Key="rows")["Body"].read() == b"1,one\n2,two\n"
    assert client(values, "dynamodb").get_item(TableName="Lasting", Key={"a": {"N": "3"}})["Item"]["b"] == {
        "S": "three"
    }
    with connect(values) as session:
        assert session.execute("select a, b from t order by a").fetchall() == [(1, "one"), (2, "two")]
        assert session.execute("select b from v order by b").fetchall() == [("one",), ("two",)]
        with connect(values | {"PGUSER": "reader", "PGPASSWORD": "Reader12"}) as reader:
            assert reader.execute("select count(*) from t").fetchone() == (2,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("delete from t")
        assert session.execute("select count(*) from pg_class where relname in ('mine', 'never')").fetchone() == (0,)
        session.execute(load.format("dynamodb://Lasting", "readratio 100"))
        session.execute(load.format("s3://lasting/rows", "csv"))
        assert session.execute("select count(*), sum(a) from t").fetchone() == (5, 9)
    slipher(tmp_path, "down")


def test_what_s3_acknowledged_is_there_after_a_killed_gateway(instance: Instance) -> None:
    """Whatever was under way is there whole or not at all."""
    setup = instance.client("s3")
    setup.create_bucket(Bucket="puts")
    stop = threading.Event()
    acknowledged: dict[str, bytes] = {}

    def put(worker: int) -> None:
        s3 = instance.client("s3")
        number = 0
        while not stop.is_set():
            key, body = f"{worker}/{number}", os.urandom(64) * (1 + number % 2000)
            number += 1
            with suppress(*BROKEN):
                s3.put_object(Bucket="puts", Key=key, Body=body)
                acknowledged[key] = body

    workers = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(3):
            before = len(acknowledged)
            until(lambda before=before: len(acknowledged) > before + 20)  # type: ignore[misc]
            pid = processes(instance)["gateway"]["pid"]
            os.kill(pid, signal.SIGKILL)
            until(lambda pid=pid: processes(instance)["gateway"]["pid"] not in (None, pid))  # type: ignore[misc]
    finally:
        stop.set()
        for worker in workers:
            worker.join(120)
    until(lambda: processes(instance)["gateway"]["status"] == "available")
    s3 = instance.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="puts")
    listed = {row["Key"]: row["Size"] for page in pages for row in page.get("Contents", [])}
    assert len(acknowledged) > 60
    assert acknowledged.keys() <= listed.keys()
    for key, body in acknowledged.items():
        assert s3.get_object(Bucket="puts", Key=key)["Body"].read() == body
    for key in listed.keys() - acknowledged.keys():  # done, but the answer was lost
        assert len(s3.get_object(Bucket="puts", Key=key)["Body"].read()) == listed[key]
    # bytes that no object names are swept at a start
    blobs = [path for path in (instance.data_dir / "s3").rglob("*") if path.is_file()]
    assert len(blobs) <= len(listed) + 4


@pytest.fixture(scope="module")
def source(instance: Instance) -> Source:
    return put_source(instance, 4, 500_000)


def test_clients_that_vanish_during_a_copy(instance: Instance, source: Source) -> None:
    """The load is given up soon, nothing of it stays, its lock is free."""
    cluster = instance.cluster
    with cluster.connect() as watch:
        watch.rows("drop table if exists t")
        watch.rows(f"create table t {COLUMNS}")
        for moment in (0.05, 0.3, 0.8):
            client = cluster.connect()
            client.send_simple(source.copy)
            time.sleep(moment)
            client.abort()
            # a writer waits for the lock of the load that nobody wants any more; far less than a load takes to be seen as hung
            watch.rows("set statement_timeout to 30000")
            watch.rows("insert into t values (-1, 'mine', 0, '2024-01-01')")
            # on a quick machine the load may have ended before its client vanished: then it is there whole
            ended = [(str(source.total + 1), str(source.sum - 1))] if moment > 0.05 else []
            assert watch.rows("select count(*), sum(a) from t")[0] in [("1", "-1"), *ended]
            watch.rows("delete from t")
            until(lambda: watch.rows("select count(*) from stv_sessions where db_name = 'dev'") == [("1",)])
            assert spooled(instance) == []
        # the process is the same one, and loads
        pid = pid_of(instance, cluster)
        watch.rows("set statement_timeout to 0")
        watch.rows(source.copy)
        assert watch.rows("select count(*), sum(a) from t") == [(str(source.total), str(source.sum))]
        assert pid_of(instance, cluster) == pid
        watch.rows("drop table t")


def test_a_gateway_killed_during_a_copy(instance: Instance, source: Source) -> None:
    """The load fails with an error that says what it was reading, or goes on where it was; never a part of the rows."""
    cluster = instance.cluster
    with cluster.connect() as session:
        session.rows("drop table if exists t")
        session.rows(f"create table t {COLUMNS}")
        session.send_simple(source.copy)
        time.sleep(0.4)
        pid = processes(instance)["gateway"]["pid"]
        os.kill(pid, signal.SIGKILL)
        for message in session.until_ready():
            if isinstance(message, Report) and message.error:
                assert message.code == "XX000" and "S3" in message.message, message
        (row,) = session.rows("select count(*), sum(a) from t")
        assert row in (("0", None), (str(source.total), str(source.sum)))
        assert spooled(instance) == []
        until(lambda: processes(instance)["gateway"]["status"] == "available")
        session.rows("truncate t")
        session.rows(source.copy)
        assert session.rows("select count(*) from t") == [(str(source.total),)]
        session.rows("drop table t")
    connect_again(cluster).close()
