"""What bind gives: a statement whose names are resolved, whose meaning is settled, and what it needs to run."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from slipher.sql.names import Relation
from slipher.types.sqltype import SqlType


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the result. `table_oid` and `number` are set when it is a plain column of a table."""

    name: str
    type: SqlType
    nullable: bool = True
    table_oid: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """A privilege that the statement needs: 'select', 'insert', 'update', 'delete' on a relation ('usage' on a schema).

    `owner` is set for what a view reads: its owner must have the privilege then, not who asks.
    """

    privilege: str
    relation: Relation | None = None
    schema: str | None = None
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound query or DML statement.

    `tree` is in engine-neutral form: relations and columns carry engine names, Redshift's functions are calls of macros named in
    sql/functions, every operation's result type is Redshift's (casts inserted). `columns` are the output's, empty for
    DML. `writes` are the oids that need a write lock; `reads` all relations read, `live` the live ones among them.
    `parameters` are the types of $1... in order. `side` is leader or compute. `volatile` results must not be cached.
    """

    tree: exp.Expr
    columns: tuple[OutputColumn, ...] = ()
    needs: tuple[Need, ...] = ()
    reads: tuple[Relation, ...] = ()
    writes: tuple[Relation, ...] = ()
    live: tuple[Relation, ...] = ()
    parameters: tuple[SqlType, ...] = ()
    side: str = "leader"
    # column references by relation oid, for live relations' providers (which columns are wanted)
    used_columns: dict[int, frozenset[str]] = field(default_factory=dict)
    session_bound: bool = False  # holds facts of the session or the moment: not for a cache
    leader_calls: tuple[str, ...] = ()  # texts of INFO messages for what only the leader has
    compute_calls: tuple[str, ...] = ()  # functions that need a user's table
    undecorrelated: bool = False  # holds a correlated subquery that Redshift does not plan on tables
    # what was made of the tree for an engine, once (run/ready.py)
    made: dict[str, object] = field(default_factory=dict, compare=False)
