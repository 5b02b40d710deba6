"""How a system relation is written down: one line a column, so that its definition and its SQL are the same text.

A line is `name type [= expression]`. For a catalog relation the expression is the engine's SQL over the definition's FROM
clause (NULL if missing); for a live one it is a field of the activity log's record, a quoted string, a number, or the name
of a computed column. A line that begins with `-` is a column that `*` leaves out: the system columns oid and
tableoid, and columns of later PostgreSQL versions that clients such as psql 15 name although a real cluster lacks them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slipher.sql.names import Column, Relation
from slipher.types.sqltype import SqlType, numeric
from slipher.warehouse.engine.duckdb.types import engine_type

RDSDB = 1
FUNCTION = "F"  # relkind of rows that only a function in FROM shows
SYSTEM_NUMBERS = {"oid": -2, "tableoid": -7}
FIRST_TOLERATED = -10
_TYPE = re.compile(r"(?P<name>\w+)(?:\((?P<first>\d+)(?:,(?P<second>\d+))?\))?\Z")


@dataclass(frozen=True, slots=True)
class Definition:
    """A system relation: its columns, each with its source; `tail` is the FROM clause of a catalog relation."""

    oid: int
    schema: str
    name: str
    kind: str  # catalog | live
    relkind: str  # pg_class.relkind
    columns: tuple[Column, ...]
    sources: tuple[str, ...]
    tail: str = ""
    superuser: bool = False  # only superusers may read it
    leader_only: bool = False

    @property
    def engine_name(self) -> str:
        """Where the engine finds it, as ready SQL text."""
        if self.kind == "live":
            return f"live_{self.name}"
        return f'sys."{self.name}"' if self.schema == "pg_catalog" else f'sys."{self.schema}${self.name}"'

    @property
    def relation(self) -> Relation:
        """As bind takes it."""
        return Relation(
            oid=self.oid,
            database="",
            schema=self.schema,
            name=self.name,
            kind=self.kind,
            columns=self.columns,
            owner=RDSDB,
            engine_name=self.engine_name,
            leader_only=self.leader_only,
            engine_columns_by_name=True,
        )

    def view(self) -> str:
        """The SQL that makes a catalog relation in the engine: each column cast to its type."""
        items = [
            f'CAST({source or "NULL"} AS {engine_type(column.type)}) AS "{column.name}"'
            for column, source in zip(self.columns, self.sources, strict=True)
        ]
        return f"CREATE OR REPLACE VIEW {self.engine_name} AS SELECT {', '.join(items)} {self.tail or 'WHERE false'}"


def parse_type(text: str) -> SqlType:
    """A type as the lines write it: int4, bpchar(32), numeric(10,4)."""
    match = _TYPE.match(text)
    if match is None:
        raise ValueError(f"not a type: {text}")
    if match["first"] is None:
        return SqlType(match["name"])
    if match["name"] == "numeric":
        return numeric(int(match["first"]), int(match["second"] or 0))
    return SqlType(match["name"], int(match["first"]) + 4)


def parse_columns(text: str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns and their sources."""
    columns: list[Column] = []
    sources: list[str] = []
    tolerated = FIRST_TOLERATED
    place = 0
    for line in text.strip().splitlines():
        head, _, source = line.strip().partition(" = ")
        hidden = head.startswith("-")
        name, type_text = head.lstrip("-").split()
        if not hidden:
            place += 1
            number = place
        elif name in SYSTEM_NUMBERS:
            number = SYSTEM_NUMBERS[name]
        else:
            number, tolerated = tolerated, tolerated - 1
        columns.append(Column(name, parse_type(type_text), number))
        sources.append(source.strip())
    return tuple(columns), tuple(sources)


def catalog(
    oid: int,
    name: str,
    text: str,
    tail: str = "",
    *,
    schema: str = "pg_catalog",
    relkind: str | None = None,
    superuser: bool = False,
) -> Definition:
    """A relation that the engine reads as a view over the catalog's tables; without a tail it has no rows."""
    columns, sources = parse_columns(text)
    table = name.startswith("pg_") and name not in PG_VIEWS and schema == "pg_catalog"
    kind = relkind or ("r" if table else "v")
    return Definition(oid, schema, name, "catalog", kind, columns, sources, tail, superuser, True)


# Relations that are tables by their name and views in truth.
PG_VIEWS = frozenset(
    {
        "pg_class_info",
        "pg_database_info",
        "pg_external_schema",
        "pg_indexes",
        "pg_matviews",
        "pg_proc_info",
        "pg_roles",
        "pg_rules",
        "pg_shadow",
        "pg_stats",
        "pg_table_def",
        "pg_tables",
        "pg_user",
        "pg_user_info",
        "pg_views",
    }
)


def live(
    oid: int, name: str, text: str, record: str = "", *, superuser: bool = False, relkind: str | None = None
) -> tuple[Definition, str]:
    """A relation that a provider fills, and the kind of activity record that its rows come from ('' for none)."""
    columns, sources = parse_columns(text)
    kind = relkind or ("r" if name.startswith(("stl_", "stv_")) else "v")
    return Definition(oid, "pg_catalog", name, "live", kind, columns, sources, "", superuser), record
