"""Deliver what is due: the target's request, signed with credentials of the schedule's role, as anybody's request is.

A schedule is tried at its `next` time; what fails in passing is tried again, later each time, within its retry policy. The row
moves on after the attempt: a crash in between repeats the request under the same ClientToken, which runs it once.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import orjson
from sqlalchemy import Row, delete, insert, select, update

from slipher.base.clock import iso
from slipher.base.errors import AwsError
from slipher.cloud.behalf import ask
from slipher.cloud.context import Gateway
from slipher.cloud.scheduler.roles import check_trust
from slipher.cloud.scheduler.schedules import TARGETS, due_after
from slipher.cloud.state.scheduler import attempts, schedules

log = logging.getLogger("slipher.scheduler")
INTERVAL = 1.0
KEPT_SECONDS = 30 * 86400
PASSING = ("ThrottlingException", "ActiveStatementsExceededException", "ActiveSessionsExceededException")
JSON = "application/x-amz-json-1.1"


async def run(gateway: Gateway) -> None:
    """Look for what is due, as long as the gateway runs."""
    while True:
        try:
            await tick(gateway)
        except Exception:
            log.exception("the scheduler's round failed")
        await asyncio.sleep(INTERVAL)


def _due(gateway: Gateway) -> list[Row[Any]]:
    with gateway.read() as db:
        return list(db.execute(select(schedules).where(schedules.c.next <= gateway.now())))


async def tick(gateway: Gateway) -> None:
    """One round: every schedule that is due is tried once."""
    for row in await asyncio.to_thread(_due, gateway):
        error = await _attempt(gateway, row)
        await asyncio.to_thread(_settle, gateway, row, error)


async def _attempt(gateway: Gateway, row: Row[Any]) -> AwsError | None:
    """Make the target's request; the error that it was answered with."""
    target = row.facts["Target"]
    if gateway.now() - row.due > target["RetryPolicy"]["MaximumEventAgeInSeconds"]:
        return AwsError("EventAgeExceeded", "The maximum age of the event was exceeded.", 400)
    try:
        role = await asyncio.to_thread(check_trust, gateway, target["RoleArn"], row.account, row.region, row.group)
    except AwsError as error:
        return error
    execution, body = _request(row)
    headers = {"content-type": JSON, "x-amz-target": f"RedshiftData.{TARGETS[target['Arn']]}"}
    session = execution.replace("-", "")
    response = await ask(gateway, row.account, row.region, role, session, "redshift-data", headers, body)
    if response.status < 300:
        return None
    found = orjson.loads(response.body or b"{}")
    return AwsError(str(found.get("__type", "")), str(found.get("message", "")), response.status)


def _request(row: Row[Any]) -> tuple[str, bytes]:
    """The execution's id, and the body of the target's request."""
    execution = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{row.arn} {row.created} {row.due}"))
    due = iso(row.due)
    text = row.facts["Target"]["Input"]
    for word, value in {
        "schedule-arn": row.arn,
        "scheduled-time": due,
        "execution-id": execution,
        "attempt-number": str(row.attempts + 1),
    }.items():
        text = text.replace(f"<aws.scheduler.{word}>", value)
    return execution, orjson.dumps({"ClientToken": execution, **orjson.loads(text)})


def _settle(gateway: Gateway, row: Row[Any], error: AwsError | None) -> None:
    """Record the attempt; the schedule's next one, or its next time."""
    now, policy = gateway.now(), row.facts["Target"]["RetryPolicy"]
    passing = error is not None and (error.status >= 500 or error.code in PASSING)
    wait = min(2.0**row.attempts, 300.0)
    again = (
        passing
        and row.attempts < policy["MaximumRetryAttempts"]
        and now + wait - row.due <= policy["MaximumEventAgeInSeconds"]
    )
    if error is not None:
        log.warning("schedule %s: %s: %s", row.arn, "tried again" if again else "dropped", error)
    values: dict[str, Any]
    if again:
        values = {"attempts": row.attempts + 1, "next": now + wait}
    else:
        due, first = due_after(row.facts, max(now, row.due), row.created)
        values = {"attempts": 0, "due": due, "next": first}
    mine = (schedules.c.arn == row.arn, schedules.c.modified == row.modified, schedules.c.next == row.next)
    with gateway.transaction() as db:
        db.execute(
            insert(attempts).values(
                arn=row.arn,
                due=row.due,
                at=now,
                number=row.attempts + 1,
                outcome="delivered" if error is None else "retried" if again else "dropped",
                error=str(error) if error is not None else None,
            )
        )
        db.execute(delete(attempts).where(attempts.c.at < now - KEPT_SECONDS))
        if values.get("due", row.due) is None and row.facts["ActionAfterCompletion"] == "DELETE":
            db.execute(delete(schedules).where(*mine))
        else:
            db.execute(update(schedules).where(*mine).values(**values))
