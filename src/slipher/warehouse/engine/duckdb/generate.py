"""Engine-neutral trees as the engine's text."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB


class Dialect(DuckDB):
    """DuckDB with NULL as the greatest value, as the engine is set: an ORDER BY says NULLS FIRST or LAST where it differs."""

    NULL_ORDERING = "nulls_are_large"


DIALECT = Dialect()


def generate(tree: exp.Expr) -> str:
    """The statement in DuckDB's dialect. The tree is left as it is."""
    return tree.sql(dialect=DIALECT, comments=False)
