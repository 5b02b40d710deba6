"""Tags of namespaces, workgroups and snapshots."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Table, select, update

from slipher.cloud.call import Call
from slipher.cloud.constraints import check
from slipher.cloud.serverless.common import kept_tags, not_found, shown_tags
from slipher.cloud.state.redshift import clusters, snapshots
from slipher.cloud.state.serverless import workgroups

TABLES = (clusters, workgroups, snapshots)


def resource(call: Call) -> str:
    """What policies name."""
    return str(call.params["resourceArn"])


def _find(db: Connection, call: Call) -> tuple[Table, Row[Any]]:
    arn = str(call.params["resourceArn"])
    mine = arn.startswith(f"arn:aws:redshift-serverless:{call.region}:{call.account}:")
    for table in TABLES if mine else ():
        row = db.execute(select(table).where(table.c.arn == arn)).first()
        if row is not None:
            return table, row
    raise not_found("resource", arn)


def list_(call: Call) -> dict[str, Any]:
    """ListTagsForResource."""
    check(call)
    with call.gateway.read() as db:
        _, row = _find(db, call)
    return {"tags": shown_tags(row.facts["Tags"])}


def _write(db: Connection, table: Table, row: Row[Any], tags: list[dict[str, str]]) -> None:
    db.execute(update(table).where(table.c.arn == row.arn).values(facts=row.facts | {"Tags": tags}))


def tag(call: Call) -> dict[str, Any]:
    """TagResource."""
    check(call)
    with call.gateway.transaction() as db:
        table, row = _find(db, call)
        _write(db, table, row, kept_tags([*shown_tags(row.facts["Tags"]), *call.params["tags"]]))
    return {}


def untag(call: Call) -> dict[str, Any]:
    """UntagResource."""
    check(call)
    with call.gateway.transaction() as db:
        table, row = _find(db, call)
        _write(db, table, row, [one for one in row.facts["Tags"] if one["Key"] not in call.params["tagKeys"]])
    return {}
