"""kill -9 of the gateway while statements of the Data API run."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import botocore.exceptions
from fault_tools import processes, until

from slipher.testing import start

HERE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev", "DbUser": "awsuser"}
BROKEN = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


def test_statements_when_the_gateway_is_killed() -> None:
    with start() as instance, instance.cluster.connect() as admin:
        admin.rows("create table t as select 1 as n")
        for _ in range(12):
            admin.rows("insert into t select n + 1 from t")
        data = instance.client("redshift-data")
        kept = data.execute_statement(Sql="select 42 as a", WaitTimeSeconds=20, **HERE)["Id"]
        slow = "select count(*) from t a, t b, t c where a.n * b.n + c.n = 20"
        ran = data.batch_execute_statement(Sqls=["insert into t values (0)", slow], **HERE)["Id"]
        until(
            lambda: data.describe_statement(Id=ran)["SubStatements"][0]["Status"] == "FINISHED" or _started(data, ran)
        )
        os.kill(processes(instance)["gateway"]["pid"], signal.SIGKILL)

        def described() -> Any:
            try:
                return data.describe_statement(Id=ran)
            except BROKEN:
                return None

        found = until(described)
        assert found["Status"] == "FAILED"
        assert "rolled back" in found["Error"]
        assert data.get_statement_result(Id=kept)["Records"] == [[{"longValue": 42}]]
        deadline = time.monotonic() + 30  # the cluster sees that its client is gone
        while admin.rows("select 1 from stv_sessions where trim(user_name) = 'IAM:awsuser'"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert admin.rows("select count(*) from t where n = 0") == [("0",)]
        assert data.execute_statement(Sql="select 1", WaitTimeSeconds=20, **HERE)["Status"] == "FINISHED"


def _started(data: Any, identifier: str) -> bool:
    return bool(data.describe_statement(Id=identifier)["Status"] == "STARTED")
