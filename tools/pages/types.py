"""docs/reference/types.md: the types of columns."""

from __future__ import annotations

from pages.page import code, page, table
from slipher.types.table import TYPES
from slipher.warehouse.engine.duckdb.types import UNBUILT


def make() -> str:
    """The page."""
    rows = [
        (
            code(one.sql_name),
            ", ".join(code(alias) for alias in one.aliases),
            one.oid,
            "not yet" if one.name in UNBUILT else "yes",
        )
        for one in TYPES
        if one.column
    ]
    return page(
        "Types",
        "A column of a type that is not there yet is refused by name (0A000).",
        table(("type", "names in SQL", "oid", "there"), rows),
    )
