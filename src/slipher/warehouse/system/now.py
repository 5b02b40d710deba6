"""What the cluster does at this moment: sessions, running statements, locks, transactions, tables' sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.bind import bind_query
from slipher.warehouse.catalog.model import NamespaceRow, UserRow
from slipher.warehouse.locks import ACCESS_SHARE, SHARE_ROW_EXCLUSIVE

if TYPE_CHECKING:
    from slipher.warehouse.run.state import SessionState
    from slipher.warehouse.statement import Statement
    from slipher.warehouse.system.live import View

Rows = Iterable[dict[str, Any]]
RECENT = 100  # finished statements that stv_recents still shows
SIZES = (
    "SELECT r.oid, r.name, r.temporary, r.database, r.reldiststyle, s.row_count, s.blocks "
    'FROM sys."$every_relation" r JOIN sys."$sizes" s ON s.oid = r.oid ORDER BY r.oid'
)


def sessions_of(view: View, everybody: bool) -> Iterator[Any]:
    """The sessions that the user sees: his own, or all."""
    for session in view.warehouse.sessions or ():
        if everybody or session.user.oid == view.user.oid:
            yield session


def statements_of(view: View, everybody: bool) -> Iterator[Statement]:
    """The statements that run now and that the user sees."""
    for session in sessions_of(view, everybody):
        statement = session.statement  # read once: it may end meanwhile
        if statement is not None:
            yield statement


def running(view: View, everybody: bool, fields: list[str], schema: pa.Schema) -> pa.Table:
    """The running statements as records of the log; their end, so far, is now."""
    now = view.warehouse.clock.now()
    rows = []
    for one in statements_of(view, everybody):
        known = {
            "userid": one.user_id,
            "query": one.query_id,
            "xid": one.xid,
            "pid": one.pid,
            "username": one.user_name,
            "database": one.database,
            "label": one.label,
            "kind": one.kind,
            "text": one.text,
            "state": one.state,
            "starttime": _plain(one.started),
            "endtime": _plain(now),
            "rows": one.rows,
            "bytes": one.bytes,
            "lock_wait_us": one.lock_wait_us,
            "queue_us": 0,
            "planning_us": 0,
        }
        rows.append({name: known.get(name) for name in fields})
    return pa.Table.from_pylist(rows, pa.schema([schema.field(name) for name in fields]))


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def sessions(view: View, everybody: bool) -> Rows:
    """stv_sessions."""
    for session in sessions_of(view, everybody):
        row = view.warehouse.catalog.snapshot.get(UserRow, session.user.oid)
        yield {
            "starttime": _plain(session.started),
            "process": session.pid,
            "user_name": session.login if session.user is session.session_user else session.user.name,
            "db_name": session.database,
            "timeout_sec": (row.session_timeout if row is not None else None) or 0,
        }


def locks(view: View, everybody: bool) -> Rows:
    """stv_locks: who changes tables now; readers are not shown."""
    for row in view.warehouse.locks.rows():
        if row.mode == ACCESS_SHARE:
            continue
        what = "write" if row.mode == SHARE_ROW_EXCLUSIVE else "delete"
        yield {
            "table_id": row.table,
            "lock_owner": row.xid,
            "lock_owner_pid": row.pid,
            "lock_owner_start_ts": _plain(row.since),
            "lock_status": f"Holding {what} lock" if row.granted else f"Waiting for {what} lock"[:22],
        }


def transactions(view: View, everybody: bool) -> Rows:
    """svv_transactions: each open transaction's own lock, then its locks on tables."""
    by_xid: dict[int, dict[str, Any]] = {}
    for session in sessions_of(view, everybody):
        transaction = session.transaction
        if transaction.block is None:
            continue
        started = getattr(transaction, "started", None) or session.started
        common = {
            "txn_owner": session.user.name,
            "txn_db": session.database,
            "xid": transaction.xid,
            "pid": session.pid,
            "txn_start": _plain(started),
        }
        by_xid[transaction.xid] = common
        yield {**common, "lock_mode": "ExclusiveLock", "lockable_object_type": "transactionid", "granted": True}
    for row in view.warehouse.locks.rows():
        found = by_xid.get(row.xid)
        if found is not None:
            kind = {"lock_mode": row.mode, "lockable_object_type": "relation", "relation": row.table}
            yield {**found, **kind, "granted": row.granted}


def recents(view: View, everybody: bool) -> Rows:
    """stv_recents: what runs, then what ran last; durations in microseconds."""
    now = view.warehouse.clock.now()
    for one in statements_of(view, everybody):
        yield {
            "userid": one.user_id,
            "status": "Running",
            "starttime": _plain(one.started),
            "duration": int((now - one.started).total_seconds() * 1e6),
            "user_name": one.user_name,
            "db_name": one.database,
            "query": one.text.replace("\n", "\\n"),
            "pid": one.pid,
        }
    names = ["userid", "username", "database", "text", "starttime", "endtime"]
    where = None if everybody else {"userid": view.user.oid}
    done = view.warehouse.activity.read("query", names, where, newest=RECENT)
    for row in reversed(done.to_pylist()):
        yield {
            "userid": row["userid"],
            "status": "Done",
            "starttime": row["starttime"],
            "duration": int((row["endtime"] - row["starttime"]).total_seconds() * 1e6),
            "user_name": row["username"],
            "db_name": row["database"],
            "query": (row["text"] or "").replace("\n", "\\n"),
            "pid": -1,
        }


def inflight(view: View, everybody: bool) -> Rows:
    """stv_inflight."""
    for one in statements_of(view, everybody):
        yield {
            "userid": one.user_id,
            "slice": 0,
            "query": one.query_id,
            "label": one.label,
            "xid": one.xid,
            "pid": one.pid,
            "starttime": _plain(one.started),
            "text": one.text.replace("\n", "\\n"),
            "suspended": 0,
            "insert_pristine": 0,
            "concurrency_scaling_status": 0,
        }


def load_state(view: View, everybody: bool) -> Rows:
    """stv_load_state: the COPYs that run."""
    now = view.warehouse.clock.now()
    for one in statements_of(view, everybody):
        progress = one.progress
        if progress is not None:
            yield from progress.state(now)


def loading(view: View, everybody: bool, fields: list[str], schema: pa.Schema) -> pa.Table:
    """The COPYs that run, as records of the log's kind load_history."""
    now = view.warehouse.clock.now()
    rows = []
    for one in statements_of(view, everybody):
        progress = one.progress
        if progress is not None:
            known = progress.history(now, "running")
            times = {name: _plain(known[name]) for name in ("starttime", "endtime")}
            rows.append({name: (known | times).get(name) for name in fields})
    return pa.Table.from_pylist(rows, pa.schema([schema.field(name) for name in fields]))


def tables(view: View, everybody: bool) -> Rows:
    """stv_tbl_perm: a row for each slice of each table."""
    slices = view.warehouse.config.slices
    _, batches = view.engine.stream(SIZES)
    found = [row for batch in batches for row in batch.to_pylist()]
    for row in found:
        for place in range(slices):
            rows = row["row_count"] // slices + (place < row["row_count"] % slices)
            yield {
                "slice": place,
                "id": row["oid"],
                "name": row["name"],
                "rows": rows,
                "sorted_rows": rows,
                "temp": int(row["temporary"]),
                "db_id": row["database"],
                "insert_pristine": 0,
                "delete_pristine": 0,
                "backup": int(not row["temporary"]),
                "dist_style": row["reldiststyle"],
                "block_count": row["blocks"] // slices,
            }


def slices(view: View, everybody: bool) -> Rows:
    """stv_slices."""
    config = view.warehouse.config
    per_node = max(1, config.slices // config.number_of_nodes)
    for place in range(config.slices):
        yield {"node": place // per_node, "slice": place, "localslice": place % per_node, "type": "D"}


def settings(view: View, everybody: bool) -> Rows:
    """pg_settings: what SHOW ALL prints."""
    for name, value in view.settings.all():
        yield {"name": name, "setting": value, "context": "user", "vartype": "string", "source": "session"}


def columns_of(view: View, everybody: bool) -> Rows:
    """pg_get_cols(): every relation's columns; a late-binding view's as they would be now."""
    from slipher.warehouse.run.run import names_of

    names = names_of(cast("SessionState", view))
    database = names.state.database(view.database)
    for namespace in names.state.rows(NamespaceRow):
        if database is None or namespace.database != database.oid:
            continue
        for row in names.state.relations_in(namespace.oid):
            columns = [(one.name, str(one.type)) for one in row.columns]
            if row.late_binding:
                columns = _bound_now(view, namespace.name, row.name)
            for number, (name, kind) in enumerate(columns, 1):
                yield {
                    "relation": row.oid,
                    "late": row.late_binding,
                    "view_schema": namespace.name,
                    "view_name": row.name,
                    "col_name": name,
                    "col_type": kind,
                    "col_num": number,
                }


def _bound_now(view: View, schema: str, name: str) -> list[tuple[str, str]]:
    """A late-binding view's columns; none while what it reads is missing."""
    from slipher.warehouse.run.run import bind_settings, names_of

    session = cast("SessionState", view)
    table = exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(schema, quoted=True))
    tree = exp.Select(expressions=[exp.Star()], from_=exp.From(this=table))
    try:
        bound = bind_query(tree, names_of(session), settings=bind_settings(session))
    except SqlError:
        return []
    return [(one.name, str(one.type)) for one in bound.columns]


def late_columns(view: View, everybody: bool) -> Rows:
    """pg_get_late_binding_view_cols()."""
    return (row for row in columns_of(view, everybody) if row["late"])


def none(view: View, everybody: bool) -> Rows:
    """No rows: what the relation lists does not happen here."""
    return ()


NOW: dict[str, Callable[[View, bool], Rows]] = {
    "stv_sessions": sessions,
    "stv_locks": locks,
    "svv_transactions": transactions,
    "stv_recents": recents,
    "stv_inflight": inflight,
    "stv_load_state": load_state,
    "stv_tbl_perm": tables,
    "stv_slices": slices,
    "stl_tr_conflict": none,
    "pg_settings": settings,
    "pg_get_cols": columns_of,
    "pg_get_late_binding_view_cols": late_columns,
}
