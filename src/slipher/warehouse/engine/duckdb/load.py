"""Rows from outside into a table of the engine: one INSERT that reads a stream of Arrow batches while they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
from sqlglot import exp

from slipher.warehouse.engine.base import EngineSession
from slipher.warehouse.engine.duckdb.generate import generate

SOURCE = "slipher_load"


def ingest(
    session: EngineSession,
    table: str,
    columns: Mapping[str, str | exp.Expression],
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
            yield from batches
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
