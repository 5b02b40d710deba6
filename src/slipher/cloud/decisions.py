"""The authorisation log: who was allowed or denied what, by which statements. `slipher explain` reads it.

Bounded files of JSON lines. It is a help for people, not a ledger: a full disk stops the log and nothing else, and a crash may
cost the last lines.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import orjson

from slipher.policy.evaluate import Decision, Request
from slipher.policy.explain import reason_line

LIMIT = 4 * 1024 * 1024  # bytes of a file; the one before is kept beside it
FOLDER = "authorization"


class Lines:
    """An append log of JSON lines in two files, the newer and the older."""

    def __init__(self, directory: Path, name: str, limit: int = LIMIT) -> None:
        self.path = directory / FOLDER / f"{name}.jsonl"
        self.older = self.path.with_suffix(".old.jsonl")
        self._limit = limit
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0

    def write(self, record: dict[str, Any]) -> None:
        """Append a record."""
        line = orjson.dumps(record, default=str) + b"\n"
        with self._lock, contextlib.suppress(OSError):
            if self._file is not None and self._size + len(line) > self._limit:
                os.close(self._file)
                self._file = None
                self.path.replace(self.older)
            if self._file is None:
                self.path.parent.mkdir(mode=0o700, exist_ok=True)
                self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                self._size = os.fstat(self._file).st_size
                if self._size and not self.path.read_bytes().endswith(b"\n"):
                    line = b"\n" + line  # behind what a crash cut
            self._size += os.write(self._file, line)

    def last(self, count: int) -> list[dict[str, Any]]:
        """The last records, the oldest of them first."""
        found: list[bytes] = []
        for path in (self.path, self.older):
            with contextlib.suppress(FileNotFoundError):
                lines = path.read_bytes().splitlines()
                found = lines[-(count - len(found)) :] + found if count > len(found) else found
        records = []
        for line in found:
            with contextlib.suppress(orjson.JSONDecodeError):  # one that a crash cut
                records.append(orjson.loads(line))
        return records


def decision_record(now: float, request: Request, decision: Decision) -> dict[str, Any]:
    """A decision as it is kept."""
    return {
        "at": round(now, 3),
        "who": request.principal.arn,
        "action": request.action,
        "resource": request.resource,
        "allowed": decision.allowed,
        "reason": decision.reason,
        "where": decision.where,
        "by": [{"policy": one.policy, "sid": one.sid, "statement": one.index + 1} for one in decision.matches],
        "text": reason_line(request, decision),
    }
