"""Redshift's control plane: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Handler, Operation, Resource
from slipher.cloud.redshift import (
    absent,
    audit_logs,
    authentication_profiles,
    clusters,
    credentials,
    event_subscriptions,
    events,
    facts,
    iam_roles,
    lifecycle,
    maintenance,
    offers,
    parameter_groups,
    partners,
    regional_copies,
    resource_policies,
    rows,
    scheduled_actions,
    snapshot_copies,
    snapshot_schedules,
    snapshots,
    subnet_groups,
    table_restore,
    tags,
    usage_limits,
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


def _subnet_group(call: Call) -> str:
    return rows.arn(call, "subnetgroup", str(call.params["ClusterSubnetGroupName"]).lower())


def _usage_limit(call: Call) -> str:
    return rows.arn(call, "usagelimit", str(call.params.get("UsageLimitId") or "*"))


def _record(handler: Handler, takes: str, resource: Resource) -> Operation:
    return Operation(handler, takes, resource, state="record")


SUBSCRIPTION = "SubscriptionName SnsTopicArn SourceType SourceIds EventCategories Severity Enabled"
PROFILE = "AuthenticationProfileName AuthenticationProfileContent"
PARTNER = "AccountId ClusterIdentifier DatabaseName PartnerName"
ACTION = "ScheduledActionName TargetAction Schedule IamRole ScheduledActionDescription StartTime EndTime Enable"
CHANGES = (
    "ClusterIdentifier MasterUserPassword ManageMasterPassword MasterPasswordSecretKmsKeyId ClusterParameterGroupName "
    + " ".join((*facts.KEPT, *facts.FIXED))
)

OPERATIONS: dict[str, Operation] = {
    "CreateCluster": Operation(
        clusters.create,
        f"{CHANGES} DBName ClusterType NodeType MasterUsername NumberOfNodes Port IamRoles DefaultIamRoleArn Tags "
        "ClusterSubnetGroupName SnapshotScheduleIdentifier LoadSampleData",
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
    "DescribeLoggingStatus": Operation(audit_logs.describe, "ClusterIdentifier", _cluster),
    "EnableLogging": Operation(
        audit_logs.enable, "ClusterIdentifier BucketName S3KeyPrefix LogDestinationType LogExports", _cluster
    ),
    "DisableLogging": Operation(audit_logs.disable, "ClusterIdentifier LogDestinationType", _cluster),
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
    "BatchModifyClusterSnapshots": Operation(
        snapshots.batch_modify, "SnapshotIdentifierList ManualSnapshotRetentionPeriod Force"
    ),
    "CopyClusterSnapshot": Operation(
        snapshot_copies.copy,
        "SourceSnapshotIdentifier SourceSnapshotClusterIdentifier TargetSnapshotIdentifier ManualSnapshotRetentionPeriod",
        snapshot_copies.source,
    ),
    "AuthorizeSnapshotAccess": Operation(
        snapshot_copies.authorize,
        "SnapshotIdentifier SnapshotArn SnapshotClusterIdentifier AccountWithRestoreAccess",
        snapshots.resource,
    ),
    "RevokeSnapshotAccess": Operation(
        snapshot_copies.revoke,
        "SnapshotIdentifier SnapshotArn SnapshotClusterIdentifier AccountWithRestoreAccess",
        snapshots.resource,
    ),
    "RestoreTableFromClusterSnapshot": Operation(
        table_restore.restore,
        f"ClusterIdentifier SnapshotIdentifier EnableCaseSensitiveIdentifier {' '.join(table_restore.NAMES)}",
        _cluster,
    ),
    "DescribeTableRestoreStatus": Operation(
        table_restore.describe, "ClusterIdentifier TableRestoreRequestId MaxRecords Marker", _cluster
    ),
    "CreateSnapshotSchedule": Operation(
        snapshot_schedules.create,
        "ScheduleDefinitions ScheduleIdentifier ScheduleDescription Tags DryRun NextInvocations",
        snapshot_schedules.resource,
    ),
    "DescribeSnapshotSchedules": Operation(
        snapshot_schedules.describe,
        "ClusterIdentifier ScheduleIdentifier TagKeys TagValues MaxRecords Marker",
        snapshot_schedules.resource,
    ),
    "ModifySnapshotSchedule": Operation(
        snapshot_schedules.modify, "ScheduleIdentifier ScheduleDefinitions", snapshot_schedules.resource
    ),
    "DeleteSnapshotSchedule": Operation(snapshot_schedules.delete_, "ScheduleIdentifier", snapshot_schedules.resource),
    "ModifyClusterSnapshotSchedule": Operation(
        snapshot_schedules.associate, "ClusterIdentifier ScheduleIdentifier DisassociateSchedule", _cluster
    ),
    "RestoreFromClusterSnapshot": Operation(
        snapshots.restore,
        f"{CHANGES} SnapshotIdentifier SnapshotArn SnapshotClusterIdentifier Port OwnerAccount NodeType NumberOfNodes IamRoles "
        "DefaultIamRoleArn ClusterSubnetGroupName SnapshotScheduleIdentifier",
        _cluster,
    ),
    "CreateScheduledAction": Operation(scheduled_actions.create, ACTION, scheduled_actions.resource),
    "ModifyScheduledAction": Operation(scheduled_actions.modify, ACTION, scheduled_actions.resource),
    "DeleteScheduledAction": Operation(scheduled_actions.delete_, "ScheduledActionName", scheduled_actions.resource),
    "DescribeScheduledActions": Operation(
        scheduled_actions.describe,
        "ScheduledActionName TargetActionType StartTime EndTime Active Filters MaxRecords Marker",
        scheduled_actions.resource,
    ),
    "DescribeEvents": Operation(
        events.describe, "SourceIdentifier SourceType StartTime EndTime Duration MaxRecords Marker"
    ),
    "DescribeEventCategories": Operation(offers.event_categories, "SourceType"),
    "CreateClusterSubnetGroup": Operation(
        subnet_groups.create, "ClusterSubnetGroupName Description SubnetIds Tags", _subnet_group
    ),
    "DescribeClusterSubnetGroups": Operation(
        subnet_groups.describe, "ClusterSubnetGroupName MaxRecords Marker TagKeys TagValues"
    ),
    "ModifyClusterSubnetGroup": Operation(
        subnet_groups.modify, "ClusterSubnetGroupName Description SubnetIds", _subnet_group
    ),
    "DeleteClusterSubnetGroup": Operation(subnet_groups.delete_, "ClusterSubnetGroupName", _subnet_group),
    "CreateUsageLimit": Operation(
        usage_limits.create, "ClusterIdentifier FeatureType LimitType Amount Period BreachAction Tags", _usage_limit
    ),
    "DescribeUsageLimits": Operation(
        usage_limits.describe,
        "UsageLimitId ClusterIdentifier FeatureType MaxRecords Marker TagKeys TagValues",
        _usage_limit,
    ),
    "ModifyUsageLimit": Operation(usage_limits.modify, "UsageLimitId Amount BreachAction", _usage_limit),
    "DeleteUsageLimit": Operation(usage_limits.delete_, "UsageLimitId", _usage_limit),
    "DescribeClusterVersions": Operation(
        offers.versions, "ClusterVersion ClusterParameterGroupFamily MaxRecords Marker"
    ),
    "DescribeOrderableClusterOptions": Operation(offers.options, "ClusterVersion NodeType MaxRecords Marker"),
    "DescribeAccountAttributes": Operation(offers.attributes, "AttributeNames"),
    "DescribeClusterTracks": Operation(offers.tracks, "MaintenanceTrackName MaxRecords Marker"),
    "DescribeStorage": Operation(offers.storage),
    "CreateTags": Operation(tags.create, "ResourceName Tags", _tagged),
    "DeleteTags": Operation(tags.delete_, "ResourceName TagKeys", _tagged),
    "DescribeTags": Operation(tags.describe, "ResourceName ResourceType MaxRecords Marker TagKeys TagValues", _tagged),
    "EnableSnapshotCopy": Operation(
        regional_copies.enable,
        "ClusterIdentifier DestinationRegion RetentionPeriod SnapshotCopyGrantName ManualSnapshotRetentionPeriod",
        _cluster,
    ),
    "DisableSnapshotCopy": Operation(regional_copies.disable, "ClusterIdentifier", _cluster),
    "ModifySnapshotCopyRetentionPeriod": Operation(
        regional_copies.modify, "ClusterIdentifier RetentionPeriod Manual", _cluster
    ),
    "CreateSnapshotCopyGrant": _record(
        regional_copies.create_grant, "SnapshotCopyGrantName KmsKeyId Tags", regional_copies.grant_resource
    ),
    "DescribeSnapshotCopyGrants": _record(
        regional_copies.describe_grants,
        "SnapshotCopyGrantName MaxRecords Marker TagKeys TagValues",
        regional_copies.grant_resource,
    ),
    "DeleteSnapshotCopyGrant": _record(
        regional_copies.delete_grant, "SnapshotCopyGrantName", regional_copies.grant_resource
    ),
    "CreateEventSubscription": _record(
        event_subscriptions.create, f"{SUBSCRIPTION} Tags", event_subscriptions.resource
    ),
    "ModifyEventSubscription": _record(event_subscriptions.modify, SUBSCRIPTION, event_subscriptions.resource),
    "DescribeEventSubscriptions": _record(
        event_subscriptions.describe,
        "SubscriptionName MaxRecords Marker TagKeys TagValues",
        event_subscriptions.resource,
    ),
    "DeleteEventSubscription": _record(event_subscriptions.delete_, "SubscriptionName", event_subscriptions.resource),
    "CreateAuthenticationProfile": _record(authentication_profiles.create, PROFILE, authentication_profiles.resource),
    "ModifyAuthenticationProfile": _record(authentication_profiles.modify, PROFILE, authentication_profiles.resource),
    "DescribeAuthenticationProfiles": _record(
        authentication_profiles.describe, "AuthenticationProfileName", authentication_profiles.resource
    ),
    "DeleteAuthenticationProfile": _record(
        authentication_profiles.delete_, "AuthenticationProfileName", authentication_profiles.resource
    ),
    "AddPartner": _record(partners.add, PARTNER, _cluster),
    "DescribePartners": _record(partners.describe, PARTNER, _cluster),
    "UpdatePartnerStatus": _record(partners.update, f"{PARTNER} Status StatusMessage", _cluster),
    "DeletePartner": _record(partners.delete_, PARTNER, _cluster),
    "PutResourcePolicy": _record(resource_policies.put, "ResourceArn Policy", resource_policies.resource),
    "GetResourcePolicy": _record(resource_policies.get, "ResourceArn", resource_policies.resource),
    "DeleteResourcePolicy": _record(resource_policies.delete_, "ResourceArn", resource_policies.resource),
    "ModifyClusterMaintenance": _record(
        maintenance.defer,
        "ClusterIdentifier DeferMaintenance DeferMaintenanceIdentifier DeferMaintenanceStartTime DeferMaintenanceEndTime "
        "DeferMaintenanceDuration",
        _cluster,
    ),
    "DescribeClusterDbRevisions": Operation(maintenance.revisions, "ClusterIdentifier MaxRecords Marker", _cluster),
    "ModifyClusterDbRevision": Operation(
        maintenance.revise, "ClusterIdentifier RevisionTarget", _cluster, state="none"
    ),
    "ModifyAquaConfiguration": Operation(
        maintenance.aqua, "ClusterIdentifier AquaConfigurationStatus", _cluster, state="none"
    ),
    "FailoverPrimaryCompute": Operation(maintenance.fail_over, "ClusterIdentifier", _cluster, state="none"),
    "CancelResize": Operation(maintenance.cancel_resize, "ClusterIdentifier", _cluster),
    **absent.operations(),
}
