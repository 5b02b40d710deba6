"""Redshift Serverless: the table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.serverless import credentials, namespaces, snapshots, tags, usage_limits, workgroups
from slipher.cloud.serverless.common import arn, find_namespace, find_workgroup

PAGE = "maxResults nextToken"
MANAGED = "manageAdminPassword adminPasswordSecretKmsKeyId"
ADMIN = f"adminUsername adminUserPassword {MANAGED} iamRoles defaultIamRoleArn kmsKeyId logExports"
COMPUTE = " ".join(workgroups.CHANGES)


def _namespace(call: Call) -> str:
    with call.gateway.read() as db:
        row = find_namespace(db, call, str(call.params.get("namespaceName")))
    return str(row.arn) if row is not None else arn(call, "namespace", "*")


def _workgroup(call: Call) -> str:
    with call.gateway.read() as db:
        row = find_workgroup(db, call.account, call.region, str(call.params.get("workgroupName")))
    return str(row.arn) if row is not None else arn(call, "workgroup", "*")


OPERATIONS: dict[str, Operation] = {
    "CreateNamespace": Operation(namespaces.create, f"namespaceName dbName tags {ADMIN}", _namespace),
    "GetNamespace": Operation(namespaces.get, "namespaceName", _namespace),
    "ListNamespaces": Operation(namespaces.list_, PAGE),
    "UpdateNamespace": Operation(namespaces.update_, f"namespaceName {ADMIN}", _namespace),
    "DeleteNamespace": Operation(
        namespaces.delete_, "namespaceName finalSnapshotName finalSnapshotRetentionPeriod", _namespace
    ),
    "CreateWorkgroup": Operation(workgroups.create, f"workgroupName namespaceName tags {COMPUTE}", _workgroup),
    "GetWorkgroup": Operation(workgroups.get, "workgroupName", _workgroup),
    "ListWorkgroups": Operation(workgroups.list_, f"ownerAccount {PAGE}"),
    "UpdateWorkgroup": Operation(workgroups.update_, f"workgroupName {COMPUTE}", _workgroup),
    "DeleteWorkgroup": Operation(workgroups.delete_, "workgroupName", _workgroup),
    "GetCredentials": Operation(credentials.get, "workgroupName dbName durationSeconds customDomainName", _workgroup),
    "CreateSnapshot": Operation(
        snapshots.create, "namespaceName snapshotName retentionPeriod tags", snapshots.resource
    ),
    "GetSnapshot": Operation(snapshots.get, "snapshotName snapshotArn ownerAccount", snapshots.resource),
    "ListSnapshots": Operation(snapshots.list_, f"namespaceName namespaceArn ownerAccount startTime endTime {PAGE}"),
    "UpdateSnapshot": Operation(snapshots.update_, "snapshotName retentionPeriod", snapshots.resource),
    "DeleteSnapshot": Operation(snapshots.delete_, "snapshotName", snapshots.resource),
    "RestoreFromSnapshot": Operation(
        snapshots.restore,
        f"namespaceName workgroupName snapshotName snapshotArn ownerAccount {MANAGED}",
        snapshots.resource,
    ),
    "CreateUsageLimit": Operation(
        usage_limits.create, "resourceArn usageType amount period breachAction", usage_limits.resource
    ),
    "GetUsageLimit": Operation(usage_limits.get, "usageLimitId", usage_limits.resource),
    "ListUsageLimits": Operation(usage_limits.list_, f"resourceArn usageType {PAGE}", usage_limits.resource),
    "UpdateUsageLimit": Operation(usage_limits.update_, "usageLimitId amount breachAction", usage_limits.resource),
    "DeleteUsageLimit": Operation(usage_limits.delete_, "usageLimitId", usage_limits.resource),
    "ListTagsForResource": Operation(tags.list_, "resourceArn", tags.resource),
    "TagResource": Operation(tags.tag, "resourceArn tags", tags.resource),
    "UntagResource": Operation(tags.untag, "resourceArn tagKeys", tags.resource),
}
