"""The tags of the resource that a request is about, for aws:ResourceTag: read only where a policy asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from slipher.cloud.context import Gateway
from slipher.cloud.state import dynamodb, iam, redshift, serverless


def _table(db: Connection, arn: list[str]) -> Any:
    tables, name = dynamodb.tables, arn[5].removeprefix("table/").partition("/")[0]
    mine = (tables.c.account == arn[4], tables.c.region == arn[3], tables.c.name == name)
    return (db.scalar(select(tables.c.facts).where(*mine)) or {}).get("Tags")


def _cluster(db: Connection, arn: list[str]) -> Any:
    clusters, name = redshift.clusters, arn[5].partition(":")[2].partition("/")[0]
    mine = (clusters.c.account == arn[4], clusters.c.region == arn[3], clusters.c.id == name)
    return (db.scalar(select(clusters.c.facts).where(*mine)) or {}).get("Tags")


def _serverless(db: Connection, arn: list[str]) -> Any:
    tables = {"namespace": redshift.clusters, "workgroup": serverless.workgroups, "snapshot": redshift.snapshots}
    table = tables.get(arn[5].partition("/")[0])
    return (
        (db.scalar(select(table.c.facts).where(table.c.arn == ":".join(arn))) or {}).get("Tags")
        if table is not None
        else None
    )


def _entity(db: Connection, arn: list[str]) -> Any:
    tables = {"role": iam.roles, "user": iam.users, "policy": iam.policies, "instance-profile": iam.instance_profiles}
    table = tables.get(arn[5].partition("/")[0])
    return db.scalar(select(table.c.tags).where(table.c.arn == ":".join(arn))) if table is not None else None


READERS: Mapping[str, Callable[[Connection, list[str]], Any]] = {
    "dynamodb": _table,
    "redshift": _cluster,
    "redshift-serverless": _serverless,
    "iam": _entity,
}


def resource_tags(gateway: Gateway, resource: str) -> dict[str, str]:
    """aws:resourcetag/KEY of a resource by its ARN, and the service's own key of the same meaning."""
    parts = resource.split(":", 5)
    reader = READERS.get(parts[2]) if len(parts) == 6 else None
    if reader is None:
        return {}
    with gateway.read() as db:
        tags = reader(db, parts) or ()
    found: dict[str, str] = {}
    for tag in tags:
        for prefix in ("aws", parts[2]):
            found[f"{prefix}:resourcetag/{tag['Key'].lower()}"] = tag["Value"]
    return found
