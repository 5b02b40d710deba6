"""`slipher schedules`: when schedules are due next, and what became of their attempts, the failed ones among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from slipher.base.clock import iso
from slipher.cloud.context import TABLES
from slipher.cloud.state.base import open_database, reading
from slipher.cloud.state.scheduler import attempts, schedules

assert TABLES  # the database must know every service's tables
SHOWN = 10


def found(data_dir: Path, last: int = SHOWN, *, failed: bool = False) -> list[dict[str, Any]]:
    """All schedules by name, each with its last attempts, or the last that failed. Those that are gone but have attempts, too."""
    engine = open_database(data_dir / "gateway.db")
    try:
        with reading(engine) as db:
            rows = {row.arn: row for row in db.execute(select(schedules))}
            tried: dict[str, list[Any]] = {}
            for one in db.execute(select(attempts).order_by(attempts.c.id)):
                if not failed or one.outcome != "delivered":
                    tried.setdefault(one.arn, []).append(one)
    finally:
        engine.dispose()
    return [_shape(arn, rows.get(arn), tried.get(arn, [])[-last:]) for arn in sorted({*rows, *tried})]


def _shape(arn: str, row: Any, tried: list[Any]) -> dict[str, Any]:
    facts = row.facts if row is not None else {}
    return {
        "name": arn.partition(":schedule/")[2],
        "region": arn.split(":")[3],
        "state": facts.get("State", "GONE"),
        "expression": f"{facts['ScheduleExpression']} {facts['ScheduleExpressionTimezone']}" if facts else None,
        "next": iso(row.next) if row is not None and row.next is not None else None,
        "attempts": [
            {
                "at": iso(one.at),
                "due": iso(one.due),
                "number": one.number,
                "outcome": one.outcome,
                "error": one.error,
            }
            for one in tried
        ],
    }


def readable(one: dict[str, Any]) -> str:
    """A schedule in a few lines."""
    lines = [f"{one['name']}  {one['region']}  {one['state']}  next {one['next'] or 'never'}"]
    if one["expression"]:
        lines.append(f"    {one['expression']}")
    for tried in one["attempts"]:
        error = f": {tried['error']}" if tried["error"] else ""
        lines.append(f"    {tried['at']}  {tried['outcome']}  due {tried['due']}, attempt {tried['number']}{error}")
    return "\n".join("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line) for line in lines)
