"""What a session is to the statements that it runs: user, database, settings, transaction, cursors. No wire in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slipher.warehouse.run.prepared import Prepared
from slipher.warehouse.run.transaction import Transaction

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse
    from slipher.warehouse.engine.base import EngineSession
    from slipher.warehouse.session.settings import Settings
    from slipher.warehouse.statement import Statement


@dataclass(frozen=True, slots=True)
class SessionUser:
    """The user that a session acts as. `unrestricted` users see every user's rows in the system's logs."""

    oid: int
    name: str
    superuser: bool
    unrestricted: bool = False
    joined: frozenset[int] = frozenset()  # groups of this session alone


def _nothing() -> None:
    """Before the first statement there is no place to give."""


@dataclass
class SessionState:
    """A session. `session_user` logged in, as `login`; `user` is who it acts as (SET SESSION AUTHORIZATION)."""

    warehouse: Warehouse
    pid: int
    user: SessionUser
    session_user: SessionUser
    database: str
    settings: Settings
    engine: EngineSession
    temp_namespace: str
    started: datetime
    remote: str = ""
    login: str = ""  # IAMA:user:group for who came with a password of GetClusterCredentials
    identity: str | None = field(default=None, repr=False)  # ticket of the IAM identity who logged in
    connection_limit: int | None = None
    prepared: dict[str, Prepared] = field(default_factory=dict)
    cursors: dict[str, Any] = field(default_factory=dict)
    last_query_id: int = -1
    last_copy_id: int = -1
    last_copy_count: int = 0
    last_unload_id: int = -1
    last_unload_count: int = 0
    statement: Statement | None = None
    previous: Statement | None = None
    engine_facts: object = None  # what the engine's session variables were last set to
    yield_slot: Callable[[], None] = _nothing  # gives the running statement's place in the queue to another
    applied_timezone: str = "UTC"
    transaction: Transaction = field(init=False)

    def __post_init__(self) -> None:
        self.transaction = Transaction(self.warehouse, self)

    def apply_timezone(self) -> None:
        """The engine computes in the session's time zone, whatever SET, RESET or a rollback has made it."""
        zone = self.settings.get("timezone")
        if zone != self.applied_timezone:
            self.engine.execute("SET TimeZone = '{}'".format(zone.replace("'", "''")))
            self.applied_timezone = zone

    def close(self) -> None:
        """Roll back what is open, drop the temporary tables, end the engine's session."""
        self.transaction.rollback()
        self.warehouse.catalog.drop_temporary(self.engine, self.temp_namespace)
        self.engine.close()
