"""Engine-neutral trees as the engine's text."""

from __future__ import annotations

from sqlglot import exp


def generate(tree: exp.Expr) -> str:
    """The statement in DuckDB's dialect. The tree is left as it is."""
    return tree.sql(dialect="duckdb", comments=False)
