"""Schema quotas: what a statement wrote must fit, or its transaction is aborted (source: Redshift's guide, CREATE SCHEMA)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError
from slipher.warehouse.catalog.model import NamespaceRow, RelationRow

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run


def require_quota(run: Run, oids: Iterable[int]) -> None:
    """Compare the schemas of tables that have grown with their quotas; XX000."""
    state = run.names.state
    rows = [row for oid in oids if (row := state.get(RelationRow, oid)) is not None and not row.temporary]
    for number in sorted({row.namespace for row in rows}):
        schema = state.get(NamespaceRow, number)
        quota = megabytes(schema.quota) if schema is not None else None
        if schema is None or quota is None:
            continue
        used = _used(run, schema, [row for row in rows if row.namespace == number])
        if used > quota:
            facts = f"(Schema: {schema.name}, Quota: {quota}, Current Disk Usage: {used})"
            text = f"Transaction {run.transaction.xid} is aborted due to exceeding the disk space quota in schema(s): {facts}."
            raise SqlError("XX000", f"{text} Free up disk space or request increased quota for the schema(s).")


def megabytes(quota: str | None) -> int | None:
    """A stored quota; None for no limit."""
    number, _, unit = (quota or "").partition(" ")
    factor = {"MB": 1, "GB": 1024, "TB": 1024**2}.get(unit.upper())
    return int(number) * factor if factor is not None and number.isdigit() else None


def _used(run: Run, schema: NamespaceRow, changed: list[RelationRow]) -> int:
    """Blocks of 1 MB, as svv_table_info has them; what this transaction changed is counted, not estimated."""
    engine, slices = run.session.engine, run.warehouse.config.slices
    counts = {row.oid: engine.rows(f"SELECT count(*) FROM {row.engine_name}")[0][0] for row in changed}
    text = (
        'SELECT s.oid, s.row_count, s.columns, s.width FROM sys."$sizes" s JOIN catalog.relations r ON r.oid = s.oid '
        "WHERE r.namespace = $1 AND NOT r.temporary"
    )
    total = 0
    for oid, estimated, columns, width in engine.rows(text, [schema.oid]):
        count = counts.get(oid, estimated)
        if count:
            total += max((columns + 3) * slices, math.ceil(count * float(width) / 1048576))
    return total
