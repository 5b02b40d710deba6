"""Parameter groups: their values, and when these reach the clusters that have the group.

A cluster's row keeps the values that its process has (`Applied` in its facts). A dynamic parameter's change is written there at
once, a static one's when the process is next started on purpose; meanwhile the cluster is `pending-reboot`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import fleet, link, rows, tags
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.parameters import DEFAULT_FAMILY, FAMILIES, PARAMETERS, Parameter, defaults
from slipher.cloud.state.redshift import clusters, records

KIND = "parametergroup"
NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,253}[a-z0-9]|[a-z]")
DEFAULTS = {f"default.{family}": family for family in FAMILIES}
DEFAULT = f"default.{DEFAULT_FAMILY}"
UPDATED = (
    "Your parameter group has been updated but changes won't get applied until you reboot the associated Clusters."
)
MOST = 20  # parameters of one request


def find(db: Connection, account: str, region: str, name: str) -> dict[str, Any]:
    """A group's facts: Family, Description, Values, Tags; ClusterParameterGroupNotFound if there is none."""
    name = name.lower()
    if name in DEFAULTS:
        family = DEFAULTS[name]
        return {"Name": name, "Family": family, "Description": f"Default parameter group for {family}", "Values": {}}
    where = (records.c.account == account, records.c.region == region, records.c.kind == KIND, records.c.name == name)
    row = db.execute(select(records).where(*where)).first()
    if row is None:
        raise AwsError("ClusterParameterGroupNotFound", f"ParameterGroup not found: {name}", 404)
    return dict(row.facts) | {"Name": name}


def values(group: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter's value in a group."""
    return defaults(group["Family"]) | dict(group["Values"])


def applied(group: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a cluster whose process starts now, on purpose: it takes everything of its group."""
    return {"Applied": values(group), "AppliedGroup": group["Name"]}


def started(db: Connection, row: Any) -> dict[str, Any]:
    """The same for a cluster by its row."""
    return applied(find(db, row.account, row.region, row.facts.get("ParameterGroup", DEFAULT)))


def status(db: Connection, row: Any) -> list[dict[str, Any]]:
    """ClusterParameterGroups of DescribeClusters."""
    group = find(db, row.account, row.region, row.facts.get("ParameterGroup", DEFAULT))
    now = row.facts.get("Applied") or defaults(DEFAULT_FAMILY)
    waiting = {name for name, value in values(group).items() if now.get(name) != value}
    pending = bool(waiting) or row.facts.get("AppliedGroup", DEFAULT) != group["Name"]
    found: dict[str, Any] = {
        "ParameterGroupName": group["Name"],
        "ParameterApplyStatus": "pending-reboot" if pending else "in-sync",
    }
    if waiting:
        found["ClusterParameterStatusList"] = [
            {"ParameterName": name, "ParameterApplyStatus": "pending-reboot" if name in waiting else "in-sync"}
            for name in sorted(values(group))
        ]
    return [found]


def checked(given: list[dict[str, Any]]) -> dict[str, str]:
    """The values that a request sets; InvalidParameterValue for those that a parameter cannot have."""
    if len(given) > MOST:
        raise AwsError("InvalidParameterValue", f"A maximum of {MOST} parameters can be modified in a single request.")
    found = {}
    for one in given:
        name, value = str(one.get("ParameterName")), one.get("ParameterValue")
        row = PARAMETERS.get(name)
        if row is None:
            raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
        if value is None or not _possible(row, str(value)):
            rule = f" Allowed values: {row.allowed}" if row.allowed else ""
            raise AwsError("InvalidParameterValue", f"Invalid value for parameter {name}: {value}.{rule}")
        if one.get("ApplyType") not in (None, row.apply):
            raise AwsError("InvalidParameterValue", f"The apply type of parameter {name} is {row.apply}.")
        if row.only and value not in row.only:
            raise AwsError("NotImplemented", f"{name} {value} is not implemented by Slipher yet.", 501)
        found[name] = str(value)
    return found


def _possible(row: Parameter, value: str) -> bool:
    if row.kind == "boolean":
        return value in ("true", "false")
    if row.kind == "integer":
        if not re.fullmatch(r"-?\d{1,10}", value):
            return False
        spans = [re.fullmatch(r"(-?\d+)(?:-(-?\d+))?", part) for part in row.allowed.split(",")]
        return any(int(span[1]) <= int(value) <= int(span[2] or span[1]) for span in spans if span)
    if row.name == "wlm_json_configuration":
        try:
            return isinstance(json.loads(value), list)
        except ValueError:
            return False
    return bool(value) and len(value) <= 8000


def _shape(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ParameterGroupName": group["Name"],
        "ParameterGroupFamily": group["Family"],
        "Description": group["Description"],
        "Tags": group.get("Tags", []),
    }


def create(call: Call) -> dict[str, Any]:
    """CreateClusterParameterGroup."""
    params = call.params
    name, family = str(params["ParameterGroupName"]).lower(), params["ParameterGroupFamily"]
    if not NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"The parameter ParameterGroupName is not a valid identifier: {name}")
    if family not in FAMILIES:
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid parameter group family")
    facts = {
        "Family": family,
        "Description": params["Description"],
        "Values": {},
        "Tags": tags.checked(params.get("Tags")),
    }
    with call.gateway.transaction() as db:
        if not rows.put(call, db, KIND, name, facts):
            raise AwsError("ClusterParameterGroupAlreadyExists", f"ParameterGroup {name} already exists")
    return {"ClusterParameterGroup": _shape(facts | {"Name": name})}


def describe(call: Call) -> dict[str, Any]:
    """DescribeClusterParameterGroups: the default ones among them."""
    params = call.params
    with call.gateway.read() as db:
        if params.get("ParameterGroupName"):
            found = [find(db, call.account, call.region, params["ParameterGroupName"])]
        else:
            found = [find(db, call.account, call.region, name) for name in DEFAULTS]
            found += [row.facts | {"Name": row.name} for row in rows.every(call, db, KIND)]
    shapes = [_shape(one) for one in found]
    shapes = [one for one in shapes if tags.matches(one["Tags"], params)]
    return rows.page(call, "ParameterGroups", sorted(shapes, key=lambda one: str(one["ParameterGroupName"])))


def _change(call: Call, db: Connection, change: Any) -> tuple[list[Any], dict[str, Any]]:
    """Change a group's values; the clusters whose processes have to hear of it, and the answer."""
    name = str(call.params["ParameterGroupName"]).lower()
    group = find(db, call.account, call.region, name)
    if name in DEFAULTS:
        raise AwsError("InvalidParameterValue", f"The default parameter group {name} cannot be modified.")
    changed = {**group, "Values": change(dict(group["Values"]))}
    del changed["Name"]
    rows.change(call, db, KIND, name, changed)
    new, told = values(changed), []
    dynamic = {one.name for one in PARAMETERS.values() if one.apply == "dynamic"}
    for row in db.execute(select(clusters).where(clusters.c.account == call.account, clusters.c.region == call.region)):
        if row.facts.get("AppliedGroup", DEFAULT) == name and row.facts.get("ParameterGroup") == name:
            now = row.facts["Applied"] | {one: value for one, value in new.items() if one in dynamic}
            if now != row.facts["Applied"]:
                db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=row.facts | {"Applied": now}))
                told.append(row.arn)
    note(call.gateway, db, call, "group-changed", name)
    for arn in told:
        fleet.refresh_config(call.gateway, db, arn)
    return told, {"ParameterGroupName": name, "ParameterGroupStatus": UPDATED}


def modify(call: Call) -> dict[str, Any]:
    """ModifyClusterParameterGroup."""
    new = checked(call.params["Parameters"])
    with call.gateway.transaction() as db:
        told, answer = _change(call, db, lambda old: old | new)
    _tell(call, told)
    return answer


def reset(call: Call) -> dict[str, Any]:
    """ResetClusterParameterGroup: of all parameters, or of those named."""
    named = [str(one.get("ParameterName")) for one in call.params.get("Parameters") or []]
    everything = call.params.get("ResetAllParameters")
    if everything is None:
        everything = not named
    if everything and named:
        raise AwsError("InvalidParameterCombination", "Parameters cannot be given with ResetAllParameters.")
    if not everything and not named:
        raise AwsError("InvalidParameterCombination", "At least one parameter name must be supplied.")
    for name in named:
        if name not in PARAMETERS:
            raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
    with call.gateway.transaction() as db:
        keep = (lambda old: {}) if everything else lambda old: {name: old[name] for name in old if name not in named}
        told, answer = _change(call, db, keep)
    _tell(call, told)
    return answer


def _tell(call: Call, arns: list[Any]) -> None:
    for arn in arns:
        link.reload(fleet.socket_of(call.gateway.data_dir, arn))


def delete_(call: Call) -> None:
    """DeleteClusterParameterGroup: of one that no cluster has."""
    name = str(call.params["ParameterGroupName"]).lower()
    with call.gateway.transaction() as db:
        find(db, call.account, call.region, name)
        if name in DEFAULTS:
            raise AwsError("InvalidParameterValue", f"The default parameter group {name} cannot be deleted.")
        every = db.execute(select(clusters).where(clusters.c.account == call.account, clusters.c.region == call.region))
        if any(name in (row.facts.get("ParameterGroup"), row.facts.get("AppliedGroup")) for row in every):
            raise AwsError("InvalidClusterParameterGroupState", f"The parameter group {name} is used by a cluster.")
        rows.remove(call, db, KIND, name)


def _listed(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    base = defaults(group["Family"])
    return [
        {
            "ParameterName": one.name,
            "ParameterValue": group["Values"].get(one.name, base[one.name]),
            "Description": one.description
            + (" Stored by Slipher; nothing follows from it." if one.effect == "stored" else ""),
            "Source": "user" if one.name in group["Values"] else "engine-default",
            "DataType": one.kind,
            "ApplyType": one.apply,
            "IsModifiable": True,
        }
        | ({"AllowedValues": one.allowed} if one.allowed else {})
        for one in PARAMETERS.values()
    ]


def describe_parameters(call: Call) -> dict[str, Any]:
    """DescribeClusterParameters."""
    source = call.params.get("Source")
    if source not in (None, "user", "engine-default"):
        raise AwsError("InvalidParameterValue", f"Invalid value for Source: {source}")
    with call.gateway.read() as db:
        found = _listed(find(db, call.account, call.region, call.params["ParameterGroupName"]))
    return rows.page(call, "Parameters", [one for one in found if source in (None, one["Source"])])


def describe_defaults(call: Call) -> dict[str, Any]:
    """DescribeDefaultClusterParameters."""
    family = call.params["ParameterGroupFamily"]
    if family not in FAMILIES:
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid parameter group family")
    found = rows.page(call, "Parameters", _listed({"Family": family, "Values": {}}))
    return {"DefaultClusterParameters": {"ParameterGroupFamily": family, **found}}
