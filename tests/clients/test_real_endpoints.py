"""S3, DynamoDB and STS of AWS's own instead of ours: a second instance stands for AWS, over https, with the same code path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from slipher.base.places import filled, url_of
from slipher.testing import start
from slipher.testing.instance import Instance
from slipher.testing.wire import ServerError
from slipher.warehouse.endpoint import Endpoint

BUCKET, TABLE = "at-aws", "at-aws"


@dataclass(frozen=True, slots=True)
class Pair:
    """The instance that stands for AWS, and the one whose clusters go there; ARNs of roles at AWS."""

    aws: Instance
    ours: Instance
    loader: str
    closed: str
    second: str


def trust(principal: dict[str, str], external: str | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if external is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external}}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def allowed(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | one for one in statements]})


@pytest.fixture(scope="module")
def pair(slipher: Instance) -> Iterator[Pair]:
    iam, account = slipher.client("iam"), slipher.account
    iam.create_user(UserName="operator")
    iam.put_user_policy(
        UserName="operator", PolicyName="p", PolicyDocument=allowed({"Action": "sts:AssumeRole", "Resource": "*"})
    )
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    who = {"AWS": f"arn:aws:iam::{account}:user/operator"}
    external = f"arn:aws:redshift:us-east-1:{account}:dbuser:{slipher.cluster.id}/awsuser"
    roles = {
        "aws-loader": (
            trust(who, external),
            allowed(
                {
                    "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"],
                    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
                },
                {"Action": ["dynamodb:Scan", "dynamodb:DescribeTable"], "Resource": "*"},
                {"Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{account}:role/aws-second"},
            ),
        ),
        "aws-closed": (trust({"Service": "redshift.amazonaws.com"}), allowed({"Action": "s3:*", "Resource": "*"})),
    }
    for name, (trusts, policy) in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    first = f"arn:aws:iam::{account}:role/aws-loader"
    iam.create_role(RoleName="aws-second", AssumeRolePolicyDocument=trust({"AWS": first}))
    iam.put_role_policy(
        RoleName="aws-second", PolicyName="p", PolicyDocument=allowed({"Action": "s3:*", "Resource": "*"})
    )
    slipher.client("s3").create_bucket(Bucket=BUCKET)
    place = "aws:" + slipher.endpoint.replace("http:", "https:")
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    patch.delenv("AWS_SESSION_TOKEN", raising=False)
    patch.setenv("SSL_CERT_DIR", slipher.environment["SSL_CERT_DIR"])
    try:
        ours = start(s3=place, dynamodb=place, sts=place)
    finally:
        patch.undo()
    with ours:
        arns = [f"arn:aws:iam::{account}:role/{name}" for name in ("aws-loader", "aws-closed", "aws-second")]
        redshift = ours.client("redshift")
        redshift.modify_cluster_iam_roles(ClusterIdentifier=ours.cluster.id, AddIamRoles=arns[:2])
        ours.wait_available(redshift, ours.cluster.id)
        yield Pair(slipher, ours, *arns)
    slipher.empty_bucket(BUCKET)
    slipher.client("s3").delete_bucket(Bucket=BUCKET)
    iam.delete_access_key(UserName="operator", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="operator", PolicyName="p")
    iam.delete_user(UserName="operator")
    for name in ("aws-loader", "aws-closed", "aws-second"):
        iam.delete_role_policy(RoleName=name, PolicyName="p")
        iam.delete_role(RoleName=name)


def test_copy_and_unload_go_there(pair: Pair) -> None:
    s3 = pair.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="in/1", Body=b"1|x\n2|y\n")
    with pair.ours.cluster.connect() as session:
        session.rows("create temp table t (a int, b varchar(9))")
        session.rows(f"copy t from 's3://{BUCKET}/in/' iam_role '{pair.loader}'")
        assert session.rows("select count(*), sum(a) from t") == [("2", "3")]
        session.rows(
            f"unload ('select * from t order by a') to 's3://{BUCKET}/out/' iam_role '{pair.loader}' parallel off"
        )
        with pytest.raises(ServerError, match="Access Denied"):
            session.rows(f"copy t from 's3://another-bucket/in/' iam_role '{pair.loader}'")
    assert s3.get_object(Bucket=BUCKET, Key="out/000")["Body"].read() == b"1|x\n2|y\n"
    assert BUCKET not in [one["Name"] for one in pair.ours.client("s3").list_buckets()["Buckets"]]


def test_a_table_there(pair: Pair) -> None:
    client = pair.aws.client("dynamodb")
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
    )  # fmt: skip
    for number in range(20):
        client.put_item(TableName=TABLE, Item={"id": {"N": str(number)}})
    with pair.ours.cluster.connect() as session:
        session.rows("create temp table t (id int)")
        session.rows(f"copy t from 'dynamodb://{TABLE}' iam_role '{pair.loader}' readratio 100")
        assert session.rows("select count(*), sum(id) from t") == [("20", "190")]
    client.delete_table(TableName=TABLE)


def test_a_chain_of_roles_there(pair: Pair) -> None:
    with pair.ours.cluster.connect() as session:
        session.rows("create temp table t (a int)")
        chain = f"{pair.loader},{pair.second}"
        session.rows(f"unload ('select 1') to 's3://{BUCKET}/chained/' iam_role '{chain}' parallel off")
        session.rows(f"copy t from 's3://{BUCKET}/chained/' iam_role '{chain}'")
        assert session.rows("select a from t") == [("1",)]


def test_the_hint_says_what_trust_to_add(pair: Pair) -> None:
    with pair.ours.cluster.connect() as session:
        session.rows("create temp table t (a int)")
        with pytest.raises(ServerError, match="is not authorized to assume IAM Role") as refused:
            session.rows(f"copy t from 's3://{BUCKET}/in/' iam_role '{pair.closed}'")
        hint = str(refused.value.report.fields.get("H"))
        external = f"arn:aws:redshift:us-east-1:{pair.ours.account}:dbuser:{pair.ours.cluster.id}/awsuser"
        assert "user/operator is not authorized to perform: sts:AssumeRole" in hint
        assert (
            f"let the role's trust policy also allow sts:AssumeRole to that principal, with sts:ExternalId {external}"
            in hint
        )
        session.rows("create user loader password 'Password1'")
        session.rows("grant all on schema public to loader")
    with pair.ours.cluster.connect("loader", "Password1") as session:
        session.rows("create temp table t (a int)")
        with pytest.raises(ServerError, match="is not authorized to assume IAM Role"):  # the ExternalId is another's
            session.rows(f"copy t from 's3://{BUCKET}/in/' iam_role '{pair.loader}'")
        with pytest.raises(ServerError, match="is not authorized to assume IAM Role"):
            session.rows(f"copy t from 's3://{BUCKET}/in/' iam_role '{pair.second}'")  # not associated


def test_keys_of_ones_own(pair: Pair) -> None:
    environment = pair.aws.environment
    keys = (
        f"access_key_id '{environment['AWS_ACCESS_KEY_ID']}' secret_access_key '{environment['AWS_SECRET_ACCESS_KEY']}'"
    )
    mine = pair.ours.environment
    ours = f"access_key_id '{mine['AWS_ACCESS_KEY_ID']}' secret_access_key '{mine['AWS_SECRET_ACCESS_KEY']}'"
    with pair.ours.cluster.connect() as session:
        session.rows(f"unload ('select 1') to 's3://{BUCKET}/keys/' {keys} parallel off")
        with pytest.raises(ServerError, match="InvalidAccessKeyId"):
            session.rows(f"unload ('select 1') to 's3://{BUCKET}/other/' {ours} parallel off")


def test_where_services_of_aws_are() -> None:
    s3 = Endpoint(url_of("s3", "aws") or "")
    assert s3.of_bucket("eu-west-1", "b") == "https://b.s3.eu-west-1.amazonaws.com"
    assert s3.of_bucket("cn-north-1", "b") == "https://b.s3.cn-north-1.amazonaws.com.cn"
    assert s3.of_bucket("us-east-1", "b.c") == "https://s3.us-east-1.amazonaws.com/b.c"
    assert Endpoint(url_of("dynamodb", "aws") or "").at("us-east-2") == "https://dynamodb.us-east-2.amazonaws.com"
    assert filled(url_of("sts", "aws") or "", "us-west-2") == "https://sts.us-west-2.amazonaws.com"
    assert url_of("s3", "embedded") is None
    for bad in ("", "AWS", "http://127.0.0.1:9000", "aws:", "aws:ftp://host", "aws:https://"):
        with pytest.raises(ValueError, match="embedded, aws or aws:URL"):
            url_of("s3", bad)


def test_what_is_no_place_is_refused() -> None:
    for option, value in (("--s3", "http://127.0.0.1:9000"), ("--sts", "embedded")):
        command = [sys.executable, "-m", "slipher", "up", "--ephemeral", option, value]
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ))
        assert found.returncode == 1 and option in found.stderr
