"""Scheduled actions that are due: each is a request of the scheduler's, under the action's role.

An action's next time is moved on before it is tried, so that it is tried once, whatever comes between.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row, select

from slipher.cloud.behalf import ask
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import rows
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.scheduled_actions import KIND, next_due, role_of, target_of
from slipher.cloud.state.redshift import records

log = logging.getLogger("slipher.gateway")
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
VERSION = "2012-12-01"


async def tick(gateway: Gateway) -> None:
    """Try every action that is due, in the order of their times."""
    for row in await asyncio.to_thread(_take_due, gateway):
        error = await _run(gateway, row)
        if error:
            log.warning("scheduled action %s failed: %s", row.name, error)
        await asyncio.to_thread(_note, gateway, row, "action-failed" if error else "action-done")


def _take_due(gateway: Gateway) -> list[Row[Any]]:
    now = gateway.now()
    with gateway.read() as db:
        every = db.execute(select(records).where(records.c.kind == KIND)).all()
    due = [row for row in every if row.facts["Next"] is not None and row.facts["Next"] <= now]
    if not due:
        return []
    with gateway.transaction() as db:
        taken = []
        for row in due:
            found = rows.get(row, db, KIND, row.name)
            if found is not None and found.facts == row.facts:
                rows.change(row, db, KIND, row.name, row.facts | {"Next": next_due(row.facts, now)})
                taken.append(row)
    return sorted(taken, key=lambda row: float(row.facts["Next"]))


async def _run(gateway: Gateway, row: Row[Any]) -> str | None:
    """Make the action's request; the error that it was answered with."""
    role = await asyncio.to_thread(role_of, gateway, row.account, row.region, row.name, row.facts)
    if role is None:
        return "its IAM role is gone, or does not trust the scheduler"
    operation, target = target_of(row.facts)
    given = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in target.items()}
    body = urlencode({"Action": operation, "Version": VERSION} | given).encode()
    session = f"scheduled-{uuid.uuid4().hex}"
    response = await ask(gateway, row.account, row.region, role, session, "redshift", FORM, body)
    return None if response.status < 300 else response.body.decode(errors="replace")


def _note(gateway: Gateway, row: Row[Any], kind: str) -> None:
    with gateway.transaction() as db:
        note(gateway, db, row, kind, row.name)
