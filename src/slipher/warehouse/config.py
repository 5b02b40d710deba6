"""A cluster's settings, as the gateway writes them for the cluster's process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from slipher.warehouse.endpoint import Endpoint


class TlsFiles(BaseModel):
    """Paths of the server's certificate chain and its key, PEM."""

    cert: Path
    key: Path


class ClusterConfig(BaseModel):
    """config.json of one cluster: written by the gateway with mode 0600, read once at start."""

    model_config = ConfigDict(extra="ignore")

    cluster_arn: str
    cluster_id: str
    account: str
    region: str
    database: str
    admin_user: str
    admin_password_md5: str = Field(repr=False)
    admin_password_set: str = ""  # which setting of it this is: one that is set again is in force again
    host: str
    port: int
    data_dir: Path
    socket: Path
    secret: str = Field(repr=False)
    gateway_url: str
    gateway_socket: Path | None = None  # the gateway's own way in for its clusters
    s3_url: str | None = None  # where S3 and DynamoDB are, if not at the gateway: see endpoint.py
    dynamodb_url: str | None = None
    tls: TlsFiles | None = None
    require_ssl: bool = True
    slices: int = 2
    node_type: str = "ra3.large"
    number_of_nodes: int = 1
    user_activity_logging: bool = False
    parameters: dict[str, Any] = Field(default_factory=dict)
    max_execution_seconds: int = 0  # of a statement; 0: any
    memory_limit: str | None = None
    threads: int | None = None
    concurrency: int = 8
    role_seconds: int = 3600  # how long the credentials of a role live that COPY and UNLOAD assume

    @classmethod
    def read(cls, path: Path) -> ClusterConfig:
        """Read and check a config file."""
        return cls.model_validate_json(path.read_bytes())

    @property
    def gateway(self) -> Endpoint:
        """The gateway."""
        return Endpoint(self.gateway_url, self.gateway_socket)

    @property
    def s3(self) -> Endpoint:
        """Where S3 is."""
        return Endpoint(self.s3_url) if self.s3_url else self.gateway

    @property
    def dynamodb(self) -> Endpoint:
        """Where DynamoDB is."""
        return Endpoint(self.dynamodb_url) if self.dynamodb_url else self.gateway

    @property
    def spool_dir(self) -> Path:
        """Where COPY and UNLOAD keep their bounded temporary files; emptied at start."""
        return self.data_dir / "spool"
