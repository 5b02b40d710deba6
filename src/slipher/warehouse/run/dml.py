"""INSERT, UPDATE, DELETE, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind.dml import ROWS, literal_types
from slipher.sql.bound import Bound, Need
from slipher.sql.statements import Delete, Insert, Truncate, Update
from slipher.types.sqltype import SqlType
from slipher.warehouse.catalog.privileges import check
from slipher.warehouse.run.conflict import conflicts_told
from slipher.warehouse.run.quota import require_quota
from slipher.warehouse.run.ready import ready
from slipher.warehouse.run.select import shown

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

TAGS = {Insert: "INSERT 0 {}", Update: "UPDATE {}", Delete: "DELETE {}"}


def run_dml(run: Run) -> None:
    """INSERT, UPDATE or DELETE."""
    run.transaction.require_writable()
    statement = run.parsed.statement
    bound = run.prepare_engine(run.bind(), run.bind)
    engine = run.session.engine
    literals = statement.literals if isinstance(statement, Insert) else None
    rows = _arrow(literals) if literals is not None else None
    with shown(run.session, bound):
        if isinstance(statement, Update) and run.session.settings.boolean("error_on_nondeterministic_update"):
            _require_single_matches(run, bound)
        if rows is not None:
            engine.show(ROWS, rows)
        try:
            made = ready(bound, engine)
            with conflicts_told(run, [one.oid for one in bound.writes]):
                count = engine.execute(made.text, made.values(run.parameters))
        finally:
            if rows is not None:
                engine.hide(ROWS)
    run.statement.cancel.check()
    if isinstance(statement, Insert | Update):
        require_quota(run, [one.oid for one in bound.writes])
    run.statement.rows = count
    run.output.complete(TAGS[type(statement)].format(count))


def _require_single_matches(run: Run, bound: Bound) -> None:
    """error_on_nondeterministic_update: a row that UPDATE ... FROM would change more than once is an error."""
    tree = bound.tree
    if tree.args.get("from_") is None:
        return
    table, first = tree.this.copy(), tree.args["from_"].this.copy()
    joins = first.args.pop("joins", None) or []
    key = exp.column("rowid", table=table.alias, quoted=True)
    twice = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    query = exp.Select(
        with_=_copy(tree, "with_"),
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=table),
        joins=[exp.Join(this=first, kind="CROSS"), *joins],
        where=_copy(tree, "where"),
        group=exp.Group(expressions=[key]),
        having=exp.Having(this=twice),
        limit=exp.Limit(expression=exp.Literal.number(1)),
    )
    made = ready(replace(bound, tree=query, columns=(), made={}), run.session.engine)
    _, batches = run.session.engine.stream(made.text, made.values(run.parameters))
    if any(batch.num_rows for batch in batches):
        raise SqlError("XX000", "Found multiple matches to update the same tuple.")


def _copy(tree: exp.Expr, part: str) -> exp.Expr | None:
    found = tree.args.get(part)
    return found.copy() if found is not None else None


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
    run.transaction.require_writable()
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
    with conflicts_told(run, [relation.oid]):
        run.session.engine.execute(f"DELETE FROM {relation.engine_name}")
    run.transaction.commit()
    run.output.complete("TRUNCATE TABLE")
