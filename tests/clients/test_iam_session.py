"""IAM_ROLE 'SESSION': COPY and UNLOAD with the rights of the IAM identity that opened the session, and no more."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from slipher.testing.instance import Cluster, Instance
from slipher.testing.wire import Connection, ServerError

CLUSTER = "redshift-cluster-1"
LOGIN = {"Effect": "Allow", "Action": "redshift:GetClusterCredentialsWithIAM", "Resource": "*"}
COPY = "copy fed from 's3://{}/in/' iam_role 'SESSION'"
UNLOAD = "unload ('select * from fed') to 's3://{}/out/' iam_role 'SESSION' allowoverwrite"


def reading(bucket: str) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/in/*"]
    return {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": resources}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def admin(slipher_cluster: Cluster, slipher: Instance, slipher_bucket: str) -> Iterator[Connection]:
    slipher.client("s3").put_object(Bucket=slipher_bucket, Key="in/a", Body=b"1\n2\n")
    with slipher_cluster.connect() as found:
        found.simple("create table fed (a int)")
        yield found
        found.simple("drop table fed")


def opened(slipher: Instance, admin: Connection, name: str, keys: dict[str, str]) -> Connection:
    """A session as an IAM identity, who may use the table."""
    given = slipher.client("redshift", **keys).get_cluster_credentials_with_iam(ClusterIdentifier=CLUSTER, DbName="dev")
    assert given["DbUser"] == name
    session = slipher.cluster.connect(given["DbUser"], given["DbPassword"])
    admin.rows(f'grant all on fed to "{name}"')
    return session


def closed(admin: Connection, session: Connection, name: str) -> None:
    session.close()
    admin.rows(f'revoke all on fed from "{name}"')
    for _ in range(100):  # the session ends in its own time
        admin.simple(f'drop user if exists "{name}"')
        if not admin.rows(f"select 1 from pg_user where usename = '{name}'"):
            return
        time.sleep(0.1)


def refused(session: Connection, text: str) -> ServerError:
    with pytest.raises(ServerError) as found:
        session.rows(text)
    return found.value


def test_a_user(slipher: Instance, slipher_bucket: str, admin: Connection) -> None:
    iam, name = slipher.client("iam"), "fed_user"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(LOGIN))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}
    session = opened(slipher, admin, f"IAM:{name}", keys)
    try:
        who = f"arn:aws:iam::{slipher.account}:user/{name}"
        denied = refused(session, COPY.format(slipher_bucket))
        assert "Status 403,Error AccessDenied" in denied.report.message
        assert f"{who} allows s3:ListBucket" in denied.report.fields["H"]
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(LOGIN, reading(slipher_bucket)))
        session.rows(COPY.format(slipher_bucket))
        assert session.rows("select pg_last_copy_count()") == [("2",)]
        assert "s3:PutObject" in refused(session, UNLOAD.format(slipher_bucket)).report.fields["H"]
        writing = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{slipher_bucket}/out/*"}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(reading(slipher_bucket), writing))
        session.rows(UNLOAD.format(slipher_bucket))
        assert session.rows("select pg_last_unload_count()") == [("2",)]
        iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
        gone = refused(session, COPY.format(slipher_bucket))
        assert gone.report.message.endswith("is not authorized to assume IAM Role SESSION")
        assert "is no longer valid" in gone.report.fields["H"]
        assert session.rows("select count(*) from fed") == [("2",)]
    finally:
        closed(admin, session, f"IAM:{name}")


def test_a_role_with_a_session_policy(slipher: Instance, slipher_bucket: str, admin: Connection) -> None:
    iam, name = slipher.client("iam"), "fed_role"
    trust = {"Effect": "Allow", "Principal": {"AWS": slipher.account}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    everything = {"Effect": "Allow", "Action": ["s3:*", "redshift:*"], "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(everything))
    given = slipher.client("sts").assume_role(
        RoleArn=arn, RoleSessionName="me", Policy=policy(LOGIN, reading(slipher_bucket))
    )["Credentials"]
    keys = {
        "access_key_id": given["AccessKeyId"],
        "secret_access_key": given["SecretAccessKey"],
        "session_token": given["SessionToken"],
    }
    session = opened(slipher, admin, f"IAMR:{name}", keys)
    try:
        session.rows(COPY.format(slipher_bucket))
        denied = refused(session, UNLOAD.format(slipher_bucket))  # the role might, this session of it may not
        assert "session policy" in denied.report.fields["H"] and "s3:PutObject" in denied.report.fields["H"]
        iam.delete_role_policy(RoleName=name, PolicyName="p")
        assert "Status 403" in refused(session, COPY.format(slipher_bucket)).report.message
    finally:
        closed(admin, session, f"IAMR:{name}")


def test_the_data_api_and_who_is_no_identity(slipher: Instance, slipher_bucket: str, admin: Connection) -> None:
    data = slipher.client("redshift-data")
    admin.rows("create user fed_known password 'Right1Word'")
    admin.rows("grant all on fed to fed_known")
    try:
        for user, expected in ({}, "FINISHED"), ({"DbUser": "awsuser"}, "FAILED"):
            if not user:
                me = data.execute_statement(ClusterIdentifier=CLUSTER, Database="dev", Sql="select current_user")
                assert _ended(data, me["Id"])["Status"] == "FINISHED"
                admin.rows('grant all on fed to "IAM:admin"')
            made = data.execute_statement(
                ClusterIdentifier=CLUSTER, Database="dev", Sql=COPY.format(slipher_bucket), **user
            )
            ended = _ended(data, made["Id"])
            assert ended["Status"] == expected, ended
            if user:
                assert "Current user is not authenticated with IAM credentials" in ended["Error"]
        # GetClusterCredentials lets in as a database user: who asked for it is not who is in the session
        given = slipher.client("redshift").get_cluster_credentials(DbUser="fed_known", ClusterIdentifier=CLUSTER)
        with slipher.cluster.connect(given["DbUser"], given["DbPassword"]) as session:
            assert "not authenticated with IAM" in refused(session, COPY.format(slipher_bucket)).report.message
        assert admin.rows("select count(*) from fed") == [("2",)]
    finally:
        admin.simple('revoke all on fed from "IAM:admin"')
        admin.simple("revoke all on fed from fed_known")
        admin.simple("drop user fed_known")


def _ended(data: Any, identifier: str) -> dict[str, Any]:
    for _ in range(300):
        found = data.describe_statement(Id=identifier)
        if found["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return dict(found)
        time.sleep(0.1)
    raise AssertionError("the statement does not end")
