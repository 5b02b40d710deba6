"""What bind asks of a catalog: names in, relations by oid out. Implemented by warehouse/catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from slipher.sql.statements.names import QName
from slipher.types.sqltype import SqlType


@dataclass(frozen=True, slots=True)
class Column:
    """A relation's column. `default` is SQL text, already bound to engine-neutral form; None if there is none."""

    name: str
    type: SqlType
    number: int  # attnum, 1-based, never reused
    not_null: bool = False
    default: str | None = None
    identity: tuple[int, int] | None = None
    by_default: bool = False
    encode: str = "none"
    distkey: bool = False
    sortkey: int = 0

    @property
    def engine_name(self) -> str:
        """The engine column's name, unquoted: by number, so that a rename touches the catalog only."""
        return f"c{self.number}"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or system relation as bind sees it.

    `kind`: 'table' user table; 'view'; 'catalog' pg_*/svv_*/information_schema relation that the engine can read as it stands;
    'live' stl_*/stv_*/sys_* provider. `engine_name` is ready SQL text. For user tables the engine's columns are named
    Column.engine_name; for catalog and live relations they carry their own names (`engine_columns_by_name`).
    `view` is the stored query text of a view (relations inside written as "$oid"."<oid>" unless late-binding).
    """

    oid: int
    database: str
    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    owner: int
    engine_name: str
    temporary: bool = False
    view: str | None = None
    late_binding: bool = False
    leader_only: bool = False  # pg_* catalogs: leader node
    engine_columns_by_name: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        for column in self.columns:
            if column.name == name:
                return column
        return None


class Names(Protocol):
    """A catalog as seen by one session at one moment (its transaction's own DDL included)."""

    database: str
    user_id: int
    user_name: str
    search_path: tuple[str, ...]

    @property
    def version(self) -> int:
        """Moves whenever anything that bind could see changes."""
        ...

    def relation(self, name: QName) -> Relation | None:
        """The relation of that name by the search path (temporary first), or in the given schema; None if missing."""
        ...

    def relation_by_oid(self, oid: int) -> Relation | None:
        """The relation with that oid."""
        ...

    def has_schema(self, name: str, database: str | None = None) -> bool:
        """Whether a schema of that name exists."""
        ...
