"""Automated snapshots: asked for when they are due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import errands, snapshots as manual
from slipher.cloud.redshift.automatic_times import next_due
from slipher.cloud.redshift.common import AUTOMATED, listening, provisioned
from slipher.cloud.state.redshift import clusters, snapshots


def take(gateway: Gateway) -> None:
    """Ask for the snapshots that are due. A cluster that is paused or busy has its own when it is available again."""
    now = gateway.now()
    with gateway.read() as db:
        due = _due(db, now)
    if not due:
        return
    with gateway.transaction() as db:
        for row in _due(db, now):
            stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d-%H-%M-%S")
            manual.put(gateway, db, row, f"{AUTOMATED}{row.id}-{stamp}", None, {})
    errands.begin(gateway)


def _due(db: Connection, now: float) -> list[Row[Any]]:
    busy = select(snapshots.c.cluster_arn).where(snapshots.c.status == "creating", ~snapshots.c.made)
    there = (
        provisioned(clusters.c.arn),
        clusters.c.transition.is_(None),
        clusters.c.arn.in_(listening()),
        clusters.c.arn.not_in(busy),
    )
    return [
        row
        for row in db.execute(select(clusters).where(*there)).all()
        if (when := next_due(db, row)) is not None and when <= now
    ]
