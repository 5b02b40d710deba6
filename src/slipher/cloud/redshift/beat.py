"""What the control plane does because it is time: snapshots are made and go, scheduled actions are done, logs delivered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import audit_logs, automatic, managed_password, sample_data, scheduled_runs, snapshot_ends

log = logging.getLogger("slipher.gateway")
INTERVAL = 1.0


def _settle(gateway: Gateway) -> None:
    if snapshot_ends.is_due(gateway):
        with gateway.transaction() as db:
            snapshot_ends.settle(gateway, db)


def _in_thread(chore: Callable[[Gateway], None]) -> Callable[[Gateway], Awaitable[None]]:
    return lambda gateway: asyncio.to_thread(chore, gateway)


Chores = dict[str, Callable[[Gateway], Awaitable[None]]]
CHORES: Chores = {
    "snapshots' ends": _in_thread(_settle),
    "automated snapshots": _in_thread(automatic.take),
    "sample data": _in_thread(sample_data.load),
    "scheduled actions": scheduled_runs.tick,
}
ONCE_A_MINUTE: Chores = {  # of the gateway's clock
    "managed passwords": _in_thread(managed_password.rotate_due),
    "audit logging": audit_logs.tick,  # whose files are named by the minute
}


async def run(gateway: Gateway) -> None:
    """Look for what is due, as long as the gateway runs."""
    minute = -1.0
    while True:
        before, minute = minute, gateway.now() // 60
        for name, chore in (CHORES if minute == before else CHORES | ONCE_A_MINUTE).items():
            try:
                await chore(gateway)
            except Exception:
                log.exception("%s: a round failed", name)
        await asyncio.sleep(INTERVAL)
