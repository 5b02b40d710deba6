"""What happens to snapshots by themselves: one that is made becomes available, one whose days are over goes."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import errands, fleet, regional_copies
from slipher.cloud.redshift.automatic_times import retention
from slipher.cloud.redshift.common import AUTOMATED
from slipher.cloud.redshift.events import note
from slipher.cloud.state.redshift import clusters, records, snapshots

DAY = 86400.0


def kind_of(row: Row[Any]) -> str:
    """manual or automated."""
    return "automated" if row.id.startswith(AUTOMATED) else "manual"


def remaining_days(gateway: Gateway, row: Row[Any]) -> int | None:
    """How many days a manual snapshot is still kept; None: for ever."""
    days = row.facts["Days"]
    return None if days == -1 else math.ceil(row.facts["DaysSince"] / DAY + days - gateway.now() / DAY)


def settle(gateway: Gateway, db: Connection) -> None:
    """End what is due."""
    for row in _made(gateway, db):
        db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(status="available"))
        note(gateway, db, row, "snapshot-made")
        regional_copies.copy_made(gateway, db, row)
    for row in _over(gateway, db):
        errands.forget(gateway, db, row)


def is_due(gateway: Gateway) -> bool:
    """Whether anything is due."""
    with gateway.read() as db:
        return bool(_made(gateway, db) or _over(gateway, db))


def _made(gateway: Gateway, db: Connection) -> list[Row[Any]]:
    due = (snapshots.c.status == "creating", snapshots.c.made, snapshots.c.due <= gateway.now())
    return list(db.execute(select(snapshots).where(*due)).all())


def _over(gateway: Gateway, db: Connection) -> list[Row[Any]]:
    """Manual snapshots after their own days; automated ones with their cluster, or when they are older than its retention
    period, but for the latest."""
    now = gateway.now()
    found = db.execute(select(snapshots).where(snapshots.c.status != "creating").order_by(snapshots.c.created)).all()
    if not found:
        return []
    kept = db.execute(select(clusters).where(clusters.c.transition.is_distinct_from("deleting"))).all()
    clusters_of = {row.arn: row for row in kept}
    there = [row for row in found if kind_of(row) == "automated" and row.status == "available"]
    latest = {(row.cluster_arn, row.region): row.arn for row in there}

    def over(row: Row[Any]) -> bool:
        if kind_of(row) == "manual":
            days = row.facts["Days"]
            return days != -1 and bool(row.facts["DaysSince"] + days * DAY <= now)
        days = _automated_days(row, clusters_of.get(row.cluster_arn))
        newest = latest.get((row.cluster_arn, row.region)) == row.arn
        return bool(row.created + days * DAY <= now) and (not days or not newest)

    gone = [row for row in found if over(row)]
    used = busy_files(db) if gone else set[str]()
    return [row for row in gone if row.file not in used]


def _automated_days(row: Row[Any], cluster: Row[Any] | None) -> int:
    """For how many days an automated snapshot is kept; one in another region as its cluster says of those."""
    if cluster is None:
        return 0
    if row.region != cluster.region:
        copy = cluster.facts.get("SnapshotCopy") or {"RetentionPeriod": row.facts["CopyDays"]}
        return int(copy["RetentionPeriod"])
    return retention(cluster)


def busy_files(db: Connection) -> set[str]:
    """The files of snapshots of which clusters or tables are being restored."""
    restoring = db.execute(select(clusters).where(clusters.c.transition.in_(fleet.RESTORED))).all()
    tables = db.execute(select(records).where(records.c.kind == errands.TABLES)).all()
    return {row.facts.get("Restore", {}).get("File", "") for row in restoring} | {
        row.facts["File"] for row in tables if row.facts["Status"] in errands.UNDER_WAY
    }
