"""Redshift's control plane: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.redshift import clusters, iam_roles
from slipher.cloud.redshift.common import cluster_arn


def _cluster(call: Call) -> str:
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


OPERATIONS: dict[str, Operation] = {
    "CreateCluster": Operation(clusters.create, "redshift:CreateCluster", _cluster),
    "DescribeClusters": Operation(clusters.describe, "redshift:DescribeClusters"),
    "ModifyCluster": Operation(clusters.modify, "redshift:ModifyCluster", _cluster),
    "ModifyClusterIamRoles": Operation(iam_roles.modify, "redshift:ModifyClusterIamRoles", _cluster),
    "RebootCluster": Operation(clusters.reboot, "redshift:RebootCluster", _cluster),
    "DeleteCluster": Operation(clusters.delete_, "redshift:DeleteCluster", _cluster),
    "DescribeLoggingStatus": Operation(clusters.describe_logging, "redshift:DescribeLoggingStatus", _cluster),
}
