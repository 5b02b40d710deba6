"""Workgroups: the compute of a namespace, that is, a process with an endpoint."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.redshift import fleet
from slipher.cloud.redshift.clusters import address_for
from slipher.cloud.redshift.facts import refuse_others
from slipher.cloud.serverless import parameters
from slipher.cloud.serverless.common import (
    arn,
    busy,
    conflict,
    find_workgroup,
    in_our_words,
    kept_tags,
    moment,
    namespace,
    of_namespace,
    page,
    row_of,
    settle,
    workgroup,
)
from slipher.cloud.serverless.namespaces import require_free
from slipher.cloud.state.redshift import cluster_runtime, clusters
from slipher.cloud.state.serverless import workgroups

PORT, PORTS = 5439, (range(5431, 5456), range(8191, 8216))
CAPACITY, LARGEST = 128, 1024  # RPUs
# what UpdateWorkgroup changes, one at a time (source: API reference)
CHANGES = (
    "baseCapacity", "configParameters", "enhancedVpcRouting", "maxCapacity", "port", "publiclyAccessible", "securityGroupIds",
    "subnetIds", "ipAddressType", "trackName", "pricePerformanceTarget", "extraComputeForAutomaticOptimization",
)  # fmt: skip
# members that are kept and shown, with nothing that they could do on one machine
KEPT = ("enhancedVpcRouting", "maxCapacity", "publiclyAccessible", "securityGroupIds", "subnetIds", "trackName")
# members with one value here, which may be given; any other is refused, because nothing would come of it
FIXED: Mapping[str, tuple[Any, ...]] = {
    "ipAddressType": ("ipv4",),
    "extraComputeForAutomaticOptimization": (False,),
    "pricePerformanceTarget": ({"status": "DISABLED"},),
}


def shape(db: Connection, group: Row[Any]) -> dict[str, Any]:
    """A workgroup as the API shows it."""
    row, facts = row_of(db, group.namespace), group.facts
    status = _status(db, group, row)
    found: dict[str, Any] = {
        "workgroupId": group.id,
        "workgroupArn": group.arn,
        "workgroupName": group.name,
        "namespaceName": row.facts["NamespaceName"],
        "baseCapacity": facts["baseCapacity"],
        "enhancedVpcRouting": False,
        "publiclyAccessible": False,
        "configParameters": parameters.shown(facts["Parameters"]),
        "securityGroupIds": [],
        "subnetIds": [],
        "status": status,
        "port": facts["port"],
        "creationDate": moment(group.created),
        "workgroupVersion": "1.0",
        "crossAccountVpcs": [],
        "ipAddressType": "ipv4",
        "pricePerformanceTarget": {"status": "DISABLED"},
        "extraComputeForAutomaticOptimization": False,
        "trackName": "current",
    } | {name: facts[name] for name in KEPT if name in facts}
    if status != "CREATING":
        found["endpoint"] = {"address": row.host, "port": row.port, "vpcEndpoints": []}
    return found


def _status(db: Connection, group: Row[Any], row: Row[Any]) -> str:
    if group.deleting:
        return "DELETING"
    if row.transition is not None:
        return "CREATING" if row.transition == "resuming" else "MODIFYING"
    runtime = db.execute(select(cluster_runtime).where(cluster_runtime.c.cluster_arn == row.arn)).first()
    return "AVAILABLE" if runtime is not None and runtime.listening else "MODIFYING"  # its process is started again


def _given(call: Call) -> dict[str, Any]:
    """What a request says of a workgroup, checked."""
    params = call.params
    refuse_others(call, FIXED)
    found = {name: params[name] for name in KEPT if params.get(name) is not None}
    for name in ("baseCapacity", "maxCapacity"):
        value = params.get(name)
        if value is not None and not (value == 4 or (8 <= value <= LARGEST and value % 8 == 0)):
            raise invalid(f"Invalid value for {name}: {value}. It must be 4, or a multiple of 8 from 8 to {LARGEST}.")
    if params.get("baseCapacity") is not None:
        found["baseCapacity"] = params["baseCapacity"]
    if params.get("port") is not None:
        if not any(params["port"] in ports for ports in PORTS):
            raise invalid(f"Invalid port: {params['port']}. Valid port ranges are 5431-5455 and 8191-8215.")
        found["port"] = params["port"]
    if found.get("trackName") not in (None, "current", "trailing"):
        raise invalid(f"Invalid trackName: {found['trackName']}")
    if params.get("configParameters") is not None:
        found["Parameters"] = parameters.kept(params["configParameters"])
    return found


def slices(capacity: int) -> int:
    """How many slices a workgroup has: AWS does not tell; this is about what clusters with as much memory have."""
    return max(2, capacity // 2)


def _process(group_facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a namespace's row that a workgroup decides."""
    return {
        "Slices": slices(group_facts["baseCapacity"]),
        "Applied": parameters.applied(group_facts["Parameters"]),
    }


def _check_capacity(facts: Mapping[str, Any]) -> None:
    if facts.get("maxCapacity") is not None and facts["maxCapacity"] < facts["baseCapacity"]:
        raise invalid("maxCapacity cannot be less than baseCapacity.")


def create(call: Call) -> dict[str, Any]:
    """CreateWorkgroup: the namespace's process is started at an endpoint."""
    check(call)
    params, gateway = call.params, call.gateway
    name = str(params["workgroupName"])
    given: dict[str, Any] = {"baseCapacity": CAPACITY, "port": PORT, "Parameters": dict[str, str]()} | _given(call)
    _check_capacity(given)
    identifier = str(uuid.uuid4())
    with gateway.transaction() as db:
        settle(gateway, db)
        row = namespace(db, call)
        if find_workgroup(db, call.account, call.region, name) is not None:
            raise conflict(f"Serverless workgroup {name} already exists.")
        if of_namespace(db, row.arn) is not None:
            raise conflict(f"Namespace {params['namespaceName']} is already associated with a workgroup.")
        require_free(row, gateway.now())
        db.execute(
            insert(workgroups).values(
                account=call.account,
                region=call.region,
                name=name,
                id=identifier,
                arn=arn(call, "workgroup", identifier),
                namespace=row.arn,
                facts=given | {"Tags": kept_tags(params.get("tags"))},
                deleting=False,
                created=gateway.now(),
            )
        )
        with in_our_words():
            host = address_for(gateway, db, given["port"])
        facts = row.facts | _process(given)
        facts |= {"NamedInArns": f"serverless-{call.account}-{identifier}", "DisplayName": f"workgroup:{name}"}
        _restart(call, db, row, "resuming", facts=facts, host=host, port=given["port"])
        return {"workgroup": shape(db, workgroup(db, call))}


def _restart(call: Call, db: Connection, row: Row[Any], transition: str, **values: Any) -> None:
    """Start the namespace's process, or start it anew, with other settings; the supervisor looks once that is committed."""
    due = call.gateway.now() + call.gateway.settings.transition_seconds
    db.execute(
        update(clusters)
        .where(clusters.c.arn == row.arn)
        .values(transition=transition, due=due, generation=row.generation + 1, **values)
    )
    fleet.refresh_config(call.gateway, db, row.arn)
    call.gateway.wake_supervisor()


def get(call: Call) -> dict[str, Any]:
    """GetWorkgroup."""
    check(call)
    with call.gateway.transaction() as db:
        settle(call.gateway, db)
        return {"workgroup": shape(db, workgroup(db, call))}


def list_(call: Call) -> dict[str, Any]:
    """ListWorkgroups."""
    check(call)
    mine = (workgroups.c.account == call.account, workgroups.c.region == call.region)
    with call.gateway.transaction() as db:
        settle(call.gateway, db)
        every = db.execute(select(workgroups).where(*mine).order_by(workgroups.c.name)).all()
        if call.params.get("ownerAccount") not in (None, call.account):
            every = []  # no other account shares one with this
        rows, more = page(call, "workgroups", every, lambda group: str(group.name))
        return {"workgroups": [shape(db, group) for group in rows]} | more


def _free(call: Call, db: Connection) -> tuple[Row[Any], Row[Any]]:
    """The request's workgroup and its namespace, free for a change."""
    settle(call.gateway, db)
    group = workgroup(db, call)
    row = row_of(db, group.namespace)
    if group.deleting or row.transition is not None:
        raise busy("workgroup")
    return group, row


def update_(call: Call) -> dict[str, Any]:
    """UpdateWorkgroup: the process is started anew, with as many slices and such parameters as are asked for."""
    check(call)
    params, gateway = call.params, call.gateway
    given = _given(call)
    if sum(params.get(member) is not None for member in CHANGES) > 1:
        name = params["workgroupName"]
        raise invalid(f"Can't update multiple configurations at the same time for workgroup {name}.")
    with gateway.transaction() as db:
        group, row = _free(call, db)
        if "Parameters" in given:
            given["Parameters"] = group.facts["Parameters"] | given["Parameters"]
        facts, values = group.facts | given, dict[str, Any]()
        _check_capacity(facts)
        if given.get("port") not in (None, row.port):
            with in_our_words():
                values = {"host": address_for(gateway, db, given["port"]), "port": given["port"]}
        db.execute(update(workgroups).where(workgroups.c.arn == group.arn).values(facts=facts))
        if values or _process(facts) != _process(group.facts):
            _restart(call, db, row, "rebooting", facts=row.facts | _process(facts), **values)
        return {"workgroup": shape(db, workgroup(db, call))}


def delete_(call: Call) -> dict[str, Any]:
    """DeleteWorkgroup: the process is stopped; the namespace keeps its data."""
    check(call)
    gateway = call.gateway
    with gateway.transaction() as db:
        group, row = _free(call, db)
        db.execute(update(workgroups).where(workgroups.c.arn == group.arn).values(deleting=True))
        due = gateway.now() + gateway.settings.transition_seconds
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(transition="pausing", due=due))
        answer = {"workgroup": shape(db, workgroup(db, call))}
    gateway.wake_supervisor()
    return answer
