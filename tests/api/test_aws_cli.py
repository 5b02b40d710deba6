"""The unmodified aws CLI on a running instance: scripts of commands with what each prints, or its error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Aws = Callable[..., Any]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"},
]})  # fmt: skip


@pytest.fixture
def aws(slipher: Any, tmp_path: Path) -> Aws:
    """Run a command: its JSON if it prints some, else its text; with `error=CODE` what must come instead."""
    program = shutil.which("aws", path=str(Path(sys.executable).parent)) or shutil.which("aws")
    if program is None:
        pytest.skip("the aws CLI is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= slipher.environment | {
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }

    def run(*words: str, error: str | None = None, stdin: bytes | None = None, **keys: str) -> Any:
        done = subprocess.run(
            [sys.executable, program, *words],
            env=environment | keys,
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            timeout=300,
        )
        text = done.stdout.decode()
        if error is not None:
            assert done.returncode != 0 and f"({error})" in done.stderr.decode(), (words, text, done.stderr.decode())
            return done.stderr.decode().strip()
        assert done.returncode == 0, (words, done.stderr.decode())
        try:
            return json.loads(text)
        except ValueError:
            return text

    return run


def test_iam_and_sts(aws: Aws) -> None:
    assert aws("sts", "get-caller-identity")["Arn"] == "arn:aws:iam::123456789012:user/admin"
    role = aws(
        "iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST, "--tags", "Key=a,Value=b"
    )["Role"]
    assert role["Arn"] == "arn:aws:iam::123456789012:role/cli"
    aws("iam", "attach-role-policy", "--role-name", "cli", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert aws(
        "iam", "list-attached-role-policies", "--role-name", "cli", "--query", "AttachedPolicies[].PolicyName"
    ) == ["ReadOnlyAccess"]
    text = aws("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "me", error="AccessDenied")
    assert text.endswith("is not authorized to perform: sts:AssumeRole on resource: " + role["Arn"])
    aws("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST, error="EntityAlreadyExists")
    aws(
        "iam",
        "put-role-policy",
        "--role-name",
        "cli",
        "--policy-name",
        "p",
        "--policy-document",
        "{",
        error="MalformedPolicyDocument",
    )
    aws("iam", "delete-role", "--role-name", "cli", error="DeleteConflict")
    aws("iam", "detach-role-policy", "--role-name", "cli", "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    aws("iam", "delete-role", "--role-name", "cli")
    aws("iam", "get-role", "--role-name", "cli", error="NoSuchEntity")
    text = aws("iam", "list-roles", error="InvalidClientTokenId", AWS_ACCESS_KEY_ID="AKIAXXXXXXXXXXXXXXXX")
    assert "The security token included in the request is invalid." in text
    aws("iam", "list-roles", error="SignatureDoesNotMatch", AWS_SECRET_ACCESS_KEY="wrong")
    aws("iam", "list-virtual-mfa-devices", error="NotImplemented")


def test_s3(aws: Aws, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "d").mkdir(parents=True)
    (tree / "a b+c%.txt").write_text("one")
    (tree / "d" / "ü.txt").write_text("two")
    (tree / "big").write_bytes(os.urandom(9 << 20))  # above the CLI's threshold for multipart
    aws("s3", "mb", "s3://cli-bucket")
    aws("s3", "sync", str(tree), "s3://cli-bucket/in/")
    assert sorted(aws("s3api", "list-objects-v2", "--bucket", "cli-bucket", "--query", "Contents[].Key")) == [
        "in/a b+c%.txt", "in/big", "in/d/ü.txt",
    ]  # fmt: skip
    assert "PRE d/" in aws("s3", "ls", "s3://cli-bucket/in/")
    aws("s3", "cp", "s3://cli-bucket/in/", "s3://cli-bucket/out/", "--recursive")
    aws("s3", "cp", "s3://cli-bucket/out/", str(tmp_path / "back"), "--recursive")
    for name in ("a b+c%.txt", "d/ü.txt", "big"):
        assert (tmp_path / "back" / name).read_bytes() == (tree / name).read_bytes()
    aws("s3", "cp", "-", "s3://cli-bucket/stream", stdin=b"streamed")
    assert aws("s3", "cp", "s3://cli-bucket/stream", "-") == "streamed"
    url = aws("s3", "presign", "s3://cli-bucket/stream").strip()
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"streamed"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace("/stream", "/moved"))
    aws("s3api", "head-object", "--bucket", "cli-bucket", "--key", "none", error="404")
    aws(
        "s3api",
        "get-object-torrent",
        "--bucket",
        "cli-bucket",
        "--key",
        "stream",
        str(tmp_path / "torrent"),
        error="NotImplemented",
    )
    aws("s3", "mv", "s3://cli-bucket/stream", "s3://cli-bucket/moved")
    aws("s3api", "delete-bucket", "--bucket", "cli-bucket", error="BucketNotEmpty")
    aws("s3", "rb", "s3://cli-bucket", "--force")
    aws("s3api", "head-bucket", "--bucket", "cli-bucket", error="404")
    aws(
        "s3api",
        "create-bucket",
        "--bucket",
        "cli-far",
        "--create-bucket-configuration",
        "LocationConstraint=eu-west-1",
        "--region",
        "eu-west-1",
    )
    assert aws("s3api", "get-bucket-location", "--bucket", "cli-far") == {"LocationConstraint": "eu-west-1"}
    aws("s3", "cp", "-", "s3://cli-far/k", stdin=b"x")  # the CLI finds the region by the redirect
    aws("s3", "rb", "s3://cli-far", "--force")


def test_dynamodb(aws: Aws) -> None:
    aws("dynamodb", "create-table", "--table-name", "cli", "--attribute-definitions", "AttributeName=k,AttributeType=S",
        "--key-schema", "AttributeName=k,KeyType=HASH", "--billing-mode", "PAY_PER_REQUEST")  # fmt: skip
    aws("dynamodb", "wait", "table-exists", "--table-name", "cli")
    aws(
        "dynamodb",
        "put-item",
        "--table-name",
        "cli",
        "--item",
        '{"k": {"S": "a"}, "n": {"N": "1.50"}, "b": {"B": "abc"}}',
    )
    got = aws("dynamodb", "scan", "--table-name", "cli", "--return-consumed-capacity", "TOTAL")
    assert got["Items"] == [{"k": {"S": "a"}, "n": {"N": "1.5"}, "b": {"B": "YWJj"}}]
    assert got["ConsumedCapacity"] == {"TableName": "cli", "CapacityUnits": 0.5}
    aws("dynamodb", "put-item", "--table-name", "cli", "--item", '{"x": {"S": "a"}}', error="ValidationException")
    aws("dynamodb", "execute-statement", "--statement", "select * from cli", error="NotImplemented")
    aws("dynamodb", "delete-table", "--table-name", "cli")
    aws("dynamodb", "describe-table", "--table-name", "cli", error="ResourceNotFoundException")


def test_redshift(aws: Aws, slipher: Any) -> None:
    given = ["--node-type", "ra3.large", "--master-username", "awsuser", "--master-user-password", "Abcdefg1"]
    aws(
        "redshift",
        "create-cluster",
        "--cluster-identifier",
        "cli",
        "--cluster-type",
        "single-node",
        "--port",
        "18191",
        *given,
    )
    slipher.client("redshift").get_waiter("cluster_available").wait(
        ClusterIdentifier="cli", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    endpoint = aws("redshift", "describe-clusters", "--cluster-identifier", "cli", "--query", "Clusters[0].Endpoint")
    assert endpoint["Port"] == 18191
    aws("iam", "create-role", "--role-name", "cli-rs", "--assume-role-policy-document", TRUST)
    arn = "arn:aws:iam::123456789012:role/cli-rs"
    changed = aws("redshift", "modify-cluster-iam-roles", "--cluster-identifier", "cli", "--add-iam-roles", arn)[
        "Cluster"
    ]
    assert changed["ClusterStatus"] == "modifying"
    aws("redshift", "wait", "cluster-available", "--cluster-identifier", "cli")
    assert aws(
        "redshift", "describe-clusters", "--cluster-identifier", "cli", "--query", "Clusters[0].IamRoles[].ApplyStatus"
    ) == ["in-sync"]
    aws("redshift", "reboot-cluster", "--cluster-identifier", "cli")
    aws("redshift", "create-cluster", "--cluster-identifier", "cli", *given, error="ClusterAlreadyExists")
    slipher.client("redshift").get_waiter("cluster_available").wait(
        ClusterIdentifier="cli", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    aws("redshift", "delete-cluster", "--cluster-identifier", "cli", error="InvalidParameterCombination")
    aws("redshift", "delete-cluster", "--cluster-identifier", "cli", "--skip-final-cluster-snapshot")
    slipher.client("redshift").get_waiter("cluster_deleted").wait(
        ClusterIdentifier="cli", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    aws("redshift", "describe-clusters", "--cluster-identifier", "cli", error="ClusterNotFound")
    aws("iam", "delete-role", "--role-name", "cli-rs")
