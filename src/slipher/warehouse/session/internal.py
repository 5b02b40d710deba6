"""Statements that only the gateway gives, as rdsdb on the unix socket: they steer the process rather than its data.

`ALTER SYSTEM RELOAD` reads the cluster's settings file again, as a start would: the administrator's password and the parameters
of new sessions. `ALTER SYSTEM BACKUP name` makes a consistent copy of the database file in the spool directory.
`ALTER SYSTEM TABLE CHECK|RESTORE request` is RestoreTableFromClusterSnapshot, `ALTER SYSTEM LOGS request` writes files of audit
logging: a request is JSON in hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from slipher.base.errors import SqlError
from slipher.warehouse import auditlog
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.config import ClusterConfig
from slipher.warehouse.context import Warehouse
from slipher.warehouse.run import restore
from slipher.warehouse.run.state import SessionState


def command(state: SessionState, text: str) -> Callable[[], object] | None:
    """What such a text asks for; it may return a number, for the tag. None for every other text, and for everybody else."""
    if not text.startswith("ALTER SYSTEM "):
        return None
    match = STATEMENT.fullmatch(text)
    ours = state.remote == "[local]" and state.user.oid == state.session_user.oid == bootstrap.RDSDB
    if match is None or not ours:
        return None
    if state.transaction.block is not None:
        raise SqlError("25001", "ALTER SYSTEM cannot run inside a transaction block")
    work = COMMANDS[match.group(1)]
    return lambda: work(state.warehouse, match.group(2) or "")


def _backup(warehouse: Warehouse, name: str) -> None:
    warehouse.engine.backup(warehouse.config.spool_dir / f"{name}.duckdb")


def _logs(warehouse: Warehouse, request: str) -> int:
    return auditlog.write(warehouse.activity, warehouse.config.spool_dir, auditlog.Request.read(request))


def reload(warehouse: Warehouse) -> None:
    """Take over what a running process can of the settings that the gateway wrote."""
    written = ClusterConfig.read(warehouse.config.data_dir / "config.json")
    session = warehouse.engine.session()
    try:
        with warehouse.catalog.changing(session, 0) as draft:
            bootstrap.refresh(draft, written)
    finally:
        session.close()
    warehouse.config.admin_password_md5 = written.admin_password_md5
    warehouse.config.admin_password_set = written.admin_password_set
    warehouse.config.parameters = written.parameters


COMMANDS: dict[str, Callable[[Warehouse, str], object]] = {  # with what stands behind the words
    "RELOAD": lambda warehouse, _: reload(warehouse),
    "BACKUP": _backup,
    "TABLE CHECK": lambda warehouse, request: restore.check(warehouse, restore.Request.read(request)),
    "TABLE RESTORE": lambda warehouse, request: restore.restore(warehouse, restore.Request.read(request)),
    "LOGS": _logs,
}
STATEMENT = re.compile(rf"ALTER SYSTEM ({'|'.join(COMMANDS)})(?: ([a-z0-9]+))?")
