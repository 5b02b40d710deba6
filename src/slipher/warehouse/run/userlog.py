"""Rows of stl_userlog: users that were created, altered, renamed, dropped; written when their transaction is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slipher.sql import statements as s
from slipher.warehouse.catalog.model import UserRow

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run


def changing(run: Run) -> list[tuple[str, UserRow | None]]:
    """The users that a statement is about, by name, as they are before it."""
    statement, state = run.parsed.statement, run.transaction.snapshot()
    if isinstance(statement, (s.CreateUser, s.AlterUser)):
        names: tuple[str, ...] = (statement.name,)
    else:
        names = statement.names if isinstance(statement, s.DropUser) else ()
    return [(name, state.user(name)) for name in names]


def changed(run: Run, before: list[tuple[str, UserRow | None]]) -> None:
    """Write down what the statement has made of them, once that is committed."""
    state = run.transaction.snapshot()
    rows = []
    for name, was in before:
        now = state.get(UserRow, was.oid) if was is not None else state.user(name)
        if (was or now) is not None:
            rows.append(_record(run, was, now))
    if rows:
        activity = run.warehouse.activity
        run.transaction.at_end(lambda committed: activity.append_many("userlog", rows) if committed else None)


def _record(run: Run, was: UserRow | None, now: UserRow | None) -> dict[str, Any]:
    row = now or was
    assert row is not None
    renamed = was is not None and now is not None and was.name != now.name
    action = "create" if was is None else "drop" if now is None else "rename" if renamed else "alter"
    return {
        "userid": row.oid,
        "username": row.name,
        "oldusername": was.name if was is not None and renamed else "",
        "action": action,
        "usecreatedb": int(row.createdb),
        "usesuper": int(row.superuser),
        "usecatupd": int(row.oid == 1),
        "valuntil": row.valid_until,
        "pid": run.session.pid,
        "xid": run.transaction.xid,
        "recordtime": run.statement.started,
    }
