"""`slipher explain`: the authorisation log as a person reads it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from slipher.cloud.decisions import Lines


def last_decisions(data_dir: Path, count: int, *, denied: bool = False) -> list[dict[str, Any]]:
    """The last decisions that the log holds, or the last denials."""
    log = Lines(data_dir, "decisions")
    if not denied:
        return log.last(count)
    return [one for one in log.last(10**9) if not one["allowed"]][-count:]


def readable(record: dict[str, Any]) -> str:
    """One decision in a few lines: when, what was decided, who asked what for, and the statements that decided."""
    when = datetime.fromtimestamp(record["at"]).strftime("%Y-%m-%d %H:%M:%S")
    through = " ".join(str(record[name]) for name in ("service", "operation") if record.get(name))
    lines = [
        f"{when}  {'allowed' if record['allowed'] else 'DENIED '}  {record['action']} on {record['resource']}",
        f"    asked by {record['who']}" + (f", in {through}" if through else "") + _request(record),
    ]
    lines += [f"    by {_statement(one)}" for one in record.get("by", ())]
    if not record.get("by") or record["reason"] == "implicit_deny":
        lines.append(f"    {record['text']}")
    return "\n".join("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line) for line in lines)


def _request(record: dict[str, Any]) -> str:
    return f", request {record['request']}" if record.get("request") else ""


def _statement(one: dict[str, Any]) -> str:
    sid = f" (Sid {one['sid']})" if one["sid"] else ""
    return f"{one['policy']}, statement {one['statement']}{sid}"
