"""Snapshots: what a restored cluster has, the last one of a deleted cluster, how long they are kept."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from refusals import refused
from sqlalchemy import select, update

from slipher.cloud.state.redshift import snapshots

SECONDS = 60.0
PASSWORD = "Abcdefg1"
FAST = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture(scope="module")
def rs(slipher: Any) -> Any:
    return slipher.client("redshift")


def connect(rs: Any, identifier: str, user: str = "awsuser") -> Any:
    where = rs.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]["Endpoint"]
    return psycopg.connect(
        host=where["Address"], port=where["Port"], user=user, password=PASSWORD, dbname="dev", sslmode="require",
        client_encoding="utf8", autocommit=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(rs: Any) -> Any:
    rs.create_cluster(
        ClusterIdentifier="source", NodeType="ra3.large", MasterUsername="awsuser", MasterUserPassword=PASSWORD
    )
    rs.get_waiter("cluster_available").wait(ClusterIdentifier="source", WaiterConfig=FAST)
    with connect(rs, "source") as session:
        for statement in (
            "create table t (a int identity(1, 1), b varchar(20) default 'x', c super)",
            "insert into t (b) select 'row' union all select 'other'",
            "create view v as select b from t",
            f"create user reader password '{PASSWORD}'",
            "grant select on t to reader",
            "create schema s",
            "create table s.kept (n decimal(12, 2) encode az64) diststyle all sortkey (n)",
            "insert into s.kept select 1.5",
            "create table secret (a int)",
        ):
            session.execute(statement)
    yield rs
    rs.delete_cluster(ClusterIdentifier="source", SkipFinalClusterSnapshot=True)


def test_restored_as_it_was(source: Any) -> None:
    rs = source
    with connect(rs, "source") as writer:
        writer.autocommit = False
        writer.execute("insert into t (b) values ('not committed')")
        made = rs.create_cluster_snapshot(
            ClusterIdentifier="source", SnapshotIdentifier="Snap-1", Tags=[{"Key": "k", "Value": "v"}]
        )["Snapshot"]
        assert (made["SnapshotIdentifier"], made["Status"], made["SnapshotType"]) == ("snap-1", "creating", "manual")
        rs.get_waiter("snapshot_available").wait(SnapshotIdentifier="snap-1", WaiterConfig=FAST)
        writer.commit()
    with connect(rs, "source") as session:
        session.execute("drop view v")
        session.execute("drop table t")
        session.execute("drop user reader")
    found = rs.describe_cluster_snapshots(SnapshotIdentifier="snap-1")["Snapshots"][0]
    assert found["TotalBackupSizeInMegaBytes"] > 0 and found["MasterUsername"] == "awsuser"
    assert found["SnapshotArn"] == "arn:aws:redshift:us-east-1:123456789012:snapshot:source/snap-1"
    assert rs.describe_tags(ResourceName=found["SnapshotArn"])["TaggedResources"][0]["Tag"] == {
        "Key": "k",
        "Value": "v",
    }

    rs.restore_from_cluster_snapshot(ClusterIdentifier="copy", SnapshotIdentifier="snap-1", NumberOfNodes=2)
    rs.get_waiter("cluster_restored").wait(ClusterIdentifier="copy", WaiterConfig=FAST)
    rs.get_waiter("cluster_available").wait(ClusterIdentifier="copy", WaiterConfig=FAST)
    got = rs.describe_clusters(ClusterIdentifier="copy")["Clusters"][0]
    assert (got["NumberOfNodes"], got["RestoreStatus"]["Status"], got["DBName"]) == (2, "completed", "dev")
    with connect(rs, "copy") as session:
        assert session.execute("select a, b from t order by a").fetchall() == [(1, "row"), (2, "other")]
        assert session.execute("select count(*) from v").fetchall() == [(2,)]
        session.execute("insert into t (b) values (default)")
        assert session.execute("select max(a) > 2, max(b) from t").fetchall() == [(True, "x")]
        kinds = '"column", encoding, sortkey'
        session.execute("set search_path to s")
        assert session.execute(f"select {kinds} from pg_table_def where tablename = 'kept'").fetchall()[0][0] == "n"
    with connect(rs, "copy", "reader") as session:
        assert session.execute("select count(*) from t").fetchall() == [(3,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select * from secret")
    with connect(rs, "source") as session:
        assert session.execute("select count(*) from pg_tables where tablename = 't'").fetchall() == [(0,)]

    rs.modify_cluster(ClusterIdentifier="copy", MasterUserPassword="Hijklmn2")
    refused(
        "ClusterSnapshotAlreadyExists",
        rs.create_cluster_snapshot,
        ClusterIdentifier="source",
        SnapshotIdentifier="snap-1",
    )

    # the last snapshot, of a cluster that runs and of one that is paused
    rs.delete_cluster(
        ClusterIdentifier="copy", FinalClusterSnapshotIdentifier="last", FinalClusterSnapshotRetentionPeriod=7
    )
    rs.get_waiter("cluster_deleted").wait(ClusterIdentifier="copy", WaiterConfig=FAST)
    last = rs.describe_cluster_snapshots(ClusterIdentifier="copy")["Snapshots"]
    assert [(one["SnapshotIdentifier"], one["Status"], one["ManualSnapshotRetentionPeriod"]) for one in last] == [
        ("last", "available", 7)
    ]
    rs.restore_from_cluster_snapshot(
        ClusterIdentifier="again", SnapshotArn=last[0]["SnapshotArn"], NodeType="ra3.xlplus", Port=5555
    )
    rs.get_waiter("cluster_restored").wait(ClusterIdentifier="again", WaiterConfig=FAST)
    rs.get_waiter("cluster_available").wait(ClusterIdentifier="again", WaiterConfig=FAST)
    with connect(rs, "again", "reader") as session:
        assert session.execute("select count(*) from t").fetchall() == [(3,)]
    rs.pause_cluster(ClusterIdentifier="again")
    deadline = time.monotonic() + SECONDS
    while rs.describe_clusters(ClusterIdentifier="again")["Clusters"][0]["ClusterStatus"] != "paused":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused("InvalidClusterState", rs.create_cluster_snapshot, ClusterIdentifier="again", SnapshotIdentifier="x")
    rs.delete_cluster(ClusterIdentifier="again", FinalClusterSnapshotIdentifier="last-2")
    rs.get_waiter("cluster_deleted").wait(ClusterIdentifier="again", WaiterConfig=FAST)
    assert rs.describe_cluster_snapshots(SnapshotIdentifier="last-2")["Snapshots"][0]["Status"] == "available"

    assert rs.delete_cluster_snapshot(SnapshotIdentifier="last")["Snapshot"]["Status"] == "deleted"
    refused("ClusterSnapshotNotFound", rs.describe_cluster_snapshots, SnapshotIdentifier="last")
    answer = rs.batch_delete_cluster_snapshots(
        Identifiers=[{"SnapshotIdentifier": "last-2"}, {"SnapshotIdentifier": "none"}]
    )
    assert answer["Resources"] == ["last-2"]
    assert [one["FailureCode"] for one in answer["Errors"]] == ["ClusterSnapshotNotFound"]
    refused(
        "ClusterSnapshotNotFound", rs.restore_from_cluster_snapshot, ClusterIdentifier="x", SnapshotIdentifier="last"
    )
    refused(
        "ClusterAlreadyExists",
        rs.restore_from_cluster_snapshot,
        ClusterIdentifier="source",
        SnapshotIdentifier="snap-1",
    )
    events = rs.describe_events(SourceType="cluster", SourceIdentifier="again")["Events"]
    assert [one["Message"] for one in events] == [
        "Cluster again was restored from a snapshot.", "Cluster again is being paused.", "Cluster again is being deleted.",
    ]  # fmt: skip


def test_a_copy_that_cannot_be_made(local: Any) -> None:
    """No process answers here: the snapshot has failed, says so, and takes nothing with it."""
    from slipher.cloud.redshift import errands

    rs = local.client("redshift")
    before, errands.PATIENCE = errands.PATIENCE, 1.0
    try:
        from test_redshift_api import run

        run(local)
        rs.describe_clusters()
        rs.create_cluster_snapshot(
            ClusterIdentifier="redshift-cluster-1", SnapshotIdentifier="bad", ManualSnapshotRetentionPeriod=2
        )
        refused("InvalidClusterState", rs.delete_cluster, ClusterIdentifier="redshift-cluster-1",
                SkipFinalClusterSnapshot=True)  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while (found := rs.describe_cluster_snapshots()["Snapshots"][0])["Status"] == "creating":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (found["Status"], found["ManualSnapshotRemainingDays"]) == ("failed", 2)
        refused(
            "InvalidClusterSnapshotState",
            rs.restore_from_cluster_snapshot,
            ClusterIdentifier="x",
            SnapshotIdentifier="bad",
        )
        assert rs.modify_cluster_snapshot(SnapshotIdentifier="bad", ManualSnapshotRetentionPeriod=3)["Snapshot"][
            "ManualSnapshotRetentionPeriod"
        ] == 3  # fmt: skip
        assert [one["Severity"] for one in rs.describe_events(SourceType="cluster-snapshot")["Events"]] == ["ERROR"]
        with local.gateway.transaction() as db:  # three days ago
            facts = db.execute(select(snapshots.c.facts)).scalar_one()
            db.execute(update(snapshots).values(facts=facts | {"DaysSince": facts["DaysSince"] - 3 * 86400}))
        refused("ClusterSnapshotNotFound", rs.describe_cluster_snapshots, SnapshotIdentifier="bad")
        refused("InvalidParameterCombination", rs.describe_events, SourceIdentifier="bad")
    finally:
        errands.PATIENCE = before
