"""An instance of Slipher for tests: free ports, a fresh directory, ended with the process that started it."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slipher.testing.wire import Connection

AVAILABLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """How to connect to a cluster: as a superuser, over TLS, with the instance's certificate authority in `root_cert`."""

    id: str
    host: str
    port: int
    user: str
    password: str
    database: str
    root_cert: Path

    @property
    def dsn(self) -> str:
        """A connection string for libpq's drivers (psycopg, psycopg2)."""
        return (
            f"host={self.host} port={self.port} user={self.user} password={self.password} dbname={self.database} "
            f"sslmode=verify-ca sslrootcert={self.root_cert}"
        )

    def connect(self, user: str | None = None, password: str | None = None, **options: Any) -> Connection:
        """A session of slipher.testing.wire, which sees everything the server sends in order."""
        from slipher.testing.wire import connect

        arguments: dict[str, Any] = {
            "user": user or self.user,
            "password": self.password if password is None else password,
            "database": self.database,
            "root_cert": self.root_cert,
        }
        return connect(self.host, self.port, **(arguments | options))


class Instance:
    """A running Slipher. `environment` is what `slipher env` prints; stop() ends it and removes its directory."""

    def __init__(self, process: subprocess.Popen[bytes], data_dir: Path, environment: dict[str, str]) -> None:
        self._process = process
        self.data_dir = data_dir
        self.environment = environment
        self.endpoint = environment["AWS_ENDPOINT_URL"]
        self.account = environment["SLIPHER_ACCOUNT_ID"]
        self.region = environment["AWS_DEFAULT_REGION"]

    @property
    def cluster(self) -> Cluster:
        """The cluster that every instance begins with."""
        from slipher.cloud.redshift.fleet import CLUSTER

        values = self.environment
        return Cluster(
            CLUSTER,
            values["PGHOST"],
            int(values["PGPORT"]),
            values["PGUSER"],
            values["PGPASSWORD"],
            values["PGDATABASE"],
            Path(values["PGSSLROOTCERT"]),
        )

    def client(
        self,
        service: str,
        region: str | None = None,
        *,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
    ) -> Any:
        """A botocore client (what boto3.client gives) of the instance: as the administrator, or with other keys."""
        import botocore.config

        from slipher.aws.clients import plain_session

        return plain_session().create_client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key_id or self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=secret_access_key or self.environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=session_token,
            config=botocore.config.Config(proxies={}),
        )

    def create_cluster(self, identifier: str, password: str = "Password1", **options: Any) -> Cluster:
        """Create a cluster and wait until it is available; options are CreateCluster's members."""
        redshift = self.client("redshift", options.pop("region", None))
        asked = {
            "NodeType": "ra3.large",
            "ClusterType": "single-node",
            "MasterUsername": "awsuser",
            "DBName": "dev",
            "Port": int(self.environment["PGPORT"]),
        }
        redshift.create_cluster(ClusterIdentifier=identifier, MasterUserPassword=password, **(asked | options))
        facts = self.wait_available(redshift, identifier)
        place = facts["Endpoint"]
        return Cluster(
            identifier,
            place["Address"],
            place["Port"],
            facts["MasterUsername"],
            password,
            facts["DBName"],
            Path(self.environment["PGSSLROOTCERT"]),
        )

    def wait_available(self, redshift: Any, identifier: str) -> dict[str, Any]:
        """Wait until a cluster is available; its description."""
        deadline = time.monotonic() + AVAILABLE_SECONDS
        while True:
            facts: dict[str, Any] = redshift.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
            if facts["ClusterStatus"] == "available":
                return facts
            if time.monotonic() > deadline:
                raise TimeoutError(f"cluster {identifier} is {facts['ClusterStatus']}; logs: {self.data_dir / 'logs'}")
            time.sleep(0.05)

    def empty_bucket(self, bucket: str) -> None:
        """Delete every object of a bucket."""
        s3 = self.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for found in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=found["Key"])

    def stop(self) -> None:
        """Stop everything and remove the directory; returns when that is done. A second call does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)
        if self._process.stdin is not None:
            self._process.stdin.close()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self) -> Instance:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    *,
    account: str | None = None,
    region: str | None = None,
    transition_seconds: float | None = None,
    memory: str | None = None,
    s3: str | None = None,
    dynamodb: str | None = None,
    sts: str | None = None,
) -> Instance:
    """Start an instance in a fresh directory on free ports; returns when it is ready.

    It ends with stop(), and also when this process ends in any other way. `account` defaults to 123456789012, `region` to
    us-east-1, `transition_seconds` (how long a cluster's changes last) to 0, `memory` (of each cluster's engine,
    e.g. 512MB) to a share of the machine's; `s3`, `dynamodb` and `sts` are as the options of `slipher up`. Raises
    RuntimeError with the reason if it cannot start, or its cluster cannot.
    """
    from slipher.host.datadir import DataDirectory, StartError
    from slipher.host.env import variables
    from slipher.host.ephemeral import fresh_directory
    from slipher.host.ready import launch, wait_ready

    root = fresh_directory()
    arguments = ["--ephemeral", "--aws-port", "0", "--sql-port", "0"]
    options = {
        "--account": account,
        "--region": region,
        "--transition-seconds": transition_seconds,
        "--memory": memory,
        "--s3": s3,
        "--dynamodb": dynamodb,
        "--sts": sts,
    }
    for name, value in options.items():
        if value is not None:
            arguments += [name, str(value)]
    directory = DataDirectory(root)
    try:
        process, begin = launch(directory, arguments, attached=True)
        state = wait_ready(directory, process, begin)
        instance = Instance(process, directory.root, variables(directory))
    except StartError as error:
        shutil.rmtree(root, ignore_errors=True)
        raise RuntimeError(f"Slipher does not start: {error}") from None
    broken = [f"{row['id']}: {row['error']}" for row in state["clusters"] if row.get("error")]
    if broken:
        instance.stop()
        raise RuntimeError(f"Slipher's cluster does not start: {'; '.join(broken)}")
    return instance
