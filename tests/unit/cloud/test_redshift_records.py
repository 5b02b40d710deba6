"""Subnet groups, usage limits, and the lists of what there is, through boto3."""

from __future__ import annotations

from typing import Any

import pytest
from refusals import refused
from test_redshift_api import run

CLUSTER = {"ClusterIdentifier": "redshift-cluster-1"}


@pytest.fixture
def rs(local: Any) -> Any:
    return local.client("redshift")


def test_subnet_groups(rs: Any, local: Any) -> None:
    name = {"ClusterSubnetGroupName": "net"}
    made = rs.create_cluster_subnet_group(
        ClusterSubnetGroupName="Net",
        Description="d",
        SubnetIds=["subnet-1", "subnet-2"],
        Tags=[{"Key": "a", "Value": "b"}],
    )["ClusterSubnetGroup"]
    assert made["ClusterSubnetGroupName"] == "net"
    assert [one["SubnetIdentifier"] for one in made["Subnets"]] == ["subnet-1", "subnet-2"]
    refused(
        "ClusterSubnetGroupAlreadyExists",
        rs.create_cluster_subnet_group,
        Description="d",
        SubnetIds=["subnet-1"],
        **name,
    )
    refused("InvalidSubnet", rs.modify_cluster_subnet_group, SubnetIds=["nonsense"], **name)
    rs.modify_cluster_subnet_group(SubnetIds=["subnet-3"], Description="new", **name)
    found = rs.describe_cluster_subnet_groups(TagKeys=["a"])["ClusterSubnetGroups"]
    assert [(one["Description"], len(one["Subnets"])) for one in found] == [("new", 1)]
    arn = "arn:aws:redshift:us-east-1:123456789012:subnetgroup:net"
    rs.create_tags(ResourceName=arn, Tags=[{"Key": "c", "Value": "d"}])
    assert len(rs.describe_tags(ResourceType="subnetgroup")["TaggedResources"]) == 2

    given = {"NodeType": "ra3.large", "MasterUsername": "awsuser", "MasterUserPassword": "Abcdefg1", "Port": 15998}
    rs.create_cluster(ClusterIdentifier="in-net", **given, **name)
    assert rs.describe_clusters(ClusterIdentifier="in-net")["Clusters"][0]["ClusterSubnetGroupName"] == "net"
    refused("InvalidClusterSubnetGroupStateFault", rs.delete_cluster_subnet_group, **name)
    rs.delete_cluster(ClusterIdentifier="in-net", SkipFinalClusterSnapshot=True)
    run(local)  # the supervisor's part
    rs.delete_cluster_subnet_group(**name)
    refused("ClusterSubnetGroupNotFoundFault", rs.describe_cluster_subnet_groups, **name)


def test_usage_limits(rs: Any) -> None:
    given = CLUSTER | {"FeatureType": "spectrum", "LimitType": "data-scanned", "Amount": 5}
    made = rs.create_usage_limit(**given, Tags=[{"Key": "a", "Value": "b"}])
    assert (made["Period"], made["BreachAction"], made["Amount"]) == ("monthly", "log", 5)
    refused("UsageLimitAlreadyExists", rs.create_usage_limit, **given)
    refused("InvalidUsageLimit", rs.create_usage_limit, **given | {"LimitType": "time"})
    refused("InvalidParameterValue", rs.create_usage_limit, **given | {"Amount": 0})
    refused("ClusterNotFound", rs.create_usage_limit, **given | {"ClusterIdentifier": "none"})
    one = {"UsageLimitId": made["UsageLimitId"]}
    assert rs.modify_usage_limit(Amount=6, BreachAction="disable", **one)["Amount"] == 6
    found = rs.describe_usage_limits(**CLUSTER)["UsageLimits"]
    assert [(row["Amount"], row["BreachAction"]) for row in found] == [(6, "disable")]
    assert rs.describe_usage_limits(FeatureType="concurrency-scaling")["UsageLimits"] == []
    rs.delete_usage_limit(**one)
    refused("UsageLimitNotFound", rs.describe_usage_limits, **one)


def test_what_there_is(rs: Any) -> None:
    families = [one["ClusterParameterGroupFamily"] for one in rs.describe_cluster_versions()["ClusterVersions"]]
    assert families == ["redshift-1.0", "redshift-2.0"]
    options = rs.describe_orderable_cluster_options(NodeType="ra3.large")["OrderableClusterOptions"]
    assert [one["ClusterType"] for one in options] == ["single-node", "multi-node"]
    tracks = rs.describe_cluster_tracks()["MaintenanceTracks"]
    assert [one["MaintenanceTrackName"] for one in tracks] == ["current", "trailing"]
    refused("InvalidClusterTrack", rs.describe_cluster_tracks, MaintenanceTrackName="none")
    attributes = rs.describe_account_attributes()["AccountAttributes"]
    assert attributes[0]["AttributeName"] == "max-defer-maintenance-duration"
    assert rs.describe_storage()["TotalProvisionedStorageInMegaBytes"] == 0.0
    sources = [one["SourceType"] for one in rs.describe_event_categories()["EventCategoriesMapList"]]
    assert sources == ["cluster", "cluster-snapshot", "scheduled-action", "cluster-parameter-group"]
