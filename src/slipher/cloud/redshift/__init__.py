"""Redshift's control plane: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.redshift import (
    clusters,
    credentials,
    events,
    facts,
    iam_roles,
    lifecycle,
    parameter_groups,
    rows,
    snapshots,
    tags,
)
from slipher.cloud.redshift.common import cluster_arn


def _cluster(call: Call) -> str:
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


def _cluster_or_all(call: Call) -> str:
    return "*"


def _tagged(call: Call) -> str:
    return str(call.params.get("ResourceName") or "*")


def _parameter_group(call: Call) -> str:
    return rows.arn(call, "parametergroup", str(call.params.get("ParameterGroupName") or "*").lower())


CHANGES = "ClusterIdentifier MasterUserPassword ClusterParameterGroupName " + " ".join((*facts.KEPT, *facts.FIXED))

OPERATIONS: dict[str, Operation] = {
    "CreateCluster": Operation(
        clusters.create,
        f"{CHANGES} DBName ClusterType NodeType MasterUsername NumberOfNodes Port IamRoles DefaultIamRoleArn Tags",
        _cluster,
    ),
    "DescribeClusters": Operation(
        clusters.describe, "ClusterIdentifier MaxRecords Marker TagKeys TagValues", _cluster_or_all
    ),
    "ModifyCluster": Operation(
        clusters.modify, f"{CHANGES} NewClusterIdentifier ClusterType NodeType NumberOfNodes", _cluster
    ),
    "ModifyClusterIamRoles": Operation(
        iam_roles.modify, "ClusterIdentifier AddIamRoles RemoveIamRoles DefaultIamRoleArn", _cluster
    ),
    "RebootCluster": Operation(lifecycle.reboot, "ClusterIdentifier", _cluster),
    "PauseCluster": Operation(lifecycle.pause, "ClusterIdentifier", _cluster),
    "ResumeCluster": Operation(lifecycle.resume, "ClusterIdentifier", _cluster),
    "ResizeCluster": Operation(
        lifecycle.resize, "ClusterIdentifier ClusterType NodeType NumberOfNodes Classic", _cluster
    ),
    "DescribeResize": Operation(lifecycle.describe_resize, "ClusterIdentifier", _cluster),
    "DeleteCluster": Operation(
        clusters.delete_,
        "ClusterIdentifier SkipFinalClusterSnapshot FinalClusterSnapshotIdentifier FinalClusterSnapshotRetentionPeriod",
        _cluster,
    ),
    "DescribeLoggingStatus": Operation(clusters.describe_logging, "ClusterIdentifier", _cluster),
    "GetClusterCredentials": Operation(
        credentials.get,
        "DbUser DbName ClusterIdentifier DurationSeconds AutoCreate DbGroups",
        credentials.user_resource,
        credentials.context,
    ),
    "GetClusterCredentialsWithIAM": Operation(
        credentials.get_with_iam,
        "DbName ClusterIdentifier DurationSeconds",
        credentials.database_resource,
        credentials.context,
    ),
    "CreateClusterParameterGroup": Operation(
        parameter_groups.create, "ParameterGroupName ParameterGroupFamily Description Tags", _parameter_group
    ),
    "DescribeClusterParameterGroups": Operation(
        parameter_groups.describe, "ParameterGroupName MaxRecords Marker TagKeys TagValues", _parameter_group
    ),
    "ModifyClusterParameterGroup": Operation(
        parameter_groups.modify, "ParameterGroupName Parameters", _parameter_group
    ),
    "ResetClusterParameterGroup": Operation(
        parameter_groups.reset, "ParameterGroupName ResetAllParameters Parameters", _parameter_group
    ),
    "DeleteClusterParameterGroup": Operation(parameter_groups.delete_, "ParameterGroupName", _parameter_group),
    "DescribeClusterParameters": Operation(
        parameter_groups.describe_parameters, "ParameterGroupName Source MaxRecords Marker", _parameter_group
    ),
    "DescribeDefaultClusterParameters": Operation(
        parameter_groups.describe_defaults, "ParameterGroupFamily MaxRecords Marker"
    ),
    "CreateClusterSnapshot": Operation(
        snapshots.create, "SnapshotIdentifier ClusterIdentifier ManualSnapshotRetentionPeriod Tags", snapshots.resource
    ),
    "DescribeClusterSnapshots": Operation(
        snapshots.describe,
        "ClusterIdentifier SnapshotIdentifier SnapshotClusterIdentifier SnapshotArn SnapshotType StartTime EndTime MaxRecords "
        "Marker OwnerAccount TagKeys TagValues ClusterExists SortingEntities",
    ),
    "ModifyClusterSnapshot": Operation(
        snapshots.modify, "SnapshotIdentifier ManualSnapshotRetentionPeriod Force", snapshots.resource
    ),
    "DeleteClusterSnapshot": Operation(
        snapshots.delete_, "SnapshotIdentifier SnapshotClusterIdentifier", snapshots.resource
    ),
    "BatchDeleteClusterSnapshots": Operation(snapshots.batch_delete, "Identifiers"),
    "RestoreFromClusterSnapshot": Operation(
        snapshots.restore,
        f"{CHANGES} SnapshotIdentifier SnapshotArn SnapshotClusterIdentifier Port OwnerAccount NodeType NumberOfNodes IamRoles "
        "DefaultIamRoleArn",
        _cluster,
    ),
    "DescribeEvents": Operation(
        events.describe, "SourceIdentifier SourceType StartTime EndTime Duration MaxRecords Marker"
    ),
    "CreateTags": Operation(tags.create, "ResourceName Tags", _tagged),
    "DeleteTags": Operation(tags.delete_, "ResourceName TagKeys", _tagged),
    "DescribeTags": Operation(tags.describe, "ResourceName ResourceType MaxRecords Marker TagKeys TagValues", _tagged),
}
