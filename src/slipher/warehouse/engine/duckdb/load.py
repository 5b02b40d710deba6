"""Rows from outside into a table of the engine: one INSERT that reads a stream of Arrow batches while they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
from sqlglot import exp

from slipher.warehouse.engine.base import EngineSession
from slipher.warehouse.engine.duckdb.generate import generate

SOURCE = "slipher_load"
ROW_GROUP = 122_880  # rows that the engine stores together; batches of whole groups are written at once (measured)
GROUP_BYTES = 32 * 1024 * 1024  # wide rows are not gathered beyond this


def ingest(
    session: EngineSession,
    table: str,
    columns: Mapping[str, str | exp.Expr],
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
) -> None:
    """Insert every batch into a table (its ready engine name), in the session's transaction.

    `columns` tells for each of the table's columns (engine names) the field of `schema` that it takes, or the expression
    that it gets instead. The batches are asked for by the engine's threads, one at a time. An error of theirs ends the insert
    and is raised as it is; the transaction must then be rolled back.
    """
    failure: list[BaseException] = []

    def fed() -> Iterator[pa.RecordBatch]:
        try:
            yield from _gathered(batches)
        except BaseException as error:  # carried round the engine, which would make it a text
            failure.append(error)

    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f'"{one}"' if isinstance(one, str) else generate(one) for one in columns.values())
    session.show(SOURCE, pa.RecordBatchReader.from_batches(schema, fed()))
    try:
        session.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {SOURCE}")
    except Exception:
        if not failure:
            raise
    finally:
        session.hide(SOURCE)
    if failure:
        raise failure[0]


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of whole row groups, as far as memory allows."""
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows < ROW_GROUP and size < GROUP_BYTES:
            continue
        whole = pa.concat_batches(waiting)
        taken = rows // ROW_GROUP * ROW_GROUP or rows
        yield whole.slice(0, taken)
        waiting = [whole.slice(taken)] if taken < rows else []
        rows, size = rows - taken, sum(one.nbytes for one in waiting)
    if rows:
        yield pa.concat_batches(waiting)
