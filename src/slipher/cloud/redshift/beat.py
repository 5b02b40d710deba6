"""What the control plane does because it is time: snapshots that are due are made, those whose days are over go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import automatic, snapshot_ends

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
        await asyncio.sleep(INTERVAL)
