# table
"""What a real cluster refuses and Slipher takes, because tools of today write it in their questions about the catalog.

Everywhere else these are refused as Redshift refuses them. Columns that only newer versions of PostgreSQL have are a
list of their own: TOLERATED in warehouse/system/relations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tolerated:
    """A form of SQL: its name, an example, who writes it, and where it is taken."""

    name: str
    example: str
    tools: str
    where: str


CATALOG_ONLY = "queries whose relations are all of the system catalog"

TOLERATED: tuple[Tolerated, ...] = (
    Tolerated("escape strings", "array_to_string(nspacl, E'\\n')", "psql 15: \\l, \\dp, \\dn+, \\ddp", CATALOG_ONLY),
    Tolerated("IS DISTINCT FROM", "setting IS DISTINCT FROM boot_val", "psql 15: \\dconfig", CATALOG_ONLY),
    Tolerated("array constructors", "ARRAY[1::SMALLINT]", "sqlalchemy-redshift", CATALOG_ONLY),
    Tolerated("numbers as conditions", "WHERE 1 AND schema = 'public'", "sqlalchemy-redshift", CATALOG_ONLY),
    Tolerated("OPERATOR()", "relname OPERATOR(pg_catalog.~) '^(t)$'", "psql 15: all patterns", "everywhere"),
    Tolerated("COLLATE pg_catalog.default", "... COLLATE pg_catalog.default", "psql 15: all patterns", "everywhere"),
    Tolerated("types with their schema", "CAST(conname AS pg_catalog.text)", "psql 15: \\dd, \\da", "everywhere"),
    Tolerated(
        "arrays from queries", "ARRAY(SELECT rolname FROM ...)", "psql 15: \\du, \\dp", "not beside users' tables"
    ),
    Tolerated("unnest in FROM", "FROM unnest(reloptions) x", "psql 15: \\d+", "not beside users' tables"),
    Tolerated("_pg_expandarray", "information_schema._pg_expandarray(indkey)", "pgJDBC", "not beside users' tables"),
)
