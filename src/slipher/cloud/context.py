"""The gateway: settings, state and clock, shared by all requests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Engine

from slipher.base.clock import SYSTEM, Clock
from slipher.base.places import AWS, EMBEDDED, url_of
from slipher.cloud.decisions import Lines
from slipher.cloud.state import (
    data_api,
    dynamodb,
    iam,
    kms,
    mounts,
    redshift,
    s3,
    scheduler,
    secretsmanager,
    serverless,
    signin,
)
from slipher.cloud.state.base import Look, open_database, reading, writing
from slipher.cloud.state.group import Group
from slipher.cloud.vault import Vault

T = TypeVar("T")
TABLES = (
    data_api,
    dynamodb,
    iam,
    kms,
    mounts,
    redshift,
    s3,
    secretsmanager,
    scheduler,
    serverless,
    signin,
)  # imported so that the database knows them


class GatewaySettings(BaseModel):
    """gateway.json, written by the supervisor."""

    model_config = ConfigDict(extra="ignore")

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 4566
    sql_port: int = 5439
    account: str = "123456789012"
    region: str = "us-east-1"
    transition_seconds: float = 0.0
    automated_snapshots: bool = True
    throttle: bool = False  # requests beyond the rates of AWS are refused
    memory: str | None = None  # of each cluster's engine
    s3: str = EMBEDDED  # where clusters find S3 and DynamoDB, and STS for their roles there: see base/places.py
    dynamodb: str = EMBEDDED
    sts: str = AWS
    aws_profile: str | None = None  # of the credentials that roles at AWS are assumed with

    def is_elsewhere(self, service: str) -> bool:
        """Whether clusters find S3 or DynamoDB at AWS."""
        return url_of(service, getattr(self, service)) is not None

    @property
    def sts_url(self) -> str:
        """AWS's STS, or what stands for it."""
        return url_of("sts", self.sts) or ""

    @property
    def url(self) -> str:
        """The gateway's endpoint."""
        return f"http://{self.host}:{self.port}"

    @property
    def socket(self) -> Path:
        """The door of the instance's own clusters."""
        return self.data_dir / "run" / "gateway.sock"


class Gateway:
    """What every handler gets through its Call."""

    def __init__(self, settings: GatewaySettings, clock: Clock = SYSTEM) -> None:
        self.settings = settings
        self.clock = clock
        self.data_dir = settings.data_dir
        self.blobs_dir = settings.data_dir / "s3"
        self.blobs_dir.mkdir(mode=0o700, exist_ok=True)
        self.db: Engine = open_database(settings.data_dir / "gateway.db")
        self.look = Look(settings.data_dir / "gateway.db")
        self.vault = Vault(settings.data_dir)
        self._group = Group(self.db)
        self.kept_ports: dict[tuple[str, int], socket.socket] = {}  # addresses of new clusters
        self.decisions = Lines(settings.data_dir, "decisions")
        self.events = Lines(settings.data_dir, "events")  # see trail.py
        self.bus = Lines(settings.data_dir, "bus")  # what EventBridge would get
        self.last_used: dict[str, float] = {}  # a role, or a key at a service -> when its use was last written down
        self.running: dict[str, Any] = {}  # what a service does beside its requests, by its name
        self.errands = threading.Lock()  # held by the thread that does what takes longer than a request
        self._cache: dict[Any, Any] = {}
        self._cache_lock = threading.Lock()
        self._generation = 0

    def transaction(self) -> AbstractContextManager[Connection]:
        """A write transaction."""
        return writing(self.db)

    def write(self, work: Callable[[Connection], T]) -> T:
        """A small write, whose commit it may share with others; for what is asked often."""
        return self._group.run(work)

    def read(self) -> AbstractContextManager[Connection]:
        """A read transaction."""
        return reading(self.db)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now().timestamp()

    @property
    def url(self) -> str:
        """The gateway's own endpoint."""
        return self.settings.url

    def cached(self, key: Any) -> tuple[int, Any]:
        """The generation of the IAM cache, and what it has under a key (None if nothing)."""
        with self._cache_lock:
            return self._generation, self._cache.get(key)

    def remember(self, generation: int, key: Any, value: Any) -> None:
        """Keep a fact of IAM, unless IAM has changed since `generation`."""
        with self._cache_lock:
            if generation == self._generation and len(self._cache) < 10000:
                self._cache[key] = value

    def iam_changed(self) -> None:
        """Forget what was remembered of IAM."""
        with self._cache_lock:
            self._generation += 1
            self._cache.clear()

    def wake_supervisor(self) -> None:
        """Tell the supervisor that desired state has changed; it also looks by itself."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wake:
            wake.sendto(b"wake", str(self.data_dir / "run" / "supervisor.sock"))
