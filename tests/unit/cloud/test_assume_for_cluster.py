"""assume_for_cluster: what a cluster gets for its secret, and each reason for getting nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from sqlalchemy import select, update

from slipher.cloud.redshift import fleet
from slipher.cloud.state.redshift import clusters

ACCOUNT = "123456789012"
CLUSTER = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:redshift-cluster-1"
USER_ARN = f"arn:aws:redshift:us-east-1:{ACCOUNT}:dbuser:redshift-cluster-1/"
SERVICE = {"Service": "redshift.amazonaws.com"}


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def trust(principal: Any = SERVICE, effect: str = "Allow", **condition: Any) -> str:
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


@pytest.fixture(scope="module")
def cluster(shared_gateway: Any) -> Any:
    """A gateway whose cluster may use the role `r`; each test sets its trust."""
    local = shared_gateway
    with local.gateway.transaction() as db:
        db.execute(update(clusters).where(clusters.c.arn == CLUSTER).values(transition=None))
    fleet.record(local.gateway.db, CLUSTER, pid=1, listening=True, generation=1, failures=0, error=None)
    iam = local.client("iam")
    for name in ("r", "second", "unassociated"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    local.client("redshift").modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", AddIamRoles=[arn("r")])
    return local


def ask(
    local: Any, *roles: str, user: str = "awsuser", secret: str | None = None, cluster: str = CLUSTER, **more: int
) -> tuple[int, Any]:
    if secret is None:
        with local.gateway.read() as db:
            secret = db.scalar(select(clusters.c.secret).where(clusters.c.arn == CLUSTER))
    asked = {"cluster_arn": cluster, "secret": secret, "user": user, "roles": list(roles), **more}
    answer = httpx.post(f"{local.url}/_slipher/assume-for-cluster", json=asked)
    return answer.status_code, answer.json()


def set_trust(local: Any, document: str, role: str = "r") -> None:
    local.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)


def test_credentials(cluster: Any) -> None:
    set_trust(cluster, trust())
    status, found = ask(cluster, arn("r"))
    assert (status, found["role"]) == (200, arn("r"))
    keys = {
        "AccessKeyId": found["access_key_id"],
        "SecretAccessKey": found["secret_access_key"],
        "SessionToken": found["session_token"],
    }
    who = cluster.client("sts", keys).get_caller_identity()["Arn"]
    assert who == f"arn:aws:sts::{ACCOUNT}:assumed-role/r/RedshiftIamRoleSession"
    cluster.client("s3", keys).list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        cluster.client("s3", keys).create_bucket(Bucket="not-with-read-only")


@pytest.mark.parametrize(("asked", "given"), [(None, 3600), (60, 60), (100_000, 3600), (0, 1)])
def test_how_long_they_live(cluster: Any, asked: int | None, given: int) -> None:
    set_trust(cluster, trust())
    before = cluster.gateway.now()
    status, found = ask(cluster, arn("r"), **({} if asked is None else {"seconds": asked}))
    lives = datetime.fromisoformat(found["expiration"]).timestamp() - before
    assert status == 200 and given - 2 < lives < given + 60


@pytest.mark.parametrize("given", [{"secret": "wrong"}, {"secret": ""}, {"cluster": CLUSTER + "x"}])
def test_without_the_secret(cluster: Any, given: dict[str, str]) -> None:
    status, found = ask(cluster, arn("r"), **given)
    assert (status, found["error"]) == (403, "BadSecret")
    assert "access_key_id" not in found


EXTERNAL = {"sts:ExternalId": USER_ARN + "analyst"}
# (trust, user, granted); source: management guide, "Restricting access to IAM roles"
TRUSTS: list[tuple[str, str, bool]] = [
    (trust(), "awsuser", True),
    (trust({"Service": "redshift.us-east-1.amazonaws.com"}), "awsuser", True),
    (trust({"Service": "redshift.eu-west-1.amazonaws.com"}), "awsuser", False),
    (trust({"Service": ["redshift.eu-west-1.amazonaws.com", "redshift.us-east-1.amazonaws.com"]}), "awsuser", True),
    (trust({"Service": "redshift-serverless.amazonaws.com"}), "awsuser", False),
    (trust({"Service": "ec2.amazonaws.com"}), "awsuser", False),
    (trust({"AWS": ACCOUNT}), "awsuser", False),
    (trust(StringEquals=EXTERNAL), "analyst", True),
    (trust(StringEquals=EXTERNAL), "awsuser", False),
    (trust(StringEquals={"sts:ExternalId": [USER_ARN + "a", USER_ARN + "analyst"]}), "analyst", True),
    (trust(StringLike={"sts:ExternalId": USER_ARN + "*"}), "anybody", True),
    (trust(StringLike={"sts:ExternalId": USER_ARN.replace("redshift-cluster-1", "other") + "*"}), "anybody", False),
    (
        trust(StringEquals={"aws:SourceAccount": ACCOUNT}, ArnLike={"aws:SourceArn": CLUSTER[:-1] + "*"}),
        "awsuser",
        True,
    ),
    (trust(StringEquals={"aws:SourceAccount": "999999999999"}), "awsuser", False),
    (trust(effect="Deny"), "awsuser", False),
]


@pytest.mark.parametrize(("document", "user", "granted"), TRUSTS)
def test_trust(cluster: Any, document: str, user: str, granted: bool) -> None:
    set_trust(cluster, document)
    status, found = ask(cluster, arn("r"), user=user)
    assert (status == 200) is granted
    if not granted:
        assert (status, found["error"], found["role"]) == (403, "NotTrusted", arn("r"))
        (reason,) = found["reasons"]
        assert "denies redshift.amazonaws.com explicitly" in reason or reason.endswith(
            f"sts:ExternalId {USER_ARN}{user}"
        )


def test_association(cluster: Any) -> None:
    set_trust(cluster, trust())
    status, found = ask(cluster, arn("unassociated"))
    assert (status, found["error"]) == (403, "NotAssociated")
    assert found["reasons"] == [f"the IAM role {arn('unassociated')} is not associated with the cluster"]
    assert ask(cluster, arn("none"))[1]["error"] == "NotAssociated"
    status, found = ask(cluster, "default")
    assert (status, found["error"]) == (403, "NotAssociated")
    redshift = cluster.client("redshift")
    redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", DefaultIamRoleArn=arn("r"))
    assert ask(cluster, "default")[1]["role"] == arn("r")
    redshift.modify_cluster_iam_roles(ClusterIdentifier="redshift-cluster-1", DefaultIamRoleArn="")
    assert ask(cluster, "default")[0] == 403


def test_chains(cluster: Any) -> None:
    set_trust(cluster, trust())
    iam = cluster.client("iam")
    set_trust(cluster, trust(), "second")
    chain = (arn("r"), arn("second"))
    assert ask(cluster, *chain)[1]["error"] == "ChainDenied", "the second role trusts the service only"
    set_trust(cluster, trust({"AWS": arn("r")}), "second")
    assert ask(cluster, *chain)[1]["error"] == "ChainDenied", "the first role's own policies do not allow it"
    iam.put_role_policy(RoleName="r", PolicyName="hop", PolicyDocument=json.dumps(
        {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn("second")}}
    ))  # fmt: skip
    status, found = ask(cluster, *chain)
    assert (status, found["role"]) == (200, arn("second"))
    assert ask(cluster, arn("second"), arn("r"))[1]["error"] == "NotAssociated"
    assert ask(cluster, arn("r"), arn("none"))[1]["error"] == "NoSuchRole"
    assert ask(cluster, *[arn("r")] * 11)[1]["error"] == "ChainDenied"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"cluster_arn": 1}',
        b'{"cluster_arn": "a", "secret": "b", "user": "c", "roles": 5}',
        b"x" * 100_000,
    ],
)
def test_malformed(cluster: Any, body: bytes) -> None:
    answer = httpx.post(f"{cluster.url}/_slipher/assume-for-cluster", content=body)
    assert answer.status_code == 400
    assert httpx.get(f"{cluster.url}/_slipher/health").status_code == 200
