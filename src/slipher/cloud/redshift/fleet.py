"""Between gateway and supervisor: which cluster processes shall run, with which settings, and what became of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, exists, insert, select, update

from slipher.base.places import url_of
from slipher.base.secretfiles import write_secret
from slipher.cloud.context import Gateway, GatewaySettings
from slipher.cloud.redshift.common import NODE_TYPES, cluster_arn, named_in_arns, settle
from slipher.cloud.redshift.parameters import DEFAULT_FAMILY, PARAMETERS, defaults
from slipher.cloud.secretsmanager.secrets import forget as forget_secret
from slipher.cloud.state.base import reading, writing
from slipher.cloud.state.iam import users
from slipher.cloud.state.redshift import cluster_roles, cluster_runtime, clusters, records, snapshots

DATABASE_FILE = "warehouse.duckdb"  # of a cluster, in its directory
CLUSTER = "redshift-cluster-1"  # the one that every instance begins with

RESTORED = ("creating", "restoring")  # transitions in which files may be put in place
STATES = {  # of transitions; others: run
    "deleting": "remove",
    "pausing": "stop",
    "paused": "stop",
    "incompatible-restore": "stop",
    "renaming": "rename",
}


def _state(row: Row[Any]) -> str:
    if row.transition in RESTORED and row.facts.get("Restore", {}).get("Status") == "restoring":
        return "wait"
    if row.transition == "final-snapshot" and row.facts.get("Stopped"):
        return "stop"
    return STATES.get(row.transition or "", "run")


@dataclass(frozen=True, slots=True)
class DesiredCluster:
    """A cluster as it should be. `state`: run; stop, and keep its files; remove, with its files; rename, its files too; or wait,
    until the gateway has put its files there."""

    arn: str
    id: str  # as people call it
    region: str
    host: str
    port: int
    user: str
    database: str
    directory: Path
    config_file: Path
    generation: int
    state: str
    new_id: str | None  # of one that shall have another name
    transition: str | None
    due: float  # when the transition may end


def directory_of(data_dir: Path, region: str, identifier: str) -> Path:
    """Where a cluster's files are."""
    return data_dir / "clusters" / region / identifier


def socket_of(data_dir: Path, arn: str) -> Path:
    """Where the gateway reaches a cluster: a short path, whatever the cluster's name, because a socket's may have 107 bytes."""
    return data_dir / "run" / f"{hashlib.sha256(arn.encode()).hexdigest()[:10]}.sock"


def slices_of(row: Row[Any]) -> int:
    """How many slices a cluster has: by its nodes, or as a serverless workgroup's capacity says."""
    return int(row.facts.get("Slices") or NODE_TYPES[row.facts["NodeType"]] * row.facts["NumberOfNodes"])


def write_config(settings: GatewaySettings, row: Row[Any]) -> None:
    """Write the settings of a cluster's process, 0600."""
    directory = directory_of(settings.data_dir, row.region, row.id)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    applied = defaults(DEFAULT_FAMILY) | row.facts.get("Applied", {})
    config = {
        "cluster_arn": row.arn,
        "cluster_id": named_in_arns(row),
        "account": row.account,
        "region": row.region,
        "database": row.facts["DBName"],
        "admin_user": row.facts["MasterUsername"],
        "admin_password_md5": row.admin_password_md5,
        "admin_password_set": row.facts.get("PasswordSet", ""),
        "host": row.host,
        "port": row.port,
        "data_dir": str(directory),
        "socket": str(socket_of(settings.data_dir, row.arn)),
        "secret": row.secret,
        "gateway_url": settings.url,
        "gateway_socket": str(settings.socket),
        "s3_url": url_of("s3", settings.s3),
        "dynamodb_url": url_of("dynamodb", settings.dynamodb),
        "tls": {"cert": str(directory / "server.pem"), "key": str(directory / "server.key")},
        "require_ssl": applied["require_ssl"] == "true",
        "user_activity_logging": applied["enable_user_activity_logging"] == "true",
        "parameters": {
            one.name: applied[one.name]
            for one in PARAMETERS.values()
            if one.effect == "session" and applied[one.name] != one.default
        },
        "max_execution_seconds": int(applied.get("max_query_execution_time", 0)),
        "slices": slices_of(row),
        "node_type": row.facts["NodeType"],
        "number_of_nodes": row.facts["NumberOfNodes"],
        "memory_limit": settings.memory,
    }
    write_secret(directory / "config.json", json.dumps(config, indent=2).encode())


def refresh_config(gateway: Gateway, db: Connection, arn: str) -> None:
    """Write a cluster's settings as its row is now."""
    write_config(gateway.settings, db.execute(select(clusters).where(clusters.c.arn == arn)).one())


def rewrite_configs(engine: Engine, settings: GatewaySettings) -> None:
    """Before clusters are started: the instance's settings may have changed since theirs were written."""
    with reading(engine) as db:
        for row in db.execute(select(clusters).where(clusters.c.transition.is_distinct_from("deleting"))):
            write_config(settings, row)


def move(engine: Engine, arn: str, host: str, port: int | None) -> bool:
    """Give a cluster another address (None: the port that it has), for its next start; False if there is no such cluster."""
    values = {"host": host} if port is None else {"host": host, "port": port}
    with writing(engine) as db:
        return db.execute(update(clusters).where(clusters.c.arn == arn).values(**values)).rowcount > 0


def settle_due(engine: Engine, now: float) -> None:
    """End the transitions that are due and whose processes are as they should be."""
    with writing(engine) as db:
        settle(now, db)


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
            row.facts.get("DisplayName") or row.id,
            row.region,
            row.host,
            row.port,
            row.facts["MasterUsername"],
            row.facts["DBName"],
            directory_of(data_dir, row.region, row.id),
            directory_of(data_dir, row.region, row.id) / "config.json",
            row.generation,
            _state(row),
            row.facts.get("NewIdentifier"),
            row.transition,
            row.due,
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


def record_stopped(engine: Engine, arn: str) -> None:
    """Nothing of the last run's runs any more."""
    with writing(engine) as db:
        db.execute(delete(cluster_runtime).where(cluster_runtime.c.cluster_arn == arn))


def forget(engine: Engine, arn: str) -> None:
    """A deleted cluster's process has stopped and its files are gone: so goes its row."""
    with writing(engine) as db:
        db.execute(delete(cluster_runtime).where(cluster_runtime.c.cluster_arn == arn))
        db.execute(delete(cluster_roles).where(cluster_roles.c.cluster_arn == arn))
        facts = db.scalar(select(clusters.c.facts).where(clusters.c.arn == arn, clusters.c.transition == "deleting"))
        if facts and facts.get("MasterPasswordSecret"):
            forget_secret(db, facts["MasterPasswordSecret"])
        db.execute(delete(clusters).where(clusters.c.arn == arn, clusters.c.transition == "deleting"))


def rename(engine: Engine, settings: GatewaySettings, wanted: DesiredCluster) -> None:
    """A cluster's process has stopped: its files, rows and settings get its new name. Repeated after a crash, it ends what was
    begun."""
    assert wanted.new_id is not None
    target = directory_of(settings.data_dir, wanted.region, wanted.new_id)
    if (wanted.directory / DATABASE_FILE).exists():
        shutil.rmtree(target, ignore_errors=True)  # of a cluster that had the name once
        wanted.directory.rename(target)
    with writing(engine) as db:
        row = db.execute(select(clusters).where(clusters.c.arn == wanted.arn)).one()
        arn = cluster_arn(row.account, row.region, wanted.new_id)
        facts = {name: value for name, value in row.facts.items() if name != "NewIdentifier"}
        values = {"arn": arn, "id": wanted.new_id, "facts": facts, "transition": "rebooting"}
        db.execute(update(clusters).where(clusters.c.arn == wanted.arn).values(**values))
        db.execute(update(cluster_roles).where(cluster_roles.c.cluster_arn == wanted.arn).values(cluster_arn=arn))
        db.execute(update(snapshots).where(snapshots.c.cluster_arn == wanted.arn).values(cluster_arn=arn))
        db.execute(delete(cluster_runtime).where(cluster_runtime.c.cluster_arn == wanted.arn))
        mine = (records.c.account == row.account, records.c.region == row.region, records.c.kind == "usagelimit")
        for limit in db.execute(select(records).where(*mine)).all():
            if limit.facts["ClusterIdentifier"] == row.id:
                changed = limit.facts | {"ClusterIdentifier": wanted.new_id}
                db.execute(update(records).where(*mine, records.c.name == limit.name).values(facts=changed))
        write_config(settings, db.execute(select(clusters).where(clusters.c.arn == arn)).one())
