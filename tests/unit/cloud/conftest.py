"""A gateway alone, in this process and over a real socket, with a clock that tests move."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
import uvicorn
from botocore.config import Config
from sqlalchemy import select

from slipher.cloud.bootstrap import bootstrap
from slipher.cloud.context import Gateway, GatewaySettings
from slipher.cloud.listen import Application
from slipher.cloud.redshift import fleet
from slipher.cloud.state.redshift import clusters
from slipher.warehouse.config import ClusterConfig
from slipher.warehouse.listen import Server


class MovableClock:
    """The machine's time and an offset."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC) + self.offset


class LocalGateway:
    """A running gateway: `.url`, `.gateway`, `.clock`, the administrator's `.key` and `.secret`, `.client(service)`."""

    def __init__(self, directory: Path, sql_port: int = 15439) -> None:
        self.clock = MovableClock()
        self._clients: dict[Any, Any] = {}
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "run").mkdir(exist_ok=True)
        self.gateway = Gateway(GatewaySettings(data_dir=directory, port=0, sql_port=sql_port), self.clock)
        bootstrap(self.gateway)
        found = json.loads((directory / "credentials.json").read_text())
        self.key, self.secret = found["access_key_id"], found["secret_access_key"]
        config = uvicorn.Config(Application(self.gateway), port=0, log_config=None, lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def client(self, service: str, keys: Any = None, region: str = "us-east-1", **options: Any) -> Any:
        """A boto3 client, the administrator's unless `keys` (a dict as STS or IAM return them) are given."""
        keys = keys or {"AccessKeyId": self.key, "SecretAccessKey": self.secret}
        known = (service, region, keys["AccessKeyId"], keys["SecretAccessKey"], tuple(options.items()))
        if known not in self._clients:
            self._clients[known] = self._new_client(service, keys, region, options)
        return self._clients[known]

    def _new_client(self, service: str, keys: Any, region: str, options: dict[str, Any]) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **options),
        )

    def user(self, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
        """A new user with an inline policy of these statements; its access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
        return dict(iam.create_access_key(UserName=name)["AccessKey"])

    def signing_time(self, remove_tzinfo: bool = True) -> datetime:
        """The moved time, as botocore asks for it."""
        now = self.clock.now()
        return now.replace(tzinfo=None) if remove_tzinfo else now

    @contextlib.contextmanager
    def signing(self) -> Iterator[None]:
        """Its clients sign by its clock, however far the test moves it."""
        with pytest.MonkeyPatch.context() as patch:
            for module in ("botocore.auth", "botocore.crt.auth"):
                patch.setattr(f"{module}.get_current_datetime", self.signing_time)
            yield

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.gateway.db.dispose()


class LiveCluster:
    """A gateway and the process of its first cluster, here in this process: the test moves the clock, and is the supervisor."""

    def __init__(self, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:  # other workers have live clusters, too
            port = probe.getsockname()[1]
        self.local = LocalGateway(directory, port)
        self.clock, self.gateway, self.client = self.local.clock, self.local.gateway, self.local.client
        self.config = directory / "clusters/us-east-1/redshift-cluster-1/config.json"
        # its clusters ask the gateway where it really listens
        self.gateway.settings.port = self.local.port
        self._serve()

    def _serve(self) -> None:
        for kept in self.gateway.kept_ports.values():
            kept.close()
        self.gateway.kept_ports.clear()
        self.settings = json.loads(self.config.read_text())
        given = self.settings | {
            "tls": None,
            "require_ssl": False,
            "gateway_url": self.local.url,
            "gateway_socket": None,
        }
        self.server = Server(ClusterConfig.model_validate(given))
        self.server.listen()
        self.say(listening=True)

    def restart(self) -> None:
        """A reboot, as the supervisor makes it."""
        self.server.stop()
        self._serve()
        fleet.settle_due(self.gateway.db, self.gateway.now())

    def say(self, *, listening: bool) -> None:
        """What the supervisor writes."""
        arn = self.settings["cluster_arn"]
        with self.gateway.read() as db:
            row = db.execute(select(clusters).where(clusters.c.arn == arn)).one()
        fleet.record(
            self.gateway.db,
            arn,
            pid=1 if listening else None,
            listening=listening,
            generation=row.generation,
            failures=0,
            error=None,
        )

    def sql(self, *statements: str, user: str = "awsuser") -> list[Any]:
        """Run statements as a user; the rows of the last."""
        password = json.loads((self.gateway.data_dir / "credentials.json").read_text())["password"]
        found: list[Any] = []
        with psycopg.connect(
            host=self.settings["host"], port=self.settings["port"], user=user, password=password, dbname="dev",
            sslmode="disable", client_encoding="utf8", autocommit=True,
        ) as session:  # fmt: skip
            for one in statements:
                done = session.execute(one)
                found = done.fetchall() if done.description else []
        return found

    def until(self, what: Any, seconds: float = 60.0) -> Any:
        """What a function gives, as soon as it gives something."""
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, "in vain"
            time.sleep(0.05)
            fleet.settle_due(self.gateway.db, self.gateway.now())  # as the supervisor does
        return found

    def stop(self) -> None:
        self.server.stop()
        self.local.stop()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    """A gateway with a cluster that runs, and a clock that tests move (forward only)."""
    found = LiveCluster(tmp_path_factory.mktemp("live") / "data")
    with found.local.signing():
        yield found
    found.stop()


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    found = LocalGateway(tmp_path_factory.mktemp("gateway") / "data")
    yield found
    found.stop()


@pytest.fixture
def local(shared_gateway: LocalGateway) -> Iterator[LocalGateway]:
    """The gateway that the tests of a module share; its clock is right again after each."""
    yield shared_gateway
    shared_gateway.clock.offset = timedelta()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LocalGateway]:
    """A gateway of the test's own."""
    found = LocalGateway(tmp_path / "data")
    yield found
    found.stop()
