"""Maintenance: there is none here, so that a deferral is a record, and every cluster has the latest revision."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows
from slipher.cloud.redshift.offers import ATTRIBUTES, RELEASE
from slipher.cloud.redshift.shape import changed
from slipher.cloud.state.redshift import clusters

DAY = 86400.0
LONGEST = int(ATTRIBUTES["max-defer-maintenance-duration"])  # days


def defer(call: Call) -> dict[str, Any]:
    """ModifyClusterMaintenance."""
    params = call.params
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        facts = row.facts | {"Deferred": _window(call) if params.get("DeferMaintenance") else None}
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts))
        return changed(call, db)


def _window(call: Call) -> dict[str, Any]:
    params, now = call.params, call.gateway.now()
    days, given = params.get("DeferMaintenanceDuration"), params.get("DeferMaintenanceEndTime")
    if days is not None and given is not None:
        raise AwsError(
            "InvalidParameterCombination",
            "DeferMaintenanceDuration and DeferMaintenanceEndTime cannot both be specified.",
        )
    start = params["DeferMaintenanceStartTime"].timestamp() if params.get("DeferMaintenanceStartTime") else now
    end = given.timestamp() if given is not None else start + (days or LONGEST) * DAY
    if not start < end <= start + LONGEST * DAY:
        raise AwsError("InvalidParameterValue", f"Maintenance can be deferred for {LONGEST} days at most.")
    name = params.get("DeferMaintenanceIdentifier") or f"dfm-{secrets.token_hex(10)}"
    return {"Id": name, "Start": start, "End": end}


def revisions(call: Call) -> dict[str, Any]:
    """DescribeClusterDbRevisions."""
    with call.gateway.read() as db:
        if call.params.get("ClusterIdentifier"):
            found = [common.find(db, call)]
        else:
            found = list(db.execute(select(clusters).where(*common.own(call, clusters)).order_by(clusters.c.id)))
    shapes = [
        {
            "ClusterIdentifier": row.id,
            "CurrentDatabaseRevision": RELEASE.rpartition(".")[2],
            "DatabaseRevisionReleaseDate": datetime.fromtimestamp(row.created, UTC),
            "RevisionTargets": [],
        }
        for row in found
    ]
    return rows.page(call, "ClusterDbRevisions", shapes)


def revise(call: Call) -> dict[str, Any]:
    """ModifyClusterDbRevision."""
    with call.gateway.read() as db:
        row = common.find(db, call)
    wanted = call.params["RevisionTarget"]
    raise AwsError(
        "ClusterOnLatestRevision", f"The cluster {row.id} has the latest revision already; {wanted} is none."
    )


def aqua(call: Call) -> dict[str, Any]:
    """ModifyAquaConfiguration: retired; Amazon Redshift changes nothing either (source: API reference)."""
    with call.gateway.read() as db:
        common.find(db, call)
    return {"AquaConfiguration": {"AquaStatus": "disabled", "AquaConfigurationStatus": "auto"}}


def fail_over(call: Call) -> dict[str, Any]:
    """FailoverPrimaryCompute: no cluster has a second zone."""
    with call.gateway.read() as db:
        row = common.find(db, call)
    raise AwsError("UnsupportedOperation", f"The cluster {row.id} is not a Multi-AZ cluster.")


def cancel_resize(call: Call) -> dict[str, Any]:
    """CancelResize: a resize here is a restart, which is done before it could be cancelled."""
    with call.gateway.transaction() as db:
        common.settle(call.gateway.now(), db)
        row = common.find(db, call)
    if row.transition == "resizing":
        raise AwsError("InvalidClusterState", f"The resize of cluster {row.id} cannot be cancelled any more.")
    raise AwsError("ResizeNotFound", f"A resize operation for cluster {row.id} does not exist.", 404)
