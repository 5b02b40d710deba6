"""Events: what happened to clusters, snapshots and parameter groups, kept for 14 days.

Numbers and wording of AWS's events are not all known here: `EVENTS` gives each its category, and a text of our own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import rows
from slipher.cloud.state.redshift import events

SOURCES = ("cluster", "cluster-parameter-group", "cluster-security-group", "cluster-snapshot", "scheduled-action")
KEPT_SECONDS = 14 * 86400.0
# kind: (source type, category, severity, text)
EVENTS: dict[str, tuple[str, str, str, str]] = {
    "created": ("cluster", "management", "INFO", "Cluster {id} was created."),
    "modified": ("cluster", "management", "INFO", "Cluster {id} was modified."),
    "rebooted": ("cluster", "management", "INFO", "Cluster {id} is being rebooted."),
    "paused": ("cluster", "management", "INFO", "Cluster {id} is being paused."),
    "resumed": ("cluster", "management", "INFO", "Cluster {id} is being resumed."),
    "resized": ("cluster", "management", "INFO", "Cluster {id} is being resized."),
    "renamed": ("cluster", "management", "INFO", "Cluster {id} is being renamed."),
    "deleted": ("cluster", "management", "INFO", "Cluster {id} is being deleted."),
    "password": ("cluster", "security", "INFO", "The admin password of cluster {id} was changed."),
    "roles": ("cluster", "configuration", "INFO", "The IAM roles of cluster {id} were changed."),
    "restored": ("cluster", "management", "INFO", "Cluster {id} was restored from a snapshot."),
    "restore-failed": ("cluster", "management", "ERROR", "Cluster {id} could not be restored from its snapshot."),
    "table-restored": ("cluster", "management", "INFO", "A table of cluster {id} was restored from a snapshot."),
    "table-not-restored": ("cluster", "management", "ERROR", "A table of cluster {id} could not be restored from a snapshot."),
    "logging-on": ("cluster", "configuration", "INFO", "Audit logging of cluster {id} was enabled."),
    "logging-off": ("cluster", "configuration", "INFO", "Audit logging of cluster {id} was disabled."),
    "sample-loaded": ("cluster", "management", "INFO", "The sample data of cluster {id} were loaded."),
    "sample-failed": ("cluster", "management", "ERROR", "The sample data of cluster {id} could not be loaded."),
    "snapshot-made": ("cluster-snapshot", "management", "INFO", "Snapshot {id} of cluster {cluster_id} is available."),
    "snapshot-failed": ("cluster-snapshot", "management", "ERROR", "Snapshot {id} of cluster {cluster_id} could not be made."),
    "snapshot-deleted": ("cluster-snapshot", "management", "INFO", "Snapshot {id} of cluster {cluster_id} was deleted."),
    "action-done": ("scheduled-action", "management", "INFO", "Scheduled action {id} was done."),
    "action-failed": ("scheduled-action", "management", "ERROR", "Scheduled action {id} failed."),
    "group-changed": ("cluster-parameter-group", "configuration", "INFO", "Parameter group {id} was changed."),
}  # fmt: skip


def note(gateway: Gateway, db: Connection, row: Any, kind: str, name: str | None = None) -> None:
    """Write an event about a row that has account, region and id (or `name`)."""
    if ":redshift-serverless:" in getattr(row, "arn", ""):
        return  # whose events go to EventBridge alone
    source, category, severity, text = EVENTS[kind]
    fields = {"id": name or row.id, "cluster_id": getattr(row, "cluster_id", "")}
    now = gateway.now()
    db.execute(delete(events).where(events.c.at < now - KEPT_SECONDS))
    db.execute(
        insert(events).values(
            account=row.account,
            region=row.region,
            source_type=source,
            source=fields["id"],
            category=category,
            severity=severity,
            message=text.format(**fields),
            at=now,
        )
    )


def describe(call: Call) -> dict[str, Any]:
    """DescribeEvents: of the last hour, unless the request says of which time."""
    params, now = call.params, call.gateway.now()
    kind, name = params.get("SourceType"), params.get("SourceIdentifier")
    if kind not in (None, *SOURCES):
        raise AwsError("InvalidParameterValue", f"Invalid source type: {kind}")
    if name and not kind:
        raise AwsError("InvalidParameterCombination", "SourceType must be specified with SourceIdentifier.")
    start, end = params.get("StartTime"), params.get("EndTime")
    minutes = params.get("Duration") or 60
    begin = start.timestamp() if start else (end.timestamp() if end else now) - minutes * 60
    last = end.timestamp() if end else begin + minutes * 60 if start and params.get("Duration") else now
    mine = (events.c.account == call.account, events.c.region == call.region, events.c.at >= begin, events.c.at <= last)
    with call.gateway.read() as db:
        found = db.execute(select(events).where(*mine).order_by(events.c.id)).all()
    shapes = [
        {
            "SourceIdentifier": row.source,
            "SourceType": row.source_type,
            "Message": row.message,
            "EventCategories": [row.category],
            "Severity": row.severity,
            "Date": datetime.fromtimestamp(row.at, UTC),
        }
        for row in found
        if kind in (None, row.source_type) and name in (None, row.source)
    ]
    return rows.page(call, "Events", shapes)
