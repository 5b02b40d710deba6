"""Redshift's control plane: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.redshift import clusters, credentials, facts, iam_roles, lifecycle, tags
from slipher.cloud.redshift.common import cluster_arn


def _cluster(call: Call) -> str:
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


def _cluster_or_all(call: Call) -> str:
    return "*"


def _tagged(call: Call) -> str:
    return str(call.params.get("ResourceName") or "*")


CHANGES = "ClusterIdentifier MasterUserPassword " + " ".join((*facts.KEPT, *facts.FIXED))

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
    "DeleteCluster": Operation(clusters.delete_, "ClusterIdentifier SkipFinalClusterSnapshot", _cluster),
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
    "CreateTags": Operation(tags.create, "ResourceName Tags", _tagged),
    "DeleteTags": Operation(tags.delete_, "ResourceName TagKeys", _tagged),
    "DescribeTags": Operation(tags.describe, "ResourceName ResourceType MaxRecords Marker TagKeys TagValues", _tagged),
}
