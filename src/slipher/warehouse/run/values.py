"""Facts of the session that SQL functions give: user, database, ids, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slipher.types.sqltype import DATE, INT4, INT8, NAME, TIMESTAMP, TIMESTAMPTZ, VARCHAR, SqlType

if TYPE_CHECKING:
    from slipher.warehouse.run.state import SessionState

# In the shape that clients take apart.
VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.434008"
)


def _local(session: SessionState, moment: datetime) -> datetime:
    zone = session.settings.get("timezone")
    return moment.astimezone(UTC if zone == "UTC" else ZoneInfo(zone)).replace(tzinfo=None)


def _statement_start(session: SessionState) -> datetime:
    return session.statement.started if session.statement is not None else session.warehouse.clock.now()


def _transaction_start(session: SessionState) -> datetime:
    return session.transaction.started or _statement_start(session)


def _schema(session: SessionState) -> str | None:
    snapshot = session.transaction.snapshot()
    for name in session.settings.search_path(session.user.name):
        if snapshot.namespace(session.database, name) is not None:
            return name
    return None


TABLE: dict[str, tuple[SqlType, Callable[[SessionState], Any]]] = {
    "current_user": (NAME, lambda s: s.user.name),
    "session_user": (NAME, lambda s: s.session_user.name),
    "current_user_id": (INT4, lambda s: s.user.oid),
    "current_database": (NAME, lambda s: s.database),
    "current_schema": (NAME, _schema),
    "pg_backend_pid": (INT4, lambda s: s.pid),
    "pg_last_query_id": (INT8, lambda s: s.last_query_id),
    "pg_last_copy_id": (INT4, lambda s: s.last_copy_id),
    "pg_last_copy_count": (INT8, lambda s: s.last_copy_count),
    "pg_last_unload_id": (INT4, lambda s: s.last_unload_id),
    "pg_last_unload_count": (INT8, lambda s: s.last_unload_count),
    "txid_current": (INT8, lambda s: s.transaction.xid),
    "version": (VARCHAR, lambda s: VERSION),
    "getdate": (TIMESTAMP, lambda s: _local(s, _statement_start(s)).replace(microsecond=0).isoformat(" ")),
    "sysdate": (TIMESTAMP, lambda s: _local(s, _transaction_start(s)).isoformat(" ")),
    "date": (DATE, lambda s: _local(s, _transaction_start(s)).date().isoformat()),
    "timeofday": (VARCHAR, lambda s: _statement_start(s).astimezone(UTC).strftime("%a %b %d %H:%M:%S.%f %Y UTC")),
    "now": (TIMESTAMPTZ, lambda s: _transaction_start(s).isoformat(" ")),
    "localtimestamp": (TIMESTAMP, lambda s: _local(s, _transaction_start(s)).isoformat(" ")),
}


class SessionValues(Mapping[str, tuple[Any, SqlType]]):
    """The facts by function name, computed when asked; parameters under 'setting:<name>'."""

    def __init__(self, session: SessionState) -> None:
        self._session = session

    def __getitem__(self, key: str) -> tuple[Any, SqlType]:
        if key.startswith("setting:"):
            return self._session.settings.get(key[8:]), VARCHAR
        kind, read = TABLE[key]
        return read(self._session), kind

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str) and key.startswith("setting:"):
            return self._session.settings.has(key[8:])
        return key in TABLE

    def __iter__(self) -> Iterator[str]:
        return iter(TABLE)

    def __len__(self) -> int:
        return len(TABLE)
