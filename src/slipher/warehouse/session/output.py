"""What statements give, as wire messages on the session's socket; a slow client holds back its own session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from slipher.base.errors import SqlError
from slipher.sql.bound import OutputColumn
from slipher.wire import messages
from slipher.wire.rows import encode

LEVELS = ["debug", "log", "info", "notice", "warning", "error"]
FLUSH_BYTES = 64 * 1024


class Sender(Protocol):
    """Where bytes go."""

    def sendall(self, data: bytes) -> None: ...


class WireOutput:
    """Buffers messages and sends them. `described` is false in the extended protocol, where Describe gave the row description."""

    def __init__(self, sender: Sender, client_level: str = "notice") -> None:
        self._sender = sender
        self._pending: list[bytes] = []
        self._size = 0
        self.float_digits = 0
        self.describe = True
        self.formats: Sequence[int] = ()
        self.client_level = client_level
        self._columns: Sequence[OutputColumn] = ()
        self.limit: RowLimit | None = None
        self.sent_rows = 0

    def send(self, data: bytes) -> None:
        """Add a message."""
        self._pending.append(data)
        self._size += len(data)
        if self._size >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if self._pending:
            data, self._pending, self._size = b"".join(self._pending), [], 0
            self._sender.sendall(data)

    def notice(
        self,
        severity: str,
        message: str,
        *,
        sqlstate: str = "00000",
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        """NoticeResponse; INFO always goes, the others as client_min_messages says."""
        level = severity.lower()
        known = level != "info" and level in LEVELS and self.client_level in LEVELS
        if known and LEVELS.index(level) < LEVELS.index(self.client_level):
            return
        self.send(messages.fields(b"N", [("S", severity), ("C", sqlstate), ("M", message), ("D", detail), ("H", hint)]))

    def columns(self, columns: Sequence[OutputColumn]) -> None:
        """RowDescription, unless Describe has given it."""
        self._columns = columns
        if self.describe:
            self.send(row_description(columns, self._formats()))

    def _formats(self) -> list[int]:
        return expand(self.formats, len(self._columns))

    def batch(self, batch: pa.RecordBatch) -> None:
        """DataRows."""
        kinds = [one.type for one in self._columns]
        for part in encode(batch, kinds, self._formats(), float_digits=self.float_digits):
            self.send(part)
        self.sent_rows += batch.num_rows

    def complete(self, tag: str) -> None:
        """CommandComplete."""
        self.send(messages.command_complete(tag))

    def error(self, error: SqlError, pid: int) -> None:
        """ErrorResponse; INFO messages that belong to it go first."""
        for info in error.infos:
            self.notice("INFO", info)
        position = str(error.position) if error.position is not None else None
        self.send(
            messages.fields(
                b"E",
                [
                    ("S", error.severity),
                    ("C", error.sqlstate),
                    ("M", error.message),
                    ("D", error.detail_text(error.query_id, pid)),
                    ("H", error.hint),
                    ("P", position),
                ],
            )
        )


class RowLimit:
    """Collects a portal's whole result, for clients that fetch it in parts."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []
        self.columns_given: Sequence[OutputColumn] = ()
        self.tag = ""
        self.notices: list[tuple[str, str, str, str | None, str | None]] = []

    def notice(
        self,
        severity: str,
        message: str,
        *,
        sqlstate: str = "00000",
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Kept until the result is given."""
        self.notices.append((severity, message, sqlstate, detail, hint))

    def columns(self, columns: Sequence[OutputColumn]) -> None:
        """The result's columns."""
        self.columns_given = columns

    def batch(self, batch: pa.RecordBatch) -> None:
        """Rows."""
        self.batches.append(batch)

    def complete(self, tag: str) -> None:
        """The tag."""
        self.tag = tag


def row_description(columns: Sequence[OutputColumn], formats: Sequence[int]) -> bytes:
    """RowDescription of output columns."""
    return messages.row_description([(one.name, one.table_oid, one.number, one.type) for one in columns], formats)


def expand(formats: Sequence[int], count: int) -> list[int]:
    """Bind's format codes by column: none is text, one is for all."""
    if not formats:
        return [0] * count
    if len(formats) == 1:
        return [formats[0]] * count
    return list(formats)
