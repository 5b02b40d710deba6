"""Transactions, parameters, cursors, prepared statements and the other small statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slipher.base.errors import SqlError, not_supported
from slipher.sql import statements as s
from slipher.sql.bind import constant_arguments
from slipher.sql.bound import OutputColumn
from slipher.sql.names import Relation
from slipher.sql.parse import Parsed
from slipher.types.sqltype import VARCHAR, SqlType
from slipher.warehouse.catalog.model import RelationRow
from slipher.warehouse.catalog.privileges import denied, has, require_owner
from slipher.warehouse.run.kept import Kept
from slipher.warehouse.run.prepared import Prepared
from slipher.warehouse.run.ready import ready
from slipher.warehouse.run.select import give_rows, shown, text_columns
from slipher.warehouse.run.state import SessionUser

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run


def run_begin(run: Run) -> None:
    """BEGIN: a second one changes nothing, without a notice (as observed on Redshift)."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Begin)
    run.transaction.open("explicit")
    if statement.read_only is not None:
        run.transaction.mode = statement.read_only
    run.output.complete("BEGIN")


def run_commit(run: Run) -> None:
    """COMMIT: of a failed block it is a ROLLBACK."""
    failed = run.transaction.block == "failed"
    run.transaction.commit()
    run.output.complete("ROLLBACK" if failed else "COMMIT")


def run_rollback(run: Run) -> None:
    """ROLLBACK."""
    run.transaction.rollback()
    run.output.complete("ROLLBACK")


def run_set(run: Run) -> None:
    """SET parameter."""
    statement = run.parsed.statement
    assert isinstance(statement, s.SetParameter)
    session = run.session
    session.settings.set(statement.name, statement.value, local=statement.local, superuser=session.user.superuser)
    session.apply_timezone()
    run.output.complete("SET")


def run_reset(run: Run) -> None:
    """RESET parameter | ALL."""
    statement = run.parsed.statement
    assert isinstance(statement, s.ResetParameter)
    session = run.session
    if statement.name is None:
        session.settings.reset_all()
    else:
        session.settings.set(statement.name, None)
    session.apply_timezone()
    run.output.complete("RESET")


def run_show(run: Run) -> None:
    """SHOW parameter | ALL."""
    statement = run.parsed.statement
    assert isinstance(statement, s.ShowParameter)
    columns = show_columns(run, statement)
    session = run.session
    if statement.name is None:
        give_rows(run, columns, session.settings.all(), "SHOW")
        return
    if statement.name == "session_authorization":
        value = session.user.name
    elif statement.name == "server_version" and not session.user.superuser:
        raise SqlError("42501", 'must be superuser to examine "server_version"')
    else:
        value = session.settings.get(statement.name)
    give_rows(run, columns, [(value,)], "SHOW")


def show_columns(run: Run, statement: s.ShowParameter) -> list[tuple[str, SqlType]]:
    """What SHOW answers with."""
    if statement.name is None:
        return text_columns("name", "setting")
    from slipher.warehouse.session.parameters import BY_NAME

    row = BY_NAME.get(statement.name)
    return text_columns((row.heading or row.name) if row is not None else statement.name)


def run_authorization(run: Run) -> None:
    """SET SESSION AUTHORIZATION: superusers act as others."""
    statement = run.parsed.statement
    assert isinstance(statement, s.SetSessionAuthorization)
    session = run.session
    if statement.user is None:
        session.user = session.session_user
    else:
        row = run.transaction.snapshot().user(statement.user)
        if row is None:
            raise SqlError("22023", f'user "{statement.user}" does not exist')
        if not session.session_user.superuser and row.oid != session.session_user.oid:
            raise SqlError("42501", "permission denied to set session authorization")
        own = row.oid == session.session_user.oid
        session.user = session.session_user if own else SessionUser(row.oid, row.name, row.superuser, row.unrestricted)
    run.output.complete("SET")


@dataclass(slots=True)
class Cursor:
    """A declared cursor: its columns and the rows not fetched yet."""

    columns: tuple[OutputColumn, ...]
    rows: Kept


def run_declare(run: Run) -> None:
    """DECLARE: inside a block; the result is kept whole."""
    statement = run.parsed.statement
    assert isinstance(statement, s.DeclareCursor)
    if not run.transaction.explicit:
        raise SqlError("25P01", "DECLARE CURSOR may only be used in transaction blocks")
    if statement.name in run.session.cursors:
        raise SqlError("42P03", f'cursor "{statement.name}" already exists')
    if run.session.cursors:
        raise SqlError("42P03", "only one cursor at a time can be open per session")
    bound = run.prepare_engine(run.bind_query(statement.query))
    kept = Kept(run.warehouse.config.spool_dir)
    made = ready(bound, run.session.engine)
    with shown(run.session, bound):
        _, batches = run.session.engine.stream(made.text, made.values(run.parameters))
        for batch in batches:
            run.statement.cancel.check()
            kept.add(batch)
    run.session.cursors[statement.name] = Cursor(bound.columns, kept)
    run.output.complete("DECLARE CURSOR")


def cursor_of(run: Run, name: str) -> Cursor:
    """The cursor of that name; 34000."""
    found: Cursor | None = run.session.cursors.get(name)
    if found is None:
        raise SqlError("34000", f'cursor "{name}" does not exist')
    return found


def run_fetch(run: Run) -> None:
    """FETCH: forward only."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Fetch)
    cursor = cursor_of(run, statement.cursor)
    if statement.count is not None and statement.count < 0:
        raise SqlError("55000", "cursor can only scan forward")
    run.output.columns(cursor.columns)
    for batch in cursor.rows.take(statement.count):
        run.output.batch(batch)
    run.output.complete("FETCH")


def run_close(run: Run) -> None:
    """CLOSE."""
    statement = run.parsed.statement
    assert isinstance(statement, s.CloseCursor)
    names = list(run.session.cursors) if statement.name is None else [statement.name]
    for name in names:
        cursor_of(run, name).rows.close()
        del run.session.cursors[name]
    run.output.complete("CLOSE CURSOR")


def run_prepare(run: Run) -> None:
    """PREPARE."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Prepare)
    if statement.name in run.session.prepared:
        raise SqlError("42P05", f'prepared statement "{statement.name}" already exists')
    kinds = tuple(SqlType(one) for one in statement.types)
    run.session.prepared[statement.name] = Prepared(Parsed(statement.statement, statement.text, 0), kinds)
    run.output.complete("PREPARE")


def prepared_of(run: Run, name: str) -> tuple[Parsed, tuple[SqlType, ...]]:
    """The statement that PREPARE made; 26000."""
    found = run.session.prepared.get(name)
    if found is None or found.parsed is None:
        raise SqlError("26000", f'prepared statement "{name}" does not exist')
    return found.parsed, found.types


def run_execute(run: Run) -> None:
    """EXECUTE: the arguments are constants, given to the statement as its parameters."""
    from slipher.types.text import as_text
    from slipher.warehouse.run.execute import RUNNERS

    statement = run.parsed.statement
    assert isinstance(statement, s.Execute)
    parsed, kinds = prepared_of(run, statement.name)
    given = len(statement.arguments)
    if kinds and given != len(kinds):
        text = f'wrong number of parameters for prepared statement "{statement.name}"'
        raise SqlError("42601", text, detail=f"Expected {len(kinds)} parameters but got {given}.")
    values: list[Any] = []
    if statement.arguments:
        bound = constant_arguments(statement.arguments, run.names, run.bind_settings)
        run.transaction.begin_engine()
        _, batches = run.session.engine.stream(bound.tree)
        for batch in batches:
            for array, one in zip(batch.columns, bound.columns, strict=True):
                values.append(as_text(array, one.type, pad=False)[0].as_py())
    run.parsed, run.parameters, run.parameter_types = parsed, values, kinds
    runner = RUNNERS.get(type(parsed.statement))
    if runner is None:
        raise not_supported("EXECUTE of this statement")
    runner(run)


def run_deallocate(run: Run) -> None:
    """DEALLOCATE."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Deallocate)
    if statement.name is None:
        run.session.prepared.clear()
    else:
        prepared_of(run, statement.name)
        del run.session.prepared[statement.name]
    run.output.complete("DEALLOCATE")


def run_analyze(run: Run) -> None:
    """ANALYZE: the engine keeps its statistics itself; the table must exist and be the user's."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Analyze)
    if statement.table is not None:
        _owned(run, statement.table)
    run.output.complete("ANALYZE")


def _owned(run: Run, name: s.QName) -> None:
    row = run.names.row(name)
    if row is None:
        raise SqlError("42P01", f'relation "{name}" does not exist')
    require_owner(run.session.user, row)


def run_vacuum(run: Run) -> None:
    """VACUUM: space is given back by a checkpoint of the engine."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Vacuum)
    run.transaction.forbid_block("VACUUM")
    if statement.table is not None:
        _owned(run, statement.table)
    run.output.complete("VACUUM")


def run_lock(run: Run) -> None:
    """LOCK: access exclusive, until the transaction ends."""
    statement = run.parsed.statement
    assert isinstance(statement, s.LockTables)
    for name in statement.tables:
        relation = run.names.relation(name)
        if relation is None:
            raise SqlError("42P01", f'relation "{name}" does not exist')
        _require_lockable(run, relation)
        run.lock_exclusive([relation.oid])
    run.output.complete("LOCK TABLE")


def _require_lockable(run: Run, relation: Relation) -> None:
    """LOCK is for who may change the table (source: PostgreSQL's LOCK)."""
    row = run.names.state.get(RelationRow, relation.oid)
    if row is None:
        raise SqlError("42809", f'"{relation.name}" is not a table')
    held = [has(run.names.state, run.session.user, row.owner, row.acl, letter) for letter in "wdP"]
    if not any(held):
        raise denied("relation", relation.name)


def run_cancel(run: Run) -> None:
    """CANCEL pid."""
    statement = run.parsed.statement
    assert isinstance(statement, s.CancelQuery)
    run.warehouse.sessions.cancel(statement.pid, run.session.user, statement.message)
    run.output.complete("CANCEL")


def run_explain(run: Run) -> None:
    """EXPLAIN: the engine's plan, as text; Redshift's steps and costs are not imitated."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Explain)
    inner = run.parsed
    run.parsed = Parsed(statement.statement, inner.text, inner.offset)
    if not isinstance(statement.statement, s.Select | s.Insert | s.Update | s.Delete):
        raise SqlError("42601", "EXPLAIN takes a query or an INSERT, UPDATE or DELETE")
    bound = run.prepare_engine(run.bind())
    made = ready(bound, run.session.engine)
    with shown(run.session, bound):
        _, batches = run.session.engine.stream("EXPLAIN " + made.text, made.values(run.parameters))
        lines = [line for batch in batches for text in batch.columns[1].to_pylist() for line in text.splitlines()]
    give_rows(run, [("QUERY PLAN", VARCHAR)], [(line,) for line in lines], "EXPLAIN")


def run_unsupported(run: Run) -> None:
    """What Redshift has and Slipher has not yet."""
    statement = run.parsed.statement
    assert isinstance(statement, s.Unsupported)
    raise not_supported(statement.what)
