"""COMPUPDATE: encodings for the columns of a table that was empty, as pg_table_def shows them (source: reference on COPY;
Redshift's guide, loading tables with automatic compression).

Left out, it chooses where no column has an encoding yet; PRESET replaces what there is: both by a column's type and place in
the sort key. ON measures a sample of what was loaded, and leaves the columns of the sort key as they are; too few rows are no
sample, and change nothing.
"""

from __future__ import annotations

import dataclasses
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa

from slipher.sql.names import Column, Relation
from slipher.sql.statements.copy import Copy
from slipher.warehouse.catalog.encodings import default_encoding
from slipher.warehouse.catalog.model import RelationRow
from slipher.warehouse.copy.encodings import best

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

RAW = ("none", "raw", "")
SAMPLE = 100_000  # rows of a slice that make a sample, COMPROWS may ask for more (source: Redshift's guide)
SAMPLE_BYTES = 64 * 1024 * 1024  # of a column that are looked at


def wants_encodings(run: Run, statement: Copy, relation: Relation) -> bool:
    """Whether the load chooses encodings: looked at before the first row."""
    if statement.comp_update == "off" or statement.has("noload") or statement.format in ("parquet", "orc"):
        return False
    if not statement.comp_update and any(one.encode not in RAW for one in relation.columns):
        return False
    return not run.session.engine.rows(f"SELECT 1 FROM {relation.engine_name} LIMIT 1")


def choose_encodings(run: Run, statement: Copy, relation: Relation, loaded: int) -> None:
    """Write them into the catalog, in the load's transaction."""
    ddl = run.ddl()
    row = ddl.state.get(RelationRow, relation.oid)
    if row is None:
        return
    if statement.comp_update == "on":
        enough = SAMPLE * run.warehouse.config.slices
        if loaded < enough:
            return
        rows = max(statement.comp_rows, enough)
        found = {one.number: _measured(run, relation, one, rows) for one in relation.columns if not one.sortkey}
        columns = tuple(dataclasses.replace(one, encode=found.get(one.number, one.encode)) for one in row.columns)
    else:
        columns = tuple(
            dataclasses.replace(one, encode=default_encoding(one.type, one.sortkey != 0)) for one in row.columns
        )
    if columns != row.columns:
        ddl.draft.put(dataclasses.replace(row, columns=columns))


def _measured(run: Run, relation: Relation, column: Column, rows: int) -> str:
    """The encoding of a column by its first rows."""
    if column.type.name == "timetz":  # which Arrow has not
        return default_encoding(column.type, False)
    text = f'SELECT "{column.engine_name}" FROM {relation.engine_name} LIMIT {rows}'
    schema, batches = run.session.engine.stream(text)
    pieces: list[pa.Array] = []
    size = 0
    with closing(batches):  # type: ignore[type-var]
        for batch in batches:
            run.statement.cancel.check()
            pieces.append(batch.column(0))
            size += batch.column(0).nbytes
            if size > SAMPLE_BYTES:
                break
    whole = pa.concat_arrays(pieces) if pieces else pa.array([], schema.field(0).type)
    return best(column.type, whole)
