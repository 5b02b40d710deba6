"""Between gateway and supervisor: which cluster processes shall run, with which settings, and what became of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, delete, exists, insert, select, update

from slipher.base.secretfiles import write_secret
from slipher.cloud.context import Gateway
from slipher.cloud.redshift.common import NODE_TYPES
from slipher.cloud.state.base import reading, writing
from slipher.cloud.state.iam import users
from slipher.cloud.state.redshift import cluster_roles, cluster_runtime, clusters


@dataclass(frozen=True, slots=True)
class DesiredCluster:
    """A cluster as it should be: `run` False means stop it and remove its directory."""

    arn: str
    id: str
    region: str
    host: str
    port: int
    user: str
    database: str
    directory: Path
    config_file: Path
    generation: int
    run: bool
    transition: str | None


def directory_of(data_dir: Path, region: str, identifier: str) -> Path:
    """Where a cluster's files are."""
    return data_dir / "clusters" / region / identifier


def write_config(gateway: Gateway, row: Row[Any]) -> None:
    """Write the settings of a cluster's process, 0600."""
    settings = gateway.settings
    directory = directory_of(settings.data_dir, row.region, row.id)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = {
        "cluster_arn": row.arn,
        "cluster_id": row.id,
        "account": row.account,
        "region": row.region,
        "database": row.facts["DBName"],
        "admin_user": row.facts["MasterUsername"],
        "admin_password_md5": row.admin_password_md5,
        "host": row.host,
        "port": row.port,
        "data_dir": str(directory),
        "socket": str(directory / "sql.sock"),
        "secret": row.secret,
        "gateway_url": gateway.url,
        "tls": {"cert": str(directory / "server.pem"), "key": str(directory / "server.key")},
        "require_ssl": True,
        "slices": NODE_TYPES[row.facts["NodeType"]] * row.facts["NumberOfNodes"],
        "node_type": row.facts["NodeType"],
        "number_of_nodes": row.facts["NumberOfNodes"],
    }
    write_secret(directory / "config.json", json.dumps(config, indent=2).encode())


def rewrite_configs(gateway: Gateway) -> None:
    """At the gateway's start: its own address may have changed since the clusters' settings were written."""
    with gateway.read() as db:
        for row in db.execute(select(clusters).where(clusters.c.transition.is_not("deleting"))):
            write_config(gateway, row)


def begun(engine: Engine) -> bool:
    """Whether the first rows, which one transaction makes, are there."""
    with reading(engine) as db:
        return bool(db.scalar(select(exists(select(users.c.id)) | exists(select(clusters.c.arn)))))


def desired(engine: Engine, data_dir: Path) -> list[DesiredCluster]:
    """What should run."""
    with reading(engine) as db:
        rows = db.execute(select(clusters).order_by(clusters.c.created)).all()
    return [
        DesiredCluster(
            row.arn,
            row.id,
            row.region,
            row.host,
            row.port,
            row.facts["MasterUsername"],
            row.facts["DBName"],
            directory_of(data_dir, row.region, row.id),
            directory_of(data_dir, row.region, row.id) / "config.json",
            row.generation,
            row.transition != "deleting",
            row.transition,
        )
        for row in rows
    ]


def record(
    engine: Engine, arn: str, *, pid: int | None, listening: bool, generation: int, failures: int, error: str | None
) -> None:
    """Write what became of a cluster's process."""
    values = {
        "pid": pid,
        "listening": listening,
        "generation": generation,
        "failures": failures,
        "last_error": error,
    }
    with writing(engine) as db:
        if (
            db.execute(update(cluster_runtime).where(cluster_runtime.c.cluster_arn == arn).values(**values)).rowcount
            == 0
        ):
            db.execute(insert(cluster_runtime).values(cluster_arn=arn, **values))


def forget(engine: Engine, arn: str) -> None:
    """A deleted cluster's process has stopped and its files are gone: so goes its row."""
    with writing(engine) as db:
        db.execute(delete(cluster_runtime).where(cluster_runtime.c.cluster_arn == arn))
        db.execute(delete(cluster_roles).where(cluster_roles.c.cluster_arn == arn))
        db.execute(delete(clusters).where(clusters.c.arn == arn, clusters.c.transition == "deleting"))
