"""COPY JOB: what its commands do.

A job remembers the names of the files that stood under its prefix when it was made and of those it has tried: what it
loads, and that it has, is one transaction. A file that cannot be loaded is not tried again by itself (source: Redshift's
documentation of SYS_COPY_JOB_DETAIL).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError
from slipher.sql.statements.copy_job import AlterCopyJob, CreateCopyJob, DropCopyJob, RunCopyJob, ShowCopyJob
from slipher.types.sqltype import INT4, INT8, char
from slipher.warehouse.catalog.model import CopyJobRow
from slipher.warehouse.copy.job_files import BEFORE, arrived, copy_of, for_job, listed, remember
from slipher.warehouse.copy.run import check_target, run_copy
from slipher.warehouse.run.select import give_rows

if TYPE_CHECKING:
    from slipher.warehouse.catalog.state import Snapshot
    from slipher.warehouse.run.run import Run

SHOWN = (
    ("job_id", INT8),
    ("job_name", char(128)),
    ("iam_role", char(128)),
    ("job_text", char(256)),
    ("is_auto", INT4),
    ("on_error_suspend", INT4),
)


def run_create(run: Run) -> None:
    """COPY ... JOB CREATE."""
    statement = run.parsed.statement
    assert isinstance(statement, CreateCopyJob)
    run.transaction.forbid_block("COPY JOB CREATE")
    check_target(run, statement.copy)
    ddl = run.ddl()
    ddl.reserve("copy job", statement.name)
    if _find(ddl.state, run.session.database, statement.name) is not None:
        raise SqlError("42710", f'copy job "{statement.name}" already exists')
    row = CopyJobRow(
        oid=ddl.draft.next_oid(),
        database=ddl.database.oid,
        name=statement.name,
        owner=run.session.user.oid,
        role=",".join(statement.copy.authorization.roles),
        text=statement.text,
        auto=statement.auto,
        search_path=run.session.settings.get("search_path"),
        created=run.warehouse.clock.now().replace(tzinfo=None),
    )
    there = listed(run.warehouse, run.session.user.name, statement.copy, run.statement.cancel)
    ddl.draft.put(row)
    remember(run.session.engine, row.oid, statement.copy, there, BEFORE)
    run.output.complete("COPY JOB CREATE")


def run_alter(run: Run) -> None:
    """COPY JOB ALTER."""
    statement = run.parsed.statement
    assert isinstance(statement, AlterCopyJob)
    row = _own(run, statement.name)
    if statement.auto is not None:
        run.ddl().draft.put(replace(row, auto=statement.auto))
    run.output.complete("COPY JOB ALTER")


def run_drop(run: Run) -> None:
    """COPY JOB DROP."""
    statement = run.parsed.statement
    assert isinstance(statement, DropCopyJob)
    run.transaction.forbid_block("COPY JOB DROP")
    row = _own(run, statement.name)
    run.ddl().draft.delete(row)
    run.session.engine.execute("DELETE FROM catalog.copy_job_files WHERE job = $1", [row.oid])
    run.output.complete("COPY JOB DROP")


def run_show(run: Run) -> None:
    """COPY JOB SHOW, COPY JOB LIST: the columns of SYS_COPY_JOB."""
    statement = run.parsed.statement
    assert isinstance(statement, ShowCopyJob)
    if statement.name is not None:
        rows = [_own(run, statement.name)]
    else:
        found = run.transaction.snapshot().rows(CopyJobRow)
        rows = [one for one in found if run.session.user.superuser or one.owner == run.session.user.oid]
    shown = [
        (str(one.oid), one.name, one.role, one.text[:256], str(int(one.auto)), "0")
        for one in sorted(rows, key=lambda one: one.oid)
    ]
    give_rows(run, list(SHOWN), shown, "COPY JOB")


def run_now(run: Run) -> None:
    """COPY JOB RUN: loads what has arrived."""
    statement = run.parsed.statement
    assert isinstance(statement, RunCopyJob)
    run.transaction.forbid_block("COPY JOB RUN")
    row = _own(run, statement.name)
    copy = copy_of(row)
    lock = run.warehouse.job_lock(row.oid)
    while not lock.acquire(timeout=0.1):
        run.statement.cancel.check()
    run.transaction.at_end(lambda committed: lock.release())
    found = arrived(run.warehouse, run.session.user.name, row, copy, run.session.engine, run.statement.cancel)
    run.parsed = replace(run.parsed, statement=for_job(copy, row, found))
    run_copy(run)


def _find(state: Snapshot, database: str, name: str) -> CopyJobRow | None:
    row = state.database(database)
    return state.named(CopyJobRow, row.oid, name) if row is not None else None


def _own(run: Run, name: str) -> CopyJobRow:
    """The job of that name, if it is the user's or the user a superuser."""
    row = _find(run.transaction.snapshot(), run.session.database, name)
    if row is None:
        raise SqlError("42704", f'copy job "{name}" does not exist')
    if not run.session.user.superuser and row.owner != run.session.user.oid:
        raise SqlError("42501", f"must be owner of copy job {name}")
    return row
