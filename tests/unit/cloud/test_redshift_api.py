"""Redshift's control plane through boto3, the test in the place of the supervisor: states, roles, errors, tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from refusals import refused
from sqlalchemy import select

from slipher.cloud.redshift import fleet
from slipher.cloud.state.redshift import clusters

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/attached"
GIVEN = {"NodeType": "ra3.large", "MasterUsername": "awsuser", "MasterUserPassword": "Abcdefg1", "Port": 15999}
TRUST = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}}
)


def run(local: Any) -> None:
    """What the supervisor does: start what should run, and say so; stop what should not, and forget it."""
    with local.gateway.read() as db:
        rows = db.execute(select(clusters)).all()
    for row in rows:
        if row.transition == "deleting":
            fleet.forget(local.gateway.db, row.arn)
        else:
            fleet.record(
                local.gateway.db, row.arn, pid=1, listening=True, generation=row.generation, failures=0, error=None
            )


@pytest.fixture
def rs(local: Any) -> Iterator[Any]:
    run(local)
    client = local.client("redshift")
    client.describe_clusters()
    yield client
    run(local)
    client.describe_clusters()
    for one in client.describe_clusters()["Clusters"]:
        if one["ClusterIdentifier"] != "redshift-cluster-1":
            client.delete_cluster(ClusterIdentifier=one["ClusterIdentifier"], SkipFinalClusterSnapshot=True)
    run(local)
    local.gateway.settings.transition_seconds = 0.0


def status(rs: Any, identifier: str) -> str:
    return str(rs.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]["ClusterStatus"])


def test_a_clusters_life(rs: Any, local: Any) -> None:
    made = rs.create_cluster(
        ClusterIdentifier="Life-1", DBName="Sales", ClusterType="multi-node", NumberOfNodes=2, AutomatedSnapshotRetentionPeriod=3,
        PreferredMaintenanceWindow="mon:01:00-mon:02:00", PubliclyAccessible=True, Tags=[{"Key": "a", "Value": "1"}], **GIVEN,
    )["Cluster"]  # fmt: skip
    assert (made["ClusterIdentifier"], made["DBName"], made["ClusterStatus"]) == ("life-1", "sales", "creating")
    assert "Endpoint" not in made
    assert "Cluster already exists" in refused(
        "ClusterAlreadyExists", rs.create_cluster, ClusterIdentifier="life-1", **GIVEN
    )
    refused("InvalidClusterState", rs.reboot_cluster, ClusterIdentifier="life-1")
    assert status(rs, "life-1") == "creating"
    run(local)
    got = rs.describe_clusters(ClusterIdentifier="life-1")["Clusters"][0]
    assert (got["ClusterStatus"], got["ClusterAvailabilityStatus"]) == ("available", "Available")
    assert got["Endpoint"]["Port"] == 15999
    assert [node["NodeRole"] for node in got["ClusterNodes"]] == ["LEADER", "COMPUTE-0", "COMPUTE-1"]
    assert (got["AutomatedSnapshotRetentionPeriod"], got["PreferredMaintenanceWindow"]) == (3, "mon:01:00-mon:02:00")
    assert got["PubliclyAccessible"] and got["Tags"] == [{"Key": "a", "Value": "1"}]
    rs.get_waiter("cluster_available").wait(ClusterIdentifier="life-1")

    modified = rs.modify_cluster(ClusterIdentifier="life-1", MasterUserPassword="Newpass12", AllowVersionUpgrade=False)[
        "Cluster"
    ]
    assert modified["ClusterStatus"] == "modifying"
    assert status(rs, "life-1") == "available"
    assert rs.describe_clusters(ClusterIdentifier="life-1")["Clusters"][0]["AllowVersionUpgrade"] is False
    assert rs.reboot_cluster(ClusterIdentifier="life-1")["Cluster"]["ClusterStatus"] == "rebooting"
    assert status(rs, "life-1") == "rebooting", "until the process of the new generation listens"
    run(local)
    assert status(rs, "life-1") == "available"

    text = refused("InvalidParameterCombination", rs.delete_cluster, ClusterIdentifier="life-1")
    assert "FinalClusterSnapshotIdentifier is required" in text
    both = {"FinalClusterSnapshotIdentifier": "s", "SkipFinalClusterSnapshot": True}
    refused("InvalidParameterCombination", rs.delete_cluster, ClusterIdentifier="life-1", **both)
    assert (
        rs.delete_cluster(ClusterIdentifier="life-1", SkipFinalClusterSnapshot=True)["Cluster"]["ClusterStatus"]
        == "deleting"
    )
    refused("InvalidClusterState", rs.delete_cluster, ClusterIdentifier="life-1", SkipFinalClusterSnapshot=True)
    refused("InvalidClusterState", rs.modify_cluster, ClusterIdentifier="life-1", MasterUserPassword="Newpass12")
    run(local)
    assert refused("ClusterNotFound", rs.describe_clusters, ClusterIdentifier="life-1") == "Cluster life-1 not found."
    rs.get_waiter("cluster_deleted").wait(ClusterIdentifier="life-1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ClusterIdentifier": "1abc"}, "InvalidParameterValue"),
        ({"ClusterIdentifier": "a--b"}, "InvalidParameterValue"),
        ({"ClusterIdentifier": "a-"}, "InvalidParameterValue"),
        ({"MasterUsername": "Admin"}, "InvalidParameterValue"),
        ({"MasterUsername": "rdsdb"}, "InvalidParameterValue"),
        ({"MasterUsername": ""}, "InvalidParameterValue"),
        ({"MasterUserPassword": "short1A"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "alllower1"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "With/slash1"}, "InvalidParameterValue"),
        ({"MasterUserPassword": None}, "InvalidParameterCombination"),
        ({"NodeType": "dc3.large"}, "InvalidParameterValue"),
        ({"ClusterType": "single-node", "NumberOfNodes": 2}, "InvalidParameterCombination"),
        ({"ClusterType": "multi-node", "NumberOfNodes": 1}, "InvalidParameterValue"),
        ({"Port": 80}, "InvalidParameterValue"),
        ({"DBName": "bad-name"}, "InvalidParameterValue"),
        ({"Encrypted": False}, "InvalidParameterValue"),
        ({"PreferredMaintenanceWindow": "mon:01:00-mon:01:10"}, "InvalidParameterValue"),
        ({"AutomatedSnapshotRetentionPeriod": 36}, "InvalidParameterValue"),
        ({"MaintenanceTrackName": "preview"}, "InvalidParameterValue"),
        ({"DefaultIamRoleArn": ROLE}, "InvalidParameterValue"),
        ({"IamRoles": ["nonsense"]}, "InvalidParameterValue"),
        ({"IamRoles": [f"arn:aws:iam::{ACCOUNT}:role/none"]}, "InvalidParameterValue"),
        ({"IamRoles": ["arn:aws:iam::999999999999:role/other"]}, "InvalidParameterValue"),
        ({"ManageMasterPassword": True}, "InvalidParameterCombination"),
        ({"LoadSampleData": "x"}, "InvalidParameterValue"),
        ({"VpcSecurityGroupIds": ["1"]}, "InvalidParameterValue"),
        ({"ClusterSubnetGroupName": "s"}, "ClusterSubnetGroupNotFoundFault"),
        ({"MultiAZ": True}, "NotImplemented"),
        ({"ClusterParameterGroupName": "mine"}, "ClusterParameterGroupNotFound"),
        ({"KmsKeyId": "k"}, "NotImplemented"),
        ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "InvalidTagFault"),
    ],
)
def test_clusters_that_cannot_be(rs: Any, changes: dict[str, Any], code: str) -> None:
    given = {"ClusterIdentifier": "refused", **GIVEN, **changes}
    refused(code, rs.create_cluster, **{name: value for name, value in given.items() if value is not None})
    refused("ClusterNotFound", rs.describe_clusters, ClusterIdentifier="refused")


def test_lists_by_page_and_tag(rs: Any, local: Any) -> None:
    for number in range(22):
        rs.create_cluster(
            ClusterIdentifier=f"many-{number:02}",
            **GIVEN | {"Port": 16000 + number},
            Tags=[{"Key": "n", "Value": str(number % 2)}],
        )
    pages = list(rs.get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 20}))
    names = [one["ClusterIdentifier"] for page in pages for one in page["Clusters"]]
    assert len(pages) == 2 and names == sorted([*(f"many-{number:02}" for number in range(22)), "redshift-cluster-1"])
    assert len(rs.describe_clusters(TagKeys=["n"], TagValues=["1"])["Clusters"]) == 11
    refused("InvalidParameterValue", rs.describe_clusters, MaxRecords=10)
    tagged = [
        one
        for page in rs.get_paginator("describe_tags").paginate(ResourceType="cluster")
        for one in page["TaggedResources"]
    ]
    assert len(tagged) == 22


def test_tags(rs: Any) -> None:
    arn = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:redshift-cluster-1"
    rs.create_tags(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    rs.create_tags(ResourceName=arn, Tags=[{"Key": "a", "Value": "3"}])
    tags = [one["Tag"] for one in rs.describe_tags(ResourceName=arn)["TaggedResources"]]
    assert tags == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    rs.delete_tags(ResourceName=arn, TagKeys=["a", "b"])
    assert rs.describe_tags(ResourceName=arn)["TaggedResources"] == []
    refused("ResourceNotFoundFault", rs.create_tags, ResourceName=arn + "x", Tags=[{"Key": "a", "Value": "1"}])


@pytest.fixture
def role(local: Any) -> str:
    iam = local.client("iam")
    if "attached" not in [one["RoleName"] for one in iam.list_roles()["Roles"]]:
        iam.create_role(RoleName="attached", AssumeRolePolicyDocument=TRUST)
    return ROLE


def roles(rs: Any, identifier: str = "redshift-cluster-1") -> list[tuple[str, str]]:
    found = rs.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]["IamRoles"]
    return [(one["IamRoleArn"], one["ApplyStatus"]) for one in found]


def test_roles_of_a_cluster(rs: Any, local: Any, role: str) -> None:
    local.gateway.settings.transition_seconds = 5.0
    where = {"ClusterIdentifier": "redshift-cluster-1"}
    answer = rs.modify_cluster_iam_roles(AddIamRoles=[role], DefaultIamRoleArn=role, **where)["Cluster"]
    assert (answer["ClusterStatus"], answer["IamRoles"]) == (
        "modifying",
        [{"IamRoleArn": role, "ApplyStatus": "adding"}],
    )
    assert "operation running" in refused(
        "InvalidClusterState", rs.modify_cluster_iam_roles, RemoveIamRoles=[role], **where
    )
    local.clock.offset = timedelta(seconds=6)
    assert roles(rs) == [(role, "in-sync")]
    assert rs.describe_clusters(**where)["Clusters"][0]["DefaultIamRoleArn"] == role
    answer = rs.modify_cluster_iam_roles(RemoveIamRoles=[role], **where)["Cluster"]
    assert answer["IamRoles"] == [{"IamRoleArn": role, "ApplyStatus": "removing"}]
    local.clock.offset = timedelta(seconds=12)
    got = rs.describe_clusters(**where)["Clusters"][0]
    assert (got["ClusterStatus"], got["IamRoles"], got.get("DefaultIamRoleArn")) == ("available", [], None)
    refused("InvalidParameterValue", rs.modify_cluster_iam_roles, RemoveIamRoles=[role], **where)
    refused("InvalidParameterValue", rs.modify_cluster_iam_roles, DefaultIamRoleArn=role, **where)
    refused("ClusterNotFound", rs.modify_cluster_iam_roles, ClusterIdentifier="none", AddIamRoles=[role])


def test_pass_role_is_needed(rs: Any, local: Any, role: str) -> None:
    """For whoever may do anything else; and it can be given for Redshift alone, or for one role."""
    keys = local.user("passes", {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"})
    mine, iam = local.client("redshift", keys), local.client("iam")
    for method, given in (
        (mine.modify_cluster_iam_roles, {"ClusterIdentifier": "redshift-cluster-1", "AddIamRoles": [role]}),
        (mine.create_cluster, {"ClusterIdentifier": "passed", "IamRoles": [role], **GIVEN}),
    ):
        assert refused("AccessDenied", method, **given) == (
            f"User: arn:aws:iam::{ACCOUNT}:user/passes is not authorized to perform: iam:PassRole on resource: {role} "
            "because no identity-based policy allows the iam:PassRole action"
        )
    assert roles(rs) == []
    refused("ClusterNotFound", rs.describe_clusters, ClusterIdentifier="passed")

    def may_pass(resource: str, service: str) -> None:
        statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource,
                     "Condition": {"StringEquals": {"iam:PassedToService": service}}}  # fmt: skip
        iam.put_user_policy(UserName="passes", PolicyName="pass", PolicyDocument=json.dumps({"Statement": statement}))

    change = {"ClusterIdentifier": "redshift-cluster-1", "AddIamRoles": [role]}
    may_pass(role, "ec2.amazonaws.com")
    refused("AccessDenied", mine.modify_cluster_iam_roles, **change)
    may_pass(role + "2", "redshift.amazonaws.com")
    refused("AccessDenied", mine.modify_cluster_iam_roles, **change)
    may_pass(role, "redshift.amazonaws.com")
    mine.modify_cluster_iam_roles(**change)
    assert roles(rs) == [(role, "in-sync")]
    rs.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", RemoveIamRoles=[role])
    assert roles(rs) == []


def test_a_deleted_role_is_associated_no_more(rs: Any, local: Any) -> None:
    iam = local.client("iam")
    iam.create_role(RoleName="gone", AssumeRolePolicyDocument=TRUST)
    arn = f"arn:aws:iam::{ACCOUNT}:role/gone"
    rs.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", AddIamRoles=[arn])
    iam.delete_role(RoleName="gone")
    assert roles(rs) == []
