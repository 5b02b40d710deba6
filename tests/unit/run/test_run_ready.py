"""A bound statement's text for the engine: the same however often it is asked for, parameters in their order."""

from __future__ import annotations

from typing import cast

import duckdb
from sqlglot import exp, parse_one

from slipher.sql.bound import Bound
from slipher.types.sqltype import SqlType
from slipher.warehouse.engine.duckdb.engine import DuckEngine
from slipher.warehouse.run.ready import ready

TYPES = (SqlType("int4"), SqlType("int4"), SqlType("int4"))


def test_parameters_that_the_text_does_not_use_are_not_given() -> None:
    tree = cast(exp.Expr, parse_one("select $3 - $2 as o1", dialect="postgres"))
    bound = Bound(tree, parameters=TYPES)
    with duckdb.connect() as connection:
        session = DuckEngine(connection).session()
        before = tree.sql()
        for _ in range(2):  # as when a cache gives the statement again
            made = ready(bound, session)
            _, batches = session.stream(made.text, made.values([100, 2, 9]))
            assert [batch.to_pydict() for batch in batches] == [{"o1": [7]}]
        assert tree.sql() == before
        session.close()


def test_a_statement_without_parameters_takes_none() -> None:
    with duckdb.connect() as connection:
        session = DuckEngine(connection).session()
        made = ready(Bound(cast(exp.Expr, parse_one("select 1 as o1"))), session)
        assert (made.text, made.values([])) == ("SELECT 1 AS o1", [])
        session.close()
