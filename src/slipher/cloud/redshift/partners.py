"""Partner integrations: records of who is connected to a cluster's databases; the partners themselves keep them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows

KIND = "partner"
STATES = ("Active", "Inactive", "RuntimeFailure", "ConnectionFailure")


def _cluster(call: Call, db: Connection) -> str:
    if call.params["AccountId"] != call.account:
        raise AwsError("UnauthorizedPartnerIntegration", "The partner integration is of another account.", 401)
    return str(common.find(db, call).id)


def _key(call: Call, db: Connection) -> str:
    return "/".join((_cluster(call, db), str(call.params["DatabaseName"]), str(call.params["PartnerName"])))


def _find(call: Call, db: Connection) -> Row[Any]:
    row = rows.get(call, db, KIND, _key(call, db))
    if row is None:
        raise AwsError("PartnerNotFound", f"The partner {call.params['PartnerName']} was not found.", 404)
    return row


def _answer(call: Call) -> dict[str, Any]:
    return {"DatabaseName": call.params["DatabaseName"], "PartnerName": call.params["PartnerName"]}


def add(call: Call) -> dict[str, Any]:
    """AddPartner."""
    now = call.gateway.now()
    with call.gateway.transaction() as db:
        key = _key(call, db)
        facts = _answer(call) | {"ClusterIdentifier": key.partition("/")[0], "Status": "Active", "Updated": now}
        if not rows.put(call, db, KIND, key, facts):
            rows.change(call, db, KIND, key, facts)
    return _answer(call)


def describe(call: Call) -> dict[str, Any]:
    """DescribePartners."""
    params = call.params
    with call.gateway.read() as db:
        cluster = _cluster(call, db)
        found = [row for row in rows.every(call, db, KIND) if row.facts["ClusterIdentifier"] == cluster]
    shapes = [
        {
            "DatabaseName": row.facts["DatabaseName"],
            "PartnerName": row.facts["PartnerName"],
            "Status": row.facts["Status"],
            **({"StatusMessage": row.facts["StatusMessage"]} if row.facts.get("StatusMessage") else {}),
            "CreatedAt": datetime.fromtimestamp(row.created, UTC),
            "UpdatedAt": datetime.fromtimestamp(row.facts["Updated"], UTC),
        }
        for row in found
        if params.get("DatabaseName") in (None, row.facts["DatabaseName"])
        and params.get("PartnerName") in (None, row.facts["PartnerName"])
    ]
    return {"PartnerIntegrationInfoList": shapes}


def update(call: Call) -> dict[str, Any]:
    """UpdatePartnerStatus."""
    status = call.params["Status"]
    if status not in STATES:
        raise AwsError("InvalidParameterValue", f"Invalid value for Status: {status}.")
    with call.gateway.transaction() as db:
        row = _find(call, db)
        told = {"Status": status, "StatusMessage": call.params.get("StatusMessage"), "Updated": call.gateway.now()}
        rows.change(call, db, KIND, row.name, row.facts | told)
    return _answer(call)


def delete_(call: Call) -> dict[str, Any]:
    """DeletePartner."""
    with call.gateway.transaction() as db:
        rows.remove(call, db, KIND, _find(call, db).name)
    return _answer(call)
