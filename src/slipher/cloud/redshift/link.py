"""Statements of the gateway to a cluster's process, as rdsdb, for threads that wait until they are done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from pathlib import Path
from typing import Any

from slipher.cloud.pg import INTERNAL, Failure, Lost, NotListening, connect

log = logging.getLogger("slipher.gateway")
DATABASE = "dev"


class NotRunning(Exception):
    """Nobody listens on the socket."""


class Refused(Exception):
    """The cluster answered with an error; its text."""


def tell(path: Path, statement: str, seconds: float, database: str = DATABASE) -> str:
    """Run a statement that has no rows; its tag. Raises NotRunning, or Refused, or OSError if the process goes away meanwhile."""
    try:
        return asyncio.run(_tell(path, statement, seconds, database))
    except Failure as failure:
        raise Refused(failure.fields.get("M", "an error without a text")) from None
    except NotListening:
        raise NotRunning from None
    except Lost as lost:
        raise ConnectionResetError(str(lost)) from None


async def _tell(path: Path, statement: str, seconds: float, database: str) -> str:
    async with asyncio.timeout(seconds):
        link = await connect(path, INTERNAL, None, database)
        try:
            return (await link.simple(statement)).tag
        finally:
            link.close()


def ask(path: Path, what: str, request: dict[str, Any], seconds: float) -> str:
    """What only the gateway asks of a cluster (warehouse/session/internal.py), with what it needs for that; as `tell` does."""
    return tell(path, f"ALTER SYSTEM {what} {json.dumps(request).encode().hex()}", seconds)


def reload(path: Path) -> None:
    """Have a running cluster read its settings again; one that does not run reads them when it starts."""
    with contextlib.suppress(NotRunning):
        try:
            tell(path, "ALTER SYSTEM RELOAD", 30.0)
        except (Refused, OSError) as error:
            log.warning("a cluster could not read its new settings: %s", error)
