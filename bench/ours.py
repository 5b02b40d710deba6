"""Slipher as it is measured: an instance of its own, a bucket in it, a role that may read and write it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench import drain, measure
from bench.data import Data
from slipher.testing import Instance
from slipher.testing.wire import Connection

BUCKET, ROLE, ITEMS = "bench", "bench-reader", "bench-items"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        },
        {
            "Effect": "Allow",
            "Action": ["dynamodb:Scan", "dynamodb:DescribeTable"],
            "Resource": f"arn:aws:dynamodb:*:*:table/{ITEMS}",
        },
    ],
}


class Ours:
    """An instance with the role made and associated."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        iam, redshift = instance.client("iam"), instance.client("redshift")
        role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName=ROLE, PolicyName="bench", PolicyDocument=json.dumps(ALLOWED))
        redshift.modify_cluster_iam_roles(ClusterIdentifier=instance.cluster.id, AddIamRoles=[role])
        instance.wait_available(redshift, instance.cluster.id)
        self.role = role
        self.s3 = instance.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.version = f"Slipher ({instance.cluster.id})"

    def upload(self, data: Data) -> str:
        """Put the parts; their prefix."""
        prefix = f"{data.rows}/part-"
        if not self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("KeyCount"):
            for part in data.parts:
                with part.open("rb") as body:
                    self.s3.put_object(Bucket=BUCKET, Key=f"{data.rows}/{part.name}", Body=body)
        return f"s3://{BUCKET}/{prefix}"

    def upload_files(self, files: Sequence[Path], prefix: str) -> str:
        """Put files below a prefix, unless they are there; its URL."""
        if not self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("KeyCount"):
            for one in files:
                with one.open("rb") as body:
                    self.s3.put_object(Bucket=BUCKET, Key=prefix + one.name, Body=body)
        return f"s3://{BUCKET}/{prefix}"

    def empty(self, prefix: str) -> None:
        """Delete the objects below a prefix."""
        while found := self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents"):
            keys = [{"Key": one["Key"]} for one in found]
            self.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})

    def processes(self) -> dict[str, psutil.Process]:
        """Supervisor, gateway, cluster."""
        return measure.processes(self.instance._process.pid)

    def session(self) -> Connection:
        """As clients connect: TCP and TLS."""
        return self.instance.cluster.connect()

    def local(self) -> Connection:
        """Over the unix socket, without TLS, as the peers are reached: the gateway's own way in."""
        run = Path(self.instance.data_dir) / "run"
        sockets = [one for one in run.glob("*.sock") if one.stem not in ("supervisor", "gateway")]
        assert len(sockets) == 1, sockets
        return drain.by_socket(str(sockets[0]), "rdsdb", self.instance.cluster.database)
