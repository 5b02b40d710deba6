"""What the tests of COPY's parsers share: a statement, a table, and both parsers on some bytes."""

from __future__ import annotations

from typing import Any

from slipher.sql.names import Column, Relation
from slipher.sql.parse import parse
from slipher.sql.statements.copy import Copy
from slipher.types.sqltype import SqlType
from slipher.warehouse.copy.batches import Fast
from slipher.warehouse.copy.chunks import Chunk, Cutter
from slipher.warehouse.copy.errors import LoadError
from slipher.warehouse.copy.exact import Exact
from slipher.warehouse.copy.layout import Layout, layout
from slipher.warehouse.copy.load import Parser
from slipher.warehouse.statement import CancelToken


def statement(options: str, source: str = "s3://b/k") -> Copy:
    (parsed,) = parse(f"copy t from '{source}' iam_role 'arn:aws:iam::123456789012:role/r' {options}")
    made = parsed.statement
    assert isinstance(made, Copy)
    return made


def table(*kinds: SqlType, not_null: tuple[int, ...] = ()) -> Relation:
    columns = tuple(
        Column(f"c{number}", kind, number, not_null=number in not_null) for number, kind in enumerate(kinds, 1)
    )
    return Relation(100000, "dev", "public", "t", "table", columns, 100, 'data."t100000"')


class Both:
    """Both parsers of one COPY."""

    def __init__(self, options: str, *kinds: SqlType, not_null: tuple[int, ...] = ()) -> None:
        self.statement = statement(options)
        self.layout: Layout = layout(table(*kinds, not_null=not_null), self.statement)
        self.fast = Fast(self.statement, self.layout)
        self.exact = Exact(self.statement, self.layout, CancelToken())
        self.parser = Parser(self.statement, self.layout, CancelToken())

    def cut(self, data: bytes, step: int = 1 << 20, size: int = 1 << 20) -> list[Chunk]:
        """The chunks of a file that comes in steps."""
        cutter = Cutter(self.statement, size)
        chunks = [chunk for at in range(0, len(data), step) for chunk in cutter.feed(data[at : at + step])]
        return [*chunks, *cutter.finish()]

    def rows(self, data: bytes) -> list[tuple[Any, ...]]:
        """The rows by the exact parser; none may be wrong."""
        parsed = self.exact.parse(data, 1)
        assert not parsed.errors, parsed.errors
        return tuples(parsed.batches)

    def errors(self, data: bytes) -> list[LoadError]:
        return self.exact.parse(data, 1).errors


def tuples(batches: list[Any]) -> list[tuple[Any, ...]]:
    return [row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
