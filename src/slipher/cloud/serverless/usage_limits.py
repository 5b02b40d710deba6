"""Usage limits: records. No compute is metered in RPU-hours here, and nothing shared between regions, so none is ever reached;
one that would turn queries away is refused, because it never would."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.serverless.common import arn, conflict, find_workgroup, not_found, page
from slipher.cloud.state.serverless import usage_limits


def resource(call: Call) -> str:
    """What policies name: the workgroup of a request, or of its limit."""
    if call.params.get("resourceArn"):
        return str(call.params["resourceArn"])
    with call.gateway.read() as db:
        row = _row(db, call)
    return str(row.facts["resourceArn"]) if row is not None else arn(call, "workgroup", "*")


def _mine(call: Call) -> tuple[Any, ...]:
    return usage_limits.c.account == call.account, usage_limits.c.region == call.region


def _row(db: Connection, call: Call) -> Row[Any] | None:
    wanted = str(call.params.get("usageLimitId"))
    return db.execute(select(usage_limits).where(*_mine(call), usage_limits.c.id == wanted)).first()


def _find(db: Connection, call: Call) -> Row[Any]:
    row = _row(db, call)
    if row is None:
        raise not_found("usage limit", str(call.params["usageLimitId"]))
    return row


def _shape(call: Call, identifier: str, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"usageLimitId": identifier, "usageLimitArn": arn(call, "usagelimit", identifier)}


def _check(call: Call, facts: dict[str, Any]) -> None:
    if facts["amount"] <= 0:
        raise invalid("The amount must be positive.")
    if facts["breachAction"] == "deactivate":
        raise AwsError(
            "NotImplemented", f"{call.operation} with breachAction deactivate is not implemented by Slipher yet.", 501
        )


def create(call: Call) -> dict[str, Any]:
    """CreateUsageLimit."""
    check(call)
    params = call.params
    facts = {
        "resourceArn": params["resourceArn"],
        "usageType": params["usageType"],
        "amount": params["amount"],
        "period": params.get("period") or "monthly",
        "breachAction": params.get("breachAction") or "log",
    }
    _check(call, facts)
    with call.gateway.transaction() as db:
        if find_workgroup(db, call.account, call.region, str(facts["resourceArn"])) is None:
            raise not_found("workgroup", str(facts["resourceArn"]))
        unique = ("resourceArn", "usageType", "period", "breachAction")
        for row in db.execute(select(usage_limits).where(*_mine(call))):
            if all(row.facts[member] == facts[member] for member in unique):
                raise conflict("The usage limit already exists.")
        identifier = str(uuid.uuid4())
        db.execute(insert(usage_limits).values(id=identifier, account=call.account, region=call.region, facts=facts))
    return {"usageLimit": _shape(call, identifier, facts)}


def get(call: Call) -> dict[str, Any]:
    """GetUsageLimit."""
    check(call)
    with call.gateway.read() as db:
        row = _find(db, call)
    return {"usageLimit": _shape(call, row.id, row.facts)}


def list_(call: Call) -> dict[str, Any]:
    """ListUsageLimits."""
    check(call)
    params = call.params
    with call.gateway.read() as db:
        every = db.execute(select(usage_limits).where(*_mine(call)).order_by(usage_limits.c.id)).all()
    found = [
        row
        for row in every
        if params.get("resourceArn") in (None, row.facts["resourceArn"])
        and params.get("usageType") in (None, row.facts["usageType"])
    ]
    rows, more = page(call, "usageLimits", found, lambda row: str(row.id))
    return {"usageLimits": [_shape(call, row.id, row.facts) for row in rows]} | more


def update_(call: Call) -> dict[str, Any]:
    """UpdateUsageLimit."""
    check(call)
    given = {name: call.params[name] for name in ("amount", "breachAction") if call.params.get(name) is not None}
    with call.gateway.transaction() as db:
        row = _find(db, call)
        facts = row.facts | given
        _check(call, facts)
        db.execute(update(usage_limits).where(usage_limits.c.id == row.id).values(facts=facts))
    return {"usageLimit": _shape(call, row.id, facts)}


def delete_(call: Call) -> dict[str, Any]:
    """DeleteUsageLimit."""
    check(call)
    with call.gateway.transaction() as db:
        row = _find(db, call)
        db.execute(delete(usage_limits).where(usage_limits.c.id == row.id))
    return {"usageLimit": _shape(call, row.id, row.facts)}
