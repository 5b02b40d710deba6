"""SELECT, and everything else that gives rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from slipher.sql.bound import Bound, OutputColumn
from slipher.types.sqltype import VARCHAR, SqlType
from slipher.warehouse.run.live import provide
from slipher.warehouse.run.ready import ready

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run
    from slipher.warehouse.run.state import SessionState


def run_select(run: Run) -> None:
    """A query: rows leave as the engine makes them."""
    bound = run.prepare_engine(run.bind(), run.bind)
    engine = run.session.engine
    made = ready(bound, engine)
    with shown(run.session, bound):
        _, batches = engine.stream(made.text, made.values(run.parameters))
        run.output.columns(titled(run.session, bound.columns))
        for batch in batches:
            run.statement.cancel.check()
            run.statement.rows += batch.num_rows
            run.output.batch(batch)
    run.statement.cancel.check()
    run.output.complete("SELECT")


def titled(session: SessionState, columns: Sequence[OutputColumn]) -> Sequence[OutputColumn]:
    """The columns under the names that the session wants."""
    if not session.settings.boolean("describe_field_name_in_uppercase"):
        return columns
    return [OutputColumn(one.name.upper(), one.type, one.nullable, one.table_oid, one.number) for one in columns]


@contextmanager
def shown(session: SessionState, bound: Bound) -> Iterator[None]:
    """The live relations that a statement reads, visible to the engine while it runs; the facts that catalog views ask for."""
    if bound.leader_calls or any(one.kind == "catalog" for one in bound.reads):
        set_variables(session)
    names = []
    try:
        for relation in bound.live:
            table = provide(relation, session, bound.used_columns.get(relation.oid))
            session.engine.show(relation.engine_name, table)
            names.append(relation.engine_name)
        yield
    finally:
        for name in names:
            session.engine.hide(name)


def set_variables(session: SessionState) -> None:
    """Who and where the session is, for the engine's catalog views."""
    snapshot = session.transaction.snapshot()
    database = snapshot.database(session.database)
    path = [*session.settings.search_path(session.user.name)]
    facts: dict[str, Any] = {
        "user_oid": session.user.oid,
        "user_name": session.user.name,
        "superuser": session.user.superuser,
        "database": session.database,
        "database_oid": database.oid if database is not None else 0,
        "temp_namespace": session.temp_namespace,
    }
    key = (tuple(facts.items()), tuple(path))
    if session.engine_facts == key:
        return
    items = ", ".join(_literal(one) for one in path)
    texts = [f"SET VARIABLE {name} = {_literal(value)}" for name, value in facts.items()]
    texts.append(f"SET VARIABLE search_path = CAST([{items}] AS VARCHAR[])")
    session.engine.execute("; ".join(texts))
    session.engine_facts = key


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"CAST({value} AS BIGINT)"
    return "'" + str(value).replace("'", "''") + "'"


def give_rows(run: Run, columns: Sequence[tuple[str, SqlType]], rows: Sequence[Sequence[Any]], tag: str) -> None:
    """A small result made here, such as SHOW's."""
    run.output.columns([OutputColumn(name, kind) for name, kind in columns])
    if rows:
        arrays = [pa.array(list(values)) for values in zip(*rows, strict=True)]
        run.output.batch(pa.RecordBatch.from_arrays(arrays, names=[f"o{i}" for i in range(len(columns))]))
    run.output.complete(tag)


def text_columns(*names: str) -> list[tuple[str, SqlType]]:
    """Columns of text."""
    return [(name, VARCHAR) for name in names]
