"""The rest of the control plane: what is stored and shown, what there is none of, and snapshots copied to another region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from refusals import refused
from test_redshift_api import run

from slipher.cloud.redshift import OPERATIONS

CLUSTER = "redshift-cluster-1"
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:events"
FAST = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture
def rs(local: Any) -> Iterator[Any]:
    run(local)
    client = local.client("redshift")
    client.describe_clusters()
    yield client


def test_event_subscriptions(rs: Any) -> None:
    make = rs.create_event_subscription
    made = make(
        SubscriptionName="Team", SnsTopicArn=TOPIC, SourceType="cluster", SourceIds=[CLUSTER], EventCategories=["security"],
        Severity="ERROR", Tags=[{"Key": "k", "Value": "v"}],
    )["EventSubscription"]  # fmt: skip
    assert (made["CustSubscriptionId"], made["Status"], made["Enabled"]) == ("team", "active", True)
    assert rs.describe_event_subscriptions(TagKeys=["k"])["EventSubscriptionsList"] == [made]
    tagged = rs.describe_tags(ResourceType="eventsubscription")["TaggedResources"]
    assert [one["ResourceName"] for one in tagged] == [f"arn:aws:redshift:us-east-1:{ACCOUNT}:eventsubscription:team"]
    refused("SubscriptionAlreadyExist", make, SubscriptionName="team", SnsTopicArn=TOPIC)
    refused("SNSInvalidTopic", make, SubscriptionName="x", SnsTopicArn="topic")
    refused("SourceNotFound", make, SubscriptionName="x", SnsTopicArn=TOPIC, SourceType="cluster", SourceIds=["none"])
    refused("SourceNotFound", make, SubscriptionName="x", SnsTopicArn=TOPIC, SourceType="moon")
    refused("InvalidParameterCombination", make, SubscriptionName="x", SnsTopicArn=TOPIC, SourceIds=["y"])
    refused("SubscriptionCategoryNotFound", make, SubscriptionName="x", SnsTopicArn=TOPIC, EventCategories=["fun"])
    refused("SubscriptionSeverityNotFound", make, SubscriptionName="x", SnsTopicArn=TOPIC, Severity="LOUD")
    refused("InvalidParameterValue", make, SubscriptionName="1x", SnsTopicArn=TOPIC)
    changed = rs.modify_event_subscription(SubscriptionName="team", Enabled=False)["EventSubscription"]
    assert changed == made | {"Enabled": False}
    rs.delete_event_subscription(SubscriptionName="team")
    refused("SubscriptionNotFound", rs.describe_event_subscriptions, SubscriptionName="team")
    refused("SubscriptionNotFound", rs.modify_event_subscription, SubscriptionName="team")


def test_authentication_profiles(rs: Any) -> None:
    content = json.dumps({"AllowDBUserOverride": "1", "Client_ID": "x"})
    rs.create_authentication_profile(AuthenticationProfileName="p", AuthenticationProfileContent=content)
    assert rs.describe_authentication_profiles()["AuthenticationProfiles"] == [
        {"AuthenticationProfileName": "p", "AuthenticationProfileContent": content}
    ]
    again = rs.create_authentication_profile
    refused(
        "AuthenticationProfileAlreadyExistsFault",
        again,
        AuthenticationProfileName="p",
        AuthenticationProfileContent="{}",
    )
    for text in ("[]", "{", "1"):
        refused("InvalidAuthenticationProfileRequestFault", again, AuthenticationProfileName="q",
                AuthenticationProfileContent=text)  # fmt: skip
    rs.modify_authentication_profile(AuthenticationProfileName="p", AuthenticationProfileContent="{}")
    found = rs.describe_authentication_profiles(AuthenticationProfileName="p")["AuthenticationProfiles"]
    assert found[0]["AuthenticationProfileContent"] == "{}"
    assert rs.delete_authentication_profile(AuthenticationProfileName="p")["AuthenticationProfileName"] == "p"
    refused("AuthenticationProfileNotFoundFault", rs.describe_authentication_profiles, AuthenticationProfileName="p")


def test_partners(rs: Any) -> None:
    given = {"AccountId": ACCOUNT, "ClusterIdentifier": CLUSTER, "DatabaseName": "dev", "PartnerName": "one"}
    assert rs.add_partner(**given)["PartnerName"] == "one"
    rs.update_partner_status(**given, Status="ConnectionFailure", StatusMessage="no answer")
    found = rs.describe_partners(AccountId=ACCOUNT, ClusterIdentifier=CLUSTER)["PartnerIntegrationInfoList"]
    assert [(one["Status"], one["StatusMessage"]) for one in found] == [("ConnectionFailure", "no answer")]
    refused("PartnerNotFound", rs.delete_partner, **(given | {"PartnerName": "two"}))
    refused("ClusterNotFound", rs.add_partner, **(given | {"ClusterIdentifier": "none"}))
    refused("UnauthorizedPartnerIntegration", rs.add_partner, **(given | {"AccountId": "210987654321"}))
    rs.delete_partner(**given)
    assert rs.describe_partners(AccountId=ACCOUNT, ClusterIdentifier=CLUSTER)["PartnerIntegrationInfoList"] == []


def test_policies_of_namespaces(rs: Any) -> None:
    arn = rs.describe_clusters()["Clusters"][0]["ClusterNamespaceArn"]
    policy = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "redshift:X", "Resource": "*"}})
    refused("ResourceNotFoundFault", rs.get_resource_policy, ResourceArn=arn)
    refused("InvalidPolicyFault", rs.put_resource_policy, ResourceArn=arn, Policy="{}")
    refused("ResourceNotFoundFault", rs.put_resource_policy, ResourceArn=f"{arn}0", Policy=policy)
    rs.put_resource_policy(ResourceArn=arn, Policy=policy)
    assert rs.get_resource_policy(ResourceArn=arn)["ResourcePolicy"]["Policy"] == policy
    rs.delete_resource_policy(ResourceArn=arn)
    refused("ResourceNotFoundFault", rs.get_resource_policy, ResourceArn=arn)


def test_maintenance(rs: Any) -> None:
    got = rs.modify_cluster_maintenance(
        ClusterIdentifier=CLUSTER,
        DeferMaintenance=True,
        DeferMaintenanceIdentifier="later",
        DeferMaintenanceDuration=10,
    )["Cluster"]["DeferredMaintenanceWindows"][0]
    assert got["DeferMaintenanceIdentifier"] == "later"
    assert got["DeferMaintenanceEndTime"] - got["DeferMaintenanceStartTime"] == timedelta(days=10)
    refused("InvalidParameterValue", rs.modify_cluster_maintenance, ClusterIdentifier=CLUSTER, DeferMaintenance=True,
            DeferMaintenanceDuration=61)  # fmt: skip
    answer = rs.modify_cluster_maintenance(ClusterIdentifier=CLUSTER, DeferMaintenance=False)
    assert "DeferredMaintenanceWindows" not in answer["Cluster"] or not answer["Cluster"]["DeferredMaintenanceWindows"]
    revision = rs.describe_cluster_db_revisions(ClusterIdentifier=CLUSTER)["ClusterDbRevisions"][0]
    assert revision["ClusterIdentifier"] == CLUSTER and revision["RevisionTargets"] == []
    refused("ClusterOnLatestRevision", rs.modify_cluster_db_revision, ClusterIdentifier=CLUSTER, RevisionTarget="1")
    refused("UnsupportedOperation", rs.failover_primary_compute, ClusterIdentifier=CLUSTER)
    refused("ResizeNotFound", rs.cancel_resize, ClusterIdentifier=CLUSTER)
    assert rs.modify_aqua_configuration(ClusterIdentifier=CLUSTER)["AquaConfiguration"]["AquaStatus"] == "disabled"


def test_what_there_is_none_of(rs: Any) -> None:
    assert rs.describe_data_shares()["DataShares"] == []
    refused("InvalidDataShareFault", rs.describe_data_shares, DataShareArn="arn:aws:redshift:us-east-1:1:datashare:x/y")
    refused("ReservedNodeNotFound", rs.describe_reserved_nodes, ReservedNodeId="x")
    refused("EndpointNotFound", rs.delete_endpoint_access, EndpointName="x")
    refused("ClusterNotFound", rs.describe_endpoint_access, ClusterIdentifier="none")
    text = refused("InvalidParameterValue", rs.describe_cluster_security_groups)
    assert text == "VPC-by-Default customers cannot use cluster security groups"
    missing = [name for name in rs.meta.service_model.operation_names if name not in OPERATIONS]
    assert "CreateEndpointAccess" in missing
    text = refused("NotImplemented", rs.create_endpoint_access, EndpointName="x", SubnetGroupName="y")
    assert "CreateEndpointAccess" in text


def test_snapshots_in_another_region(slipher: Any) -> None:
    rs, there = slipher.client("redshift"), slipher.client("redshift", "eu-west-1")
    password = "Abcdefg1"
    enable = rs.enable_snapshot_copy
    rs.create_cluster(
        ClusterIdentifier="travels", NodeType="ra3.large", MasterUsername="awsuser", MasterUserPassword=password
    )
    rs.get_waiter("cluster_available").wait(ClusterIdentifier="travels", WaiterConfig=FAST)
    refused("UnknownSnapshotCopyRegionFault", enable, ClusterIdentifier="travels", DestinationRegion="us-east-1")
    refused(
        "InvalidRetentionPeriodFault",
        enable,
        ClusterIdentifier="travels",
        DestinationRegion="eu-west-1",
        RetentionPeriod=36,
    )
    refused("SnapshotCopyGrantNotFoundFault", enable, ClusterIdentifier="travels", DestinationRegion="eu-west-1",
            SnapshotCopyGrantName="travelling")  # fmt: skip
    refused("SnapshotCopyAlreadyDisabledFault", rs.disable_snapshot_copy, ClusterIdentifier="travels")
    there.create_snapshot_copy_grant(SnapshotCopyGrantName="travelling")
    got = enable(
        ClusterIdentifier="travels", DestinationRegion="eu-west-1", SnapshotCopyGrantName="travelling",
        ManualSnapshotRetentionPeriod=5,
    )["Cluster"]["ClusterSnapshotCopyStatus"]  # fmt: skip
    assert got == {
        "DestinationRegion": "eu-west-1", "RetentionPeriod": 7, "ManualSnapshotRetentionPeriod": 5,
        "SnapshotCopyGrantName": "travelling",
    }  # fmt: skip
    refused("SnapshotCopyAlreadyEnabledFault", enable, ClusterIdentifier="travels", DestinationRegion="eu-west-1")
    refused("InvalidSnapshotCopyGrantStateFault", there.delete_snapshot_copy_grant, SnapshotCopyGrantName="travelling")
    changed = rs.modify_snapshot_copy_retention_period(ClusterIdentifier="travels", RetentionPeriod=9)["Cluster"]
    assert changed["ClusterSnapshotCopyStatus"]["RetentionPeriod"] == 9

    def connect(client: Any, name: str) -> Any:
        where = client.describe_clusters(ClusterIdentifier=name)["Clusters"][0]["Endpoint"]
        return psycopg.connect(host=where["Address"], port=where["Port"], user="awsuser", password=password, dbname="dev",
                               sslmode="require", client_encoding="utf8", autocommit=True)  # fmt: skip

    with connect(rs, "travels") as session:
        session.execute("create table far (a int)")
        session.execute("insert into far values (42)")
    rs.create_cluster_snapshot(ClusterIdentifier="travels", SnapshotIdentifier="trip")
    rs.get_waiter("snapshot_available").wait(SnapshotIdentifier="trip", WaiterConfig=FAST)
    copy = there.describe_cluster_snapshots(SnapshotIdentifier="trip")["Snapshots"][0]  # there with its original
    assert (copy["SourceRegion"], copy["ManualSnapshotRetentionPeriod"]) == ("us-east-1", 5)
    assert copy["SnapshotArn"] == f"arn:aws:redshift:eu-west-1:{ACCOUNT}:snapshot:travels/trip"
    rs.disable_snapshot_copy(ClusterIdentifier="travels")
    rs.delete_cluster_snapshot(SnapshotIdentifier="trip")
    rs.delete_cluster(ClusterIdentifier="travels", SkipFinalClusterSnapshot=True)
    there.restore_from_cluster_snapshot(ClusterIdentifier="arrived", SnapshotIdentifier="trip")
    there.get_waiter("cluster_available").wait(ClusterIdentifier="arrived", WaiterConfig=FAST)
    with connect(there, "arrived") as session:
        assert session.execute("select a from far").fetchall() == [(42,)]
    there.delete_cluster(ClusterIdentifier="arrived", SkipFinalClusterSnapshot=True)
    there.delete_cluster_snapshot(SnapshotIdentifier="trip")
    there.delete_snapshot_copy_grant(SnapshotCopyGrantName="travelling")
