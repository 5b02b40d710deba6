"""What the control plane does because it is time: snapshots are made and go, scheduled actions are done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import automatic, scheduled_runs, snapshot_ends

log = logging.getLogger("slipher.gateway")
INTERVAL = 1.0


def _settle(gateway: Gateway) -> None:
    if snapshot_ends.is_due(gateway):
        with gateway.transaction() as db:
            snapshot_ends.settle(gateway, db)


CHORES: tuple[Callable[[Gateway], None], ...] = (_settle, automatic.take)


async def run(gateway: Gateway) -> None:
    """Look for what is due, as long as the gateway runs."""
    while True:
        for chore in CHORES:
            try:
                await asyncio.to_thread(chore, gateway)
            except Exception:
                log.exception("%s failed", chore.__name__)
        try:
            await scheduled_runs.tick(gateway)
        except Exception:
            log.exception("scheduled actions failed")
        await asyncio.sleep(INTERVAL)
