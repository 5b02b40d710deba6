"""Sessions of STS: what limits them, the tags and the identity they carry, and keys that conditions ask for, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, **other: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **other}


def trust(*actions: str, **other: Any) -> str:
    return text(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": list(actions or ["sts:AssumeRole"]), **other}
    )


def refused(code: str, method: Any, **given: Any) -> Any:
    with pytest.raises(ClientError) as found:
        method(**given)
    assert found.value.response["Error"]["Code"] == code, found.value
    return found.value.response


def role(local: Any, name: str, document: str, *statements: dict[str, Any], **given: Any) -> str:
    iam = local.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **given)
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text(*statements))
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def test_session_policies_limit_together(local: Any) -> None:
    arn, sts = role(local, "wide", trust(), allow("iam:*", "s3:*")), local.client("sts")
    listing = local.client("iam").create_policy(PolicyName="listing", PolicyDocument=text(allow("iam:ListUsers")))
    made = sts.assume_role(
        RoleArn=arn, RoleSessionName="s1", Policy=text(allow("iam:ListRoles")),
        PolicyArns=[{"arn": listing["Policy"]["Arn"]}],
    )  # fmt: skip
    assert 0 < made["PackedPolicySize"] <= 100
    iam = local.client("iam", made["Credentials"])
    iam.list_roles()
    iam.list_users()
    answer = refused("AccessDenied", iam.list_groups)
    assert answer["Error"]["Message"].endswith("because no session policy allows the iam:ListGroups action")
    local.client("iam").create_policy_version(
        PolicyArn=listing["Policy"]["Arn"], PolicyDocument=text(allow("iam:ListGroups")), SetAsDefault=True
    )
    iam.list_groups()  # a managed one is looked up when it is asked
    gone = [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}]
    refused("MalformedPolicyDocument", sts.assume_role, RoleArn=arn, RoleSessionName="s1", PolicyArns=gone)


def test_session_tags_and_chains(local: Any) -> None:
    iam, sts = local.client("iam"), local.client("sts")
    first = role(local, "first", trust("sts:AssumeRole", "sts:TagSession"), allow("sts:*"), MaxSessionDuration=7200)
    second = role(
        local, "second", trust("sts:AssumeRole", "sts:TagSession"),
        allow("iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalTag/kind": "own"}}),
        Tags=[{"Key": "kind", "Value": "own"}, {"Key": "Team", "Value": "blue"}],
    )  # fmt: skip
    tags = [{"Key": "team", "Value": "red"}, {"Key": "room", "Value": "7"}]
    made = sts.assume_role(
        RoleArn=first, RoleSessionName="s1", Tags=tags, TransitiveTagKeys=["team"], DurationSeconds=7200
    )
    chained = local.client("sts", made["Credentials"])
    answer = refused("ValidationError", chained.assume_role, RoleArn=second, RoleSessionName="s2", DurationSeconds=3601)
    assert "1 hour session limit for roles assumed by role chaining" in answer["Error"]["Message"]
    conflict = {"RoleArn": second, "RoleSessionName": "s2", "Tags": [{"Key": "Team", "Value": "green"}]}
    refused("ValidationError", chained.assume_role, **conflict)
    session = chained.assume_role(RoleArn=second, RoleSessionName="s2")["Credentials"]
    local.client("iam", session).list_users()  # by the tag handed on, which is before the role's own
    plain = sts.assume_role(RoleArn=second, RoleSessionName="s3")["Credentials"]
    refused("AccessDenied", local.client("iam", plain).list_users)
    iam.tag_role(RoleName="second", Tags=[{"Key": "team", "Value": "red"}])
    local.client("iam", plain).list_users()

    untagged = role(local, "untagged", trust())
    answer = refused("AccessDenied", sts.assume_role, RoleArn=untagged, RoleSessionName="s1", Tags=tags)
    assert "is not authorized to perform: sts:TagSession on resource" in answer["Error"]["Message"]
    refused("ValidationError", sts.assume_role, RoleArn=first, RoleSessionName="s1", TransitiveTagKeys=["x"])
    double = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    refused("ValidationError", sts.assume_role, RoleArn=first, RoleSessionName="s1", Tags=double)


def test_the_trust_policy_asks_for_names_and_tags(local: Any) -> None:
    sts = local.client("sts")
    named = role(local, "named", trust(Condition={"StringLike": {"sts:RoleSessionName": "${aws:username}*"}}))
    refused("AccessDenied", sts.assume_role, RoleArn=named, RoleSessionName="other")
    sts.assume_role(RoleArn=named, RoleSessionName="admin-1")
    asked = {
        "StringEquals": {"aws:RequestTag/team": ["red", "blue"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
    }
    tagged = role(local, "tagged", trust("sts:AssumeRole", "sts:TagSession", Condition=asked))
    for tags in (
        [],
        [{"Key": "team", "Value": "green"}],
        [{"Key": "team", "Value": "red"}, {"Key": "x", "Value": "y"}],
    ):
        refused("AccessDenied", sts.assume_role, RoleArn=tagged, RoleSessionName="s1", Tags=tags)
    sts.assume_role(RoleArn=tagged, RoleSessionName="s1", Tags=[{"Key": "team", "Value": "red"}])
    factor = role(local, "factor", trust(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    refused("AccessDenied", sts.assume_role, RoleArn=factor, RoleSessionName="s1")
    organised = role(local, "organised", trust(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    refused("AccessDenied", sts.assume_role, RoleArn=organised, RoleSessionName="s1")


def test_a_source_identity_stays(local: Any) -> None:
    sts = local.client("sts")
    keeping = trust("sts:AssumeRole", "sts:SetSourceIdentity")
    one = role(local, "source", keeping, allow("sts:*"))
    two = role(
        local, "source-2", keeping, allow("iam:ListUsers", Condition={"StringEquals": {"aws:SourceIdentity": "ann"}})
    )
    three = role(local, "source-3", trust())
    made = sts.assume_role(RoleArn=one, RoleSessionName="s1", SourceIdentity="ann")
    assert made["SourceIdentity"] == "ann"
    chained = local.client("sts", made["Credentials"])
    session = chained.assume_role(RoleArn=two, RoleSessionName="s2")
    assert session["SourceIdentity"] == "ann"
    local.client("iam", session["Credentials"]).list_users()
    refused("AccessDenied", chained.assume_role, RoleArn=two, RoleSessionName="s2", SourceIdentity="bob")
    answer = refused("AccessDenied", chained.assume_role, RoleArn=three, RoleSessionName="s2")
    assert "sts:SetSourceIdentity" in answer["Error"]["Message"]


def test_federated_users(local: Any) -> None:
    keys = local.user("feda", allow("sts:*", "s3:*"))
    sts, s3 = local.client("sts", keys), local.client("s3")
    s3.create_bucket(Bucket="federated")
    policy = text(allow("s3:ListBucket", "dynamodb:ListTables"))
    made = sts.get_federation_token(Name="guest", Policy=policy, DurationSeconds=900, Tags=[{"Key": "a", "Value": "b"}])
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    assert made["FederatedUser"] == {"FederatedUserId": f"{ACCOUNT}:guest", "Arn": arn}
    guest = made["Credentials"]
    assert local.client("sts", guest).get_caller_identity()["Arn"] == arn
    local.client("s3", guest).list_objects_v2(Bucket="federated")
    refused("AccessDenied", local.client("s3", guest).put_object, Bucket="federated", Key="k", Body=b"")
    refused("AccessDeniedException", local.client("dynamodb", guest).list_tables)  # the user may not either
    refused("InvalidClientTokenId", local.client("iam", guest).list_roles)
    refused("AccessDenied", local.client("sts", guest).get_federation_token, Name="more")

    nothing = sts.get_federation_token(Name="nobody")["Credentials"]
    refused("AccessDenied", local.client("s3", nothing).list_objects_v2, Bucket="federated")
    who = f"arn:aws:sts::{ACCOUNT}:federated-user/nobody"
    grant = {"Principal": {"AWS": who}, "Resource": "arn:aws:s3:::federated"}
    s3.put_bucket_policy(Bucket="federated", Policy=text(allow("s3:ListBucket") | grant))
    local.client("s3", nothing).list_objects_v2(Bucket="federated")
    unchecked = local.client("sts", keys, parameter_validation=False)
    for given in ({"Name": "x"}, {"Name": "ok", "DurationSeconds": 899}, {"Name": "ok", "DurationSeconds": 129601}):
        refused("ValidationError", unchecked.get_federation_token, **given)


def test_keys_and_encoded_messages(local: Any) -> None:
    sts, keys = local.client("sts"), local.user("curious")
    assert sts.get_access_key_info(AccessKeyId=keys["AccessKeyId"])["Account"] == ACCOUNT
    refused("ValidationError", sts.get_access_key_info, AccessKeyId="AKIAXXXXXXXXXXXXXXXX")
    answer = refused("AccessDenied", local.client("iam", keys).list_roles)
    message = answer["ResponseMetadata"]["HTTPHeaders"]["x-slipher-authorization-message"]
    decoded = json.loads(sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    assert decoded["context"]["action"] == "iam:ListRoles"
    assert decoded["context"]["principal"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/curious"
    refused(
        "InvalidAuthorizationMessageException",
        sts.decode_authorization_message,
        EncodedMessage=message[:-8] + "AAAAAAAA",
    )
    refused("AccessDenied", local.client("sts", keys).decode_authorization_message, EncodedMessage=message)


def test_tags_of_principals_and_resources(local: Any) -> None:
    """Attribute-based access: source: "What is ABAC for AWS?"."""
    iam, dynamodb = local.client("iam"), local.client("dynamodb")
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    keys = local.user("abac", allow("dynamodb:DescribeTable", "redshift:DeleteTags", "iam:GetRole", Condition=same))
    schema = {
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for name in ("red", "blue"):
        dynamodb.create_table(TableName=f"abac-{name}", Tags=[{"Key": "team", "Value": name}], **schema)
        role(local, f"abac-{name}", trust(), Tags=[{"Key": "Team", "Value": name}])
    mine, roles = local.client("dynamodb", keys), local.client("iam", keys)
    refused("AccessDeniedException", mine.describe_table, TableName="abac-red")  # no tag, no value: nothing matches
    iam.tag_user(UserName="abac", Tags=[{"Key": "team", "Value": "red"}])
    mine.describe_table(TableName="abac-red")
    refused("AccessDeniedException", mine.describe_table, TableName="abac-blue")
    roles.get_role(RoleName="abac-red")
    refused("AccessDenied", roles.get_role, RoleName="abac-blue")
    cluster = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:redshift-cluster-1"
    redshift = local.client("redshift", keys)
    refused("AccessDenied", redshift.delete_tags, ResourceName=cluster, TagKeys=["x"])
    local.client("redshift").create_tags(ResourceName=cluster, Tags=[{"Key": "team", "Value": "red"}])
    redshift.delete_tags(ResourceName=cluster, TagKeys=["x"])
