"""The AWS endpoint takes http and https on one port; aws:SecureTransport tells them apart, and is true for clusters."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slipher.testing.instance import Cluster, Instance

ROLE = "secure-loader"


@pytest.fixture
def client(slipher: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """An S3 client of botocore by scheme, with nothing but what `slipher env` sets."""
    import botocore.session

    for name, value in slipher.environment.items():
        monkeypatch.setenv(name, value)
    made = []

    def make(scheme: str) -> Any:
        endpoint = slipher.endpoint.replace("http:", f"{scheme}:")
        made.append(botocore.session.Session().create_client("s3", endpoint_url=endpoint))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_both_on_one_port(client: Callable[[str], Any], slipher_bucket: str) -> None:
    for scheme in ("https", "http", "https"):
        body = os.urandom(3_000_000)
        client(scheme).put_object(Bucket=slipher_bucket, Key="k", Body=body)
        assert client(scheme).get_object(Bucket=slipher_bucket, Key="k")["Body"].read() == body


def test_the_cli_trusts_the_certificate(slipher: Instance) -> None:
    endpoint = slipher.endpoint.replace("http:", "https:")
    command = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", endpoint, "sts", "get-caller-identity"]
    found = subprocess.run(command, env=dict(os.environ, **slipher.environment), capture_output=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["Account"] == slipher.account


def test_env_prints_https(slipher: Instance) -> None:
    command = [sys.executable, "-m", "slipher.host.cli", "env", "--data-dir", str(slipher.data_dir), "--https"]
    found = subprocess.run([*command, "--format", "json"], capture_output=True, timeout=60, check=True)
    assert json.loads(found.stdout)["AWS_ENDPOINT_URL"] == slipher.endpoint.replace("http:", "https:")


def test_the_certificate_is_for_the_names_that_clients_use(slipher: Instance) -> None:
    trusting = ssl.create_default_context(cafile=slipher.environment["PGSSLROOTCERT"])
    port = int(slipher.endpoint.rpartition(":")[2])
    for name in ("localhost", "127.0.0.1", "bucket.s3.localhost"):
        with socket.create_connection(("127.0.0.1", port)) as raw, trusting.wrap_socket(raw, server_hostname=name):
            pass
    with pytest.raises(ssl.SSLCertVerificationError), socket.create_connection(("127.0.0.1", port)) as raw:
        trusting.wrap_socket(raw, server_hostname="example.com")


def test_what_is_neither_is_refused_and_the_port_lives(slipher: Instance) -> None:
    port = int(slipher.endpoint.rpartition(":")[2])
    for sent in (b"\x16\x03\x01\x00\x05hello", b"\x00\x01\x02", b"\x16", b""):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as raw:
            raw.sendall(sent)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(1000):
                pass
    with urllib.request.urlopen(f"{slipher.endpoint}/_slipher/health", timeout=10) as answer:
        assert answer.status == 200


def test_secure_transport_decides(
    slipher: Instance, client: Callable[[str], Any], slipher_bucket: str, slipher_cluster: Cluster
) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{slipher_bucket}/*", f"arn:aws:s3:::{slipher_bucket}"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
    iam, redshift = slipher.client("iam"), slipher.client("redshift")
    trust = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher_cluster.id, AddIamRoles=[role])
    plain, secure = client("http"), client("https")
    plain.put_object(Bucket=slipher_bucket, Key="in/rows", Body=b"1\n2\n")
    secure.put_bucket_policy(Bucket=slipher_bucket, Policy=json.dumps(policy))
    try:
        with pytest.raises(plain.exceptions.ClientError, match="AccessDenied"):
            plain.get_object(Bucket=slipher_bucket, Key="in/rows")
        assert secure.get_object(Bucket=slipher_bucket, Key="in/rows")["Body"].read() == b"1\n2\n"
        with slipher_cluster.connect() as session:
            session.rows("create temp table t (a int)")
            session.rows(f"copy t from 's3://{slipher_bucket}/in/' iam_role '{role}'")
            session.rows(f"unload ('select a from t') to 's3://{slipher_bucket}/out/' iam_role '{role}'")
        assert secure.list_objects_v2(Bucket=slipher_bucket, Prefix="out/")["KeyCount"] > 0
    finally:
        secure.delete_bucket_policy(Bucket=slipher_bucket)
        redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher_cluster.id, RemoveIamRoles=[role])
        iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
        iam.delete_role(RoleName=ROLE)
