"""Redshift Serverless on real processes: Terraform's sequences, credentials, COPY and UNLOAD under a namespace's role, the Data API
by workgroup, snapshots."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redshift_connector
from botocore.exceptions import ClientError

from slipher.testing import Instance
from slipher.testing.wire import Connection, connect

PASSWORD = "Abcdefg1"


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def until(ask: Any, status: str) -> dict[str, Any]:
    """What Terraform's waiters do: ask until the status is there, and fail for what is neither it nor on its way."""
    end = time.monotonic() + 120
    while True:
        found: dict[str, Any] = ask()
        if found["status"] == status:
            return found
        assert found["status"] in ("CREATING", "MODIFYING", "DELETING", status) and time.monotonic() < end, found
        time.sleep(0.1)


def gone(ask: Any) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            assert ask()["status"] == "DELETING" and time.monotonic() < end
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ResourceNotFoundException"
            return
        time.sleep(0.1)


@dataclass
class Place:
    """A namespace with its workgroup, and who may come in."""

    client: Any
    namespace: str
    workgroup: str
    instance: Instance

    def get_namespace(self) -> dict[str, Any]:
        return dict(self.client.get_namespace(namespaceName=self.namespace)["namespace"])

    def get_workgroup(self) -> dict[str, Any]:
        return dict(self.client.get_workgroup(workgroupName=self.workgroup)["workgroup"])

    def connect(self, user: str = "boss", password: str = PASSWORD, database: str = "dev") -> Connection:
        endpoint = self.get_workgroup()["endpoint"]
        return connect(
            endpoint["address"], endpoint["port"], user=user, password=password, database=database,
            root_cert=Path(self.instance.environment["PGSSLROOTCERT"]),
        )  # fmt: skip

    def remove(self) -> None:
        self.client.delete_workgroup(workgroupName=self.workgroup)
        gone(self.get_workgroup)
        self.client.delete_namespace(namespaceName=self.namespace)
        gone(self.get_namespace)


@pytest.fixture(scope="module")
def place(slipher: Instance) -> Iterator[Place]:
    client, name = slipher.client("redshift-serverless"), f"ns-{secrets.token_hex(4)}"
    client.create_namespace(namespaceName=name, adminUsername="boss", adminUserPassword=PASSWORD)
    client.create_workgroup(workgroupName=f"wg-{name}", namespaceName=name, baseCapacity=8)
    found = Place(client, name, f"wg-{name}", slipher)
    until(found.get_workgroup, "AVAILABLE")
    yield found
    found.remove()


def test_terraform_creates_reads_updates_deletes(slipher: Instance) -> None:
    client, iam = slipher.client("redshift-serverless"), slipher.client("iam")
    role = iam.create_role(RoleName="tf-serverless", AssumeRolePolicyDocument=policy(
        Principal={"Service": ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"]}, Action="sts:AssumeRole",
    ))["Role"]["Arn"]  # fmt: skip
    place = Place(client, "tf-namespace", "tf-workgroup", slipher)
    made = client.create_namespace(
        namespaceName="tf-namespace", adminUsername="boss", adminUserPassword=PASSWORD, dbName="shop",
        tags=[{"key": "team", "value": "x"}],
    )["namespace"]  # fmt: skip
    found = place.get_namespace()
    assert (found["namespaceArn"], found["dbName"], found["adminUsername"]) == (made["namespaceArn"], "shop", "boss")
    assert found["namespaceArn"].endswith(f":namespace/{found['namespaceId']}")
    assert found["kmsKeyId"] == "AWS_OWNED_KMS_KEY" and found["iamRoles"] == [] and found["logExports"] == []
    arn = found["namespaceArn"]
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "x"}]

    client.update_namespace(namespaceName="tf-namespace", iamRoles=[role], defaultIamRoleArn=role)
    found = until(place.get_namespace, "AVAILABLE")
    assert found["iamRoles"] == [f"IamRole(applyStatus=in-sync, iamRoleArn={role})"]
    assert found["defaultIamRoleArn"] == role
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    client.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]

    client.create_workgroup(
        workgroupName="tf-workgroup", namespaceName="tf-namespace", baseCapacity=32, publiclyAccessible=True,
        configParameters=[{"parameterKey": "search_path", "parameterValue": "$user, public, etl"}],
    )  # fmt: skip
    group = until(place.get_workgroup, "AVAILABLE")
    values = {one["parameterKey"]: one["parameterValue"] for one in group["configParameters"]}
    assert values["search_path"] == "$user, public, etl" and values["max_query_execution_time"] == "14400"
    assert (group["baseCapacity"], group["publiclyAccessible"], group["endpoint"]["port"]) == (32, True, 5439)
    with place.connect(database="shop") as session:
        assert session.rows("show search_path") == [("$user, public, etl",)]
        session.rows("create table kept as select 7 as a")

    for change in (
        {"baseCapacity": 64},
        {"configParameters": [{"parameterKey": "query_group", "parameterValue": "nightly"}]},
        {"port": 8195},
    ):
        client.update_workgroup(workgroupName="tf-workgroup", **change)
        group = until(place.get_workgroup, "AVAILABLE")
    assert (group["baseCapacity"], group["port"], group["endpoint"]["port"]) == (64, 8195, 8195)
    with place.connect(database="shop") as session:
        assert session.rows("show query_group") == [("nightly",)]
        assert session.rows("show search_path") == [("$user, public, etl",)]
        assert session.rows("select a, (select count(*) from stv_slices) from kept") == [("7", "32")]
    with pytest.raises(ClientError) as refused:
        client.update_workgroup(workgroupName="tf-workgroup", baseCapacity=8, port=5440)
    text = "Can't update multiple configurations at the same time for workgroup tf-workgroup."
    assert (refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]) == (
        "ValidationException",
        text,
    )

    with pytest.raises(ClientError) as refused:  # Terraform destroys the workgroup first
        client.delete_namespace(namespaceName="tf-namespace")
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    client.delete_workgroup(workgroupName="tf-workgroup")
    gone(place.get_workgroup)
    assert until(place.get_namespace, "AVAILABLE")["iamRoles"] != []
    client.create_workgroup(
        workgroupName="tf-again", namespaceName="tf-namespace", baseCapacity=8
    )  # the data are there
    again = Place(client, "tf-namespace", "tf-again", slipher)
    until(again.get_workgroup, "AVAILABLE")
    with again.connect(database="shop") as session:
        assert session.rows("select a from kept") == [("7",)]
    assert slipher.client("redshift").describe_tags()["TaggedResources"] is not None
    names = [one["ClusterIdentifier"] for one in slipher.client("redshift").describe_clusters()["Clusters"]]
    assert not any("tf" in name or name.startswith("serverless") for name in names)
    again.remove()
    assert [one for one in client.list_namespaces()["namespaces"] if one["namespaceName"] == "tf-namespace"] == []
    iam.delete_role(RoleName="tf-serverless")


def test_the_administrators_password_and_name(place: Place) -> None:
    client = place.client
    with pytest.raises(ClientError) as refused:
        client.update_namespace(namespaceName=place.namespace, adminUserPassword="Other1Password")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    client.update_namespace(namespaceName=place.namespace, adminUsername="chief", adminUserPassword="Other1Password")
    with place.connect("chief", "Other1Password") as session:
        assert session.rows("select current_user, usesuper from pg_user where usename = current_user") == [
            ("chief", "t")
        ]
    client.update_namespace(namespaceName=place.namespace, adminUsername="boss", adminUserPassword=PASSWORD)
    with place.connect() as session:
        assert session.rows("select current_user") == [("boss",)]


def test_credentials_for_an_iam_user(slipher: Instance, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    group, environment = place.get_workgroup(), slipher.environment
    given = place.client.get_credentials(workgroupName=place.workgroup, dbName="dev", durationSeconds=900)
    assert given["dbUser"] == "IAM:admin" and given["nextRefreshTime"] == given["expiration"]
    endpoint, root = group["endpoint"], environment["PGSSLROOTCERT"]
    with psycopg.connect(
        host=endpoint["address"], port=endpoint["port"], user=given["dbUser"], password=given["dbPassword"], dbname="dev",
        sslmode="verify-ca", sslrootcert=root,
    ) as session:  # fmt: skip
        assert session.execute("select current_user").fetchone() == ("IAM:admin",)
    for name in ("AWS_ENDPOINT_URL", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, environment[name])
    with redshift_connector.connect(
        iam=True, is_serverless=True, serverless_work_group=place.workgroup, serverless_acct_id=slipher.account,
        database="dev", region=slipher.region, access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"], sslmode="verify-ca",
    ) as session:  # fmt: skip
        cursor = session.cursor()
        cursor.execute("select current_user")
        assert cursor.fetchone() == ["IAM:admin"]
    with pytest.raises(ClientError) as refused:
        place.client.get_credentials(workgroupName=place.workgroup, durationSeconds=60)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError) as refused:
        place.client.get_credentials(workgroupName="no-such-workgroup")
    assert refused.value.response["Error"]["Message"] == "Serverless workgroup no-such-workgroup not found."


def test_a_managed_password_and_a_limit_of_time(slipher: Instance) -> None:
    client, vault, data = (slipher.client(one) for one in ("redshift-serverless", "secretsmanager", "redshift-data"))
    client.create_namespace(namespaceName="managed", manageAdminPassword=True)
    place = Place(client, "managed", "managed", slipher)
    client.create_workgroup(
        workgroupName="managed", namespaceName="managed", baseCapacity=8,
        configParameters=[{"parameterKey": "max_query_execution_time", "parameterValue": "5"}],
    )  # fmt: skip
    until(place.get_workgroup, "AVAILABLE")
    found = place.get_namespace()
    secret = found["adminPasswordSecretArn"]
    assert found["adminUsername"] == "admin" and ":secret:redshift!managed-admin-" in secret

    def stored() -> dict[str, str]:
        return dict(json.loads(vault.get_secret_value(SecretId=secret)["SecretString"]))

    first = stored()
    with place.connect(first["username"], first["password"]) as session:
        assert session.rows("select current_user") == [("admin",)]
        session.rows("create table long_t as select 1 as n")
        for _ in range(12):
            session.rows("insert into long_t select n + 1 from long_t")
        session.rows("set statement_timeout to 0")  # which does not help
        with pytest.raises(Exception, match='by WLM abort action of Query Monitoring Rule "max_query_execution_time"'):
            session.rows("select count(*) from long_t a, long_t b, long_t c where a.n * b.n + c.n = 20")
    vault.rotate_secret(SecretId=secret)
    second = stored()
    assert second["password"] != first["password"]
    place.connect(second["username"], second["password"]).close()
    with pytest.raises(Exception, match="password authentication failed"):
        place.connect(first["username"], first["password"])
    done = statement(
        data, WorkgroupName="managed", Database="dev", SecretArn=secret, Sql="select current_user::varchar"
    )
    assert data.get_statement_result(Id=done["Id"])["Records"] == [[{"stringValue": "admin"}]]
    with pytest.raises(ClientError) as refused:
        client.update_namespace(namespaceName="managed", adminUsername="boss", adminUserPassword=PASSWORD)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    client.update_namespace(
        namespaceName="managed", manageAdminPassword=False, adminUsername="boss", adminUserPassword=PASSWORD
    )
    assert "adminPasswordSecretArn" not in place.get_namespace()
    with pytest.raises(ClientError) as refused:
        vault.describe_secret(SecretId=secret)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    place.connect().close()
    client.update_namespace(namespaceName="managed", manageAdminPassword=True)
    secret = place.get_namespace()["adminPasswordSecretArn"]
    assert stored()["username"] == "boss"
    place.connect("boss", stored()["password"]).close()
    place.remove()
    with pytest.raises(ClientError):
        vault.describe_secret(SecretId=secret)


@pytest.mark.parametrize("trusted", ["both", "redshift-serverless", "redshift"])
def test_copy_and_unload_under_a_role(slipher: Instance, place: Place, slipher_bucket: str, trusted: str) -> None:
    iam, s3, name = slipher.client("iam"), slipher.client("s3"), f"load-{secrets.token_hex(4)}"
    services = [f"{one}.amazonaws.com" for one in ("redshift-serverless", "redshift") if trusted in ("both", one)]
    workgroup = place.get_workgroup()["workgroupId"]
    who = f"arn:aws:redshift:us-east-1:{slipher.account}:dbuser:serverless-{slipher.account}-{workgroup}/boss"
    trust = policy(
        Principal={"Service": services}, Action="sts:AssumeRole", Condition={"StringEquals": {"sts:ExternalId": who}}
    )
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(Action="s3:*", Resource="*"))
    s3.put_object(Bucket=slipher_bucket, Key="in/a.csv", Body=b"1,x\n2,y\n")
    place.client.update_namespace(namespaceName=place.namespace, iamRoles=[role], defaultIamRoleArn=role)
    with place.connect() as session:
        session.rows("create table if not exists loaded (a int, b varchar(5))")
        session.rows("truncate loaded")
        copy = f"copy loaded from 's3://{slipher_bucket}/in/' iam_role default csv"
        if trusted == "both":
            session.rows(copy)
            session.rows(
                f"unload ('select * from loaded') to 's3://{slipher_bucket}/out/' iam_role '{role}' csv parallel off"
            )
            assert s3.get_object(Bucket=slipher_bucket, Key="out/000")["Body"].read().splitlines() == [b"1,x", b"2,y"]
        else:
            with pytest.raises(Exception, match="not authorized to assume IAM Role") as refused:
                session.rows(copy)
            assert who in str(refused.value)
    place.client.update_namespace(namespaceName=place.namespace, iamRoles=[], defaultIamRoleArn="")
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)


def statement(data: Any, **given: Any) -> dict[str, Any]:
    begun = data.execute_statement(**given)
    end = time.monotonic() + 60
    while True:
        found: dict[str, Any] = data.describe_statement(Id=begun["Id"])
        if found["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return found
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_data_api_by_workgroup(slipher: Instance, place: Place) -> None:
    data, group = slipher.client("redshift-data"), place.get_workgroup()
    found = statement(
        data, WorkgroupName=place.workgroup, Database="dev", Sql="select current_user::varchar", StatementName="w"
    )
    assert (found["Status"], found["WorkgroupName"]) == ("FINISHED", place.workgroup)
    assert "ClusterIdentifier" not in found
    assert data.get_statement_result(Id=found["Id"])["Records"] == [[{"stringValue": "IAM:admin"}]]
    mine = [one["Id"] for one in data.list_statements(WorkgroupName=group["workgroupArn"], Status="ALL")["Statements"]]
    assert found["Id"] in mine
    others = data.list_statements(ClusterIdentifier=slipher.cluster.id, Status="ALL")["Statements"]
    assert found["Id"] not in [one["Id"] for one in others]
    assert "dev" in data.list_databases(WorkgroupName=place.workgroup, Database="dev")["Databases"]
    kept = data.execute_statement(
        WorkgroupName=group["workgroupArn"],
        Database="dev",
        Sql="create temp table t as select 5 as a",
        SessionKeepAliveSeconds=60,
    )
    end = time.monotonic() + 60
    while data.describe_statement(Id=kept["Id"])["Status"] != "FINISHED" and time.monotonic() < end:
        time.sleep(0.02)
    [session] = data.list_sessions(WorkgroupName=place.workgroup)["Sessions"]
    assert (session["SessionId"], session["WorkgroupName"]) == (kept["SessionId"], place.workgroup)
    found = statement(data, SessionId=kept["SessionId"], Sql="select a from t", SessionKeepAliveSeconds=0)
    assert found["Status"] == "FINISHED"
    for wrong in (
        {"WorkgroupName": place.workgroup, "ClusterIdentifier": slipher.cluster.id},
        {"WorkgroupName": place.workgroup, "DbUser": "boss"},
        {"WorkgroupName": "no-such-workgroup"},
        {},
    ):
        with pytest.raises(ClientError) as refused:
            data.execute_statement(Database="dev", Sql="select 1", **wrong)
        assert refused.value.response["Error"]["Code"] == "ValidationException", wrong
    secret = slipher.client("secretsmanager").create_secret(
        Name=f"sl-{secrets.token_hex(4)}", SecretString=json.dumps({"username": "boss", "password": PASSWORD})
    )["ARN"]
    found = statement(
        data, WorkgroupName=place.workgroup, Database="dev", SecretArn=secret, Sql="select current_user::varchar"
    )
    assert data.get_statement_result(Id=found["Id"])["Records"] == [[{"stringValue": "boss"}]]


def test_the_data_api_asks_for_get_credentials(slipher: Instance, place: Place) -> None:
    iam, group = slipher.client("iam"), place.get_workgroup()["workgroupArn"]
    iam.create_user(UserName="sl-user")
    key = iam.create_access_key(UserName="sl-user")["AccessKey"]
    data = slipher.client("redshift-data", access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])
    given = {"WorkgroupName": place.workgroup, "Database": "dev", "Sql": "select 1"}

    def allow(*actions: str) -> None:
        document = policy(Action=list(actions), Resource=group)
        iam.put_user_policy(UserName="sl-user", PolicyName="p", PolicyDocument=document)

    allow("redshift-data:ExecuteStatement")
    with pytest.raises(ClientError) as refused:
        data.execute_statement(**given)
    text = refused.value.response["Error"]["Message"]
    assert f"redshift-serverless:GetCredentials on resource: {group}" in text
    allow("redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials")
    assert data.execute_statement(**given)["WorkgroupName"] == place.workgroup
    iam.delete_access_key(UserName="sl-user", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="sl-user", PolicyName="p")
    iam.delete_user(UserName="sl-user")


def test_snapshot_and_restore(place: Place) -> None:
    client = place.client
    with place.connect() as session:
        session.rows("create table precious as select 42 as a")
        session.rows("create user reader password 'Reader1Pass'")
        session.rows("grant select on precious to reader")
    client.create_snapshot(namespaceName=place.namespace, snapshotName="before", retentionPeriod=3)
    made = until(lambda: client.get_snapshot(snapshotName="before")["snapshot"], "AVAILABLE")
    assert made["snapshotRemainingDays"] == 3 and made["totalBackupSizeInMegaBytes"] > 0
    assert [one["snapshotName"] for one in client.list_snapshots(namespaceName=place.namespace)["snapshots"]] == [
        "before"
    ]
    with place.connect() as session:
        session.rows("drop table precious")
        session.rows("create table later as select 1 as a")
    client.restore_from_snapshot(namespaceName=place.namespace, workgroupName=place.workgroup, snapshotName="before")
    until(place.get_namespace, "AVAILABLE")
    until(place.get_workgroup, "AVAILABLE")
    with place.connect("reader", "Reader1Pass") as session:
        assert session.rows("select a from precious") == [("42",)]
    with place.connect() as session:
        with pytest.raises(Exception, match='relation "later" does not exist'):
            session.rows("select * from later")
        session.rows("drop table precious")
        session.rows("drop user reader")
    assert client.update_snapshot(snapshotName="before", retentionPeriod=9)["snapshot"]["snapshotRetentionPeriod"] == 9
    assert client.delete_snapshot(snapshotName="before")["snapshot"]["status"] == "DELETED"
    assert client.list_snapshots(namespaceName=place.namespace)["snapshots"] == []


def test_a_clusters_snapshot_becomes_a_namespace(slipher: Instance, place: Place) -> None:
    redshift, client = slipher.client("redshift"), place.client
    with slipher.cluster.connect() as session:
        session.rows("create table moved_here as select 11 as a")
    redshift.create_cluster_snapshot(ClusterIdentifier=slipher.cluster.id, SnapshotIdentifier="to-serverless")
    redshift.get_waiter("snapshot_available").wait(
        SnapshotIdentifier="to-serverless", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    [snapshot] = redshift.describe_cluster_snapshots(SnapshotIdentifier="to-serverless")["Snapshots"]
    client.create_snapshot(namespaceName=place.namespace, snapshotName="as-it-was")
    until(lambda: client.get_snapshot(snapshotName="as-it-was")["snapshot"], "AVAILABLE")
    client.restore_from_snapshot(
        namespaceName=place.namespace, workgroupName=place.workgroup, snapshotArn=snapshot["SnapshotArn"]
    )
    until(place.get_workgroup, "AVAILABLE")
    with place.connect(slipher.cluster.user, slipher.cluster.password) as session:  # the cluster's users, too
        assert session.rows("select a from moved_here") == [("11",)]
    client.restore_from_snapshot(namespaceName=place.namespace, workgroupName=place.workgroup, snapshotName="as-it-was")
    until(place.get_workgroup, "AVAILABLE")
    place.connect().close()
    client.delete_snapshot(snapshotName="as-it-was")
    redshift.delete_cluster_snapshot(SnapshotIdentifier="to-serverless")
    with slipher.cluster.connect() as session:
        session.rows("drop table moved_here")


def test_the_last_snapshot_of_a_namespace_without_an_administrators_password(slipher: Instance) -> None:
    client = slipher.client("redshift-serverless")
    made = client.create_namespace(namespaceName="last")["namespace"]
    assert made["adminUsername"] == "IAM:admin"  # whoever makes the namespace is its administrator
    place = Place(client, "last", "last", slipher)
    client.create_workgroup(workgroupName="last", namespaceName="last", baseCapacity=8)
    until(place.get_workgroup, "AVAILABLE")

    def query(text: str) -> Any:
        given = client.get_credentials(workgroupName="last")
        with place.connect(given["dbUser"], given["dbPassword"]) as session:
            return session.rows(text)

    assert query("select usename, usesuper from pg_user where usename = current_user") == [("IAM:admin", "t")]
    query("create table t as select 3 as a")
    client.delete_workgroup(workgroupName="last")
    gone(place.get_workgroup)
    client.delete_namespace(namespaceName="last", finalSnapshotName="last-of-all")
    gone(place.get_namespace)
    found = until(lambda: client.get_snapshot(snapshotName="last-of-all")["snapshot"], "AVAILABLE")
    assert found["totalBackupSizeInMegaBytes"] > 0
    client.create_namespace(namespaceName="last", adminUsername="other", adminUserPassword="Other1Password")
    client.create_workgroup(workgroupName="last", namespaceName="last", baseCapacity=8)
    until(place.get_workgroup, "AVAILABLE")
    client.restore_from_snapshot(namespaceName="last", workgroupName="last", snapshotArn=found["snapshotArn"])
    until(place.get_workgroup, "AVAILABLE")
    assert place.get_namespace()["adminUsername"] == "IAM:admin"
    assert query("select a from t") == [("3",)]
    place.remove()
    client.delete_snapshot(snapshotName="last-of-all")


def test_usage_limits(place: Place) -> None:
    client, group = place.client, place.get_workgroup()["workgroupArn"]
    made = client.create_usage_limit(resourceArn=group, usageType="serverless-compute", amount=60)["usageLimit"]
    assert (made["period"], made["breachAction"]) == ("monthly", "log")
    client.update_usage_limit(usageLimitId=made["usageLimitId"], amount=90)
    assert client.get_usage_limit(usageLimitId=made["usageLimitId"])["usageLimit"]["amount"] == 90
    assert len(client.list_usage_limits(resourceArn=group)["usageLimits"]) == 1
    with pytest.raises(ClientError) as refused:
        client.update_usage_limit(usageLimitId=made["usageLimitId"], breachAction="deactivate")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    client.delete_usage_limit(usageLimitId=made["usageLimitId"])
    assert client.list_usage_limits(resourceArn=group)["usageLimits"] == []


def test_the_aws_cli(slipher: Instance, place: Place) -> None:
    command = [
        str(Path(sys.executable).with_name("aws")), "redshift-serverless", "get-workgroup", "--workgroup-name",
        place.workgroup, "--endpoint-url", slipher.endpoint, "--query", "workgroup.status", "--output", "text",
    ]  # fmt: skip
    import os

    done = subprocess.run(command, env=os.environ | slipher.environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "AVAILABLE"), done.stderr


def test_it_is_there_after_a_restart(slipher: Instance, place: Place) -> None:
    state = json.loads((slipher.data_dir / "run" / "state.json").read_text())
    [row] = [one for one in state["clusters"] if one["id"] == f"workgroup:{place.workgroup}"]
    import os
    import signal

    os.kill(row["pid"], signal.SIGKILL)
    end = time.monotonic() + 60
    while True:
        try:
            with place.connect() as session:
                assert session.rows("select 1") == [("1",)]
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
