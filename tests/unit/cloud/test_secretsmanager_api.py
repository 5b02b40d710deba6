"""Secrets Manager through boto3: versions and labels, names and ARNs, deletion, filters, policies, and what lies on the disk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from refusals import refused
from sqlalchemy import select, update

from slipher.cloud.state.secretsmanager import secrets, versions

ACCOUNT = "123456789012"
TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def sm(local: Any) -> Any:
    return local.client("secretsmanager")


def test_a_secrets_versions(sm: Any) -> None:
    made = sm.create_secret(Name="app/db", SecretString="one", Description="of the app", ClientRequestToken=TOKEN)
    arn = made["ARN"]
    assert arn[:-6] == f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-" and len(arn[-6:]) == 6
    assert made["VersionId"] == TOKEN
    again = sm.create_secret(Name="app/db", SecretString="one", ClientRequestToken=TOKEN)
    assert (again["ARN"], again["VersionId"]) == (arn, TOKEN)
    text = refused("ResourceExistsException", sm.create_secret, Name="app/db", SecretString="one")
    assert text == "The operation failed because the secret app/db already exists."
    text = refused(
        "ResourceExistsException", sm.put_secret_value, SecretId=arn, SecretString="other", ClientRequestToken=TOKEN
    )
    assert text.startswith(f"You can't use ClientRequestToken {TOKEN} because that value is already in use")

    second = sm.put_secret_value(SecretId="app/db", SecretBinary=b"\x00two")
    assert second["VersionStages"] == ["AWSCURRENT"]
    for given in ("app/db", arn, arn[:-7]):
        got = sm.get_secret_value(SecretId=given)
        assert (got["ARN"], got["SecretBinary"], got["VersionStages"]) == (arn, b"\x00two", ["AWSCURRENT"])
        assert "SecretString" not in got
    assert sm.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    third = sm.update_secret(SecretId=arn, SecretString="three", Description="changed")["VersionId"]
    described = sm.describe_secret(SecretId=arn)
    assert described["Description"] == "changed" and described["LastAccessedDate"]
    assert described["VersionIdsToStages"] == {third: ["AWSCURRENT"], second["VersionId"]: ["AWSPREVIOUS"]}
    assert "VersionId" not in sm.update_secret(SecretId=arn, Description="again")

    sm.put_secret_value(SecretId=arn, SecretString="next", VersionStages=["AWSPENDING"], ClientRequestToken=TOKEN[::-1])
    assert sm.get_secret_value(SecretId=arn)["SecretString"] == "three"
    sm.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=TOKEN[::-1], RemoveFromVersionId=third
    )
    assert sm.get_secret_value(SecretId=arn)["SecretString"] == "next"
    assert sm.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"] == "three"
    listed = sm.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True)["Versions"]
    assert {one["VersionId"] for one in listed} == {TOKEN, TOKEN[::-1], third, second["VersionId"]}
    text = refused("ResourceNotFoundException", sm.get_secret_value, SecretId=arn, VersionStage="nope")
    assert text == "Secrets Manager can't find the specified secret value for staging label: nope"


def test_what_is_wrong_is_refused(sm: Any) -> None:
    sm.create_secret(Name="empty")
    text = refused("ResourceNotFoundException", sm.get_secret_value, SecretId="empty")
    assert text == "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    text = refused("ResourceNotFoundException", sm.get_secret_value, SecretId="absent")
    assert text == "Secrets Manager can't find the specified secret."
    refused("InvalidRequestException", sm.put_secret_value, SecretId="empty")
    refused("InvalidParameterException", sm.put_secret_value, SecretId="empty", SecretString="a", SecretBinary=b"a")
    refused("ValidationException", sm.create_secret, Name="with blank", SecretString="x")
    refused("ValidationException", sm.put_secret_value, SecretId="empty", SecretString="x" * 65537)
    refused("InvalidParameterException", sm.delete_secret, SecretId="empty", RecoveryWindowInDays=6)
    refused("NotImplemented", sm.create_secret, Name="r", AddReplicaRegions=[{"Region": "eu-west-1"}])
    elsewhere = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:empty-abcdef"
    refused("ResourceNotFoundException", sm.describe_secret, SecretId=elsewhere)


def test_deletion_with_a_window(sm: Any, local: Any) -> None:
    arn = sm.create_secret(Name="going", SecretString="x")["ARN"]
    sm.delete_secret(SecretId="going", RecoveryWindowInDays=7)
    text = refused("InvalidRequestException", sm.get_secret_value, SecretId="going")
    assert text == "You can't perform this operation on the secret because it was marked for deletion."
    text = refused("InvalidRequestException", sm.create_secret, Name="going", SecretString="y")
    assert text.endswith("a secret with this name is already scheduled for deletion.")
    assert sm.describe_secret(SecretId="going")["DeletedDate"]
    assert "going" not in [one["Name"] for one in sm.list_secrets()["SecretList"]]
    assert "going" in [one["Name"] for one in sm.list_secrets(IncludePlannedDeletion=True)["SecretList"]]
    sm.restore_secret(SecretId="going")
    assert sm.get_secret_value(SecretId="going")["SecretString"] == "x"
    sm.delete_secret(SecretId="going", RecoveryWindowInDays=7)
    with local.gateway.transaction() as db:  # the window is over
        db.execute(update(secrets).where(secrets.c.arn == arn).values(due=local.gateway.now()))
    refused("ResourceNotFoundException", sm.restore_secret, SecretId="going")
    assert sm.create_secret(Name="going", SecretString="z")["ARN"] != arn
    sm.delete_secret(SecretId="going", ForceDeleteWithoutRecovery=True)
    refused("ResourceNotFoundException", sm.describe_secret, SecretId="going")


def test_lists_have_filters_and_pages(sm: Any) -> None:
    for number in range(5):
        sm.create_secret(
            Name=f"list/{number}", Description=f"Number {number}", Tags=[{"Key": "team", "Value": f"t{number % 2}"}]
        )

    def names(*filters: Any) -> list[str]:
        pages = sm.get_paginator("list_secrets").paginate(
            Filters=[{"Key": key, "Values": values} for key, values in filters], SortBy="name", SortOrder="asc",
            PaginationConfig={"PageSize": 2},
        )  # fmt: skip
        return [one["Name"] for page in pages for one in page["SecretList"]]

    assert names(("name", ["list/"])) == [f"list/{n}" for n in range(5)]
    assert names(("name", ["list/", "!list/3"])) == ["list/0", "list/1", "list/2", "list/4"]
    assert names(("tag-value", ["t1"]), ("tag-key", ["team"])) == ["list/1", "list/3"]
    assert names(("description", ["number 4"])) == ["list/4"]
    assert names(("all", ["numb 2"])) == ["list/2"]
    sm.tag_resource(SecretId="list/0", Tags=[{"Key": "team", "Value": "new"}, {"Key": "b", "Value": "2"}])
    sm.untag_resource(SecretId="list/0", TagKeys=["b"])
    assert sm.describe_secret(SecretId="list/0")["Tags"] == [{"Key": "team", "Value": "new"}]


def test_policies_decide_by_arn_tag_and_resource(sm: Any, local: Any) -> None:
    arn = sm.create_secret(Name="guarded", SecretString="x", Tags=[{"Key": "team", "Value": "red"}])["ARN"]
    sm.create_secret(Name="other", SecretString="y")
    allow = {"Effect": "Allow", "Action": "secretsmanager:*"}
    by_arn = local.client("secretsmanager", local.user("sm-arn", allow | {"Resource": arn[:-6] + "*"}))
    by_tag = local.client("secretsmanager", local.user("sm-tag", allow | {
        "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}},
    }))  # fmt: skip
    nobody = local.client("secretsmanager", local.user("sm-none"))
    for client in (by_arn, by_tag):
        assert client.get_secret_value(SecretId="guarded")["SecretString"] == "x"
        text = refused("AccessDeniedException", client.get_secret_value, SecretId="other")
        assert "is not authorized to perform: secretsmanager:GetSecretValue on resource: " in text
    refused("AccessDeniedException", nobody.get_secret_value, SecretId=arn)
    policy = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/sm-none"}, "Resource": "*",
              "Action": "secretsmanager:GetSecretValue"}  # fmt: skip
    sm.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    assert nobody.get_secret_value(SecretId=arn)["SecretString"] == "x"
    deny = policy | {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/sm-arn"}}
    sm.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": deny}))
    text = refused("AccessDeniedException", by_arn.get_secret_value, SecretId=arn)
    assert text.endswith("with an explicit deny in a resource-based policy")
    public = json.dumps({"Version": "2012-10-17", "Statement": policy | {"Principal": "*"}})
    refused(
        "PublicPolicyException", sm.put_resource_policy, SecretId=arn, ResourcePolicy=public, BlockPublicPolicy=True
    )
    refused("MalformedPolicyDocumentException", sm.put_resource_policy, SecretId=arn, ResourcePolicy="{}")
    sm.delete_resource_policy(SecretId=arn)
    assert "ResourcePolicy" not in sm.get_resource_policy(SecretId=arn)


def test_values_lie_sealed(sm: Any, local: Any) -> None:
    sm.create_secret(Name="sealed", SecretString="plainly-visible")
    directory = local.gateway.data_dir
    assert (directory / "secrets.key").stat().st_mode & 0o777 == 0o600
    for file in (one for one in directory.rglob("*") if one.is_file()):
        assert b"plainly-visible" not in file.read_bytes(), file
    with local.gateway.transaction() as db:  # a value moved to another secret does not open there
        arn = sm.describe_secret(SecretId="sealed")["ARN"]
        other = sm.describe_secret(SecretId="other")["ARN"]
        value = db.scalar(select(versions.c.value).where(versions.c.secret == other))
        db.execute(update(versions).where(versions.c.secret == arn).values(value=value))
    refused("DecryptionFailure", sm.get_secret_value, SecretId="sealed")


def test_random_passwords(sm: Any) -> None:
    found = sm.get_random_password()["RandomPassword"]
    assert len(found) == 32 and any(c.isdigit() for c in found) and any(c.isupper() for c in found)
    found = sm.get_random_password(
        PasswordLength=300, ExcludePunctuation=True, ExcludeNumbers=True, ExcludeCharacters="aA"
    )
    assert set(found["RandomPassword"]) <= set("bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert len(found["RandomPassword"]) == 300
    refused("InvalidParameterException", sm.get_random_password, PasswordLength=3)


def test_a_key_of_kms_has_its_say(sm: Any, local: Any) -> None:
    kms = local.client("kms")
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    arn = sm.create_secret(Name="keyed", SecretString="x", KmsKeyId=key)["ARN"]
    assert sm.describe_secret(SecretId=arn)["KmsKeyId"] == key
    may = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    decrypt = {
        "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
        "Condition": {"StringEquals": {"kms:EncryptionContext:SecretARN": arn, "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}},
    }  # fmt: skip
    without = local.client("secretsmanager", local.user("sm-nokey", may))
    text = refused("AccessDeniedException", without.get_secret_value, SecretId=arn)
    assert text == "Access to KMS is not allowed"
    refused("AccessDeniedException", without.put_secret_value, SecretId=arn, SecretString="y")
    reads = local.client("secretsmanager", local.user("sm-reads", may, decrypt))
    assert reads.get_secret_value(SecretId=arn)["SecretString"] == "x"
    sm.update_secret(SecretId=arn, KmsKeyId=other)
    refused("AccessDeniedException", reads.get_secret_value, SecretId=arn)
    kms.disable_key(KeyId=other)
    refused("DecryptionFailure", sm.get_secret_value, SecretId=arn)
    refused("EncryptionFailure", sm.create_secret, Name="n", SecretString="x", KmsKeyId="alias/none")
    kms.enable_key(KeyId=other)
    sm.update_secret(SecretId=arn, KmsKeyId="alias/aws/secretsmanager")
    assert without.get_secret_value(SecretId=arn)["SecretString"] == "x"


def test_many_values_at_once(local: Any) -> None:
    vault = local.client("secretsmanager")
    for number in range(3):
        vault.create_secret(Name=f"many/{number}", SecretString=f"value {number}")
    found = vault.batch_get_secret_value(SecretIdList=["many/1", "many/none", "many/0"])
    assert [(one["Name"], one["SecretString"]) for one in found["SecretValues"]] == [
        ("many/1", "value 1"),
        ("many/0", "value 0"),
    ]
    assert [(one["SecretId"], one["ErrorCode"]) for one in found["Errors"]] == [
        ("many/none", "ResourceNotFoundException")
    ]
    pages, token = [], {}
    while True:
        page = vault.batch_get_secret_value(Filters=[{"Key": "name", "Values": ["many/"]}], MaxResults=2, **token)
        pages.append(sorted(one["SecretString"] for one in page["SecretValues"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [len(page) for page in pages] == [2, 1] and sorted(value for page in pages for value in page) == [
        "value 0",
        "value 1",
        "value 2",
    ]
    may = {"Effect": "Allow", "Action": ["secretsmanager:BatchGetSecretValue"], "Resource": "*"}
    own = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": "*:secret:many/2-*"}
    someone = local.client("secretsmanager", local.user("many-values", may, own))
    found = someone.batch_get_secret_value(SecretIdList=["many/1", "many/2"])
    assert [one["SecretString"] for one in found["SecretValues"]] == ["value 2"]
    assert [(one["SecretId"], one["ErrorCode"]) for one in found["Errors"]] == [("many/1", "AccessDeniedException")]
    for wrong in (
        {},
        {"SecretIdList": ["a"], "Filters": [{"Key": "name", "Values": ["a"]}]},
        {"SecretIdList": ["a"], "MaxResults": 2},
    ):
        with pytest.raises(ClientError) as refused:
            vault.batch_get_secret_value(**wrong)
        assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
