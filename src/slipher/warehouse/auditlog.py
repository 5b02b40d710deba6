"""The files of audit logging: what happened after a place in the activity log, as Redshift writes it to a bucket.

Fields and their order: management guide, "Database audit logging". Statements are in them with their secrets redacted, and only
those of times at which enable_user_activity_logging was on; `audit_switch` records say when that was. What the gateway does on
the cluster's own socket is left out.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from slipher.warehouse.activity import Activity

MOST = 50_000  # records at a time
INTERNAL = "rdsdb"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONNECTION = (
    "event", "recordtime", "remotehost", "remoteport", "pid", "dbname", "username", "authmethod", "duration", "sslversion",
    "sslcipher", "mtu", "sslcompression", "sslexpansion", "iamauthguid", "application_name", "os_version", "driver_version",
    "plugin_name",
)  # fmt: skip
USER = (
    "userid", "username", "oldusername", "action", "usecreatedb", "usesuper", "usecatupd", "valuntil", "pid", "xid",
    "recordtime",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """Which files are asked for: `name` is what they are called in the spool directory, with the log's kind behind it."""

    name: str
    logs: tuple[str, ...]
    after: int

    @classmethod
    def read(cls, text: str) -> Request:
        """A request as the gateway writes it."""
        given = orjson.loads(bytes.fromhex(text))
        return cls(given["name"], tuple(given["logs"]), given["after"])


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _long(micros: int) -> str:
    """As in: Mon, 2 Jan 2026 03:04:05:678."""
    at = _moment(micros)
    return f"{at:%a}, {at.day} {at:%b %Y %H:%M:%S}:{at.microsecond // 1000:03d}"


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("recordtime", "valuntil"):
        return _long(value)
    return str(value).replace("|", "\\|").replace("\n", " ")


def _columns(names: tuple[str, ...]) -> Callable[[dict[str, Any]], str]:
    return lambda record: "|".join(_text(name, record.get(name)) for name in names)


def _statement(record: dict[str, Any]) -> str:
    at = f"{_moment(record['starttime']):%Y-%m-%dT%H:%M:%SZ} UTC"
    who = f"db={record.get('database')} user={record.get('username')} pid={record.get('pid')}"
    return f"'{at} [ {who} userid={record.get('userid')} xid={record.get('xid')} ]' LOG: {record.get('text') or ''}"


LOGS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {  # of a log: the kind of record, and its line
    "connectionlog": ("connection", _columns(CONNECTION)),
    "userlog": ("userlog", _columns(USER)),
    "useractivitylog": ("query", _statement),
}


def write(activity: Activity, spool: Path, request: Request) -> int:
    """Write the files that have lines; the place in the log up to which they tell."""
    found = activity.following([*(kind for kind, _ in LOGS.values()), "audit_switch"], request.after, MOST)
    active = _was_active(activity, request.after)
    records: dict[str, list[dict[str, Any]]] = {}
    for _, kind, record in found:
        if kind == "audit_switch":
            active = bool(record["active"])
        elif record.get("username") != INTERNAL and (active or kind != "query"):
            records.setdefault(kind, []).append(record)
    for log in request.logs:
        kind, line = LOGS[log]
        if kind in records:
            text = "".join(line(record) + "\n" for record in records[kind])
            path = spool / f"{request.name}.{log}"
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return found[-1][0] if found else request.after


def _was_active(activity: Activity, place: int) -> bool:
    """Whether statements went to the log at a place in it."""
    switches = activity.following(["audit_switch"], 0, MOST)
    known = [bool(record["active"]) for seq, _, record in switches if seq <= place]
    return bool(known and known[-1])
