"""The life of a statement: its record, its runner, its end; and the table of runners."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from slipher.base.errors import EngineFacts, SqlError, engine_error
from slipher.sql import statements as s
from slipher.sql.parse import Parsed
from slipher.sql.redact import redact
from slipher.sql.statements.copy import Copy
from slipher.sql.statements.copy_job import AlterCopyJob, CreateCopyJob, DropCopyJob, RunCopyJob, ShowCopyJob
from slipher.sql.statements.unload import Unload
from slipher.types.sqltype import SqlType
from slipher.warehouse.copy import jobs
from slipher.warehouse.copy.run import run_copy
from slipher.warehouse.run import ddl, dml, show, utility
from slipher.warehouse.run.output import ClientGone, Output
from slipher.warehouse.run.run import Run
from slipher.warehouse.run.select import run_select
from slipher.warehouse.run.state import SessionState
from slipher.warehouse.statement import Statement
from slipher.warehouse.unload.run import run_unload

log = logging.getLogger(__name__)

Runner = Callable[[Run], None]

RUNNERS: dict[type[Any], Runner] = {
    s.Select: run_select,
    s.Insert: dml.run_dml,
    s.Update: dml.run_dml,
    s.Delete: dml.run_dml,
    s.Truncate: dml.run_truncate,
    Copy: run_copy,
    CreateCopyJob: jobs.run_create,
    AlterCopyJob: jobs.run_alter,
    RunCopyJob: jobs.run_now,
    DropCopyJob: jobs.run_drop,
    ShowCopyJob: jobs.run_show,
    Unload: run_unload,
    s.CreateTable: ddl.run_create_table,
    s.CreateTableAs: ddl.run_create_table_as,
    s.CreateView: ddl.run_create_view,
    s.AlterTable: ddl.run_alter_table,
    **dict.fromkeys(ddl.PLAIN, ddl.run_plain),
    s.Begin: utility.run_begin,
    s.Commit: utility.run_commit,
    s.Rollback: utility.run_rollback,
    s.SetParameter: utility.run_set,
    s.ResetParameter: utility.run_reset,
    s.ShowParameter: utility.run_show,
    s.ShowObjects: show.run_show_objects,
    s.ShowDefinition: show.run_show_definition,
    s.SetSessionAuthorization: utility.run_authorization,
    s.DeclareCursor: utility.run_declare,
    s.Fetch: utility.run_fetch,
    s.CloseCursor: utility.run_close,
    s.Prepare: utility.run_prepare,
    s.Execute: utility.run_execute,
    s.Deallocate: utility.run_deallocate,
    s.Analyze: utility.run_analyze,
    s.Vacuum: utility.run_vacuum,
    s.LockTables: utility.run_lock,
    s.CancelQuery: utility.run_cancel,
    s.Explain: utility.run_explain,
    s.Unsupported: utility.run_unsupported,
}

# Statements that may run in a failed block, and that are not recorded as queries.
ENDS = (s.Commit, s.Rollback)
UNRECORDED = (s.Begin, s.Commit, s.Rollback, s.SetParameter, s.ResetParameter, s.ShowParameter)
KINDS: dict[type[Any], str] = {
    s.Select: "SELECT",
    s.Insert: "INSERT",
    s.Update: "UPDATE",
    s.Delete: "DELETE",
    s.Truncate: "TRUNCATE",
    Copy: "COPY",
    RunCopyJob: "COPY",
    Unload: "UNLOAD",
    s.CreateTableAs: "CTAS",
}
INTERRUPT_AGAIN = 0.2  # seconds


def execute(
    session: SessionState,
    parsed: Parsed,
    output: Output,
    parameters: Sequence[Any] = (),
    types: Sequence[SqlType] = (),
) -> None:
    """Run one statement in the session's transaction; an error fails the transaction and is raised."""
    transaction = session.transaction
    if not isinstance(parsed.statement, ENDS):
        transaction.require_usable()
    if transaction.block is None and not isinstance(parsed.statement, ENDS):
        transaction.open()
    with recorded(session, parsed) as record:
        run = Run(session, parsed, record, output, parameters, types)
        session.yield_slot = run.release_slot
        try:
            RUNNERS[type(parsed.statement)](run)
        except SqlError as error:
            record.cancel.settled = True
            transaction.fail()
            raise record.cancel.error or error from None
        except RecursionError:
            transaction.fail()
            raise too_deep() from None
        except ClientGone:
            transaction.fail()
            raise
        except Exception as error:
            log.exception("statement %s failed in an unforeseen way", record.query_id)
            transaction.fail()
            raise engine_error(f"internal error: {type(error).__name__}", code=1000, context="Assert") from error
        except BaseException:
            transaction.fail()
            raise
        finally:
            run.release_slot()


def too_deep() -> SqlError:
    """54001 for an expression nested deeper than can be worked on."""
    return SqlError("54001", "stack depth limit exceeded")


@contextmanager
def recorded(session: SessionState, parsed: Parsed) -> Iterator[Statement]:
    """A statement's record: visible while it runs, cancellable, written to the activity log at its end."""
    warehouse = session.warehouse
    unrecorded = isinstance(parsed.statement, UNRECORDED)
    record = Statement(
        query_id=session.last_query_id if unrecorded else warehouse.activity.next_query_id(),
        xid=session.transaction.xid,
        pid=session.pid,
        user_id=session.user.oid,
        user_name=session.user.name,
        database=session.database,
        text=redact(parsed.text),
        started=warehouse.clock.now(),
        kind=KINDS.get(
            type(parsed.statement), "UTILITY" if not type(parsed.statement).__module__.endswith("ddl") else "DDL"
        ),
        label=session.settings.get("query_group"),
    )
    session.statement = record

    def interrupt() -> None:
        """Until it helps: the engine may have been about to begin, and does not remember."""
        if session.statement is record and not record.cancel.settled:
            session.engine.interrupt()
            warehouse.deadlines.after(INTERRUPT_AGAIN, interrupt)

    remove = record.cancel.listen(interrupt)
    seconds, text = _limit(session, record)
    call_off = None
    if seconds and not unrecorded:
        error = SqlError("57014", text)
        call_off = warehouse.deadlines.after(seconds, lambda: record.cancel.cancel(error))
    failure: SqlError | None = None
    try:
        yield record
        record.state = "success"
    except SqlError as error:
        failure = error
        record.state = "canceled" if error.sqlstate == "57014" else "failed"
        error.query_id = record.query_id
        raise
    except BaseException:
        record.state = "failed"
        raise
    finally:
        if call_off is not None:
            call_off()
        remove()
        record.ended = warehouse.clock.now()
        session.statement = None
        session.previous = record
        if not unrecorded:
            _write(session, record, failure)
            if "pg_last_query_id" not in parsed.text.lower():
                session.last_query_id = record.query_id


def _limit(session: SessionState, record: Statement) -> tuple[float, str]:
    """How long a statement may last, 0 for as long as it likes, and what is said of one that lasted longer."""
    own = session.settings.integer("statement_timeout") / 1000
    rule = float(session.warehouse.config.max_execution_seconds)
    if rule and not 0 < own < rule:
        name = "max_query_execution_time"
        return rule, f'Query ({record.query_id}) cancelled by WLM abort action of Query Monitoring Rule "{name}".'
    return own, f"Query ({record.query_id}) cancelled on user's request"


def _write(session: SessionState, record: Statement, failure: SqlError | None) -> None:
    if failure is not None and failure.engine is not None:
        _write_error(session, record, failure, failure.engine)
    session.warehouse.activity.append(
        "query",
        {
            "userid": record.user_id,
            "query": record.query_id,
            "xid": record.xid,
            "pid": record.pid,
            "username": record.user_name,
            "database": record.database,
            "label": record.label,
            "kind": record.kind,
            "text": record.text,
            "state": record.state,
            "error": failure.message if failure is not None else None,
            "sqlstate": failure.sqlstate if failure is not None else None,
            "starttime": record.started,
            "endtime": record.ended,
            "rows": max(record.rows, 0),
            "bytes": record.bytes,
            "lock_wait_us": record.lock_wait_us,
            "queue_us": 0,
            "planning_us": 0,
        },
    )


def _write_error(session: SessionState, record: Statement, failure: SqlError, facts: EngineFacts) -> None:
    """An error of the engine for stl_error, which has no others (source: Redshift's guide, STL_ERROR)."""
    file, _, line = facts.location.rpartition(":")
    session.warehouse.activity.append(
        "error",
        {
            "userid": record.user_id,
            "query": record.query_id,
            "xid": record.xid,
            "pid": record.pid,
            "process": facts.process if facts.process == "padbmaster" else f"{facts.process}0_0",
            "recordtime": record.ended,
            "errcode": facts.code,
            "file": file,
            "linenum": int(line) if line.isdigit() else 0,
            "context": facts.context,
            "error": failure.message,
        },
    )
