"""Sessions that are kept between statements: the one that a statement asks for, and ListSessions."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.data_api import store
from slipher.cloud.data_api.requests import Request
from slipher.cloud.data_api.runner import Kept, Runner
from slipher.cloud.data_api.targets import Target, workgroup_name


def runner_of(call: Call) -> Runner:
    """The gateway's runner."""
    running = call.gateway.running
    if "redshift-data" not in running:
        running["redshift-data"] = Runner(call.gateway)
    found: Runner = running["redshift-data"]
    return found


def session_for(call: Call, runner: Runner, request: Request) -> Kept | None:
    """The session that a statement asks for: a new one, or one that is there and free."""
    owner = store.owner_of(call.caller)
    if request.session is None:
        if not request.keep:
            return None
        assert request.target is not None
        return runner.new_session(owner, call.caller.user_id, call.region, request.target, request.keep)
    kept = runner.sessions.get(request.session)
    if kept is None or kept.owner != owner or kept.region != call.region:
        raise store.missing("Session does not exist.", request.session)
    _same(call, kept.target)
    if kept.taken:
        raise invalid(f"Session {kept.id} is busy running another statement.")
    runner.take(kept, request.keep)
    return kept


def _same(call: Call, target: Target) -> None:
    params = call.params
    own = {
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": target.user,
        "SecretArn": target.secret_arn,
    }
    for member, value in own.items():
        given = workgroup_name(call) if member == "WorkgroupName" and params.get(member) else params.get(member)
        if given not in (None, value):
            raise invalid(f"{member} is not the one of the session.")


async def list_(call: Call) -> dict[str, Any]:
    """ListSessions: the newest first; those that are closed while they are remembered, if they are asked for."""
    check(call)
    params, runner = call.params, runner_of(call)
    others = [name for name in ("Status", "ClusterIdentifier", "WorkgroupName", "Database") if params.get(name)]
    if params.get("SessionId") and others:
        raise invalid(f"{others[0]} cannot be specified together with SessionId.")
    found = [one for one in (*runner.closed, *runner.sessions.values()) if _wanted(call, one)]
    if params.get("SessionId") and not found:
        raise store.missing("Session does not exist.", params["SessionId"])
    found.sort(key=lambda one: (one.created, one.id), reverse=True)
    start, count = _start(params.get("NextToken"), found), params.get("MaxResults") or 100
    page = found[start : start + count]
    result: dict[str, Any] = {"Sessions": [_shown(one) for one in page]}
    if start + count < len(found):
        result["NextToken"] = base64.urlsafe_b64encode(page[-1].id.encode()).decode()
    return result


def _wanted(call: Call, kept: Kept) -> bool:
    params = call.params
    mine = kept.owner == store.owner_of(call.caller) and kept.region == call.region
    if params.get("RoleLevel") is False:
        mine = mine and kept.owner_id == call.caller.user_id
    if params.get("SessionId"):
        return mine and kept.id == params["SessionId"]
    status = (params["Status"],) if params.get("Status") else ("AVAILABLE", "BUSY")
    return (
        mine
        and kept.status in status
        and params.get("ClusterIdentifier") in (None, kept.target.cluster)
        and (not params.get("WorkgroupName") or workgroup_name(call) == kept.target.workgroup)
        and params.get("Database") in (None, kept.target.database)
    )


def _start(token: str | None, found: list[Kept]) -> int:
    """Where the page begins: after the session that the token names."""
    if not token:
        return 0
    try:
        last = base64.urlsafe_b64decode(token.encode()).decode()
        return 1 + [one.id for one in found].index(last)
    except (binascii.Error, ValueError):
        raise invalid("Invalid NextToken.") from None


def _shown(kept: Kept) -> dict[str, Any]:
    def moment(seconds: float) -> datetime:
        return datetime.fromtimestamp(round(seconds, 3), UTC)

    return {
        "SessionId": kept.id,
        "Status": kept.status,
        "CreatedAt": moment(kept.created),
        "UpdatedAt": moment(kept.updated),
        "Database": kept.target.database,
        "DbUser": kept.target.user,
        "ClusterIdentifier": kept.target.cluster,
        "WorkgroupName": kept.target.workgroup,
        "SessionAliveSeconds": kept.seconds,
        "SessionTtl": moment(kept.updated + kept.seconds) if kept.status == "AVAILABLE" else None,
        "CurrentStatementId": kept.busy,
    }
