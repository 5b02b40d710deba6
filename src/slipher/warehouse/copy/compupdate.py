"""COMPUPDATE: encodings for the columns of a table that was empty, as pg_table_def shows them (source: reference on COPY).

Left out, it chooses where no column has an encoding yet; PRESET and ON replace what there is; OFF never. All choose by a
column's type and place in the sort key: a sample would tell Redshift more, but the engine packs what it stores by itself.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from slipher.sql.names import Relation
from slipher.sql.statements.copy import Copy
from slipher.warehouse.catalog.encodings import default_encoding
from slipher.warehouse.catalog.model import RelationRow

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

RAW = ("none", "raw", "")


def wants_encodings(run: Run, statement: Copy, relation: Relation) -> bool:
    """Whether the load chooses encodings: looked at before the first row."""
    if statement.comp_update == "off" or statement.has("noload") or statement.format in ("parquet", "orc"):
        return False
    if not statement.comp_update and any(one.encode not in RAW for one in relation.columns):
        return False
    return not run.session.engine.rows(f"SELECT 1 FROM {relation.engine_name} LIMIT 1")


def choose_encodings(run: Run, relation: Relation) -> None:
    """Write them into the catalog, in the load's transaction."""
    ddl = run.ddl()
    row = ddl.state.get(RelationRow, relation.oid)
    if row is None:
        return
    columns = tuple(
        dataclasses.replace(one, encode=default_encoding(one.type, one.sortkey != 0)) for one in row.columns
    )
    if columns != row.columns:
        ddl.draft.put(dataclasses.replace(row, columns=columns))
