"""Passwords of GetClusterCredentials at the cluster's door, with real drivers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redshift_connector
from botocore.exceptions import ClientError

from slipher.testing.instance import Cluster, Instance
from slipher.testing.wire import Connection, ServerError

CLUSTER = "redshift-cluster-1"


@pytest.fixture(scope="module")
def admin(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as found:
        found.rows("create user tmp_known password 'Right1Word'")
        found.rows("create group tmp_readers")
        found.rows("create table tmp_secret as select 42 as a")
        found.rows("grant select on tmp_secret to group tmp_readers")
        yield found
        found.simple("drop table tmp_secret")
        for user in ("tmp_known", "tmp_new", '"IAM:tmp_alice"', '"IAMR:tmp_role"', '"IAM:admin"'):
            found.simple(f"drop user if exists {user}")
        found.simple("drop group tmp_readers")


def credentials(slipher: Instance, user: str, **options: Any) -> dict[str, Any]:
    redshift = slipher.client("redshift")
    return dict(redshift.get_cluster_credentials(DbUser=user, ClusterIdentifier=CLUSTER, **options))


def keys_of(slipher: Instance, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    """The keys of a new IAM user with these permissions, as arguments of Instance.client."""
    iam = slipher.client("iam")
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


def test_a_known_user(slipher: Instance, slipher_cluster: Cluster, admin: Connection) -> None:
    one, two = credentials(slipher, "tmp_known", DbName="dev"), credentials(slipher, "tmp_known", DurationSeconds=3600)
    assert one["DbUser"] == "IAM:tmp_known"
    assert one["Expiration"] < two["Expiration"]
    for given in (one, two):  # both hold at a time, and the user's own password beside them
        with slipher_cluster.connect(given["DbUser"], given["DbPassword"]) as session:
            assert session.rows("select current_user, session_user") == [("tmp_known", "tmp_known")]
            [(name,)] = session.rows("select trim(user_name) from stv_sessions where process = pg_backend_pid()")
            assert name == "IAM:tmp_known"
    slipher_cluster.connect("tmp_known", "Right1Word").close()
    logged = admin.rows(
        "select distinct trim(authmethod) from stl_connection_log where trim(username) = 'IAM:tmp_known'"
    )
    assert logged == [("IAM AssumeUser",)]


@pytest.mark.parametrize("case", ["other user", "other database", "garbage", "no such user", "plain", "no group"])
def test_what_a_password_does_not_open(
    slipher: Instance, slipher_cluster: Cluster, admin: Connection, case: str
) -> None:
    given = credentials(slipher, "tmp_known", DbName="dev")
    user, password, options = given["DbUser"], given["DbPassword"], dict[str, Any]()
    expected = "28000"
    if case == "other user":
        user = "IAM:awsuser"
    elif case == "other database":
        options["database"] = "padb_harvest"
    elif case == "garbage":
        password = password[:-6] + "AAAAAA"
    elif case == "no such user":
        given = credentials(slipher, "tmp_nobody")
        user, password = given["DbUser"], given["DbPassword"]
    elif case == "plain":
        options["tls"] = False
    else:
        given = credentials(slipher, "tmp_known", DbGroups=["tmp_no_such_group"])
        user, password, expected = given["DbUser"], given["DbPassword"], "42704"
    with pytest.raises(ServerError) as refused:
        slipher_cluster.connect(user, password, **options)
    assert refused.value.report.code == expected
    assert password not in str(refused.value.report.fields)


def test_made_at_the_login_with_groups(slipher: Instance, slipher_cluster: Cluster, admin: Connection) -> None:
    given = credentials(slipher, "tmp_new", AutoCreate=True, DbGroups=["tmp_readers"])
    assert given["DbUser"] == "IAMA:tmp_new:tmp_readers"
    assert admin.rows("select 1 from pg_user where usename = 'tmp_new'") == []
    with psycopg.connect(slipher_cluster.dsn, user=given["DbUser"], password=given["DbPassword"]) as session:
        assert session.execute("select current_user, a from tmp_secret").fetchall() == [("tmp_new", 42)]
    given = credentials(slipher, "tmp_new", AutoCreate=True)  # the group was that session's only
    with slipher_cluster.connect(given["DbUser"], given["DbPassword"]) as alone, pytest.raises(ServerError) as denied:
        alone.rows("select a from tmp_secret")
    assert denied.value.report.code == "42501"


def test_as_the_iam_identity(slipher: Instance, slipher_cluster: Cluster, admin: Connection) -> None:
    database = f"arn:aws:redshift:us-east-1:{slipher.account}:dbname:{CLUSTER}/dev"
    action = "redshift:GetClusterCredentialsWithIAM"
    keys = keys_of(slipher, "tmp_alice", {"Effect": "Allow", "Action": action, "Resource": database})
    redshift = slipher.client("redshift", **keys)
    given = redshift.get_cluster_credentials_with_iam(ClusterIdentifier=CLUSTER, DbName="dev")
    assert given["DbUser"] == "IAM:tmp_alice"
    with slipher_cluster.connect(given["DbUser"], given["DbPassword"]) as session:
        assert session.rows("select current_user") == [("IAM:tmp_alice",)]
    for options in ({}, {"DbName": "other"}):  # the policy names dev alone
        with pytest.raises(ClientError, match="not authorized to perform: redshift:GetClusterCredentialsWithIAM"):
            redshift.get_cluster_credentials_with_iam(ClusterIdentifier=CLUSTER, **options)


def test_a_federated_user_is_nobody_yet(slipher: Instance) -> None:
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    keys = slipher.client("sts").get_federation_token(Name="admin", Policy=json.dumps(policy))["Credentials"]
    given = {
        "access_key_id": keys["AccessKeyId"],
        "secret_access_key": keys["SecretAccessKey"],
        "session_token": keys["SessionToken"],
    }
    with pytest.raises(ClientError, match="federated user is not implemented") as refused:
        slipher.client("redshift", **given).get_cluster_credentials_with_iam(ClusterIdentifier=CLUSTER)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    with pytest.raises(ClientError, match="federated user is not implemented"):
        slipher.client("redshift-data", **given).execute_statement(
            Sql="select 1", ClusterIdentifier=CLUSTER, Database="dev"
        )


def test_permissions(slipher: Instance) -> None:
    def arn(kind: str, name: str) -> str:
        return f"arn:aws:redshift:us-east-1:{slipher.account}:{kind}:{CLUSTER}/{name}"

    keys = keys_of(
        slipher,
        "tmp_bob",
        {
            "Effect": "Allow",
            "Action": "redshift:GetClusterCredentials",
            "Resource": [arn("dbuser", "ana"), arn("dbname", "dev")],
            "Condition": {"NumericLessThanEquals": {"redshift:DurationSeconds": "900"}},
        },
        {"Effect": "Allow", "Action": "redshift:JoinGroup", "Resource": arn("dbgroup", "readers")},
        {
            "Effect": "Allow",
            "Action": "redshift:CreateClusterUser",
            "Resource": "*",
            "Condition": {"StringEquals": {"redshift:DbUser": "bea"}},
        },
    )
    ask = slipher.client("redshift", **keys).get_cluster_credentials
    right = {"DbUser": "ana", "DbName": "dev", "ClusterIdentifier": CLUSTER, "DbGroups": ["readers"]}
    assert ask(**right)["DbUser"] == "IAM:ana:readers"
    for wrong, action in (
        ({"DbUser": "awsuser"}, "GetClusterCredentials on resource: .*dbuser"),
        ({"DbName": "other"}, "GetClusterCredentials on resource: .*dbname"),
        ({"DurationSeconds": 901}, "GetClusterCredentials"),
        ({"DbGroups": ["readers", "writers"]}, "JoinGroup on resource: .*writers"),
        ({"AutoCreate": True}, "CreateClusterUser"),
    ):
        with pytest.raises(ClientError, match=action) as refused:
            ask(**(right | wrong))
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"DurationSeconds": 899}, "InvalidParameterValue"),
        ({"DurationSeconds": 3601}, "InvalidParameterValue"),
        ({"DbUser": "rdsdb"}, "InvalidParameterValue"),
        ({"DbUser": "a:b"}, "InvalidParameterValue"),
        ({"DbGroups": ["a,b"]}, "InvalidParameterValue"),
        ({"ClusterIdentifier": "no-such"}, "ClusterNotFound"),
        ({"CustomDomainName": "x.example.com"}, "NotImplemented"),
    ],
)
def test_refused(slipher: Instance, options: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        slipher.client("redshift").get_cluster_credentials(
            **({"DbUser": "ana", "ClusterIdentifier": CLUSTER} | options)
        )
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("options", "user"),
    [
        ({"db_user": "tmp_known"}, "tmp_known"),
        ({"db_user": "tmp_new", "auto_create": True, "db_groups": ["tmp_readers"]}, "tmp_new"),
        ({"group_federation": True}, "IAM:admin"),
    ],
)
def test_redshift_connector(
    slipher: Instance,
    admin: Connection,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    user: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", slipher.environment["SSL_CERT_DIR"])  # as `slipher env` exports it
    environment = slipher.environment
    with redshift_connector.connect(
        iam=True,
        cluster_identifier=CLUSTER,
        database="dev",
        region="us-east-1",
        endpoint_url=slipher.endpoint,
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        iam_disable_cache=True,
        **options,
    ) as session:
        cursor = session.cursor()
        cursor.execute("select current_user")
        assert cursor.fetchone()[0] == user
