"""Where a running statement puts what the client sees, in order; the session turns it into wire messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from slipher.sql.bound import OutputColumn


class ClientGone(Exception):
    """The client's connection has ended: nothing can be sent any more, the session ends."""


class Output(Protocol):
    """The client's side of a statement. Each call may block while the client is slow."""

    def notice(
        self,
        severity: str,
        message: str,
        *,
        sqlstate: str = "00000",
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        """INFO, NOTICE or WARNING."""
        ...

    def columns(self, columns: Sequence[OutputColumn]) -> None:
        """The row description; before any batch."""
        ...

    def batch(self, batch: pa.RecordBatch) -> None:
        """Rows, columns in the order and canonical Arrow types of `columns`."""
        ...

    def complete(self, tag: str) -> None:
        """The command tag, e.g. 'SELECT', 'INSERT 0 3', 'COPY'."""
        ...
