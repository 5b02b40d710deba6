"""Subnet groups: records. There is no VPC here, so any well-formed subnet id is taken, and no VpcId is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import rows, tags
from slipher.cloud.state.redshift import clusters

KIND = "subnetgroup"
NAME = re.compile(r"[a-z0-9 ._-]{1,255}")
SUBNET = re.compile(r"subnet-[0-9a-z]{1,32}")
MOST = 20


def find(db: Connection, call: Call, name: str) -> Any:
    """The group of this name; ClusterSubnetGroupNotFoundFault."""
    row = rows.get(call, db, KIND, name.lower())
    if row is None:
        raise AwsError("ClusterSubnetGroupNotFoundFault", f"Cluster subnet group {name} not found.")
    return row


def _subnets(given: list[str]) -> list[str]:
    found = list(dict.fromkeys(given))
    if len(found) > MOST:
        raise AwsError("ClusterSubnetQuotaExceededFault", f"A subnet group may have {MOST} subnets.")
    for one in found:
        if not SUBNET.fullmatch(one):
            raise AwsError("InvalidSubnet", f"The subnet ID {one} is not valid.")
    return found


def _shape(name: str, facts: Mapping[str, Any], region: str) -> dict[str, Any]:
    zone = {"Name": f"{region}a"}
    return {
        "ClusterSubnetGroupName": name,
        "Description": facts["Description"],
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {"SubnetIdentifier": one, "SubnetAvailabilityZone": zone, "SubnetStatus": "Active"}
            for one in facts["Subnets"]
        ],
        "Tags": facts["Tags"],
    }


def create(call: Call) -> dict[str, Any]:
    """CreateClusterSubnetGroup."""
    params, name = call.params, str(call.params["ClusterSubnetGroupName"]).lower()
    if not NAME.fullmatch(name) or name == "default":
        raise AwsError("InvalidParameterValue", f"The parameter ClusterSubnetGroupName is not a valid name: {name}")
    facts = {
        "Description": params["Description"],
        "Subnets": _subnets(params["SubnetIds"]),
        "Tags": tags.checked(params.get("Tags")),
    }
    with call.gateway.transaction() as db:
        if not rows.put(call, db, KIND, name, facts):
            raise AwsError("ClusterSubnetGroupAlreadyExists", f"Cluster subnet group {name} already exists.")
    return {"ClusterSubnetGroup": _shape(name, facts, call.region)}


def describe(call: Call) -> dict[str, Any]:
    """DescribeClusterSubnetGroups."""
    params = call.params
    with call.gateway.read() as db:
        if params.get("ClusterSubnetGroupName"):
            found = [find(db, call, str(params["ClusterSubnetGroupName"]))]
        else:
            found = list(rows.every(call, db, KIND))
    shapes = [_shape(row.name, row.facts, call.region) for row in found if tags.matches(row.facts["Tags"], params)]
    return rows.page(call, "ClusterSubnetGroups", shapes)


def modify(call: Call) -> dict[str, Any]:
    """ModifyClusterSubnetGroup."""
    params = call.params
    with call.gateway.transaction() as db:
        row = find(db, call, str(params["ClusterSubnetGroupName"]))
        facts = row.facts | {"Subnets": _subnets(params["SubnetIds"])}
        if params.get("Description") is not None:
            facts |= {"Description": params["Description"]}
        rows.change(call, db, KIND, row.name, facts)
    return {"ClusterSubnetGroup": _shape(row.name, facts, call.region)}


def delete_(call: Call) -> None:
    """DeleteClusterSubnetGroup: of one that no cluster has."""
    with call.gateway.transaction() as db:
        row = find(db, call, str(call.params["ClusterSubnetGroupName"]))
        mine = (clusters.c.account == call.account, clusters.c.region == call.region)
        if any(one.facts.get("SubnetGroup") == row.name for one in db.execute(select(clusters).where(*mine))):
            raise AwsError("InvalidClusterSubnetGroupStateFault", f"The cluster subnet group {row.name} is in use.")
        rows.remove(call, db, KIND, row.name)
