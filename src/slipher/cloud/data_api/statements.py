"""ExecuteStatement, BatchExecuteStatement, DescribeStatement, ListStatements, CancelStatement, GetStatementResult(V2)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Row

from slipher.cloud.call import Call, ConditionContext, Raw
from slipher.cloud.constraints import check, invalid
from slipher.cloud.data_api import results, store
from slipher.cloud.data_api.requests import Request, request_of
from slipher.cloud.data_api.runner import Runner
from slipher.cloud.data_api.sessions import runner_of, session_for
from slipher.cloud.data_api.targets import cluster_of

NO_RESULT = "Query does not have result. Please check query status with DescribeStatement."
JSON = "application/x-amz-json-1.1"


def resource(call: Call) -> str:
    """The cluster; for a session, the one that it is on."""
    runner = call.gateway.running.get("redshift-data")
    kept = runner.sessions.get(call.params.get("SessionId")) if runner is not None else None
    return kept.target.arn if kept is not None else cluster_of(call)


def ownership(call: Call) -> ConditionContext:
    """Of which session of a role or user a statement is."""
    if call.operation in ("ListStatements", "ListSessions"):
        what = "statement" if call.operation == "ListStatements" else "session"
        own = call.params.get("RoleLevel") is False
        return {f"redshift-data:{what}-owner-iam-userid": call.caller.user_id} if own else {}
    if call.params.get("SessionId"):
        runner = call.gateway.running.get("redshift-data")
        kept = runner.sessions.get(call.params["SessionId"]) if runner is not None else None
        return {"redshift-data:session-owner-iam-userid": kept.owner_id} if kept is not None else {}
    found = store.owner_id(call)
    return {"redshift-data:statement-owner-iam-userid": found} if found else {}


async def execute(call: Call) -> dict[str, Any]:
    """ExecuteStatement and BatchExecuteStatement: stored and begun; the answer waits where that was asked for."""
    request = await asyncio.to_thread(request_of, call)
    runner = runner_of(call)
    entry = await asyncio.to_thread(store.known, call, request) or await _start(call, runner, request)
    if request.wait:
        await runner.wait(entry.row.id, request.wait)
        entry = await asyncio.to_thread(store.find, call, entry.row.id)
    return _begun(entry, request.wait > 0)


async def _start(call: Call, runner: Runner, request: Request) -> store.Entry:
    kept = session_for(call, runner, request)
    target = kept.target if kept is not None else request.target
    assert target is not None
    try:
        runner.require_room(target)
        entry, new = await asyncio.to_thread(store.add, call, request, target, kept.id if kept else None)
    except BaseException:
        if kept is not None:
            runner.release(kept)
        raise
    if new:
        runner.begin(entry, request, target, kept)
    elif kept is not None:  # the same request, asked at the same time, was faster
        runner.release(kept)
    return entry


def _begun(entry: store.Entry, waited: bool) -> dict[str, Any]:
    row, outcome = entry.row, entry.outcome
    found: dict[str, Any] = {
        "Id": row.id,
        "CreatedAt": _moment(row.created),
        "ClusterIdentifier": row.cluster_id or None,
        "WorkgroupName": row.workgroup,
        "Database": row.database,
        "DbUser": row.request["user"],
        "DbGroups": row.request.get("groups") or None,
        "SecretArn": row.request["secret"],
        "SessionId": row.request["session"],
    }
    if waited:
        found |= {"Status": row.status, "RedshiftPid": outcome.pid, "HasResultSet": outcome.has_result}
    return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds, 3), UTC)


async def describe(call: Call) -> dict[str, Any]:
    """DescribeStatement: of a batch, or of one statement in it."""
    check(call)
    await runner_of(call).wait(call.params["Id"], call.params.get("WaitTimeSeconds") or 0)
    entry = await asyncio.to_thread(store.find, call, call.params["Id"])
    row, outcome, request = entry.row, entry.outcome, entry.row.request
    number = _number(call.params["Id"], entry)
    found: dict[str, Any] = {
        "Id": call.params["Id"],
        "ClusterIdentifier": row.cluster_id or None,
        "WorkgroupName": row.workgroup,
        "Database": row.database,
        "DbUser": request["user"],
        "SecretArn": request["secret"],
        "CreatedAt": _moment(row.created),
        "RedshiftPid": outcome.pid,
        "ResultFormat": request["format"],
        "SessionId": request["session"],
        "QueryParameters": request["parameters"] or None,
    }
    if number is not None or not request["batch"]:
        return found | _part(entry, number or 1)
    return found | {
        "Status": row.status,
        "Error": outcome.error,
        "Duration": outcome.duration,
        "UpdatedAt": _moment(row.updated),
        "HasResultSet": outcome.has_result,
        "ResultRows": -1,
        "ResultSize": -1,
        "RedshiftQueryId": -1,
        "ExecutionMode": request["mode"],
        "SubStatements": [
            {"Id": f"{row.id}:{one}", "CreatedAt": _moment(row.created)} | _part(entry, one)
            for one in range(1, len(outcome.parts) + 1)
        ],
    }


def _part(entry: store.Entry, number: int) -> dict[str, Any]:
    part = entry.outcome.parts[number - 1]
    alone = not entry.row.request["batch"]
    return {
        "Status": entry.row.status if alone else part.status,
        "Error": entry.outcome.error if alone else part.error,
        "Duration": part.duration,
        "UpdatedAt": _moment(entry.row.updated if alone else part.updated),
        "HasResultSet": part.columns is not None,
        "QueryString": entry.row.request["sqls"][number - 1],
        "ResultRows": part.rows,
        "ResultSize": part.size,
        "RedshiftQueryId": part.query,
    }


def _number(identifier: str, entry: store.Entry) -> int | None:
    """The number of the statement in a batch that an Id names."""
    suffix = identifier.partition(":")[2]
    if ":" not in identifier:
        return None
    if not entry.row.request["batch"] or not suffix or not 1 <= int(suffix) <= len(entry.outcome.parts):
        raise store.missing("Query does not exist.", identifier)
    return int(suffix)


def list_(call: Call) -> dict[str, Any]:
    """ListStatements."""
    check(call)
    count = call.params.get("MaxResults") or 100
    rows = store.listed(call, _before(call.params.get("NextToken")), count)
    found: dict[str, Any] = {"Statements": [_listed(row) for row in rows[:count]]}
    if len(rows) > count:
        last = rows[count - 1]
        found["NextToken"] = base64.urlsafe_b64encode(f"{last.created!r} {last.id}".encode()).decode()
    return found


def _before(token: str | None) -> tuple[float, str] | None:
    if not token:
        return None
    try:
        moment, identifier = base64.urlsafe_b64decode(token.encode()).decode().split(" ")
        return float(moment), identifier
    except (binascii.Error, ValueError):
        raise invalid("Invalid NextToken.") from None


def _listed(row: Row[Any]) -> dict[str, Any]:
    request = row.request
    texts = {"QueryStrings": request["sqls"]} if request["batch"] else {"QueryString": request["sqls"][0]}
    return texts | {
        "Id": row.id,
        "Status": row.status,
        "StatementName": row.name or None,
        "CreatedAt": _moment(row.created),
        "UpdatedAt": _moment(row.updated),
        "QueryParameters": request["parameters"] or None,
        "SecretArn": request["secret"],
        "IsBatchStatement": request["batch"],
        "ResultFormat": request["format"],
        "SessionId": request["session"],
    }


async def cancel(call: Call) -> dict[str, Any]:
    """CancelStatement: the whole of a batch."""
    check(call)
    identifier = call.params["Id"]
    if ":" in identifier:
        raise invalid("A statement of a batch cannot be cancelled alone.")
    runner = runner_of(call)
    entry = await asyncio.to_thread(store.find, call, identifier)
    job = runner.jobs.get(identifier)
    if job is None:
        entry = await asyncio.to_thread(store.find, call, identifier)  # it may have ended between the two
        raise invalid(f"Could not cancel a query that is already in {entry.row.status} state.")
    await runner.cancel(job)
    return {"Status": True}


async def get_result(call: Call) -> Raw:
    """GetStatementResult: a page of records."""
    entry, number, columns = await _result(call, "JSON")
    path = results.path_of(call.gateway.data_dir, entry.row.id, number)

    def made() -> Raw:
        rows, token = results.records(path, columns, call.params.get("NextToken"))
        found = {"Records": rows, "ColumnMetadata": columns, "TotalNumRows": entry.outcome.parts[number - 1].rows}
        return Raw(orjson.dumps(found | ({"NextToken": token} if token else {})), JSON)

    return await asyncio.to_thread(made)


async def get_result_v2(call: Call) -> dict[str, Any]:
    """GetStatementResultV2: chunks of CSV."""
    entry, number, columns = await _result(call, "CSV")
    path = results.path_of(call.gateway.data_dir, entry.row.id, number)
    chunks, token = await asyncio.to_thread(results.csv_chunks, path, columns, call.params.get("NextToken"))
    return {
        "Records": chunks,
        "ColumnMetadata": columns,
        "TotalNumRows": entry.outcome.parts[number - 1].rows,
        "ResultFormat": "CSV",
        "NextToken": token,
    }


async def _result(call: Call, form: str) -> tuple[store.Entry, int, list[dict[str, Any]]]:
    check(call)
    identifier = call.params["Id"]
    await runner_of(call).wait(identifier, call.params.get("WaitTimeSeconds") or 0)
    entry = await asyncio.to_thread(store.find, call, identifier)
    number = _number(identifier, entry)
    if number is None and entry.row.request["batch"]:
        raise store.missing(NO_RESULT, identifier)  # each statement of a batch has its own
    part = entry.outcome.parts[(number or 1) - 1]
    finished = part.status == "FINISHED" and entry.row.status == "FINISHED"
    if entry.row.request["mode"] == "AUTO_COMMIT" and entry.row.request["batch"]:
        finished = part.status == "FINISHED" and entry.row.status not in store.ACTIVE
    if part.columns is None or not finished:
        raise store.missing(NO_RESULT, identifier)
    if entry.row.request["format"] != form:
        other = "GetStatementResultV2" if form == "JSON" else "GetStatementResult"
        raise invalid(f"The result of the statement is in {entry.row.request['format']} format. Use {other}.")
    return entry, number or 1, part.columns
