"""What the control plane says has its effect on a running cluster: password, pause, resume, resize, rename."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

SECONDS = 60.0
FIRST, SECOND = "Abcdefg1", "Hijklmn2"


def status(rs: Any, identifier: str, wanted: str) -> dict[str, Any]:
    """The cluster, once it has this status."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            found = rs.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
        except rs.exceptions.ClusterNotFoundFault:
            found = {"ClusterStatus": "none"}
        if found["ClusterStatus"] == wanted:
            return dict(found)
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def connect(slipher: Any, found: dict[str, Any], password: str) -> Any:
    where = {"host": found["Endpoint"]["Address"], "port": found["Endpoint"]["Port"]}
    return psycopg.connect(
        user="awsuser",
        password=password,
        dbname="dev",
        sslmode="require",
        client_encoding="utf8",
        autocommit=True,
        **where,
    )


@pytest.fixture(scope="module")
def rs(slipher: Any) -> Any:
    return slipher.client("redshift")


def test_a_life_with_effects(slipher: Any, rs: Any) -> None:
    rs.create_cluster(
        ClusterIdentifier="effects", NodeType="ra3.large", MasterUsername="awsuser", MasterUserPassword=FIRST
    )
    found = status(rs, "effects", "available")
    with connect(slipher, found, FIRST) as session:
        session.execute("create table kept (a int)")
        session.execute("insert into kept values (7)")
        rs.modify_cluster(ClusterIdentifier="effects", MasterUserPassword=SECOND)
        assert session.execute("select a from kept").fetchall() == [(7,)], "a session that is open stays"
        status(rs, "effects", "available")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(slipher, found, FIRST)
    with connect(slipher, found, SECOND) as session:
        assert session.execute("select count(*) from stv_slices").fetchall() == [(2,)]

    # what was set in SQL after it stays over a restart
    with connect(slipher, found, SECOND) as session:
        session.execute(f"alter user awsuser password '{FIRST}'")
    rs.pause_cluster(ClusterIdentifier="effects")
    found = status(rs, "effects", "paused")
    with pytest.raises(psycopg.OperationalError):
        connect(slipher, found, FIRST)
    for method in (rs.reboot_cluster, rs.pause_cluster, rs.modify_cluster):
        with pytest.raises(ClientError) as refused:
            method(ClusterIdentifier="effects")
        assert refused.value.response["Error"]["Code"] == "InvalidClusterState"
    rs.resume_cluster(ClusterIdentifier="effects")
    found = status(rs, "effects", "available")
    with connect(slipher, found, FIRST) as session:
        assert session.execute("select a from kept").fetchall() == [(7,)]
    rs.modify_cluster(ClusterIdentifier="effects", MasterUserPassword=SECOND)  # the last one that the API had set
    found = status(rs, "effects", "available")
    connect(slipher, found, SECOND).close()
    rs.modify_cluster(ClusterIdentifier="effects", MasterUserPassword=FIRST)
    found = status(rs, "effects", "available")
    with pytest.raises(ClientError, match="not in the paused state"):
        rs.resume_cluster(ClusterIdentifier="effects")

    with pytest.raises(rs.exceptions.ResizeNotFoundFault):
        rs.describe_resize(ClusterIdentifier="effects")
    rs.resize_cluster(ClusterIdentifier="effects", NodeType="ra3.4xlarge", NumberOfNodes=2, ClusterType="multi-node")
    found = status(rs, "effects", "available")
    assert (found["NodeType"], found["NumberOfNodes"]) == ("ra3.4xlarge", 2)
    answer = rs.describe_resize(ClusterIdentifier="effects")
    assert (answer["Status"], answer["TargetNumberOfNodes"], answer["ResizeType"]) == ("SUCCEEDED", 2, "ElasticResize")
    with connect(slipher, found, FIRST) as session:
        assert session.execute("select count(*) from stv_slices").fetchall() == [(8,)]

    with pytest.raises(rs.exceptions.ClusterAlreadyExistsFault):
        rs.modify_cluster(ClusterIdentifier="effects", NewClusterIdentifier="redshift-cluster-1")
    answer = rs.modify_cluster(ClusterIdentifier="effects", NewClusterIdentifier="Renamed")["Cluster"]
    assert (answer["ClusterStatus"], answer["PendingModifiedValues"]) == ("renaming", {"ClusterIdentifier": "renamed"})
    found = status(rs, "renamed", "available")
    with pytest.raises(rs.exceptions.ClusterNotFoundFault):
        rs.describe_clusters(ClusterIdentifier="effects")
    with connect(slipher, found, FIRST) as session:
        assert session.execute("select a from kept").fetchall() == [(7,)]

    rs.pause_cluster(ClusterIdentifier="renamed")
    status(rs, "renamed", "paused")
    rs.delete_cluster(ClusterIdentifier="renamed", SkipFinalClusterSnapshot=True)
    status(rs, "renamed", "none")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"NodeType": "dc9.large"}, "InvalidParameterValue"),
        ({"NumberOfNodes": 1, "ClusterType": "multi-node"}, "InvalidParameterValue"),
        ({"NumberOfNodes": 2, "ClusterType": "single-node"}, "InvalidParameterCombination"),
        ({}, "InvalidParameterValue"),
        ({"ReservedNodeId": "r"}, "NotImplemented"),
    ],
)
def test_sizes_that_cannot_be(rs: Any, given: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        rs.resize_cluster(ClusterIdentifier="redshift-cluster-1", **given)
    assert refused.value.response["Error"]["Code"] == code


def test_nobody_else_steers_the_process(slipher: Any) -> None:
    with (
        psycopg.connect(slipher.cluster.dsn, client_encoding="utf8") as session,
        pytest.raises(psycopg.errors.FeatureNotSupported, match="ALTER SYSTEM"),
    ):
        session.execute("ALTER SYSTEM RELOAD")
