"""Transactions, session parameters, cursors and the other small statements."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from slipher.sql.statements.names import QName


@dataclass(frozen=True, slots=True)
class Begin:
    isolation: str | None = None
    read_only: bool | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    pass


@dataclass(frozen=True, slots=True)
class Rollback:
    pass


@dataclass(frozen=True, slots=True)
class SetParameter:
    """SET name TO value; value None is DEFAULT. `local` is SET LOCAL."""

    name: str
    value: str | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class ResetParameter:
    """RESET name, or RESET ALL with name None."""

    name: str | None


@dataclass(frozen=True, slots=True)
class ShowParameter:
    """SHOW name, or SHOW ALL with name None."""

    name: str | None


@dataclass(frozen=True, slots=True)
class SetSessionAuthorization:
    """None is DEFAULT."""

    user: str | None


@dataclass(frozen=True, slots=True)
class DeclareCursor:
    name: str
    query: exp.Expr
    text: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH: count None is ALL."""

    cursor: str
    count: int | None


@dataclass(frozen=True, slots=True)
class CloseCursor:
    """None is CLOSE ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Prepare:
    name: str
    types: tuple[str, ...]
    statement: object
    text: str


@dataclass(frozen=True, slots=True)
class Execute:
    name: str
    arguments: tuple[exp.Expr, ...]


@dataclass(frozen=True, slots=True)
class Deallocate:
    """None is DEALLOCATE ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Analyze:
    """ANALYZE [table [(columns)]]."""

    table: QName | None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vacuum:
    table: QName | None
    mode: str = "full"


@dataclass(frozen=True, slots=True)
class LockTables:
    tables: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class CancelQuery:
    pid: int
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A statement that Redshift has and Slipher does not yet: refused with 0A000 naming it."""

    what: str
