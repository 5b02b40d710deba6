"""INSERT, UPDATE, DELETE, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from slipher.base.errors import SqlError
from slipher.sql.bind.dml import ROWS, literal_types
from slipher.sql.bound import Need
from slipher.sql.statements import Delete, Insert, Truncate, Update
from slipher.types.sqltype import SqlType
from slipher.warehouse.catalog.privileges import check
from slipher.warehouse.run.ready import ready
from slipher.warehouse.run.select import shown

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

TAGS = {Insert: "INSERT 0 {}", Update: "UPDATE {}", Delete: "DELETE {}"}


def run_dml(run: Run) -> None:
    """INSERT, UPDATE or DELETE."""
    require_writable(run)
    statement = run.parsed.statement
    bound = run.prepare_engine(run.bind(), run.bind)
    engine = run.session.engine
    literals = statement.literals if isinstance(statement, Insert) else None
    rows = _arrow(literals) if literals is not None else None
    with shown(run.session, bound):
        if rows is not None:
            engine.show(ROWS, rows)
        try:
            made = ready(bound, engine)
            count = engine.execute(made.text, made.values(run.parameters))
        finally:
            if rows is not None:
                engine.hide(ROWS)
    run.statement.cancel.check()
    run.statement.rows = count
    run.output.complete(TAGS[type(statement)].format(count))


def require_writable(run: Run) -> None:
    """25006 in a read-only transaction."""
    if run.transaction.read_only:
        raise SqlError("25006", "transaction is read-only")


def _arrow(rows: Sequence[Sequence[Any]]) -> pa.Table | None:
    kinds = literal_types(rows)
    if kinds is None or len(rows) <= 20:
        return None
    arrays = [
        pa.array(list(values), arrow_type(kind)) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    ]
    return pa.table(arrays, names=[f"o{index}" for index in range(1, len(arrays) + 1)])


def arrow_type(kind: SqlType) -> pa.DataType:
    """The Arrow type of a literal column."""
    if kind.name == "numeric":
        return pa.decimal128(38, kind.scale or 0)
    return {"bool": pa.bool_(), "int8": pa.int64()}.get(kind.name, pa.string())


def run_truncate(run: Run) -> None:
    """TRUNCATE: empties the table and commits the transaction (source: Redshift's guide, TRUNCATE)."""
    require_writable(run)
    statement = run.parsed.statement
    assert isinstance(statement, Truncate)
    relation = run.names.relation(statement.table)
    if relation is None:
        raise SqlError("42P01", f'relation "{statement.table}" does not exist')
    if relation.kind != "table":
        raise SqlError("42809", f'"{statement.table}" is not a table')
    user = run.session.user
    if not (user.superuser or user.oid == relation.owner):
        check(run.transaction.catalog(), user, [Need("truncate", relation)])
    run.lock_exclusive([relation.oid])
    run.take_slot()
    run.transaction.begin_engine()
    run.session.engine.execute(f"DELETE FROM {relation.engine_name}")
    run.transaction.commit()
    run.output.complete("TRUNCATE TABLE")
