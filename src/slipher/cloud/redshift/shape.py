"""A cluster as the API shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from slipher.cloud.call import Call
from slipher.cloud.redshift import automatic_times, parameter_groups
from slipher.cloud.redshift.common import find
from slipher.cloud.state.redshift import cluster_roles, cluster_runtime


def changed(call: Call, db: Connection) -> dict[str, Any]:
    """The answer of an operation that changed a cluster; wakes the supervisor, who looks once the change is committed."""
    found = shape(db, find(db, call))
    call.gateway.wake_supervisor()
    return {"Cluster": found}


def shape(db: Connection, row: Row[Any]) -> dict[str, Any]:
    """A cluster as the API shows it."""
    facts = row.facts
    runtime = db.execute(select(cluster_runtime).where(cluster_runtime.c.cluster_arn == row.arn)).first()
    status = row.transition or "available"
    if row.transition is None and (runtime is None or not runtime.listening):
        # its process died: it is being started again, or it would not stay and was given up
        status = "rebooting" if runtime is None or runtime.last_error is None else "hardware-failure"
    availability = {"available": "Available", "modifying": "Modifying", "deleting": "Unavailable"}
    found: dict[str, Any] = {
        "ClusterIdentifier": row.id,
        "NodeType": facts["NodeType"],
        "ClusterStatus": status,
        "ClusterAvailabilityStatus": availability.get(status, "Unavailable"),
        "MasterUsername": facts["MasterUsername"],
        "DBName": facts["DBName"],
        "ClusterCreateTime": datetime.fromtimestamp(row.created, UTC),
        "AutomatedSnapshotRetentionPeriod": facts.get("AutomatedSnapshotRetentionPeriod", 1),
        "ManualSnapshotRetentionPeriod": facts.get("ManualSnapshotRetentionPeriod", -1),
        "ClusterSecurityGroups": [],
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": one, "Status": "active"} for one in facts.get("VpcSecurityGroupIds", [])
        ],
        "ClusterParameterGroups": parameter_groups.status(db, row),
        "PreferredMaintenanceWindow": facts.get("PreferredMaintenanceWindow", "sun:06:00-sun:06:30"),
        "PendingModifiedValues": (
            {"ClusterIdentifier": facts["NewIdentifier"]} if facts.get("NewIdentifier") and status == "renaming" else {}
        ),
        "ClusterVersion": "1.0",
        "AllowVersionUpgrade": facts.get("AllowVersionUpgrade", True),
        "NumberOfNodes": facts["NumberOfNodes"],
        "PubliclyAccessible": facts.get("PubliclyAccessible", False),
        "Encrypted": facts.get("Encrypted", True),
        "Tags": facts.get("Tags", []),
        "EnhancedVpcRouting": facts.get("EnhancedVpcRouting", False),
        "MaintenanceTrackName": facts.get("MaintenanceTrackName", "current"),
        "IamRoles": [
            {"IamRoleArn": role.role_arn, "ApplyStatus": role.status}
            for role in db.execute(
                select(cluster_roles).where(cluster_roles.c.cluster_arn == row.arn).order_by(cluster_roles.c.role_arn)
            )
        ],
        "ClusterNamespaceArn": f"arn:aws:redshift:{row.region}:{row.account}:namespace:{facts['NamespaceId']}",
        "AvailabilityZone": f"{row.region}a",
        "AvailabilityZoneRelocationStatus": "disabled",
        "MultiAZ": "Disabled",
        "ClusterNodes": [
            {"NodeRole": role, "PrivateIPAddress": row.host} for role in _nodes(int(facts["NumberOfNodes"]))
        ],
    }
    found |= {
        name: facts[kept]
        for name, kept in (
            ("MasterPasswordSecretArn", "MasterPasswordSecret"),
            ("MasterPasswordSecretKmsKeyId", "MasterPasswordKey"),
        )
        if facts.get(kept)
    }
    if facts.get("SubnetGroup"):
        found["ClusterSubnetGroupName"] = facts["SubnetGroup"]
    if restore := facts.get("Restore"):
        megabytes = int(restore["Bytes"] / 2**20)
        found["RestoreStatus"] = {
            "Status": restore["Status"],
            "SnapshotSizeInMegaBytes": megabytes,
            "ProgressInMegaBytes": megabytes if restore["Status"] == "completed" else 0,
            "EstimatedTimeToCompletionInSeconds": 0,
        }
    if facts.get("SnapshotCopy"):
        found["ClusterSnapshotCopyStatus"] = facts["SnapshotCopy"]
    if deferred := facts.get("Deferred"):
        found["DeferredMaintenanceWindows"] = [
            {
                "DeferMaintenanceIdentifier": deferred["Id"],
                "DeferMaintenanceStartTime": datetime.fromtimestamp(deferred["Start"], UTC),
                "DeferMaintenanceEndTime": datetime.fromtimestamp(deferred["End"], UTC),
            }
        ]
    if facts.get("SnapshotSchedule"):
        found |= {"SnapshotScheduleIdentifier": facts["SnapshotSchedule"], "SnapshotScheduleState": "ACTIVE"}
    if (due := automatic_times.next_due(db, row)) is not None:
        found["ExpectedNextSnapshotScheduleTime"] = datetime.fromtimestamp(due, UTC)
        found["ExpectedNextSnapshotScheduleTimeStatus"] = "OnTrack"
    if facts.get("DefaultIamRoleArn"):
        found["DefaultIamRoleArn"] = facts["DefaultIamRoleArn"]
    if row.transition != "creating":
        found["Endpoint"] = {"Address": row.host, "Port": row.port}
    return found


def _nodes(count: int) -> list[str]:
    return ["SHARED"] if count == 1 else ["LEADER", *(f"COMPUTE-{number}" for number in range(count))]
