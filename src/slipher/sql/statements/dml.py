"""Statements that read and write rows; their trees are sqlglot's, unbound."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from slipher.sql.statements.names import QName


@dataclass(frozen=True, slots=True)
class Select:
    """A query: SELECT, WITH ... SELECT, set operations."""

    tree: exp.Expr


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO table [(columns)] {query | VALUES rows | DEFAULT VALUES}.

    Exactly one of `query`, `rows`, `literals` is set, or none for DEFAULT VALUES. `rows` holds unbound expressions (None for
    DEFAULT). `literals` is the fast way for long VALUES of plain literals: Python values by row (str, int, Decimal,
    bool, None).
    """

    table: QName
    columns: tuple[str, ...] = ()
    query: exp.Expr | None = None
    rows: tuple[tuple[exp.Expr | None, ...], ...] | None = None
    literals: tuple[tuple[object, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE as sqlglot's tree (exp.Update, with an optional leading WITH)."""

    table: QName
    tree: exp.Expr


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE as sqlglot's tree (exp.Delete, with an optional USING and leading WITH)."""

    table: QName
    tree: exp.Expr


@dataclass(frozen=True, slots=True)
class Truncate:
    table: QName


@dataclass(frozen=True, slots=True)
class Explain:
    statement: object
    verbose: bool = False
