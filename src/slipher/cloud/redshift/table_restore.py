"""RestoreTableFromClusterSnapshot: the cluster itself reads the table from the snapshot's file, linked into its spool."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common, errands, fleet, link, rows, snapshots as manual
from slipher.cloud.redshift.events import note
from slipher.cloud.state.redshift import clusters, records

log = logging.getLogger("slipher.gateway")
KIND = errands.TABLES
SECONDS = 6 * 3600.0
NAMES = (
    "SourceDatabaseName", "SourceSchemaName", "SourceTableName", "TargetDatabaseName", "TargetSchemaName", "NewTableName",
)  # fmt: skip
SHOWN = ("Status", "ClusterIdentifier", "SnapshotIdentifier", *NAMES)


def snapshot_resource(call: Call) -> str:
    """What policies name beside the cluster."""
    return manual.resource_named(
        call, str(call.params["SnapshotIdentifier"]).lower(), str(call.params["ClusterIdentifier"]).lower()
    )


def restore(call: Call) -> dict[str, Any]:
    """RestoreTableFromClusterSnapshot."""
    call.require("redshift:RestoreTableFromClusterSnapshot", snapshot_resource(call))
    gateway, facts = call.gateway, _facts(call)
    with gateway.transaction() as db:
        cluster = common.require_available(db, call)
        row = manual.find(db, call, str(call.params["SnapshotIdentifier"]))
        if row.status != "available":
            raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} is not available.")
        if row.cluster_arn != cluster.arn:
            raise AwsError(
                "InvalidTableRestoreArgument", f"The snapshot {row.id} was not made of the cluster {cluster.id}."
            )
        mine = [one.facts for one in rows.every(call, db, KIND) if one.facts["Cluster"] == cluster.arn]
        if any(one["Status"] in errands.UNDER_WAY for one in mine):
            raise AwsError(
                "InProgressTableRestoreQuotaExceededFault",
                "Another table is being restored to this cluster; make this request again when that has ended.",
            )
    facts |= {"Cluster": cluster.arn, "ClusterIdentifier": cluster.id, "SnapshotIdentifier": row.id, "File": row.file}
    _check(gateway, cluster, facts)
    name = str(uuid.uuid4())
    with gateway.transaction() as db:
        rows.put(call, db, KIND, name, facts)
        answer = _shape(rows.get(call, db, KIND, name))
    errands.begin(gateway)
    return {"TableRestoreStatus": answer}


def _facts(call: Call) -> dict[str, Any]:
    params = call.params
    given = {name: str(params[name]) for name in NAMES if params.get(name)}
    if not params.get("EnableCaseSensitiveIdentifier"):
        given = {name: value.lower() for name, value in given.items()}
    given = {"SourceSchemaName": "public"} | given
    # what is not said of the target is the source's; but for the schema (source: API reference)
    return (
        {"TargetDatabaseName": given["SourceDatabaseName"], "TargetSchemaName": "public"}
        | given
        | {"Status": "PENDING"}
    )


def _shape(row: Any) -> dict[str, Any]:
    facts = row.facts
    return {
        "TableRestoreRequestId": row.name,
        "RequestTime": datetime.fromtimestamp(row.created, UTC),
        **{name: facts[name] for name in SHOWN},
        **{name: facts[name] for name in ("Message", "ProgressInMegaBytes", "TotalDataInMegaBytes") if name in facts},
    }


def describe(call: Call) -> dict[str, Any]:
    """DescribeTableRestoreStatus."""
    params = call.params
    cluster, name = str(params.get("ClusterIdentifier") or "").lower(), params.get("TableRestoreRequestId")
    with call.gateway.read() as db:
        if cluster:
            common.find(db, call)
        found = [row for row in rows.every(call, db, KIND) if cluster in ("", row.facts["ClusterIdentifier"])]
    if name:
        found = [row for row in found if row.name == name]
        if not found:
            raise AwsError("TableRestoreNotFoundFault", f"The table restore request {name} was not found.")
    found.sort(key=lambda row: row.created)
    return rows.page(call, "TableRestoreStatusDetails", [_shape(row) for row in found])


@contextmanager
def _in_spool(gateway: Gateway, cluster: Row[Any], file: str) -> Iterator[str]:
    """The snapshot's file in the cluster's spool, for a while: its name there."""
    home = fleet.directory_of(gateway.data_dir, cluster.region, cluster.id) / "spool"
    name = f"t{uuid.uuid4().hex}"
    paths = errands.files(errands.directory(gateway), file)
    targets = [home / path.name.replace(file, name, 1) for path in paths]
    try:
        for path, target in zip(paths, targets, strict=True):
            os.link(path, target)
        yield name
    finally:
        for target in targets:
            Path(target).unlink(missing_ok=True)


def _tell(gateway: Gateway, cluster: Row[Any], facts: dict[str, Any], what: str, seconds: float) -> str:
    with _in_spool(gateway, cluster, facts["File"]) as file:
        names = [facts[one] for one in NAMES]
        request = {"file": file, "source": names[:3], "target": names[3:]}
        return link.ask(fleet.socket_of(gateway.data_dir, cluster.arn), f"TABLE {what}", request, seconds)


def _check(gateway: Gateway, cluster: Row[Any], facts: dict[str, Any]) -> None:
    """What is wrong with a request is said at once."""
    try:
        _tell(gateway, cluster, facts, "CHECK", 60.0)
    except link.Refused as error:
        raise AwsError("InvalidTableRestoreArgument", str(error)) from None
    except (link.NotRunning, OSError):
        raise AwsError("InvalidClusterState", f"The cluster {cluster.id} is not in the available state.") from None


def work(gateway: Gateway) -> bool:
    """Restore a table that waits for it; False if there is none."""
    with gateway.read() as db:
        waiting = db.execute(select(records).where(records.c.kind == KIND).order_by(records.c.created)).all()
        row = next((one for one in waiting if one.facts["Status"] in errands.UNDER_WAY), None)
        cluster = row and db.execute(select(clusters).where(clusters.c.arn == row.facts["Cluster"])).first()
    if row is None:
        return False
    ended: dict[str, Any] = {"Status": "SUCCEEDED"}
    try:
        if (
            row.facts["Status"] == "IN_PROGRESS"
        ):  # of a gateway that ended meanwhile: it may be there, and a name is had once
            raise link.Refused("Slipher was stopped while the table was being restored.")
        if cluster is None:
            raise link.Refused("The cluster was deleted.")
        _write(gateway, row, {"Status": "IN_PROGRESS"})
        tag = _tell(gateway, cluster, row.facts, "RESTORE", SECONDS)
        size = int(tag.rpartition(" ")[2]) // 2**20
        ended |= {"ProgressInMegaBytes": size, "TotalDataInMegaBytes": size}
    except (link.NotRunning, link.Refused, OSError) as error:
        ended = {"Status": "FAILED", "Message": str(error) or "The cluster does not run."}
        log.warning("table restore %s failed: %s", row.name, error)
    _write(gateway, row, ended)
    if cluster is not None:
        with gateway.transaction() as db:
            note(gateway, db, cluster, "table-restored" if ended["Status"] == "SUCCEEDED" else "table-not-restored")
    return True


def _write(gateway: Gateway, row: Row[Any], changes: dict[str, Any]) -> None:
    with gateway.transaction() as db:
        found = rows.get(row, db, KIND, row.name)
        if found is not None:
            rows.change(row, db, KIND, row.name, found.facts | changes)
