"""SHOW of what the catalog holds: listings, and the DDL of a table or view."""

from __future__ import annotations

from dataclasses import dataclass

from slipher.sql.statements.names import QName


@dataclass(frozen=True, slots=True)
class ShowObjects:
    """SHOW DATABASES, SCHEMAS, TABLES, COLUMNS, CONSTRAINTS. `what` names the listing; `place` is where it looks: a database, a
    schema or a table, by its name."""

    what: str
    place: QName | None = None
    like: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowDefinition:
    """SHOW TABLE, SHOW VIEW."""

    kind: str  # table | view
    name: QName
