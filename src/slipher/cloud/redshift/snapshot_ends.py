"""What happens to snapshots by themselves: one that is made becomes available, one whose days are over goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import errands, fleet
from slipher.cloud.redshift.automatic_times import AUTOMATED
from slipher.cloud.redshift.events import note
from slipher.cloud.state.redshift import clusters, records, snapshots

DAY = 86400.0


def kind_of(row: Row[Any]) -> str:
    """manual or automated."""
    return "automated" if row.id.startswith(AUTOMATED) else "manual"


def settle(gateway: Gateway, db: Connection) -> None:
    """End what is due."""
    for row in _made(gateway, db):
        db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(status="available"))
        note(gateway, db, row, "snapshot-made")
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
    days_of = {row.arn: row.facts.get("AutomatedSnapshotRetentionPeriod", 1) for row in kept}
    latest = {row.cluster_arn: row.arn for row in found if kind_of(row) == "automated" and row.status == "available"}

    def over(row: Row[Any]) -> bool:
        if kind_of(row) == "manual":
            days = row.facts["Days"]
            return days != -1 and bool(row.facts["DaysSince"] + days * DAY <= now)
        days = days_of.get(row.cluster_arn, 0)
        return bool(row.created + days * DAY <= now) and (not days or latest.get(row.cluster_arn) != row.arn)

    gone = [row for row in found if over(row)]
    used = busy_files(db) if gone else set[str]()
    return [row for row in gone if row.file not in used]


def busy_files(db: Connection) -> set[str]:
    """The files of snapshots of which clusters or tables are being restored."""
    restoring = db.execute(select(clusters).where(clusters.c.transition.in_(fleet.RESTORED))).all()
    tables = db.execute(select(records).where(records.c.kind == errands.TABLES)).all()
    return {row.facts.get("Restore", {}).get("File", "") for row in restoring} | {
        row.facts["File"] for row in tables if row.facts["Status"] in errands.UNDER_WAY
    }
