"""UNLOAD ... ENCRYPTED: S3 asks KMS under the role, which allows or denies; COPY reads what is encrypted, if the role may."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from slipher.testing import Instance
from slipher.testing.wire import ServerError

ACCOUNT = "123456789012"
TRUST = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def key(slipher: Instance) -> str:
    return str(slipher.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def role(slipher: Instance) -> Iterator[str]:
    """A role with full access to S3, and none to KMS."""
    iam, redshift, name = slipher.client("iam"), slipher.client("redshift"), f"enc-{secrets.token_hex(4)}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
    iam.put_role_policy(
        RoleName=name, PolicyName="s3", PolicyDocument=policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    )
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, AddIamRoles=[arn])
    yield arn
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, RemoveIamRoles=[arn])
    for one in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=one)
    iam.delete_role(RoleName=name)


def test_a_key_of_kms(slipher: Instance, slipher_bucket: str, role: str, key: str) -> None:
    s3, iam = slipher.client("s3"), slipher.client("iam")
    unload = f"unload ('select 1') to 's3://{slipher_bucket}/a' iam_role '{role}' encrypted kms_key_id '{key}' manifest"
    copy = f"copy t from 's3://{slipher_bucket}/a0' iam_role '{role}'"
    with slipher.cluster.connect() as session:
        session.rows("create temp table t (a int)")
        with pytest.raises(ServerError, match=f"not authorized to perform: kms:GenerateDataKey on resource: {key}"):
            session.rows(unload)
        assert "Contents" not in s3.list_objects_v2(Bucket=slipher_bucket)
        name = role.rpartition("/")[2]
        keys = {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": key}
        iam.put_role_policy(RoleName=name, PolicyName="kms", PolicyDocument=policy(keys))
        session.rows(unload)
        for one in s3.list_objects_v2(Bucket=slipher_bucket)["Contents"]:  # the manifest as well
            assert s3.head_object(Bucket=slipher_bucket, Key=one["Key"])["SSEKMSKeyId"] == key
        with pytest.raises(ServerError, match="not authorized to perform: kms:Decrypt"):
            session.rows(copy)
        keys["Action"] = "kms:Decrypt"
        iam.put_role_policy(RoleName=name, PolicyName="kms", PolicyDocument=policy(keys))
        session.rows(copy)
        assert session.rows("select a from t") == [("1",)]


def test_auto_does_as_the_bucket_says(slipher: Instance, slipher_bucket: str, role: str, key: str) -> None:
    s3, iam = slipher.client("s3"), slipher.client("iam")
    with slipher.cluster.connect() as session:

        def unload(prefix: str) -> Any:
            session.rows(
                f"unload ('select 1') to 's3://{slipher_bucket}/{prefix}' iam_role '{role}' encrypted auto parallel off"
            )
            return s3.head_object(Bucket=slipher_bucket, Key=f"{prefix}000")

        assert unload("plain")["ServerSideEncryption"] == "AES256"
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        s3.put_bucket_encryption(Bucket=slipher_bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        with pytest.raises(ServerError, match="kms:GenerateDataKey"):
            unload("denied")
        name = role.rpartition("/")[2]
        keys = {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": key}
        iam.put_role_policy(RoleName=name, PolicyName="kms", PolicyDocument=policy(keys))
        assert unload("sealed")["SSEKMSKeyId"] == key
        deny = {"Effect": "Deny", "Action": "s3:GetEncryptionConfiguration", "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="deny", PolicyDocument=policy(deny))
        with pytest.raises(ServerError, match="Access Denied"):
            unload("unasked")
