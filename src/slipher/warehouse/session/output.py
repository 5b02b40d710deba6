"""What statements give, as wire messages on the session's socket; a slow client holds back its own session.

Large batches are encoded by threads that all sessions share, while the session asks the engine for the next one and sends the one
before; a few are under way at a time, and they leave in their order.
"""

from __future__ import annotations

import os
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import pyarrow as pa

from slipher.base.errors import SqlError
from slipher.sql.bound import OutputColumn
from slipher.types.sqltype import SqlType
from slipher.warehouse.run.kept import Kept
from slipher.warehouse.run.output import ClientGone
from slipher.wire import messages
from slipher.wire.rows import encode

CLOSED = (OSError, ValueError)  # a socket that the client, or the end of the server, has closed
STALL_SECONDS = 1.0
LEVELS = ["debug", "log", "info", "notice", "warning", "error"]
FLUSH_BYTES = 64 * 1024
SMALL_ROWS = 1024  # fewer are encoded at once: another thread costs more
LARGE_BYTES = 8 * 1024 * 1024  # larger ones too, piece by piece: memory is bounded
ENCODERS = ThreadPoolExecutor(os.cpu_count() or 1, "encode")
WINDOW = (os.cpu_count() or 1) + 1  # batches of one session under way
Rows = Sequence[memoryview]


class Sender(Protocol):
    """Where bytes go: a socket, with TLS or without."""

    def send(self, data: memoryview, /) -> int: ...

    def sendall(self, data: bytes, /) -> None: ...

    def settimeout(self, value: float | None, /) -> None: ...


def _rows(batch: pa.RecordBatch, kinds: Sequence[SqlType], formats: Sequence[int], digits: int, zone: str) -> Rows:
    return [*encode(batch, kinds, formats, float_digits=digits, zone=zone)]


def _nobody() -> None:
    """Nobody waits for the client."""


class WireOutput:
    """Buffers messages and sends them. `described` is false in the extended protocol, where Describe gave the row description."""

    def __init__(self, sender: Sender, client_level: str = "notice") -> None:
        self.sender = sender
        self.stalled: Callable[[], None] = _nobody  # called when the client does not take what it asked for
        self.zone = "UTC"
        self._pending: list[bytes | memoryview] = []
        self._size = 0
        self._encoding: deque[Future[Rows]] = deque()
        self.float_digits = 0
        self.describe = True
        self.formats: Sequence[int] = ()
        self.client_level = client_level
        self._columns: Sequence[OutputColumn] = ()
        self._hold = False
        self._held = b""

    def send(self, data: bytes) -> None:
        """Add a message, after the rows that were given before it."""
        if self._encoding:
            self._settle(0)
        self._add(data)

    def _add(self, data: bytes | memoryview) -> None:
        self._pending.append(data)
        self._size += len(data)
        if self._size >= FLUSH_BYTES:
            self._send_pending()

    def flush(self) -> None:
        """Send what waits."""
        if self._encoding:
            self._settle(0)
        self._send_pending()

    def _send_pending(self) -> None:
        if not self._pending:
            return
        parts, self._pending, self._size = self._pending, [], 0
        large = parts.pop() if len(parts[-1]) >= FLUSH_BYTES else None  # goes without another copy
        try:
            if parts:
                self.sender.sendall(b"".join(parts))
            if large is not None:
                self._send_rows(memoryview(large))
        except CLOSED as error:
            self._encoding.clear()
            raise ClientGone from error

    def _settle(self, left: int) -> None:
        """Send encoded batches until so many are under way; if one fails, those behind it are dropped."""
        while len(self._encoding) > left:
            try:
                parts = self._encoding.popleft().result()
            except BaseException:
                self._encoding.clear()
                raise
            for part in parts:
                self._add(part)

    def _send_rows(self, data: memoryview) -> None:
        """Much data: where the client does not read, nobody else shall wait for this session's place."""
        self.sender.settimeout(STALL_SECONDS)
        try:
            while data:
                try:
                    data = data[self.sender.send(data) :]
                except (TimeoutError, ssl.SSLWantWriteError):
                    self.stalled()
        finally:
            self.sender.settimeout(None)

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
        kinds, formats = [one.type for one in self._columns], self._formats()
        if batch.num_rows >= SMALL_ROWS and batch.nbytes <= LARGE_BYTES:
            self._encoding.append(ENCODERS.submit(_rows, batch, kinds, formats, self.float_digits, self.zone))
            self._settle(WINDOW - 1)
            return
        self._settle(0)
        for part in encode(batch, kinds, formats, float_digits=self.float_digits, zone=self.zone):
            self._add(part)

    def complete(self, tag: str) -> None:
        """CommandComplete; kept back where its transaction has still to be committed."""
        if self._hold:
            self._held = messages.command_complete(tag)
        else:
            self.send(messages.command_complete(tag))

    def hold(self) -> None:
        """Keep back the next CommandComplete."""
        self._hold, self._held = True, b""

    def release(self, *, committed: bool) -> None:
        """Send what was kept back, or forget it."""
        if committed and self._held:
            self.send(self._held)
        self._hold, self._held = False, b""

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


class Collected:
    """A portal's whole result, for clients that fetch it in parts."""

    def __init__(self, rows: Kept) -> None:
        self.rows = rows
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
        self.rows.add(batch)

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
    if any(one not in (0, 1) for one in formats):
        raise SqlError("22023", f"unsupported format code: {next(one for one in formats if one not in (0, 1))}")
    if len(formats) == 1:
        return [formats[0]] * count
    if len(formats) != count:
        raise SqlError("08P01", f"bind message has {len(formats)} result formats but query has {count} columns")
    return list(formats)
