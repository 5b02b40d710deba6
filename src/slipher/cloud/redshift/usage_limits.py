"""Usage limits: records. What they limit (Spectrum, concurrency scaling, sharing between regions) is not there to be used, so
none is ever reached."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows, tags

KIND = "usagelimit"
LIMITS = {  # of a feature
    "spectrum": "data-scanned",
    "concurrency-scaling": "time",
    "cross-region-datasharing": "data-scanned",
    "extra-compute-for-automatic-optimization": "time",
}
PERIODS = ("daily", "weekly", "monthly")
ACTIONS = ("log", "emit-metric", "disable")


def _find(db: Connection, call: Call, name: str) -> Any:
    row = rows.get(call, db, KIND, name)
    if row is None:
        raise AwsError("UsageLimitNotFound", f"Usage limit {name} not found.", 404)
    return row


def _check(facts: dict[str, Any]) -> dict[str, Any]:
    possible = {"FeatureType": LIMITS, "LimitType": LIMITS.values(), "Period": PERIODS, "BreachAction": ACTIONS}
    for member, values in possible.items():
        if facts[member] not in values:
            raise AwsError("InvalidParameterValue", f"Invalid value for {member}: {facts[member]}.")
    if LIMITS[facts["FeatureType"]] != facts["LimitType"]:
        raise AwsError("InvalidUsageLimit", f"{facts['LimitType']} is no limit type of {facts['FeatureType']}.")
    if facts["Amount"] <= 0:
        raise AwsError("InvalidParameterValue", "The usage limit amount must be positive.")
    return facts


def create(call: Call) -> dict[str, Any]:
    """CreateUsageLimit."""
    params = call.params
    facts = {
        "ClusterIdentifier": str(params["ClusterIdentifier"]).lower(),
        "FeatureType": params["FeatureType"],
        "LimitType": params["LimitType"],
        "Amount": params["Amount"],
        "Period": params.get("Period") or "monthly",
        "BreachAction": params.get("BreachAction") or "log",
        "Tags": tags.checked(params.get("Tags")),
    }
    _check(facts)
    unique = ("ClusterIdentifier", "FeatureType", "LimitType", "Period", "BreachAction")
    with call.gateway.transaction() as db:
        common.find(db, call)
        for row in rows.every(call, db, KIND):
            if all(row.facts[member] == facts[member] for member in unique):
                raise AwsError("UsageLimitAlreadyExists", "The usage limit already exists.")
        name = str(uuid.uuid4())
        rows.put(call, db, KIND, name, facts)
    return {"UsageLimitId": name, **facts}


def describe(call: Call) -> dict[str, Any]:
    """DescribeUsageLimits."""
    params = call.params
    cluster, feature = str(params.get("ClusterIdentifier") or "").lower(), params.get("FeatureType")
    with call.gateway.read() as db:
        found = rows.every(call, db, KIND)
        if params.get("UsageLimitId"):
            found = [_find(db, call, str(params["UsageLimitId"]))]
    shapes = [
        {"UsageLimitId": row.name, **row.facts}
        for row in found
        if cluster in ("", row.facts["ClusterIdentifier"])
        and feature in (None, row.facts["FeatureType"])
        and tags.matches(row.facts["Tags"], params)
    ]
    return rows.page(call, "UsageLimits", shapes)


def modify(call: Call) -> dict[str, Any]:
    """ModifyUsageLimit."""
    params = call.params
    with call.gateway.transaction() as db:
        row = _find(db, call, str(params["UsageLimitId"]))
        given = {name: params[name] for name in ("Amount", "BreachAction") if params.get(name) is not None}
        facts = _check(row.facts | given)
        rows.change(call, db, KIND, row.name, facts)
    return {"UsageLimitId": row.name, **facts}


def delete_(call: Call) -> None:
    """DeleteUsageLimit."""
    with call.gateway.transaction() as db:
        rows.remove(call, db, KIND, _find(db, call, str(call.params["UsageLimitId"])).name)
