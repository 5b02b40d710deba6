# table
"""A call of each operation: what the generated tests (permissions, malformed requests) ask, and what must be there for it.

An operation that has none, or too little of it, fails test_permissions; that it is found here is enough to be tested there.
"""

from __future__ import annotations

import json
import time
from typing import Any

TRUST = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}}
)
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"}}
)
BUCKET_POLICY = json.dumps(
    {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Nothing", "Resource": "arn:aws:s3:::perms"}}
)
BUCKET_RULES = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
LIFECYCLE = {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1}}]}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
SECRET_POLICY = json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Nothing", "Resource": "*"}})
MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = [{"Key": "team", "Value": "x"}]
LOWER_TAGS = [{"key": "team", "value": "x"}]
NAMESPACE, WORKGROUP = {"namespaceName": "perms"}, {"workgroupName": "perms"}
KEY_TAGS = [{"TagKey": "team", "TagValue": "x"}]
KEY = "alias/perms"  # CreateAlias and UpdateAlias get its id, and Decrypt and grants what it made, once there is one
SCHEDULE = {
    "ScheduleExpression": "at(2199-01-01T00:00:00)", "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement",
               "RoleArn": "arn:aws:iam::123456789012:role/scheduled", "Input": "{}"},
}  # fmt: skip
SCHEDULE_GROUP = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/perms"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/perms"
OWN_POLICY = "arn:aws:iam::123456789012:policy/perms"
ROLE = "arn:aws:iam::123456789012:role/perms"
CLUSTER = "arn:aws:redshift:us-east-1:123456789012:cluster:redshift-cluster-1"
OBJECT = {"Bucket": "perms", "Key": "k"}
ITEM = {"k": {"S": "a"}}
SCHEMA = {
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ACTION = {
    "TargetAction": {"PauseCluster": {"ClusterIdentifier": "redshift-cluster-1"}}, "Schedule": "at(2199-01-01T00:00:00)",
    "IamRole": "arn:aws:iam::123456789012:role/acting",
}  # fmt: skip
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"
PARTNER = {
    "AccountId": "123456789012", "ClusterIdentifier": "redshift-cluster-1", "DatabaseName": "dev", "PartnerName": "perms",
}  # fmt: skip
SUBNETS = {"ClusterSubnetGroupName": "perms", "SubnetIds": ["subnet-1"]}
GROUP = {"ParameterGroupName": "perms"}
DATABASE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}
INPUTS: dict[str, dict[str, dict[str, Any]]] = {
    "iam": {
        "CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": TRUST, "Tags": TAGS},
        "UpdateRole": {"RoleName": "perms", "Description": "changed"},
        "UpdateAssumeRolePolicy": {"RoleName": "perms", "PolicyDocument": TRUST.replace("redshift", "scheduler")},
        "DeleteRole": {"RoleName": "doomed"},
        "DeleteUser": {"UserName": "doomed"},
        "UpdateUser": {"UserName": "perms", "NewUserName": "new", "NewPath": "/new/"},
        "DeleteGroup": {"GroupName": "doomed"},
        "DeleteInstanceProfile": {"InstanceProfileName": "doomed"},
        "AttachRolePolicy": {"RoleName": "perms", "PolicyArn": OWN_POLICY},
        "AttachUserPolicy": {"UserName": "perms", "PolicyArn": OWN_POLICY},
        "AttachGroupPolicy": {"GroupName": "perms", "PolicyArn": OWN_POLICY},
        "PutRolePolicy": {"RoleName": "perms", "PolicyName": "new", "PolicyDocument": NOTHING},
        "PutUserPolicy": {"UserName": "perms", "PolicyName": "new", "PolicyDocument": NOTHING},
        "PutGroupPolicy": {"GroupName": "perms", "PolicyName": "new", "PolicyDocument": NOTHING},
        "DeleteServiceLinkedRole": {"RoleName": "AWSServiceRoleForRedshift"},
        "TagRole": {"RoleName": "perms", "Tags": TAGS},
        "UntagRole": {"RoleName": "perms", "TagKeys": ["old"]},
        "CreateUser": {"UserName": "new", "Tags": TAGS},
        "TagUser": {"UserName": "perms", "Tags": TAGS},
        "UntagUser": {"UserName": "perms", "TagKeys": ["old"]},
        "UpdateAccessKey": {"UserName": "perms", "AccessKeyId": "AKIAXXXXXXXXXXXXXXXX", "Status": "Inactive"},
        "DeleteAccessKey": {"UserName": "perms", "AccessKeyId": "AKIAXXXXXXXXXXXXXXXX"},
        "CreatePolicy": {"PolicyName": "new", "PolicyDocument": NOTHING, "Tags": TAGS},
        "CreatePolicyVersion": {"PolicyArn": OWN_POLICY, "PolicyDocument": NOTHING},
        "SetDefaultPolicyVersion": {"PolicyArn": OWN_POLICY, "VersionId": "v2"},
        "DeletePolicyVersion": {"PolicyArn": OWN_POLICY, "VersionId": "v2"},
        "TagPolicy": {"PolicyArn": OWN_POLICY, "Tags": TAGS},
        "UntagPolicy": {"PolicyArn": OWN_POLICY, "TagKeys": ["old"]},
        "CreateGroup": {"GroupName": "new"},
        "UpdateGroup": {"GroupName": "perms", "NewPath": "/new/"},
        "AddUserToGroup": {"GroupName": "perms", "UserName": "doomed"},
        "RemoveUserFromGroup": {"GroupName": "perms", "UserName": "perms"},
        "PutRolePermissionsBoundary": {"RoleName": "perms", "PermissionsBoundary": OWN_POLICY},
        "PutUserPermissionsBoundary": {"UserName": "perms", "PermissionsBoundary": OWN_POLICY},
        "UpdateRoleDescription": {"RoleName": "perms", "Description": "changed"},
        "CreateServiceLinkedRole": {"AWSServiceName": "redshift.amazonaws.com"},
        "GetServiceLinkedRoleDeletionStatus": {"DeletionTaskId": "task/x"},
        "CreateInstanceProfile": {"InstanceProfileName": "new", "Tags": TAGS},
        "AddRoleToInstanceProfile": {"InstanceProfileName": "doomed", "RoleName": "perms"},
        "RemoveRoleFromInstanceProfile": {"InstanceProfileName": "perms", "RoleName": "perms"},
        "TagInstanceProfile": {"InstanceProfileName": "perms", "Tags": TAGS},
        "UntagInstanceProfile": {"InstanceProfileName": "perms", "TagKeys": ["old"]},
        "SimulateCustomPolicy": {"PolicyInputList": [NOTHING], "ActionNames": ["s3:GetObject"]},
        "SimulatePrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::123456789012:user/perms", "ActionNames": ["s3:GetObject"]},
        "GetContextKeysForCustomPolicy": {"PolicyInputList": [NOTHING]},
        "GetContextKeysForPrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::123456789012:user/perms"},
        "GetPolicy": {"PolicyArn": MANAGED},
        "GetPolicyVersion": {"PolicyArn": OWN_POLICY, "VersionId": "v1"},
        "ListPolicyTags": {"PolicyArn": OWN_POLICY},
        "ListPolicyVersions": {"PolicyArn": MANAGED},
        "ListEntitiesForPolicy": {"PolicyArn": MANAGED},
        "DeletePolicy": {"PolicyArn": "arn:aws:iam::123456789012:policy/doomed"},
    },
    "cloudtrail": {"LookupEvents": {}},
    "sts": {
        "AssumeRole": {"RoleArn": "arn:aws:iam::123456789012:role/trusting", "RoleSessionName": "s1", "Tags": TAGS,
                       "SourceIdentity": "me"},
        "GetFederationToken": {"Name": "fed", "Tags": TAGS},
        "GetAccessKeyInfo": {"AccessKeyId": "AKIAXXXXXXXXXXXXXXXX"},
        "DecodeAuthorizationMessage": {"EncodedMessage": "x"},
    },
    "s3": {
        "CreateBucket": {"Bucket": "perms-new"},
        "DeleteBucket": {"Bucket": "perms-doomed"},
        "PutObjectTagging": OBJECT | {"Tagging": {"TagSet": TAGS}},
        "GetObjectAttributes": OBJECT | {"ObjectAttributes": ["ETag"]},
        "PutBucketVersioning": {"Bucket": "perms", "VersioningConfiguration": {"Status": "Suspended"}},
        "PutBucketTagging": {"Bucket": "perms", "Tagging": {"TagSet": TAGS}},
        "PutPublicAccessBlock": {"Bucket": "perms-doomed", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        "PutBucketCors": {"Bucket": "perms-doomed", "CORSConfiguration": BUCKET_RULES},
        "PutBucketLifecycleConfiguration": {"Bucket": "perms-doomed", "LifecycleConfiguration": LIFECYCLE},
        "PutBucketNotificationConfiguration": {"Bucket": "perms", "NotificationConfiguration": {"EventBridgeConfiguration": {}}},
        "PutBucketAcl": {"Bucket": "perms", "ACL": "private"},
        "PutObjectAcl": {"Bucket": "perms", "Key": "k", "ACL": "private"},
        "PutBucketOwnershipControls": {"Bucket": "perms", "OwnershipControls": OWNERSHIP},
        "PutBucketPolicy": {"Bucket": "perms-doomed", "Policy": BUCKET_POLICY.replace("perms", "perms-doomed")},
        "PutBucketEncryption": {"Bucket": "perms-doomed", "ServerSideEncryptionConfiguration": ENCRYPTION},
        "PutObject": OBJECT | {"Body": b"new", "Tagging": "a=b"},
        "CopyObject": OBJECT | {"CopySource": "perms/source", "Tagging": "a=b", "TaggingDirective": "REPLACE"},
        "CreateMultipartUpload": OBJECT | {"Tagging": "a=b"},
        "DeleteObjects": {"Bucket": "perms", "Delete": {"Objects": [{"Key": "k"}]}},
        "UploadPart": OBJECT | {"UploadId": "u", "PartNumber": 1, "Body": b"x"},
        "UploadPartCopy": OBJECT | {"UploadId": "u", "PartNumber": 1, "CopySource": "perms/source"},
        "CompleteMultipartUpload": OBJECT | {"UploadId": "u", "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "e"}]}},
        "AbortMultipartUpload": OBJECT | {"UploadId": "u"},
        "ListParts": OBJECT | {"UploadId": "u"},
    },
    "redshift-data": {
        "ExecuteStatement": DATABASE | {"Sql": "select 1", "WaitTimeSeconds": 10},  # no cluster runs here: it fails at once
        "BatchExecuteStatement": DATABASE | {"Sqls": ["select 1"], "WaitTimeSeconds": 10},
        "ListDatabases": DATABASE,
        "ListSchemas": DATABASE,
        "ListTables": DATABASE,
        "DescribeTable": DATABASE,
    },
    "dynamodb": {
        "CreateTable": {"TableName": "new", "Tags": TAGS, **SCHEMA},
        "PutItem": {"TableName": "perms", "Item": {"k": {"S": "b"}}},
        "GetItem": {"TableName": "perms", "Key": ITEM},
        "DeleteItem": {"TableName": "perms", "Key": ITEM},
        "UpdateItem": {"TableName": "perms", "Key": {"k": {"S": "u"}}},
        "Query": {"TableName": "perms", "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "a"}}},
        "UpdateTable": {"TableName": "perms", "TableClass": "STANDARD"},
        "UpdateTimeToLive": {"TableName": "perms", "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": True}},
        "TransactWriteItems": {"TransactItems": [
            {"Put": {"TableName": "perms", "Item": {"k": {"S": "tx"}}}},
            {"Update": {"TableName": "perms", "Key": {"k": {"S": "ux"}}, "UpdateExpression": "SET a = :a",
                        "ExpressionAttributeValues": {":a": {"S": "1"}}}},
            {"Delete": {"TableName": "perms", "Key": ITEM}},
            {"ConditionCheck": {"TableName": "perms", "Key": {"k": {"S": "no"}}, "ConditionExpression": "attribute_not_exists(k)"}},
        ]},
        "TransactGetItems": {"TransactItems": [{"Get": {"TableName": "perms", "Key": ITEM}}]},
        "BatchWriteItem": {"RequestItems": {"perms": [{"PutRequest": {"Item": {"k": {"S": "b"}}}}]}},
        "BatchGetItem": {"RequestItems": {"perms": {"Keys": [ITEM]}}},
        "TagResource": {"ResourceArn": TABLE, "Tags": TAGS},
        "UntagResource": {"ResourceArn": TABLE, "TagKeys": ["old"]},
        "ListTagsOfResource": {"ResourceArn": TABLE},
    },
    "redshift": {
        "CreateCluster": {
            "ClusterIdentifier": "new", "NodeType": "ra3.large", "MasterUsername": "awsuser", "MasterUserPassword": "Abcdefg1",
            "Tags": TAGS, "Port": 15777, "IamRoles": [ROLE],
        },
        "ModifyClusterIamRoles": {"ClusterIdentifier": "redshift-cluster-1", "AddIamRoles": [ROLE]},
        "ModifyCluster": {"ClusterIdentifier": "redshift-cluster-1", "PreferredMaintenanceWindow": "mon:01:00-mon:02:00"},
        "DescribeClusters": {},
        "GetClusterCredentials": {"DbUser": "ana", "DbName": "dev", "ClusterIdentifier": "redshift-cluster-1", "AutoCreate": True,
                                  "DbGroups": ["sales"]},
        "GetClusterCredentialsWithIAM": {"DbName": "dev", "ClusterIdentifier": "redshift-cluster-1"},
        "DescribeTags": {},
        "CreateClusterParameterGroup": {"ParameterGroupName": "new", "ParameterGroupFamily": "redshift-2.0", "Description": "d", "Tags": TAGS},
        "CreateClusterSnapshot": {"ClusterIdentifier": "redshift-cluster-1", "SnapshotIdentifier": "new", "Tags": TAGS},
        "DeleteClusterSnapshot": {"SnapshotIdentifier": "perms"},
        "ModifyClusterSnapshot": {"SnapshotIdentifier": "perms", "ManualSnapshotRetentionPeriod": 7},
        "BatchDeleteClusterSnapshots": {"Identifiers": [{"SnapshotIdentifier": "perms"}]},
        "RestoreFromClusterSnapshot": {"ClusterIdentifier": "new2", "SnapshotIdentifier": "perms", "IamRoles": [ROLE]},
        "BatchModifyClusterSnapshots": {"SnapshotIdentifierList": ["perms"], "ManualSnapshotRetentionPeriod": 7},
        "CopyClusterSnapshot": {"SourceSnapshotIdentifier": "rs:perms", "TargetSnapshotIdentifier": "new"},
        "AuthorizeSnapshotAccess": {"SnapshotIdentifier": "perms", "AccountWithRestoreAccess": "111111111111"},
        "RevokeSnapshotAccess": {"SnapshotIdentifier": "perms", "AccountWithRestoreAccess": "210987654321"},
        "RestoreTableFromClusterSnapshot": {
            "ClusterIdentifier": "redshift-cluster-1", "SnapshotIdentifier": "perms", "SourceDatabaseName": "dev",
            "SourceTableName": "t", "NewTableName": "new",
        },
        "CreateSnapshotSchedule": {"ScheduleIdentifier": "new", "ScheduleDefinitions": ["rate(2 hours)"], "Tags": TAGS},
        "ModifySnapshotSchedule": {"ScheduleIdentifier": "perms", "ScheduleDefinitions": ["rate(3 hours)"]},
        "DeleteSnapshotSchedule": {"ScheduleIdentifier": "perms"},
        "ModifyClusterSnapshotSchedule": {"ClusterIdentifier": "redshift-cluster-1", "ScheduleIdentifier": "perms"},
        "EnableLogging": {"ClusterIdentifier": "redshift-cluster-1", "BucketName": "logs", "S3KeyPrefix": "here"},
        "EnableSnapshotCopy": {"ClusterIdentifier": "redshift-cluster-1", "DestinationRegion": "eu-west-1"},
        "DisableSnapshotCopy": {"ClusterIdentifier": "redshift-cluster-1"},
        "ModifySnapshotCopyRetentionPeriod": {"ClusterIdentifier": "redshift-cluster-1", "RetentionPeriod": 3},
        "CreateSnapshotCopyGrant": {"SnapshotCopyGrantName": "new", "Tags": TAGS},
        "DeleteSnapshotCopyGrant": {"SnapshotCopyGrantName": "perms"},
        "CreateEventSubscription": {"SubscriptionName": "new", "SnsTopicArn": TOPIC, "Tags": TAGS},
        "ModifyEventSubscription": {"SubscriptionName": "perms", "Enabled": False},
        "DeleteEventSubscription": {"SubscriptionName": "perms"},
        "CreateAuthenticationProfile": {"AuthenticationProfileName": "new", "AuthenticationProfileContent": "{}"},
        "ModifyAuthenticationProfile": {"AuthenticationProfileName": "perms", "AuthenticationProfileContent": '{"a": 1}'},
        "DeleteAuthenticationProfile": {"AuthenticationProfileName": "perms"},
        "AddPartner": PARTNER | {"PartnerName": "new"},
        "DescribePartners": PARTNER,
        "UpdatePartnerStatus": PARTNER | {"Status": "Inactive"},
        "DeletePartner": PARTNER,
        "ModifyClusterMaintenance": {"ClusterIdentifier": "redshift-cluster-1", "DeferMaintenance": True},
        "ModifyClusterDbRevision": {"ClusterIdentifier": "redshift-cluster-1", "RevisionTarget": "1"},
        "GetReservedNodeExchangeConfigurationOptions": {"ActionType": "restore-cluster"},
        "CreateScheduledAction": ACTION | {"ScheduledActionName": "new"},
        "ModifyScheduledAction": {"ScheduledActionName": "perms", "Enable": False},
        "DeleteScheduledAction": {"ScheduledActionName": "perms"},
        "CreateClusterSubnetGroup": SUBNETS | {"ClusterSubnetGroupName": "new", "Description": "d", "Tags": TAGS},
        "ModifyClusterSubnetGroup": SUBNETS | {"Description": "changed"},
        "DeleteClusterSubnetGroup": {"ClusterSubnetGroupName": "perms"},
        "CreateUsageLimit": {
            "ClusterIdentifier": "redshift-cluster-1", "FeatureType": "concurrency-scaling", "LimitType": "time",
            "Amount": 1, "Tags": TAGS,
        },
        "ModifyUsageLimit": {"UsageLimitId": "perms", "Amount": 2},
        "DeleteUsageLimit": {"UsageLimitId": "perms"},
        "DescribeClusterParameters": {"ParameterGroupName": "default.redshift-2.0"},
        "DescribeDefaultClusterParameters": {"ParameterGroupFamily": "redshift-2.0"},
        "ModifyClusterParameterGroup": GROUP | {"Parameters": [{"ParameterName": "statement_timeout", "ParameterValue": "1000"}]},
        "ResetClusterParameterGroup": GROUP | {"ResetAllParameters": True},
        "ResizeCluster": {"ClusterIdentifier": "redshift-cluster-1", "NumberOfNodes": 2},
        "CreateTags": {"ResourceName": CLUSTER, "Tags": TAGS},
        "DeleteTags": {"ResourceName": CLUSTER, "TagKeys": ["old"]},
        "DeleteCluster": {"ClusterIdentifier": "redshift-cluster-1", "SkipFinalClusterSnapshot": True},
    },
    "secretsmanager": {
        "CreateSecret": {"Name": "new", "SecretString": "x", "Tags": TAGS},
        "BatchGetSecretValue": {"Filters": [{"Key": "name", "Values": ["no-such"]}]},
        "UpdateSecret": {"SecretId": "perms", "Description": "changed"},
        "PutSecretValue": {"SecretId": "perms", "SecretString": "changed"},
        "TagResource": {"SecretId": "perms", "Tags": TAGS},
        "UntagResource": {"SecretId": "perms", "TagKeys": ["old"]},
        "RotateSecret": {"SecretId": "redshift!redshift-cluster-1-awsuser"},
        "RestoreSecret": {"SecretId": "doomed"},
        "PutResourcePolicy": {"SecretId": "doomed2", "ResourcePolicy": SECRET_POLICY},
    },
    "kms": {
        "CreateKey": {"Tags": KEY_TAGS},
        "TagResource": {"KeyId": KEY, "Tags": KEY_TAGS},
        "CreateAlias": {"AliasName": "alias/new", "TargetKeyId": KEY},
        "UpdateAlias": {"AliasName": "alias/perms", "TargetKeyId": KEY},
        "CreateGrant": {
            "KeyId": KEY, "GranteePrincipal": "arn:aws:iam::123456789012:user/perms", "Operations": ["Decrypt"],
        },
        "Encrypt": {"KeyId": KEY, "Plaintext": b"x"},
        "GenerateDataKey": {"KeyId": KEY, "KeySpec": "AES_256"},
        "GenerateDataKeyWithoutPlaintext": {"KeyId": KEY, "NumberOfBytes": 4},
    },
    "redshift-serverless": {
        "CreateNamespace": {"namespaceName": "new", "tags": LOWER_TAGS, "iamRoles": [ROLE]},
        "UpdateNamespace": NAMESPACE | {"iamRoles": [ROLE]},
        "DeleteNamespace": {"namespaceName": "doomed"},
        "CreateWorkgroup": {"workgroupName": "new", "namespaceName": "doomed", "tags": LOWER_TAGS},
        "UpdateWorkgroup": WORKGROUP | {"maxCapacity": 256},
        "CreateSnapshot": NAMESPACE | {"snapshotName": "new", "tags": LOWER_TAGS},
        "RestoreFromSnapshot": NAMESPACE | WORKGROUP | {"snapshotName": "perms"},
        "GetSnapshot": {"snapshotName": "perms"},
        "UpdateSnapshot": {"snapshotName": "perms", "retentionPeriod": 9},
        "GetCredentials": WORKGROUP,
    },
    "scheduler": {
        "CreateSchedule": {"Name": "new"} | SCHEDULE,
        "UpdateSchedule": {"Name": "perms"} | SCHEDULE,
        "CreateScheduleGroup": {"Name": "new", "Tags": TAGS},
        "GetScheduleGroup": {"Name": "default"},
        "ListTagsForResource": {"ResourceArn": "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"},
        "TagResource": {"ResourceArn": SCHEDULE_GROUP, "Tags": TAGS},
        "UntagResource": {"ResourceArn": SCHEDULE_GROUP, "TagKeys": ["old"]},
    },
}  # fmt: skip
BY_MEMBER: dict[str, Any] = {  # values for members that most inputs consist of
    "RoleName": "perms", "UserName": "perms", "PolicyArn": MANAGED, "PolicyName": "p", "PolicyDocument": NOTHING,
    "GroupName": "perms", "InstanceProfileName": "perms",
    "ParameterGroupName": "perms", "Bucket": "perms", "Key": "k", "TableName": "perms", "ClusterIdentifier": "redshift-cluster-1",
    "Name": "perms", "SecretId": "perms", "KeyId": KEY, "AliasName": KEY, "Description": "changed", "TagKeys": ["old"],
    "namespaceName": "perms", "workgroupName": "perms", "snapshotName": "perms",
}  # fmt: skip


def arrange(local: Any, caller: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Make on a gateway what the calls are about; INPUTS, with the ids that only then are known.

    `caller` is the key of an administrator who will make the calls; some things are their maker's only.
    """
    calls = {service: dict(table) for service, table in INPUTS.items()}
    data = local.client("redshift-data", caller)
    which = {"Id": data.execute_statement(**INPUTS["redshift-data"]["ExecuteStatement"])["Id"]}
    for name in ("DescribeStatement", "GetStatementResult", "GetStatementResultV2", "CancelStatement"):
        calls["redshift-data"][name] = which
    for part in (_iam, _s3, _redshift, _serverless, _others):
        for service, table in part(local).items():
            calls[service] |= table
    return calls


def _iam(local: Any) -> dict[str, dict[str, Any]]:
    iam = local.client("iam")
    old = [{"Key": "old", "Value": "1"}]
    for name in ("perms", "doomed"):
        iam.create_policy(PolicyName=name, PolicyDocument=NOTHING, Tags=old)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=old)
        iam.create_user(UserName=name, Tags=old)
        iam.create_group(GroupName=name)
        iam.create_instance_profile(InstanceProfileName=name, Tags=old)
    iam.create_policy_version(PolicyArn=OWN_POLICY, PolicyDocument=NOTHING)
    for kind in ("role", "user", "group"):
        who = {f"{kind.title()}Name": "perms"}
        getattr(iam, f"put_{kind}_policy")(PolicyName="p", PolicyDocument=NOTHING, **who)
        getattr(iam, f"attach_{kind}_policy")(PolicyArn=MANAGED, **who)
        if kind != "group":
            getattr(iam, f"put_{kind}_permissions_boundary")(PermissionsBoundary=MANAGED, **who)
    iam.add_user_to_group(GroupName="perms", UserName="perms")
    iam.add_role_to_instance_profile(InstanceProfileName="perms", RoleName="perms")
    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=json.dumps({"Statement": {
        "Effect": "Allow", "Principal": {"AWS": "123456789012"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }}))  # fmt: skip
    iam.create_service_linked_role(AWSServiceName="redshift.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName="AWSServiceRoleForRedshift")["DeletionTaskId"]
    key = iam.create_access_key(UserName="perms")["AccessKey"]["AccessKeyId"]
    asked = {"UserName": "perms", "AccessKeyId": key}
    return {
        "iam": {
            "UpdateAccessKey": asked | {"Status": "Inactive"},
            "DeleteAccessKey": asked,
            "GetAccessKeyLastUsed": {"AccessKeyId": key},
            "GetServiceLinkedRoleDeletionStatus": {"DeletionTaskId": task},
        },
        "sts": {"GetAccessKeyInfo": {"AccessKeyId": key}},
    }


def _s3(local: Any) -> dict[str, dict[str, Any]]:
    s3, bucket = local.client("s3"), {"Bucket": "perms"}
    s3.create_bucket(**bucket)
    s3.create_bucket(Bucket="perms-doomed")
    for key in ("k", "source"):
        s3.put_object(**bucket, Key=key, Body=b"old", Tagging="old=1")
    s3.put_bucket_policy(**bucket, Policy=BUCKET_POLICY)
    s3.put_bucket_tagging(**bucket, Tagging={"TagSet": [{"Key": "old", "Value": "1"}]})
    s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.delete_public_access_block(Bucket="perms-doomed")
    s3.put_bucket_cors(**bucket, CORSConfiguration=BUCKET_RULES)
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration=LIFECYCLE)
    s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration=ENCRYPTION)
    upload = OBJECT | {"UploadId": s3.create_multipart_upload(**OBJECT)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"part")["ETag"]}
    return {
        "s3": {
            "UploadPart": upload | {"PartNumber": 2, "Body": b"x"},
            "UploadPartCopy": upload | {"PartNumber": 2, "CopySource": "perms/source"},
            "CompleteMultipartUpload": upload | {"MultipartUpload": {"Parts": [part]}},
            "AbortMultipartUpload": upload,
            "ListParts": upload,
        }
    }


def _redshift(local: Any) -> dict[str, dict[str, Any]]:
    from slipher.cloud.redshift import absent, errands
    from slipher.cloud.state.redshift import cluster_runtime, snapshots

    redshift, cluster = local.client("redshift"), {"ClusterIdentifier": "redshift-cluster-1"}
    with local.gateway.transaction() as db:  # no process is here: the cluster seems to listen, the snapshot to be made
        db.execute(
            cluster_runtime.insert().values(cluster_arn=CLUSTER, pid=1, listening=True, generation=9, failures=0)
        )
    redshift.describe_clusters()  # now it is available
    redshift.modify_cluster(**cluster, ManageMasterPassword=True)
    redshift.describe_clusters()
    redshift.create_tags(ResourceName=CLUSTER, Tags=[{"Key": "old", "Value": "1"}])
    redshift.create_cluster_parameter_group(**GROUP, ParameterGroupFamily="redshift-2.0", Description="d")
    redshift.modify_cluster_parameter_group(
        **GROUP, Parameters=[{"ParameterName": "search_path", "ParameterValue": "a"}]
    )
    redshift.create_cluster_subnet_group(**SUBNETS, Description="d")
    redshift.create_cluster_snapshot(**cluster, SnapshotIdentifier="perms")
    while redshift.describe_cluster_snapshots()["Snapshots"][0]["Status"] == "creating":
        time.sleep(0.05)
    with local.gateway.transaction() as db:
        db.execute(snapshots.update().values(made=True, status="available", due=0.0))
        made = db.execute(snapshots.select()).one()
        arn = made.arn.replace("/perms", "/rs:perms")
        db.execute(snapshots.insert().values({**made._mapping, "arn": arn, "id": "rs:perms", "file": "automated"}))
    (errands.directory(local.gateway) / "automated.duckdb").write_bytes(b"data")
    redshift.authorize_snapshot_access(SnapshotIdentifier="perms", AccountWithRestoreAccess="210987654321")
    local.client("s3").create_bucket(Bucket="logs")
    local.client("s3").put_bucket_policy(Bucket="logs", Policy=json.dumps({"Statement": {
        "Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": ["s3:PutObject", "s3:GetBucketAcl"],
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    }}))  # fmt: skip
    redshift.enable_logging(**cluster, BucketName="logs")
    trust = TRUST.replace("redshift", "scheduler.redshift")
    local.client("iam").create_role(RoleName="acting", AssumeRolePolicyDocument=trust)
    redshift.create_scheduled_action(ScheduledActionName="perms", **ACTION)
    redshift.create_snapshot_copy_grant(SnapshotCopyGrantName="perms")
    redshift.create_event_subscription(SubscriptionName="perms", SnsTopicArn=TOPIC)
    redshift.create_authentication_profile(AuthenticationProfileName="perms", AuthenticationProfileContent="{}")
    redshift.add_partner(**PARTNER)
    namespace = {"ResourceArn": redshift.describe_clusters()["Clusters"][0]["ClusterNamespaceArn"]}
    redshift.put_resource_policy(**namespace, Policy=SECRET_POLICY)
    redshift.create_snapshot_schedule(ScheduleIdentifier="perms", ScheduleDefinitions=["rate(1 hour)"])
    limit = redshift.create_usage_limit(
        **cluster, FeatureType="spectrum", LimitType="data-scanned", Amount=1, Period="monthly"
    )
    which = {"UsageLimitId": limit["UsageLimitId"]}
    nowhere = {
        name: dict.fromkeys(
            redshift.meta.service_model.operation_model(name).input_shape.required_members, "none.of.this.is.there"
        )
        for name in (*absent.MISSING, *absent.SECURITY_GROUPS)
    }
    return {
        "redshift": {
            "ModifyUsageLimit": which | {"Amount": 2},
            "DeleteUsageLimit": which,
            "PutResourcePolicy": namespace | {"Policy": SECRET_POLICY.replace("Nothing", "Other")},
            "GetResourcePolicy": namespace,
            "DeleteResourcePolicy": namespace,
        }
        | nowhere
    }


def _serverless(local: Any) -> dict[str, dict[str, Any]]:
    from slipher.cloud.state.redshift import cluster_runtime, snapshots

    serverless = local.client("redshift-serverless")
    serverless.create_namespace(namespaceName="doomed")
    made = serverless.create_namespace(**NAMESPACE, tags=[{"key": "old", "value": "1"}])["namespace"]["namespaceArn"]
    group = serverless.create_workgroup(**NAMESPACE, **WORKGROUP)["workgroup"]["workgroupArn"]
    with local.gateway.transaction() as db:  # no process is here: it seems to listen, the snapshot to be made
        db.execute(
            cluster_runtime.insert().values(cluster_arn=made, pid=None, listening=True, generation=9, failures=0)
        )
    assert serverless.get_workgroup(**WORKGROUP)["workgroup"]["status"] == "AVAILABLE"
    serverless.create_snapshot(**NAMESPACE, snapshotName="perms")
    with local.gateway.errands, local.gateway.transaction() as db:  # who tried to make it has ended
        db.execute(snapshots.update().values(made=True, status="available", due=0.0))
    limit = serverless.create_usage_limit(resourceArn=group, usageType="serverless-compute", amount=1)["usageLimit"]
    which = {"usageLimitId": limit["usageLimitId"]}
    return {
        "redshift-serverless": {
            "CreateUsageLimit": {"resourceArn": group, "usageType": "cross-region-datasharing", "amount": 1},
            "GetUsageLimit": which,
            "UpdateUsageLimit": which | {"amount": 2},
            "DeleteUsageLimit": which,
            "ListTagsForResource": {"resourceArn": made},
            "TagResource": {"resourceArn": made, "tags": LOWER_TAGS},
            "UntagResource": {"resourceArn": made, "tagKeys": ["old"]},
        }
    }


def _others(local: Any) -> dict[str, dict[str, Any]]:
    dynamodb, secrets, kms = local.client("dynamodb"), local.client("secretsmanager"), local.client("kms")
    old = [{"Key": "old", "Value": "1"}]
    dynamodb.create_table(TableName="perms", Tags=old, **SCHEMA)
    dynamodb.put_item(TableName="perms", Item=ITEM)
    for name in ("perms", "doomed", "doomed2"):
        version = secrets.create_secret(Name=name, SecretString="old", Tags=old)["VersionId"]
    secrets.put_resource_policy(SecretId="perms", ResourcePolicy=SECRET_POLICY)
    secrets.delete_secret(SecretId="doomed")
    local.client("iam").create_role(
        RoleName="scheduled", AssumeRolePolicyDocument=TRUST.replace("redshift", "scheduler")
    )
    scheduler = local.client("scheduler")
    scheduler.create_schedule(Name="perms", **SCHEDULE)
    scheduler.create_schedule_group(Name="perms", Tags=old)
    key = kms.create_key(Tags=[{"TagKey": "old", "TagValue": "1"}])["KeyMetadata"]["KeyId"]
    disabled, doomed = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=doomed)
    kms.create_alias(AliasName=KEY, TargetKeyId=key)
    blob = kms.encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
    grant = kms.create_grant(**INPUTS["kms"]["CreateGrant"])
    by_id = {"KeyId": key}
    return {
        "secretsmanager": {
            "UpdateSecretVersionStage": {"SecretId": "doomed2", "VersionStage": "mine", "MoveToVersionId": version},
        },
        "kms": {
            "CreateAlias": {"AliasName": "alias/new", "TargetKeyId": key},
            "UpdateAlias": {"AliasName": KEY, "TargetKeyId": disabled},
            "DeleteAlias": {"AliasName": KEY},
            "EnableKey": {"KeyId": disabled},
            "DisableKey": by_id,
            "ScheduleKeyDeletion": by_id,
            "CancelKeyDeletion": {"KeyId": doomed},
            "Decrypt": {"CiphertextBlob": blob},
            "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": KEY},
            "RevokeGrant": by_id | {"GrantId": grant["GrantId"]},
            "RetireGrant": {"GrantToken": grant["GrantToken"]},
            "PutKeyPolicy": by_id | {"Policy": kms.get_key_policy(KeyId=key)["Policy"] + " "},
        }
        | dict.fromkeys(("ListGrants", "GetKeyPolicy", "ListKeyPolicies", "ListResourceTags", "DescribeKey"), by_id)
        | {"UpdateKeyDescription": by_id | {"Description": "changed"}}
        | {"TagResource": by_id | {"Tags": KEY_TAGS}, "UntagResource": by_id | {"TagKeys": ["old"]}},
    }


def sample(client: Any, calls: dict[str, dict[str, dict[str, Any]]], service: str, name: str) -> dict[str, Any]:
    """The parameters of an operation's call: its own, or made of values for its required members."""
    given = calls.get(service, {}).get(name)
    if given is not None:
        return given
    shape = client.meta.service_model.operation_model(name).input_shape
    required = set(shape.required_members) | ({"UserName"} & set(shape.members)) if shape else set()
    unknown = sorted(required - set(BY_MEMBER))
    assert not unknown, f"{service}.{name} needs a call in sample_calls.INPUTS: it has no value for {unknown}"
    return {member: BY_MEMBER[member] for member in required}
