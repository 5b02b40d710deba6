"""Every operation that has a handler, called by a key that lacks its permission, and by one that has just that.

Generated from the table of permissions in spec/iam/actions.py. A denial has its service's code, status and text, and changes
nothing; with the one action allowed (and what else the table names) the same call is no longer denied.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slipher.cloud.services import OPERATIONS
from slipher.spec.iam.actions import ACTIONS, DENIALS

TRUST = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}}
)
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"}}
)
BUCKET_POLICY = json.dumps(
    {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Nothing", "Resource": "arn:aws:s3:::perms"}}
)
SECRET_POLICY = json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Nothing", "Resource": "*"}})
MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = [{"Key": "team", "Value": "x"}]
KEY_TAGS = [{"TagKey": "team", "TagValue": "x"}]
KEY = "alias/perms"  # CreateAlias and UpdateAlias get its id, and Decrypt and grants what it made, once there is one
SCHEDULE = {
    "ScheduleExpression": "at(2199-01-01T00:00:00)", "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:redshiftdata:executeStatement",
               "RoleArn": "arn:aws:iam::123456789012:role/scheduled", "Input": "{}"},
}  # fmt: skip
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/perms"
OWN_POLICY = "arn:aws:iam::123456789012:policy/perms"
CLUSTER = "arn:aws:redshift:us-east-1:123456789012:cluster:redshift-cluster-1"
OBJECT = {"Bucket": "perms", "Key": "k"}
ITEM = {"k": {"S": "a"}}
SCHEMA = {
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
SUBNETS = {"ClusterSubnetGroupName": "perms", "SubnetIds": ["subnet-1"]}
GROUP = {"ParameterGroupName": "perms"}
DATABASE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}
STATEMENT = {"Id": "01234567-0123-0123-0123-012345678901"}
INPUTS: dict[str, dict[str, dict[str, Any]]] = {
    "iam": {
        "CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": TRUST, "Tags": TAGS},
        "UpdateRole": {"RoleName": "perms", "Description": "changed"},
        "UpdateAssumeRolePolicy": {"RoleName": "perms", "PolicyDocument": TRUST},
        "TagRole": {"RoleName": "perms", "Tags": TAGS},
        "UntagRole": {"RoleName": "perms", "TagKeys": ["old"]},
        "CreateUser": {"UserName": "new", "Tags": TAGS},
        "TagUser": {"UserName": "perms", "Tags": TAGS},
        "UntagUser": {"UserName": "perms", "TagKeys": ["old"]},
        "UpdateAccessKey": {"UserName": "perms", "AccessKeyId": "AKIAXXXXXXXXXXXXXXXX", "Status": "Inactive"},
        "DeleteAccessKey": {"UserName": "perms", "AccessKeyId": "AKIAXXXXXXXXXXXXXXXX"},
        "CreatePolicy": {"PolicyName": "new", "PolicyDocument": NOTHING, "Tags": TAGS},
        "CreatePolicyVersion": {"PolicyArn": OWN_POLICY, "PolicyDocument": NOTHING},
        "SetDefaultPolicyVersion": {"PolicyArn": OWN_POLICY, "VersionId": "v1"},
        "DeletePolicyVersion": {"PolicyArn": OWN_POLICY, "VersionId": "v7"},
        "TagPolicy": {"PolicyArn": OWN_POLICY, "Tags": TAGS},
        "UntagPolicy": {"PolicyArn": OWN_POLICY, "TagKeys": ["old"]},
        "CreateGroup": {"GroupName": "new"},
        "UpdateGroup": {"GroupName": "perms", "NewPath": "/new/"},
        "AddUserToGroup": {"GroupName": "perms", "UserName": "perms"},
        "RemoveUserFromGroup": {"GroupName": "perms", "UserName": "perms"},
        "PutRolePermissionsBoundary": {"RoleName": "perms", "PermissionsBoundary": MANAGED},
        "PutUserPermissionsBoundary": {"UserName": "perms", "PermissionsBoundary": MANAGED},
        "UpdateRoleDescription": {"RoleName": "perms", "Description": "changed"},
        "CreateServiceLinkedRole": {"AWSServiceName": "redshift.amazonaws.com"},
        "GetServiceLinkedRoleDeletionStatus": {"DeletionTaskId": "task/x"},
        "CreateInstanceProfile": {"InstanceProfileName": "new", "Tags": TAGS},
        "AddRoleToInstanceProfile": {"InstanceProfileName": "perms", "RoleName": "perms"},
        "RemoveRoleFromInstanceProfile": {"InstanceProfileName": "perms", "RoleName": "perms"},
        "TagInstanceProfile": {"InstanceProfileName": "perms", "Tags": TAGS},
        "UntagInstanceProfile": {"InstanceProfileName": "perms", "TagKeys": ["old"]},
        "SimulateCustomPolicy": {"PolicyInputList": [NOTHING], "ActionNames": ["s3:GetObject"]},
        "SimulatePrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::123456789012:user/perms", "ActionNames": ["s3:GetObject"]},
        "GetContextKeysForCustomPolicy": {"PolicyInputList": [NOTHING]},
        "GetContextKeysForPrincipalPolicy": {"PolicySourceArn": "arn:aws:iam::123456789012:user/perms"},
        "GetPolicy": {"PolicyArn": MANAGED},
        "GetPolicyVersion": {"PolicyArn": MANAGED, "VersionId": "v1"},
        "ListPolicyVersions": {"PolicyArn": MANAGED},
        "ListEntitiesForPolicy": {"PolicyArn": MANAGED},
        "DeletePolicy": {"PolicyArn": "arn:aws:iam::123456789012:policy/perms"},
    },
    "cloudtrail": {"LookupEvents": {}},
    "sts": {
        "AssumeRole": {"RoleArn": "arn:aws:iam::123456789012:role/trusting", "RoleSessionName": "s1"},
        "GetFederationToken": {"Name": "fed", "Tags": TAGS},
        "GetAccessKeyInfo": {"AccessKeyId": "AKIAXXXXXXXXXXXXXXXX"},
        "DecodeAuthorizationMessage": {"EncodedMessage": "x"},
    },
    "s3": {
        "CreateBucket": {"Bucket": "perms-new"},
        "PutObjectTagging": OBJECT | {"Tagging": {"TagSet": TAGS}},
        "GetObjectAttributes": OBJECT | {"ObjectAttributes": ["ETag"]},
        "PutBucketVersioning": {"Bucket": "perms", "VersioningConfiguration": {"Status": "Suspended"}},
        "PutBucketTagging": {"Bucket": "perms", "Tagging": {"TagSet": TAGS}},
        "PutPublicAccessBlock": {"Bucket": "perms", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        "PutBucketCors": {"Bucket": "perms", "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}},
        "PutBucketLifecycleConfiguration": {"Bucket": "perms", "LifecycleConfiguration": {"Rules": [
            {"Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1}}]}},
        "PutBucketNotificationConfiguration": {"Bucket": "perms", "NotificationConfiguration": {"EventBridgeConfiguration": {}}},
        "PutBucketOwnershipControls": {"Bucket": "perms", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "PutBucketPolicy": {"Bucket": "perms", "Policy": BUCKET_POLICY},
        "PutBucketEncryption": {"Bucket": "perms", "ServerSideEncryptionConfiguration": {"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}},
        ]}},
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
        "DescribeStatement": STATEMENT,
        "GetStatementResult": STATEMENT,
        "GetStatementResultV2": STATEMENT,
        "CancelStatement": STATEMENT,
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
        "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "perms", "Item": {"k": {"S": "tx"}}}}]},
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
            "Tags": TAGS, "Port": 15777,
        },
        "DescribeClusters": {},
        "GetClusterCredentials": {"DbUser": "ana", "DbName": "dev", "ClusterIdentifier": "redshift-cluster-1", "AutoCreate": True},
        "GetClusterCredentialsWithIAM": {"DbName": "dev", "ClusterIdentifier": "redshift-cluster-1"},
        "DescribeTags": {},
        "CreateClusterParameterGroup": GROUP | {"ParameterGroupFamily": "redshift-2.0", "Description": "d", "Tags": TAGS},
        "CreateClusterSnapshot": {"ClusterIdentifier": "redshift-cluster-1", "SnapshotIdentifier": "new", "Tags": TAGS},
        "DeleteClusterSnapshot": {"SnapshotIdentifier": "perms"},
        "ModifyClusterSnapshot": {"SnapshotIdentifier": "perms", "ManualSnapshotRetentionPeriod": 7},
        "BatchDeleteClusterSnapshots": {"Identifiers": [{"SnapshotIdentifier": "perms"}]},
        "RestoreFromClusterSnapshot": {"ClusterIdentifier": "new2", "SnapshotIdentifier": "perms"},
        "CreateClusterSubnetGroup": SUBNETS | {"Description": "d", "Tags": TAGS},
        "ModifyClusterSubnetGroup": SUBNETS,
        "DeleteClusterSubnetGroup": {"ClusterSubnetGroupName": "perms"},
        "CreateUsageLimit": {
            "ClusterIdentifier": "redshift-cluster-1", "FeatureType": "spectrum", "LimitType": "data-scanned", "Amount": 1,
            "Tags": TAGS,
        },
        "ModifyUsageLimit": {"UsageLimitId": "perms", "Amount": 2},
        "DeleteUsageLimit": {"UsageLimitId": "perms"},
        "DescribeClusterParameters": {"ParameterGroupName": "default.redshift-2.0"},
        "DescribeDefaultClusterParameters": {"ParameterGroupFamily": "redshift-2.0"},
        "ModifyClusterParameterGroup": GROUP | {"Parameters": [{"ParameterName": "query_group", "ParameterValue": "x"}]},
        "ResizeCluster": {"ClusterIdentifier": "redshift-cluster-1", "NumberOfNodes": 2},
        "CreateTags": {"ResourceName": CLUSTER, "Tags": TAGS},
        "DeleteTags": {"ResourceName": CLUSTER, "TagKeys": ["old"]},
        "DeleteCluster": {"ClusterIdentifier": "redshift-cluster-1", "SkipFinalClusterSnapshot": True},
    },
    "secretsmanager": {
        "CreateSecret": {"Name": "new", "SecretString": "x", "Tags": TAGS},
        "UpdateSecret": {"SecretId": "perms", "Description": "changed"},
        "PutSecretValue": {"SecretId": "perms", "SecretString": "changed"},
        "TagResource": {"SecretId": "perms", "Tags": TAGS},
        "UntagResource": {"SecretId": "perms", "TagKeys": ["old"]},
        "UpdateSecretVersionStage": {"SecretId": "perms", "VersionStage": "mine"},
        "PutResourcePolicy": {"SecretId": "perms", "ResourcePolicy": SECRET_POLICY},
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
    "scheduler": {
        "CreateSchedule": {"Name": "new"} | SCHEDULE,
        "UpdateSchedule": {"Name": "perms"} | SCHEDULE,
        "CreateScheduleGroup": {"Name": "new", "Tags": TAGS},
        "GetScheduleGroup": {"Name": "default"},
        "ListTagsForResource": {"ResourceArn": "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"},
    },
}  # fmt: skip
KEYS: dict[str, Any] = {}
BY_MEMBER: dict[str, Any] = {  # values for members that most inputs consist of
    "RoleName": "perms", "UserName": "perms", "PolicyArn": MANAGED, "PolicyName": "p", "PolicyDocument": NOTHING,
    "GroupName": "perms", "InstanceProfileName": "perms",
    "ParameterGroupName": "perms", "Bucket": "perms", "Key": "k", "TableName": "perms", "ClusterIdentifier": "redshift-cluster-1",
    "Name": "perms", "SecretId": "perms", "KeyId": KEY, "AliasName": KEY, "Description": "changed", "TagKeys": ["old"],
}  # fmt: skip
OPEN = [(service, name) for service, table in ACTIONS.items() for name, needs in table.items() if needs.action is None]
GUARDED = [(service, name) for service, table in ACTIONS.items() for name, needs in table.items() if needs.action]


def test_every_handler_has_its_row() -> None:
    assert {service: set(table) for service, table in OPERATIONS.items()} == {
        service: set(table) for service, table in ACTIONS.items()
    }


@pytest.fixture(scope="module")
def arranged(shared_gateway: Any) -> Any:
    local = shared_gateway
    iam, s3, dynamodb = local.client("iam"), local.client("s3"), local.client("dynamodb")
    iam.create_role(RoleName="perms", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "old", "Value": "1"}])
    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=json.dumps({"Statement": {
        "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole",
    }}))  # fmt: skip
    iam.create_user(UserName="perms", Tags=[{"Key": "old", "Value": "1"}])
    iam.create_policy(PolicyName="perms", PolicyDocument=NOTHING)
    iam.create_group(GroupName="perms")
    iam.create_instance_profile(InstanceProfileName="perms")
    s3.create_bucket(Bucket="perms")
    for key in ("k", "source"):
        s3.put_object(Bucket="perms", Key=key, Body=b"old")
    dynamodb.create_table(TableName="perms", Tags=[{"Key": "old", "Value": "1"}], **SCHEMA)
    dynamodb.put_item(TableName="perms", Item=ITEM)
    local.client("secretsmanager").create_secret(Name="perms", SecretString="old", Tags=[{"Key": "old", "Value": "1"}])
    iam.create_role(RoleName="scheduled", AssumeRolePolicyDocument=TRUST.replace("redshift", "scheduler"))
    local.client("scheduler").create_schedule(Name="perms", **SCHEDULE)
    kms = local.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "old", "TagValue": "1"}])["KeyMetadata"]
    kms.create_alias(AliasName=KEY, TargetKeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
    grant = kms.create_grant(**INPUTS["kms"]["CreateGrant"])
    INPUTS["kms"] |= {
        "CreateAlias": {"AliasName": "alias/new", "TargetKeyId": key["KeyId"]},
        "UpdateAlias": {"AliasName": KEY, "TargetKeyId": key["KeyId"]},
        "Decrypt": {"CiphertextBlob": blob},
        "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": KEY},
        "RevokeGrant": {"KeyId": key["KeyId"], "GrantId": grant["GrantId"]},
        "RetireGrant": {"GrantToken": grant["GrantToken"]},
        "PutKeyPolicy": {"KeyId": key["KeyId"], "Policy": kms.get_key_policy(KeyId=key["KeyId"])["Policy"]},
    }
    return local


def call(local: Any, service: str, name: str, keys: Any) -> Any:
    client = local.client(service, keys)
    method = {client.meta.method_to_api_mapping[one]: one for one in client.meta.method_to_api_mapping}[name]
    given = INPUTS[service].get(name)
    if given is None:
        shape = client.meta.service_model.operation_model(name).input_shape
        required = set(shape.required_members) | ({"UserName"} & set(shape.members)) if shape else set()
        given = {member: BY_MEMBER[member] for member in required}
    return getattr(client, method)(**given)


def holder(local: Any, name: str, statement: dict[str, Any]) -> Any:
    """The key of a user whose one policy is this statement."""
    if name not in KEYS:
        KEYS[name] = local.user(name)
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    local.client("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    return KEYS[name]


OWN_PACE = {"redshift_events"}  # what an operation began goes on while another is asked


def state(local: Any) -> dict[str, Any]:
    """All rows of the gateway's tables."""
    from slipher.cloud.state.base import metadata

    with local.gateway.read() as db:
        return {
            table.name: sorted(map(repr, db.execute(table.select())))
            for table in metadata.sorted_tables
            if table.name not in OWN_PACE
        }


@pytest.mark.parametrize(("service", "name"), GUARDED, ids=[".".join(pair) for pair in GUARDED])
def test_denied_then_allowed(arranged: Any, service: str, name: str) -> None:
    local, needs = arranged, ACTIONS[service][name]
    everything_else = {"Effect": "Allow", "NotAction": [needs.action], "Resource": "*"}
    lacking = holder(local, "lacks", everything_else)
    before = state(local)
    if name == "DeleteObjects":  # 200, with an error for each key
        answer = call(local, service, name, lacking)
        assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("k", "AccessDenied")]
        assert not answer.get("Deleted")
    else:
        with pytest.raises(ClientError) as refused:
            call(local, service, name, lacking)
        check_denial(refused.value, service, name, "arn:aws:iam::123456789012:user/lacks")
    assert state(local) == before

    for action in (pair[1] for pair in needs.also):
        partly = holder(local, "partly", {"Effect": "Allow", "NotAction": [action], "Resource": "*"})
        before = state(local)
        with pytest.raises(ClientError) as refused:
            call(local, service, name, partly)
        assert refused.value.response["Error"]["Code"] == DENIALS[service].code
        assert state(local) == before

    actions = [needs.action, *(pair[1] for pair in needs.also)]
    if name in ("CopyObject", "UploadPartCopy"):
        actions.append("s3:GetObject")
    if name in ("CreateSchedule", "UpdateSchedule"):
        actions.append("iam:PassRole")
    if name == "ReEncrypt":
        actions.append("kms:ReEncryptTo")
    if name == "AddRoleToInstanceProfile":
        actions.append("iam:PassRole")
    if service == "redshift-data":
        actions.append("redshift:GetClusterCredentialsWithIAM")
    having = holder(local, "has", {"Effect": "Allow", "Action": actions, "Resource": "*"})
    if name in (
        "DeleteBucket",
        "DeleteTable",
        "DeleteCluster",
        "DeleteRole",
        "DeleteUser",
        "DeleteGroup",
        "DeleteInstanceProfile",
        "DeleteObject",
        "DeleteObjects",
        "DeleteSecret",
        "DeleteSchedule",
        "DeleteAlias",
        "ScheduleKeyDeletion",
        "DisableKey",
        "RevokeGrant",
        "RetireGrant",
    ):
        return  # the others need what these would take away; they are exercised elsewhere
    try:
        call(local, service, name, having)
    except ClientError as error:  # e.g. no such upload, key or policy: but not denied
        assert error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException", "403"), error
    finally:
        undo(local, service, name)


def check_denial(error: ClientError, service: str, name: str, who: str) -> None:
    form, found = DENIALS[service], error.response
    head = name.startswith("Head")
    assert found["ResponseMetadata"]["HTTPStatusCode"] == form.status
    assert found["Error"]["Code"] == ("403" if head else form.code)
    if head:
        return
    text = found["Error"]["Message"]
    if not form.tells:
        assert text == "Access Denied"
        return
    action = ACTIONS[service][name].action
    assert text.startswith(f"User: {who} is not authorized to perform: {action}"), text
    assert name == "AssumeRole" or text.endswith(f"because no identity-based policy allows the {action} action"), text


def undo(local: Any, service: str, name: str) -> None:
    """Take away what an allowed call made and a later one would trip over."""
    client = local.client(service)
    if name == "CreateCluster":
        client.delete_cluster(ClusterIdentifier="new", SkipFinalClusterSnapshot=True)
    if name == "CreateClusterSnapshot":
        from slipher.cloud.state.redshift import snapshots

        with local.gateway.transaction() as db:  # no process here that would make it
            db.execute(snapshots.delete())
    if name == "PutBucketPolicy":
        client.delete_bucket_policy(Bucket="perms")
    if name == "CreateAccessKey":
        for key in client.list_access_keys(UserName="perms")["AccessKeyMetadata"]:
            client.delete_access_key(UserName="perms", AccessKeyId=key["AccessKeyId"])
    if name.endswith(("Cluster", "ClusterIamRoles")) and name != "CreateCluster":
        from sqlalchemy import update

        from slipher.cloud.state.redshift import clusters

        with local.gateway.transaction() as db:  # no supervisor here that would end it
            db.execute(update(clusters).values(transition=None))


@pytest.mark.parametrize(("service", "name"), OPEN, ids=[".".join(pair) for pair in OPEN])
def test_what_needs_no_permission(arranged: Any, service: str, name: str) -> None:
    keys = arranged.user(f"open-{name}")
    assert call(arranged, service, name, keys)["ResponseMetadata"]["HTTPStatusCode"] == 200
