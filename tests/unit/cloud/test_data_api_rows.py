"""What the gateway keeps of the Data API's statements, and how long; no cluster runs here, so every statement fails."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import select, update

from slipher.cloud.data_api import store
from slipher.cloud.data_api.results import path_of
from slipher.cloud.state.data_api import statements

HERE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}


def run(local: Any, sql: str = "select 1", **options: Any) -> str:
    found = local.client("redshift-data").execute_statement(Sql=sql, WaitTimeSeconds=20, **HERE, **options)
    assert found["Status"] == "FAILED"
    return str(found["Id"])


def test_a_cluster_that_is_away(own: Any) -> None:
    data = own.client("redshift-data")
    found = data.describe_statement(Id=run(own))
    assert (found["Status"], found["Error"]) == ("FAILED", "The cluster does not take connections.")
    with pytest.raises(ClientError) as refused:
        data.list_databases(**HERE)
    assert refused.value.response["Error"]["Code"] == "DatabaseConnectionException"
    kept = data.execute_statement(Sql="select 1", SessionKeepAliveSeconds=60, WaitTimeSeconds=20, **HERE)
    with pytest.raises(ClientError, match="Session does not exist"):
        data.execute_statement(Sql="select 1", SessionId=kept["SessionId"])


def age(own: Any, hours: float) -> None:
    """Every statement is older by so much."""
    seconds = hours * 3600
    with own.gateway.transaction() as db:
        db.execute(
            update(statements).values(
                created=statements.c.created - seconds,
                updated=statements.c.updated - seconds,
                expires=statements.c.expires - seconds,
            )
        )


def test_a_day_and_eight_hours(own: Any) -> None:
    data = own.client("redshift-data")
    first = run(own, ClientToken="t")
    file = path_of(own.gateway.data_dir, first, 1)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"")
    age(own, 7.9)
    assert run(own, ClientToken="t") == first
    age(own, 0.2)
    assert run(own, ClientToken="t") != first
    age(own, 15.8)
    assert len(data.list_statements()["Statements"]) == 2
    age(own, 0.2)
    assert len(data.list_statements()["Statements"]) == 1
    with pytest.raises(ClientError) as gone:
        data.describe_statement(Id=first)
    assert gone.value.response["Error"]["Code"] == "ResourceNotFoundException"
    store.forget(own.gateway)
    assert not file.exists()
    with own.gateway.read() as db:
        assert len(db.execute(select(statements)).all()) == 1


def test_what_ran_when_the_gateway_stopped(own: Any) -> None:
    data = own.client("redshift-data")
    whole, ran = run(own), run(own)
    with own.gateway.transaction() as db:
        outcome = {"parts": [{"status": "STARTED"}]}
        db.execute(update(statements).where(statements.c.id == ran).values(status="STARTED", outcome=outcome))
    half = path_of(own.gateway.data_dir, ran, 1)
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"D")
    store.abandon(own.gateway)
    found = data.describe_statement(Id=ran)
    assert (found["Status"], found["Error"]) == ("FAILED", store.RESTARTED)
    assert not half.exists()
    assert data.describe_statement(Id=whole)["Error"] != store.RESTARTED


def test_most_statements_of_a_cluster(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from slipher.cloud.data_api import runner

    monkeypatch.setattr(runner, "MOST_STATEMENTS", 0)
    with pytest.raises(ClientError) as refused:
        run(own)
    assert refused.value.response["Error"]["Code"] == "ActiveStatementsExceededException"
    monkeypatch.setattr(runner, "MOST_STATEMENTS", 1)
    monkeypatch.setattr(runner, "MOST_SESSIONS", 0)
    with pytest.raises(ClientError) as refused:
        run(own, SessionKeepAliveSeconds=1)
    assert refused.value.response["Error"]["Code"] == "ActiveSessionsExceededException"
    run(own)


def test_results_are_files_of_the_owner_alone(own: Any) -> None:
    from slipher.cloud.data_api.results import ResultFile

    path = path_of(own.gateway.data_dir, "x", 1)
    with ResultFile(path) as file:
        file.write(b"D")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
