"""Credentials that expire while a COPY or an UNLOAD runs: a role's are renewed, the user's own keys end it cleanly.

The cluster behind the proxy asks for credentials of a few seconds, and the gateway gives such. Where a test needs them to
end at once, their row in the gateway's database is aged: what refuses them then is the gateway itself.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faulty_line import Exchange, Proxy, behind, proxying

from slipher.testing import Instance
from slipher.testing.wire import Connection, ServerError, connect

FILES, LINES = 12, 2_000
SECONDS = 4  # that a role's credentials live
PAUSE = 0.65  # before each file comes or goes, one after the other: some are asked for at once, the last after more than SECONDS
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
EXPIRED = re.escape("S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken,Rid ")


@dataclass
class Scene:
    """A bucket with files, a role that may read and write there, and what the cluster asked of the gateway."""

    instance: Instance
    proxy: Proxy
    bucket: str
    role: str
    signed_by: list[str] = field(default_factory=list)  # the access keys of S3's requests, in order
    refused: int = 0  # requests whose credentials had expired

    def look(self, exchange: Exchange) -> None:
        """Note who signed a request."""
        if exchange.key:
            self.signed_by.append(exchange.key)
        self.refused += b"ExpiredToken" in exchange.body

    def expire(self) -> None:
        """Every temporary key of the instance has expired."""
        with sqlite3.connect(self.instance.data_dir / "gateway.db", timeout=30) as db:
            db.execute("update sts_sessions set expires = 1")
        db.close()
        self.instance.client("iam").tag_role(RoleName="reader", Tags=[{"Key": "seen", "Value": "yes"}])  # ends caches

    def own_keys(self) -> str:
        """Temporary keys of the user."""
        given = self.instance.client("sts").get_session_token()["Credentials"]
        return (
            f"access_key_id '{given['AccessKeyId']}' secret_access_key '{given['SecretAccessKey']}' "
            f"session_token '{given['SessionToken']}'"
        )

    def listed(self) -> list[str]:
        """The keys below out/."""
        found = self.instance.client("s3").list_objects_v2(Bucket=self.bucket, Prefix="out/")
        return [one["Key"] for one in found.get("Contents", ())]


@pytest.fixture(scope="module")
def made(slipher: Instance) -> Iterator[Scene]:
    iam, s3, redshift = slipher.client("iam"), slipher.client("s3"), slipher.client("redshift")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    for policy in ("AmazonS3FullAccess", "AmazonDynamoDBReadOnlyAccess"):
        iam.attach_role_policy(RoleName="reader", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, AddIamRoles=[role])
    s3.create_bucket(Bucket="expiring")
    for number in range(FILES):
        first = number * LINES
        lines = b"".join(b"%d|text of line %d\n" % (one, one) for one in range(first, first + LINES))
        s3.put_object(Bucket="expiring", Key=f"in/{number}", Body=lines)
    with proxying(slipher) as proxy:
        yield Scene(slipher, proxy, "expiring", role)
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, RemoveIamRoles=[role])
    for policy in ("AmazonS3FullAccess", "AmazonDynamoDBReadOnlyAccess"):
        iam.detach_role_policy(RoleName="reader", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    iam.delete_role(RoleName="reader")
    slipher.empty_bucket("expiring")
    s3.delete_bucket(Bucket="expiring")


@pytest.fixture(scope="module")
def socket_path(made: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with behind(made.proxy, made.instance, tmp_path_factory.mktemp("expiring"), role_seconds=SECONDS) as path:
        yield path


@pytest.fixture
def scene(made: Scene) -> Iterator[Scene]:
    made.proxy.counts.clear()
    made.signed_by.clear()
    made.refused = 0
    made.proxy.spoil = made.look
    yield made
    made.proxy.spoil = lambda exchange: None
    for key in made.listed():
        made.instance.client("s3").delete_object(Bucket=made.bucket, Key=key)


@pytest.fixture
def session(scene: Scene, socket_path: Path) -> Iterator[Connection]:
    with connect(str(socket_path), 0, user="rdsdb", database="dev", password="") as connection:
        connection.rows("create temp table t (a int, b varchar(60))")
        yield connection


def fill(scene: Scene, session: Connection) -> None:
    """The table holds what the files do."""
    session.rows(f"copy t from 's3://{scene.bucket}/in/' iam_role '{scene.role}'")
    assert whole(session)


def whole(session: Connection) -> bool:
    """All rows are there and right, or none is."""
    rows = session.rows(
        "select count(*), count(distinct a), sum(case when b = 'text of line ' || a then 1 else 0 end) from t"
    )
    assert rows in ([(str(FILES * LINES),) * 3], [("0", "0", None)])
    return rows[0][0] != "0"


def slowly(scene: Scene, method: str) -> None:
    """Each file takes its time, one after the other."""
    turn = threading.Lock()

    def spoil(exchange: Exchange) -> None:
        scene.look(exchange)
        if exchange.data if method == "GET" else exchange.method == method:
            with turn:
                time.sleep(PAUSE)

    scene.proxy.spoil = spoil


def expire_at(scene: Scene, method: str, number: int) -> None:
    """When so many files have come or gone, all temporary keys have expired."""
    seen: list[str] = []

    def spoil(exchange: Exchange) -> None:
        scene.look(exchange)
        if exchange.data if method == "GET" else exchange.method == method:
            seen.append(exchange.path)
            if len(seen) == number:
                scene.expire()

    scene.proxy.spoil = spoil


def test_a_role_is_assumed_again_before_its_credentials_expire_in_a_copy(scene: Scene, session: Connection) -> None:
    slowly(scene, "GET")
    fill(scene, session)
    assert len(set(scene.signed_by)) > 1
    assert not scene.refused


def test_a_role_is_assumed_again_before_its_credentials_expire_in_an_unload(scene: Scene, session: Connection) -> None:
    fill(scene, session)
    scene.signed_by.clear()
    slowly(scene, "PUT")
    session.rows(
        f"unload ('select *, a % 7 as part from t') to 's3://{scene.bucket}/out/' iam_role '{scene.role}' partition by (part) "
        "manifest"
    )
    assert len(set(scene.signed_by)) > 1
    assert not scene.refused
    session.rows("truncate t")
    scene.proxy.spoil = scene.look
    session.rows(f"copy t from 's3://{scene.bucket}/out/part=' iam_role '{scene.role}'")
    assert whole(session)


def test_a_role_whose_credentials_end_early_is_assumed_again(scene: Scene, session: Connection) -> None:
    expire_at(scene, "GET", 2)
    fill(scene, session)
    assert scene.refused
    expire_at(scene, "PUT", 1)
    session.rows(f"unload ('select * from t') to 's3://{scene.bucket}/out/' iam_role '{scene.role}'")
    session.rows("truncate t")
    session.rows(f"copy t from 's3://{scene.bucket}/out/' iam_role '{scene.role}'")
    assert whole(session)


def test_the_same_for_a_load_from_dynamodb(scene: Scene, session: Connection) -> None:
    dynamodb = scene.instance.client("dynamodb")
    dynamodb.create_table(
        TableName="expiring",
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        for number in range(5):
            dynamodb.put_item(TableName="expiring", Item={"a": {"N": str(number)}, "b": {"S": "x"}})
        expire_at(scene, "POST", 2)  # the role is assumed, the table described: the scan comes next
        session.rows(f"copy t from 'dynamodb://expiring' iam_role '{scene.role}' readratio 100")
        assert scene.refused
        assert session.rows("select count(*), sum(a) from t") == [("5", "10")]
    finally:
        dynamodb.delete_table(TableName="expiring")


def test_a_role_that_is_taken_away_meanwhile_ends_the_load(scene: Scene, session: Connection) -> None:
    redshift = scene.instance.client("redshift")
    taken: list[str] = []

    def spoil(exchange: Exchange) -> None:
        scene.look(exchange)
        if exchange.data and not taken:
            taken.append(scene.role)
            redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", RemoveIamRoles=[scene.role])
            scene.expire()

    scene.proxy.spoil = spoil
    try:
        with pytest.raises(ServerError, match=f"is not authorized to assume IAM Role {scene.role}"):
            session.rows(f"copy t from 's3://{scene.bucket}/in/' iam_role '{scene.role}'")
    finally:
        redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", AddIamRoles=[scene.role])
    assert not whole(session)
    scene.proxy.spoil = scene.look
    fill(scene, session)


def test_the_users_own_keys_that_expire_end_a_copy(scene: Scene, session: Connection) -> None:
    keys = scene.own_keys()
    expire_at(scene, "GET", 2)
    with pytest.raises(ServerError, match=EXPIRED) as caught:
        session.rows(f"copy t from 's3://{scene.bucket}/in/' {keys}")
    assert caught.value.report.code == "XX000"
    assert not whole(session)
    assert scene.refused
    with pytest.raises(ServerError, match=EXPIRED):  # and at once, when they have expired before
        session.rows(f"copy t from 's3://{scene.bucket}/in/' {keys}")
    scene.proxy.spoil = scene.look
    fill(scene, session)


def test_the_users_own_keys_that_expire_end_an_unload(scene: Scene, session: Connection) -> None:
    """Nothing can be listed, for the keys end before the first object is whole."""
    fill(scene, session)
    keys = scene.own_keys()

    def spoil(exchange: Exchange) -> None:
        scene.look(exchange)
        if exchange.method == "GET" and "list-type" in exchange.path:
            scene.expire()

    scene.proxy.spoil = spoil
    with pytest.raises(ServerError, match=EXPIRED) as caught:
        session.rows(f"unload ('select * from t') to 's3://{scene.bucket}/out/' {keys} manifest")
    assert caught.value.report.code == "XX000"
    assert scene.listed() == []
    scene.proxy.spoil = scene.look
    session.rows(f"unload ('select * from t') to 's3://{scene.bucket}/out/' {scene.own_keys()} manifest")
    assert "out/manifest" in scene.listed()
