"""When a cluster's next automated snapshot is due: about every eight hours, or by the cluster's schedule.

There is no state: the last one says when (source: management guide, "Automated snapshots").
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from slipher.cloud.redshift import rows
from slipher.cloud.redshift.common import AUTOMATED
from slipher.cloud.redshift.schedule_times import first_after
from slipher.cloud.state.base import meta
from slipher.cloud.state.redshift import snapshots

EVERY = 8 * 3600.0
SWITCH = "automated_snapshots"
SCHEDULE = "snapshotschedule"  # the kind of records of snapshot schedules


def retention(cluster: Row[Any]) -> int:
    """For how many days a cluster's automated snapshots are kept; 0: none are made."""
    return int(cluster.facts.get("AutomatedSnapshotRetentionPeriod", 1))


def switch(db: Connection, on: bool) -> None:
    """Keep what the instance was started with, for whoever asks when the next one is due."""
    db.execute(delete(meta).where(meta.c.key == SWITCH))
    db.execute(insert(meta).values(key=SWITCH, value="on" if on else "off"))


def next_due(db: Connection, cluster: Row[Any]) -> float | None:
    """When a cluster's next automated snapshot is due; none if it shall have none."""
    if not retention(cluster) or db.scalar(select(meta.c.value).where(meta.c.key == SWITCH)) == "off":
        return None
    own = (snapshots.c.cluster_arn == cluster.arn, snapshots.c.id.startswith(AUTOMATED))
    last = db.scalar(select(func.max(snapshots.c.created)).where(*own)) or cluster.created
    name = cluster.facts.get("SnapshotSchedule")
    if name is None:
        return float(last) + EVERY
    row = rows.get(cluster, db, SCHEDULE, name)
    assert row is not None  # one that a cluster has cannot be deleted
    return first_after(row.facts["Definitions"], max(last, cluster.facts["SnapshotScheduleSince"]), row.created)
