"""docs/reference/system-relations.md: system tables and views with their columns."""

from __future__ import annotations

from pages.page import code, page, table
from slipher.warehouse.system.empty import EMPTY
from slipher.warehouse.system.relations import DEFINITIONS
from slipher.warehouse.system.spec import Definition

KINDS = {
    "catalog": ("The catalog", "They see their own transaction's changes."),
    "live": ("Logs and what goes on now", "They are read as they are at that moment, also inside a transaction."),
}
ALWAYS_EMPTY = {one.name for one in EMPTY}


def _row(one: Definition) -> tuple[str, str, str]:
    columns = ", ".join(column.name for column in one.columns if column.number > 0)
    notes = [
        note
        for note, holds in (
            ("superusers only", one.superuser),
            ("always empty", one.name in ALWAYS_EMPTY),
            ("leader node only", one.leader_only),
        )
        if holds
    ]
    name = one.name if one.schema == "pg_catalog" else f"{one.schema}.{one.name}"
    return code(name), columns, ", ".join(notes)


def make() -> str:
    """The page."""
    parts = []
    for kind, (title, words) in KINDS.items():
        rows = sorted(_row(one) for one in DEFINITIONS if one.kind == kind)
        parts += [f"## {title}: {len(rows)}", words, table(("relation", "columns", "notes"), rows)]
    return page(
        "System tables and views",
        f"{len(DEFINITIONS)} relations. Columns that only Slipher has, for clients' sake, are "
        "[listed apart](statements.md#tolerated).",
        *parts,
    )
