"""What the warehouse asks of an engine, in Arrow: run a bound statement, show a live relation, load chunks, transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp


class EngineSession(Protocol):
    """A session of the engine: its own transaction and temporary tables. Used by one thread at a time, but interrupt()."""

    in_transaction: bool

    def begin(self) -> None:
        """Start the engine's transaction."""
        ...

    def commit(self) -> None:
        """Commit it; raises SqlError if the engine refuses."""
        ...

    def rollback(self) -> None:
        """Roll it back; never raises for a transaction that the engine has already given up."""
        ...

    def text(self, tree: exp.Expr) -> str:
        """An engine-neutral tree as the engine's text, for stream() and execute()."""
        ...

    def stream(
        self, query: exp.Expr | str, parameters: Sequence[Any] = ()
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Run a query, engine-neutral tree or engine text; batches come as they are made, bounded in memory."""
        ...

    def execute(self, statement: exp.Expr | str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows that it changed (-1 where there is none)."""
        ...

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small query in the engine's own text, as Python values: for the catalog's store."""
        ...

    def show(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Make an Arrow table readable under an engine name, for this session only."""
        ...

    def hide(self, name: str) -> None:
        """Undo show()."""
        ...

    def interrupt(self) -> None:
        """Stop what runs now; safe from any thread; nothing if idle."""
        ...

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        ...


class Engine(Protocol):
    """An engine over one cluster's data. `column_name` tells a column's Redshift name by (relation oid, column number): errors
    name it."""

    column_name: Callable[[int, int], str | None]

    def offer(self, name: str, function: Callable[..., Any]) -> None:
        """Make a function of the program callable by the engine's macros: (text, integer, bigint, boolean) -> boolean."""
        ...

    def session(self) -> EngineSession:
        """A new session."""
        ...

    def backup(self, path: Path) -> None:
        """Write a copy of everything committed, one moment of it, as a new file; what runs runs on."""
        ...

    def attach(self, path: Path) -> AbstractContextManager[tuple[str, EngineSession]]:
        """Another database file, readable beside our own while this lasts: its name as ready text, and a session inside it."""
        ...

    def close(self) -> None:
        """Checkpoint and close."""
        ...
