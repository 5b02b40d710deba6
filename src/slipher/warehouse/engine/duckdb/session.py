"""A session of the engine: queries leave as Arrow batches, statements as counts, errors as Redshift's.

DuckDB's client lets one connection hold one open result; another statement is refused while it is open. So a stream owns the
session until it is exhausted or closed, and the session closes a stream that was left open before it runs anything else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from slipher.warehouse.engine.duckdb.errors import translate
from slipher.warehouse.engine.duckdb.generate import generate

if TYPE_CHECKING:
    from slipher.warehouse.engine.duckdb.engine import DuckEngine

BATCH_ROWS = 16384  # a batch of the widest rows must fit in memory; measured as fast as 131072 for narrow ones


class DuckSession:
    """One cursor of the database. Used by one thread at a time, but interrupt()."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, engine: DuckEngine) -> None:
        self.connection = connection
        self.engine = engine
        self.in_transaction = False
        self._reader: pa.RecordBatchReader | None = None
        self._shown: set[str] = set()  # what hide() could not take away

    def begin(self) -> None:
        """Start a transaction; its snapshot is taken by its first statement."""
        with self._running():
            self.connection.begin()
            self.in_transaction = True

    def commit(self) -> None:
        """Commit; if the engine refuses, the transaction is gone and the reason raised."""
        self.in_transaction = False
        with self._running():
            try:
                self.connection.commit()
            except BaseException:
                self._abandon()
                raise

    def rollback(self) -> None:
        """Roll back; quiet if the engine has given the transaction up already."""
        self.in_transaction = False
        self._close_reader()
        self._abandon()

    def _abandon(self) -> None:
        with suppress(duckdb.Error):
            self.connection.rollback()
        while self._shown:
            with suppress(duckdb.Error):
                self.connection.unregister(self._shown.pop())

    def stream(
        self, query: exp.Expr | str, parameters: Sequence[Any] = ()
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Run a query; batches come as they are made. Close the iterator to stop early."""
        text = query if isinstance(query, str) else self.text(query)
        with self._running():
            relation = self.connection.sql(text, params=list(parameters)) if parameters else self.connection.sql(text)
            if relation is None:
                raise duckdb.InvalidInputException("Invalid Input Error: a query was expected")
            reader = relation.to_arrow_reader(BATCH_ROWS)
        self._reader = reader
        return reader.schema, self._batches(reader)

    def _batches(self, reader: pa.RecordBatchReader) -> Generator[pa.RecordBatch, None, None]:
        try:
            while self._is_open(reader):
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                except Exception as error:
                    raise translate(error, self.engine.column_name) from None
                if batch.num_rows:
                    yield batch
        finally:
            if self._reader is reader:
                self._close_reader()

    def _is_open(self, reader: pa.RecordBatchReader) -> bool:
        return self._reader is reader

    def execute(self, statement: exp.Expr | str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows that it changed, -1 where it tells none."""
        text = statement if isinstance(statement, str) else self.text(statement)
        with self._running():
            cursor = self.connection.execute(text, list(parameters)) if parameters else self.connection.execute(text)
            row = cursor.fetchone() if cursor.description else None
            if row is not None:
                while cursor.fetchmany(1024):
                    pass
        if row is not None and len(row) == 1 and isinstance(row[0], int):
            return int(row[0])
        return -1

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small query as Python values."""
        with self._running():
            cursor = self.connection.execute(query, list(parameters)) if parameters else self.connection.execute(query)
            return list(cursor.fetchall())

    def show(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Make an Arrow table readable under an unquoted engine name, for this session only."""
        with self._running():
            self.connection.register(name, table)

    def hide(self, name: str) -> None:
        """Undo show(). In a transaction that an error has aborted it is left to the rollback: what failed first is told."""
        self._close_reader()
        try:
            self.connection.unregister(name)
        except duckdb.Error:
            self._shown.add(name)

    def interrupt(self) -> None:
        """Stop what runs now; safe from any thread; nothing if idle."""
        self.connection.interrupt()

    def close(self) -> None:
        """End the session; an open transaction is rolled back, temporary tables go."""
        if self.in_transaction:
            self.rollback()
        self._close_reader()
        self.connection.close()

    def text(self, tree: exp.Expr) -> str:
        """The tree in DuckDB's dialect."""
        return generate(tree)

    @contextmanager
    def _running(self) -> Iterator[None]:
        self._close_reader()
        try:
            yield
        except (duckdb.Error, RuntimeError, OSError, pa.ArrowException, MemoryError) as error:
            raise translate(error, self.engine.column_name) from None

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(duckdb.Error, OSError, pa.ArrowException):
                reader.close()
