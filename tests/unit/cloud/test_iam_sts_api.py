"""IAM and STS through boto3: lives of roles, users, keys and policies, their errors, and sessions of roles."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from refusals import refused

from slipher.cloud.services import OPERATIONS

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ACCOUNT = "123456789012"


def trust(principal: Any, **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


def allow(action: Any, resource: Any = "*") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}
    )


REDSHIFT = trust({"Service": "redshift.amazonaws.com"})


def test_a_roles_life(local: Any) -> None:
    iam = local.client("iam")
    made = iam.create_role(
        RoleName="life", Path="/service-role/", AssumeRolePolicyDocument=REDSHIFT, Description="d", MaxSessionDuration=7200,
        Tags=[{"Key": "a", "Value": "1"}],
    )["Role"]  # fmt: skip
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/service-role/life"
    assert made["RoleId"].startswith("AROA")
    got = iam.get_role(RoleName="life")["Role"]
    assert got["AssumeRolePolicyDocument"] == json.loads(REDSHIFT)
    assert (got["Description"], got["MaxSessionDuration"], got["Tags"]) == ("d", 7200, [{"Key": "a", "Value": "1"}])
    assert refused("EntityAlreadyExists", iam.create_role, RoleName="life", AssumeRolePolicyDocument=REDSHIFT) == (
        "Role with name life already exists."
    )
    listed = [
        one["RoleName"]
        for page in iam.get_paginator("list_roles").paginate(PathPrefix="/service-role/")
        for one in page["Roles"]
    ]
    assert "life" in listed
    iam.tag_role(RoleName="life", Tags=[{"Key": "A", "Value": "2"}, {"Key": "b", "Value": "3"}])
    assert iam.list_role_tags(RoleName="life")["Tags"] == [{"Key": "A", "Value": "2"}, {"Key": "b", "Value": "3"}]
    iam.untag_role(RoleName="life", TagKeys=["b"])
    assert [tag["Key"] for tag in iam.list_role_tags(RoleName="life")["Tags"]] == ["A"]
    iam.update_role(RoleName="life", Description="e", MaxSessionDuration=3600)
    assert "less than or equal to 43200" in refused(
        "ValidationError", iam.update_role, RoleName="life", MaxSessionDuration=50000
    )
    iam.update_assume_role_policy(RoleName="life", PolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    iam.attach_role_policy(RoleName="life", PolicyArn=READ_ONLY)
    iam.attach_role_policy(RoleName="life", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="life", PolicyName="p", PolicyDocument=allow("s3:*"))
    assert iam.list_attached_role_policies(RoleName="life")["AttachedPolicies"] == [
        {"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}
    ]
    assert iam.list_attached_role_policies(RoleName="life", PathPrefix="/job-function/")["AttachedPolicies"] == []
    assert [
        one["RoleName"] for one in iam.list_entities_for_policy(PolicyArn=READ_ONLY, EntityFilter="Role")["PolicyRoles"]
    ] == ["life"]
    assert iam.list_role_policies(RoleName="life")["PolicyNames"] == ["p"]
    assert iam.get_role_policy(RoleName="life", PolicyName="p")["PolicyDocument"] == json.loads(allow("s3:*"))
    assert refused("DeleteConflict", iam.delete_role, RoleName="life").startswith(
        "Cannot delete entity, must detach all"
    )
    iam.detach_role_policy(RoleName="life", PolicyArn=READ_ONLY)
    assert (
        refused("NoSuchEntity", iam.detach_role_policy, RoleName="life", PolicyArn=READ_ONLY)
        == f"Policy {READ_ONLY} was not found."
    )
    assert (
        refused("DeleteConflict", iam.delete_role, RoleName="life")
        == "Cannot delete entity, must delete policies first."
    )
    iam.delete_role_policy(RoleName="life", PolicyName="p")
    assert iam.list_instance_profiles_for_role(RoleName="life")["InstanceProfiles"] == []
    iam.delete_role(RoleName="life")
    assert refused("NoSuchEntity", iam.get_role, RoleName="life") == "The role with name life cannot be found."


def test_a_users_life(local: Any) -> None:
    iam = local.client("iam")
    user = iam.create_user(UserName="ulife", Path="/dev/")["User"]
    assert (user["Arn"], user["UserId"][:4]) == (f"arn:aws:iam::{ACCOUNT}:user/dev/ulife", "AIDA")
    keys = [iam.create_access_key(UserName="ulife")["AccessKey"] for _ in range(2)]
    assert (
        refused("LimitExceeded", iam.create_access_key, UserName="ulife")
        == "Cannot exceed quota for AccessKeysPerUser: 2"
    )
    mine = local.client("iam", keys[0])
    iam.put_user_policy(
        UserName="ulife", PolicyName="self", PolicyDocument=allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/dev/ulife")
    )
    assert mine.get_user()["User"]["UserName"] == "ulife"
    assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 2
    mine.update_access_key(AccessKeyId=keys[1]["AccessKeyId"], Status="Inactive")
    refused("InvalidClientTokenId", local.client("sts", keys[1]).get_caller_identity)
    assert (
        refused("DeleteConflict", iam.delete_user, UserName="ulife")
        == "Cannot delete entity, must delete access keys first."
    )
    for key in keys:
        iam.delete_access_key(UserName="ulife", AccessKeyId=key["AccessKeyId"])
    refused("InvalidClientTokenId", mine.get_user)
    iam.delete_user_policy(UserName="ulife", PolicyName="self")
    iam.tag_user(UserName="ulife", Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_user_tags(UserName="ulife")["Tags"] == [{"Key": "a", "Value": "1"}]
    assert iam.list_groups_for_user(UserName="ulife")["Groups"] == []
    iam.delete_user(UserName="ulife")
    refused("NoSuchEntity", iam.get_user, UserName="ulife")


def test_policies(local: Any) -> None:
    iam = local.client("iam")
    made = iam.create_policy(PolicyName="mine", PolicyDocument=allow("s3:*"), Description="what for", Path="/p/")[
        "Policy"
    ]
    arn = made["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:policy/p/mine"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "what for"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(
        allow("s3:*")
    )
    local_names = [
        one["PolicyName"]
        for page in iam.get_paginator("list_policies").paginate(Scope="Local")
        for one in page["Policies"]
    ]
    assert "mine" in local_names
    managed = [
        one
        for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 1000})
        for one in page["Policies"]
    ]
    assert len(managed) > 1000 and len({one["PolicyId"] for one in managed}) == len(managed)
    assert {"ReadOnlyAccess", "AdministratorAccess", "AmazonRedshiftAllCommandsFullAccess"} <= {
        one["PolicyName"] for one in managed
    }
    assert (
        json.dumps(
            iam.get_policy_version(
                PolicyArn=READ_ONLY, VersionId=iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["DefaultVersionId"]
            )["PolicyVersion"]["Document"]
        ).count("s3:Get")
        >= 1
    )
    refused("NoSuchEntity", iam.get_policy, PolicyArn="arn:aws:iam::aws:policy/None")
    refused("NoSuchEntity", iam.get_policy_version, PolicyArn=arn, VersionId="v2")
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="mine", PolicyDocument=allow("s3:*"))
    refused("LimitExceeded", iam.create_policy, PolicyName="big", PolicyDocument=allow(["s3:" + "x" * 100] * 70))
    refused("ValidationError", iam.create_policy, PolicyName="bad name", PolicyDocument=allow("s3:*"))
    for document in ("{", '{"Statement": []}', trust("*")):
        refused("MalformedPolicyDocument", iam.create_policy, PolicyName="bad", PolicyDocument=document)
    refused("MalformedPolicyDocument", iam.create_role, RoleName="bad", AssumeRolePolicyDocument=allow("s3:*"))
    iam.create_user(UserName="attached")
    iam.attach_user_policy(UserName="attached", PolicyArn=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    iam.detach_user_policy(UserName="attached", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.delete_policy, PolicyArn=READ_ONLY)


def test_a_role_for_the_service_cannot_be_assumed_by_an_administrator(local: Any) -> None:
    local.client("iam").create_role(RoleName="service-only", AssumeRolePolicyDocument=REDSHIFT)
    arn = f"arn:aws:iam::{ACCOUNT}:role/service-only"
    text = refused("AccessDenied", local.client("sts").assume_role, RoleArn=arn, RoleSessionName="me")
    assert (
        text
        == f"User: arn:aws:iam::{ACCOUNT}:user/admin is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )
    missing = f"arn:aws:iam::{ACCOUNT}:role/not-there"
    assert refused("AccessDenied", local.client("sts").assume_role, RoleArn=missing, RoleSessionName="me").endswith(
        missing
    )


def test_sessions(local: Any) -> None:
    iam, sts, s3 = (local.client(name) for name in ("iam", "sts", "s3"))
    s3.create_bucket(Bucket="sessions")
    s3.put_object(Bucket="sessions", Key="k", Body=b"x")
    iam.create_role(
        RoleName="session", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}, StringEquals={"sts:ExternalId": "right"})
    )
    iam.attach_role_policy(RoleName="session", PolicyArn=READ_ONLY)
    arn = f"arn:aws:iam::{ACCOUNT}:role/session"
    assume = sts.assume_role
    for given in ({}, {"ExternalId": "wrong"}):
        refused("AccessDenied", assume, RoleArn=arn, RoleSessionName="me", **given)
    right = {"RoleArn": arn, "RoleSessionName": "me", "ExternalId": "right"}
    for seconds in (43201, 3601):
        refused("ValidationError", assume, DurationSeconds=seconds, **right)
    refused("MalformedPolicyDocument", assume, Policy="{", **right)
    refused("ValidationError", assume, RoleArn="nonsense-but-long-enough", RoleSessionName="me")
    refused("ValidationError", assume, RoleArn=arn, RoleSessionName="not good")
    assert "is not implemented" in refused(
        "NotImplemented", assume, SerialNumber="arn:aws:iam::123456789012:mfa/x", **right
    )
    made = assume(DurationSeconds=900, **right)
    assert made["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/session/me"
    mine = local.client("sts", made["Credentials"])
    assert mine.get_caller_identity()["Arn"] == made["AssumedRoleUser"]["Arn"]
    reader = local.client("s3", made["Credentials"])
    assert reader.get_object(Bucket="sessions", Key="k")["Body"].read() == b"x"
    refused("AccessDenied", reader.put_object, Bucket="sessions", Key="new", Body=b"")
    refused("AccessDenied", mine.get_session_token)
    narrowed = assume(Policy=allow("s3:ListBucket"), **right)
    assert narrowed["PackedPolicySize"] > 0
    narrow = local.client("s3", narrowed["Credentials"])
    assert narrow.list_objects_v2(Bucket="sessions")["KeyCount"] == 1
    refused("AccessDenied", narrow.get_object, Bucket="sessions", Key="k")
    iam.detach_role_policy(RoleName="session", PolicyArn=READ_ONLY)
    refused("AccessDenied", reader.get_object, Bucket="sessions", Key="k")


def test_a_deny_beats_read_only_access(local: Any) -> None:
    iam, s3 = local.client("iam"), local.client("s3")
    s3.create_bucket(Bucket="denied-reads")
    s3.put_object(Bucket="denied-reads", Key="k", Body=b"x")
    keys = local.user("reads", {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::denied-reads/*"})
    iam.attach_user_policy(UserName="reads", PolicyArn=READ_ONLY)
    mine = local.client("s3", keys)
    assert mine.list_objects_v2(Bucket="denied-reads")["KeyCount"] == 1
    refused("AccessDenied", mine.get_object, Bucket="denied-reads", Key="k")
    iam.delete_user_policy(UserName="reads", PolicyName="p")
    assert mine.get_object(Bucket="denied-reads", Key="k")["Body"].read() == b"x"


def test_conditions_on_tags_and_time(local: Any) -> None:
    keys = local.user(
        "tagger",
        {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:TagRole"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:RequestTag/team": "data"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*",
         "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}},
    )  # fmt: skip
    iam = local.client("iam", keys)
    for tags in ([], [{"Key": "team", "Value": "web"}], [{"Key": "team", "Value": "data"}, {"Key": "x", "Value": "y"}]):
        refused("AccessDenied", iam.create_role, RoleName="tagged", AssumeRolePolicyDocument=REDSHIFT, Tags=tags)
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=REDSHIFT, Tags=[{"Key": "team", "Value": "data"}])
    local.client("s3", keys).list_buckets()


def test_a_mistyped_principal_is_refused(local: Any) -> None:
    iam, s3 = local.client("iam"), local.client("s3")
    missing = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/mistyped"}
    text = refused("MalformedPolicyDocument", iam.create_role, RoleName="mis", AssumeRolePolicyDocument=trust(missing))
    assert text == f'Invalid principal in policy: "AWS":"{missing["AWS"]}"'
    iam.create_role(RoleName="mis", AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::999999999999:role/elsewhere"}))
    refused("MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="mis", PolicyDocument=trust(missing))
    s3.create_bucket(Bucket="mistyped")
    statement = {"Effect": "Allow", "Principal": missing, "Action": "s3:*", "Resource": "arn:aws:s3:::mistyped"}
    assert refused(
        "MalformedPolicy", s3.put_bucket_policy, Bucket="mistyped", Policy=json.dumps({"Statement": statement})
    ) == ("Invalid principal in policy")


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_operations_without_a_handler(local: Any, service: str) -> None:
    client = local.client(service)
    for method, name in client.meta.method_to_api_mapping.items():
        model = client.meta.service_model.operation_model(name)
        shape = model.input_shape
        given = {
            one: "perms"
            for one in (shape.required_members if shape else [])
            if shape.members[one].type_name == "string"
        }
        others = shape is not None and len(given) < len(shape.required_members)
        if name in OPERATIONS[service] or others or (given and service != "s3") or model.auth_type == "none":
            continue
        if model.deprecated:
            continue  # the newer operation has the same address
        if name in ("ListDirectoryBuckets", "CreateSession", "WriteGetObjectResponse"):
            continue  # of S3 Express and of object lambdas, which are other services
        if name in ("GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification"):
            continue  # older names of operations that are there, at the same addresses
        with pytest.raises(ClientError) as found:
            getattr(client, method)(**given)
        answer = found.value.response
        assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (501, "NotImplemented"), name
        assert "is not implemented by Slipher yet" in answer["Error"]["Message"]
