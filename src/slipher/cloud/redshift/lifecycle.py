"""What becomes of a cluster's process: reboot, pause, resume, resize."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, fleet, parameter_groups
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.shape import changed
from slipher.cloud.state.redshift import clusters


def begin(call: Call, db: Connection, row: Row[Any], transition: str, **values: Any) -> None:
    """Begin a transition that ends when it is due at the earliest."""
    due = call.gateway.now() + call.gateway.settings.transition_seconds
    db.execute(update(clusters).where(clusters.c.arn == row.arn).values(transition=transition, due=due, **values))


def reboot(call: Call) -> dict[str, Any]:
    """RebootCluster: the process is stopped and started, with what waits for that of its parameter group."""
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        facts = row.facts | parameter_groups.started(db, row)
        begin(call, db, row, "rebooting", generation=row.generation + 1, facts=facts)
        fleet.refresh_config(call.gateway, db, row.arn)
        note(call.gateway, db, row, "rebooted")
        return changed(call, db)


def pause(call: Call) -> dict[str, Any]:
    """PauseCluster: the process is stopped, its data stay."""
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        begin(call, db, row, "pausing")
        note(call.gateway, db, row, "paused")
        return changed(call, db)


def resume(call: Call) -> dict[str, Any]:
    """ResumeCluster: a paused cluster's process is started."""
    with call.gateway.transaction() as db:
        common.settle(call.gateway.now(), db)
        row = common.find(db, call)
        if row.transition != "paused":
            raise AwsError("InvalidClusterState", f"The cluster {row.id} is not in the paused state.")
        facts = row.facts | parameter_groups.started(db, row)
        begin(call, db, row, "resuming", generation=row.generation + 1, facts=facts)
        fleet.refresh_config(call.gateway, db, row.arn)
        note(call.gateway, db, row, "resumed")
        return changed(call, db)


def size(params: Any, now: Mapping[str, Any]) -> dict[str, Any] | None:
    """The node type and number that a request asks of a cluster, checked; None if it asks for nothing else than there is."""
    kind, nodes = params.get("ClusterType"), params.get("NumberOfNodes")
    node_type = str(params.get("NodeType") or now["NodeType"])
    if kind not in (None, "single-node", "multi-node"):
        raise AwsError("InvalidParameterValue", f"Invalid cluster type: {kind}")
    if nodes is None:
        nodes = 1 if kind == "single-node" else now["NumberOfNodes"]
    common.check_size(node_type, kind or ("multi-node" if nodes > 1 else "single-node"), nodes)
    if (node_type, nodes) == (now["NodeType"], now["NumberOfNodes"]):
        return None
    return {"NodeType": node_type, "NumberOfNodes": nodes}


def start_resize(call: Call, db: Connection, row: Row[Any], wanted: dict[str, Any], classic: bool) -> None:
    """The process is started anew with as many slices as the nodes have; open connections end, as on Redshift."""
    record = wanted | {"Classic": classic, "Started": call.gateway.now()}
    facts = row.facts | wanted | {"Resize": record} | parameter_groups.started(db, row)
    begin(call, db, row, "resizing", generation=row.generation + 1, facts=facts)
    fleet.refresh_config(call.gateway, db, row.arn)


def resize(call: Call) -> dict[str, Any]:
    """ResizeCluster."""
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        wanted = size(call.params, row.facts)
        if wanted is None:
            raise AwsError("InvalidParameterValue", "The cluster already has this node type and number of nodes.")
        start_resize(call, db, row, wanted, bool(call.params.get("Classic")))
        note(call.gateway, db, row, "resized")
        return changed(call, db)


def describe_resize(call: Call) -> dict[str, Any]:
    """DescribeResize: the last one."""
    with call.gateway.transaction() as db:
        common.settle(call.gateway.now(), db)
        row = db.execute(select(clusters).where(clusters.c.arn == common.find(db, call).arn)).one()
    last = row.facts.get("Resize")
    if last is None:
        raise AwsError("ResizeNotFound", f"A resize operation for cluster {row.id} does not exist.", 404)
    running = row.transition == "resizing"
    return {
        "TargetNodeType": last["NodeType"],
        "TargetNumberOfNodes": last["NumberOfNodes"],
        "TargetClusterType": "multi-node" if last["NumberOfNodes"] > 1 else "single-node",
        "Status": "IN_PROGRESS" if running else "SUCCEEDED",
        "ResizeType": "ClassicResize" if last["Classic"] else "ElasticResize",
        "TargetEncryptionType": "KMS",
        "DataTransferProgressPercent": 0.0 if running else 100.0,
    }
