"""Automated snapshots, their schedules and copies, with a clock that the test moves; tables restored from them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from refusals import refused

from slipher.cloud.redshift import automatic, automatic_times
from slipher.cloud.redshift.schedule_times import invocations

CLUSTER = "redshift-cluster-1"


def automated(rs: Any, status: str = "available") -> list[Any]:
    found = rs.describe_cluster_snapshots(ClusterIdentifier=CLUSTER, SnapshotType="automated")["Snapshots"]
    return [one for one in found if one["Status"] == status]


def cluster(rs: Any) -> dict[str, Any]:
    return dict(rs.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0])


@pytest.fixture(scope="module")
def rs(live: Any) -> Any:
    found = live.client("redshift")
    found.describe_clusters()
    return found


def test_every_eight_hours_kept_for_the_retention_period(live: Any, rs: Any) -> None:
    live.sql("create table t (a int, b varchar(9))", "insert into t values (1, 'one')")
    expected = cluster(rs)
    assert expected["ExpectedNextSnapshotScheduleTime"] == expected["ClusterCreateTime"] + timedelta(hours=8)
    assert automated(rs) == []
    live.clock.offset += timedelta(hours=8)
    first = live.until(lambda: automated(rs))[0]
    assert first["SnapshotIdentifier"].startswith(f"rs:{CLUSTER}-20") and first["SnapshotType"] == "automated"
    live.clock.offset += timedelta(hours=8)
    live.until(lambda: len(automated(rs)) == 2)
    live.sql("insert into t values (2, 'two')")
    live.clock.offset += timedelta(hours=8)
    live.until(lambda: len(automated(rs)) == 3)
    live.clock.offset += timedelta(hours=8, minutes=1)  # the first is older than a day now

    def names_after() -> Any:
        found = [one["SnapshotIdentifier"] for one in automated(rs)]
        return len(found) == 3 and first["SnapshotIdentifier"] not in found and automated(rs)

    names = live.until(names_after)
    assert names[-1]["TotalBackupSizeInMegaBytes"] > 0

    refused(
        "InvalidClusterSnapshotState", rs.delete_cluster_snapshot, SnapshotIdentifier=names[0]["SnapshotIdentifier"]
    )
    refused("InvalidParameterValue", rs.modify_cluster, ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=0)
    rs.modify_cluster(ClusterIdentifier=CLUSTER, AutomatedSnapshotRetentionPeriod=3)
    live.clock.offset += timedelta(hours=8)
    live.until(lambda: len(automated(rs)) == 4)  # none of them has gone


def test_copied_they_stay(live: Any, rs: Any) -> None:
    name = automated(rs)[-1]["SnapshotIdentifier"]
    made = rs.copy_cluster_snapshot(
        SourceSnapshotIdentifier=name, TargetSnapshotIdentifier="Mine", ManualSnapshotRetentionPeriod=9
    )["Snapshot"]
    assert (made["SnapshotIdentifier"], made["SnapshotType"]) == ("mine", "manual")
    rs.get_waiter("snapshot_available").wait(SnapshotIdentifier="mine", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    refused("ClusterSnapshotAlreadyExists", rs.copy_cluster_snapshot, SourceSnapshotIdentifier=name,
            TargetSnapshotIdentifier="mine")  # fmt: skip
    refused("InvalidClusterSnapshotState", rs.copy_cluster_snapshot, SourceSnapshotIdentifier="mine",
            TargetSnapshotIdentifier="yours")  # fmt: skip
    refused("ClusterSnapshotNotFound", rs.copy_cluster_snapshot, SourceSnapshotIdentifier="rs:none",
            TargetSnapshotIdentifier="yours")  # fmt: skip
    answer = rs.batch_modify_cluster_snapshots(
        SnapshotIdentifierList=["mine", "none", name], ManualSnapshotRetentionPeriod=30
    )
    assert answer["Resources"] == ["mine"]
    assert [one["FailureCode"] for one in answer["Errors"]] == [
        "ClusterSnapshotNotFound",
        "InvalidClusterSnapshotState",
    ]
    assert (
        rs.describe_cluster_snapshots(SnapshotIdentifier="mine")["Snapshots"][0]["ManualSnapshotRetentionPeriod"] == 30
    )

    shared = rs.authorize_snapshot_access(SnapshotIdentifier="mine", AccountWithRestoreAccess="210987654321")[
        "Snapshot"
    ]
    assert [one["AccountId"] for one in shared["AccountsWithRestoreAccess"]] == ["210987654321"]
    refused("AuthorizationAlreadyExists", rs.authorize_snapshot_access, SnapshotIdentifier="mine",
            AccountWithRestoreAccess="210987654321")  # fmt: skip
    refused("AccessToSnapshotDenied", rs.restore_from_cluster_snapshot, ClusterIdentifier="x", SnapshotIdentifier="mine",
            OwnerAccount="210987654321")  # fmt: skip
    rs.revoke_snapshot_access(SnapshotIdentifier="mine", AccountWithRestoreAccess="210987654321")
    refused("AuthorizationNotFound", rs.revoke_snapshot_access, SnapshotIdentifier="mine",
            AccountWithRestoreAccess="210987654321")  # fmt: skip


def test_by_a_schedule(live: Any, rs: Any) -> None:
    tried = rs.create_snapshot_schedule(ScheduleDefinitions=["rate(12 hours)"], DryRun=True, NextInvocations=2)
    assert tried["NextInvocations"][1] - tried["NextInvocations"][0] == timedelta(hours=12)
    assert rs.describe_snapshot_schedules()["SnapshotSchedules"] == []
    made = rs.create_snapshot_schedule(
        ScheduleIdentifier="Often", ScheduleDefinitions=["cron(0 */2 *)"], Tags=[{"Key": "k", "Value": "v"}],
        ScheduleDescription="every second hour",
    )  # fmt: skip
    assert (made["ScheduleIdentifier"], made["AssociatedClusterCount"]) == ("often", 0)
    assert {one.hour % 2 for one in made["NextInvocations"]} == {0} and {
        one.minute for one in made["NextInvocations"]
    } == {0}
    refused("SnapshotScheduleAlreadyExists", rs.create_snapshot_schedule, ScheduleIdentifier="often",
            ScheduleDefinitions=["rate(2 hours)"])  # fmt: skip
    for definitions in (
        ["rate(30 minutes)"],
        ["rate(25 hours)"],
        ["cron(0,30 12 *)"],
        ["often"],
        ["cron(0 12 MON)"],
        [],
    ):
        refused("InvalidSchedule", rs.create_snapshot_schedule, ScheduleDefinitions=definitions)
    refused("ScheduleDefinitionTypeUnsupported", rs.create_snapshot_schedule,
            ScheduleDefinitions=["at(2030-01-01T00:00:00)"])  # fmt: skip

    before = len(automated(rs))
    rs.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, ScheduleIdentifier="often")
    got = cluster(rs)
    assert (got["SnapshotScheduleIdentifier"], got["SnapshotScheduleState"]) == ("often", "ACTIVE")
    due = got["ExpectedNextSnapshotScheduleTime"]
    assert due.minute == 0 and due.hour % 2 == 0
    live.clock.offset += due - live.clock.now() + timedelta(seconds=1)
    live.until(lambda: len(automated(rs)) == before + 1)
    assert cluster(rs)["ExpectedNextSnapshotScheduleTime"] == due + timedelta(hours=2)
    found = rs.describe_snapshot_schedules(ClusterIdentifier=CLUSTER, TagKeys=["k"])["SnapshotSchedules"]
    assert [one["ClusterIdentifier"] for one in found[0]["AssociatedClusters"]] == [CLUSTER]
    refused("InvalidClusterSnapshotScheduleState", rs.delete_snapshot_schedule, ScheduleIdentifier="often")

    rs.modify_snapshot_schedule(ScheduleIdentifier="often", ScheduleDefinitions=["rate(1 hour)"])
    assert cluster(rs)["ExpectedNextSnapshotScheduleTime"] - live.clock.now() <= timedelta(hours=1)
    rs.modify_cluster_snapshot_schedule(ClusterIdentifier=CLUSTER, DisassociateSchedule=True)
    assert "SnapshotScheduleIdentifier" not in cluster(rs)
    refused("InvalidClusterSnapshotScheduleState", rs.modify_cluster_snapshot_schedule, ClusterIdentifier=CLUSTER,
            DisassociateSchedule=True)  # fmt: skip
    rs.delete_snapshot_schedule(ScheduleIdentifier="often")
    refused("SnapshotScheduleNotFound", rs.delete_snapshot_schedule, ScheduleIdentifier="often")
    refused("SnapshotScheduleNotFound", rs.modify_cluster_snapshot_schedule, ClusterIdentifier=CLUSTER,
            ScheduleIdentifier="often")  # fmt: skip


def test_switched_off(live: Any, rs: Any) -> None:
    before = len(automated(rs))
    with live.gateway.transaction() as db:  # as at a start with --no-automated-snapshots
        automatic_times.switch(db, False)
    live.clock.offset += timedelta(hours=9)
    assert "ExpectedNextSnapshotScheduleTime" not in cluster(rs)
    automatic.take(live.gateway)
    assert len(automated(rs, "creating")) + len(automated(rs)) == before
    with live.gateway.transaction() as db:
        automatic_times.switch(db, True)
    live.until(lambda: len(automated(rs)) == before + 1)


@pytest.mark.parametrize(
    ("definition", "hours"),
    [
        ("cron(30 12 *)", [12.5, 36.5]),
        ("cron(0 6 ? * * *)", [6.0, 30.0]),
        ("cron(0 0/12 *)", [12.0, 24.0]),
        ("rate(5 hours)", [5.0, 10.0]),
    ],
)
def test_schedule_times(definition: str, hours: list[float]) -> None:
    assert [one / 3600 for one in invocations([definition], 0.0, 0.0, 2)] == hours


def restored(live: Any, rs: Any, request: str) -> dict[str, Any]:
    def ended() -> Any:
        found = rs.describe_table_restore_status(TableRestoreRequestId=request)["TableRestoreStatusDetails"][0]
        return found["Status"] in ("SUCCEEDED", "FAILED") and found

    return dict(live.until(ended))


def test_a_table_restored(live: Any, rs: Any) -> None:
    live.sql(
        "create user keeper password 'Abcdefg1'",
        "create schema own authorization keeper",
        "create table own.kept (id bigint identity(10, 5), name varchar(20) default 'none' encode zstd, s super, "
        "d decimal(12, 2) not null, primary key (id)) distkey (name) compound sortkey (d)",
        "insert into own.kept (name, s, d) select 'first', json_parse('{\"a\": [1]}'), 1.5 union all select 'second', null, 2.5",
        "alter table own.kept add column later int",
        "alter table own.kept drop column s",
        "grant select on own.kept to public",
        "alter table own.kept owner to keeper",
        "create table referring (id bigint, foreign key (id) references own.kept (id))",
        "create table mixed (a int, b int) interleaved sortkey (a, b)",
    )
    rs.create_cluster_snapshot(ClusterIdentifier=CLUSTER, SnapshotIdentifier="tables")
    rs.get_waiter("snapshot_available").wait(SnapshotIdentifier="tables", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    live.sql("insert into own.kept (name, d) values ('third', 3.5)")
    given = {
        "ClusterIdentifier": CLUSTER, "SnapshotIdentifier": "tables", "SourceDatabaseName": "dev",
        "SourceSchemaName": "own", "SourceTableName": "KEPT",
    }  # fmt: skip
    for wrong, text in (
        ({"NewTableName": "kept", "TargetSchemaName": "own"}, "already exists"),
        ({"NewTableName": "x", "TargetSchemaName": "none"}, "does not exist"),
        ({"NewTableName": "x", "SourceTableName": "none"}, "is not in database"),
        ({"NewTableName": "x", "SourceSchemaName": "public", "SourceTableName": "mixed"}, "interleaved"),
    ):
        message = refused("InvalidTableRestoreArgument", rs.restore_table_from_cluster_snapshot, **(given | wrong))
        assert text in message
    refused("ClusterSnapshotNotFound", rs.restore_table_from_cluster_snapshot, **(given | {"SnapshotIdentifier": "no"}),
            NewTableName="x")  # fmt: skip
    refused("TableRestoreNotFoundFault", rs.describe_table_restore_status, TableRestoreRequestId="none")

    live.sql("drop table referring", "drop table own.kept")
    asked = rs.restore_table_from_cluster_snapshot(**given, TargetSchemaName="own", NewTableName="kept")[
        "TableRestoreStatus"
    ]
    assert asked["Status"] == "PENDING"
    done = restored(live, rs, asked["TableRestoreRequestId"])
    assert (done["Status"], done["NewTableName"], done["TargetDatabaseName"]) == ("SUCCEEDED", "kept", "dev"), done
    rows = live.sql("select id, name, d, later from own.kept order by d")
    assert [(name, str(d), later) for _, name, d, later in rows] == [("first", "1.50", None), ("second", "2.50", None)]
    live.sql("insert into own.kept (d) values (9)")
    again = live.sql("select id, name from own.kept where d = 9")[0]
    assert again[1] == "none" and again[0] not in [row[0] for row in rows] and again[0] % 5 == 0
    assert live.sql("select tableowner from pg_tables where tablename = 'kept'") == [("keeper",)]
    shown = live.sql("show table own.kept")[0][0]
    for words in ("zstd", "DISTKEY", "SORTKEY", "PRIMARY KEY", "identity(10,5)"):
        assert words.lower().replace(" ", "") in shown.lower().replace(" ", ""), shown
    live.sql("create user stranger password 'Abcdefg1'")
    assert live.sql("select has_table_privilege('stranger', 'own.kept', 'select')") == [
        (False,)
    ]  # grants do not come with it

    live.sql("drop table own.kept", "drop schema own", "drop user keeper")
    asked = rs.restore_table_from_cluster_snapshot(**given, NewTableName="kept")["TableRestoreStatus"]
    assert restored(live, rs, asked["TableRestoreRequestId"])["Status"] == "SUCCEEDED"
    assert live.sql("select count(*) from public.kept") == [(2,)]
    assert live.sql("select tableowner from pg_tables where tablename = 'kept'") == [("awsuser",)]  # its owner is gone
    assert len(rs.describe_table_restore_status(ClusterIdentifier=CLUSTER)["TableRestoreStatusDetails"]) == 2
    messages = [one["Message"] for one in rs.describe_events(SourceType="cluster")["Events"]]
    assert f"A table of cluster {CLUSTER} was restored from a snapshot." in messages
