"""The slow parser: a chunk row by row, under the exact rules; it owns every load error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.cells import cell
from slipher.warehouse.copy.errors import FieldError, LoadError, Replacement, decode, replacer, visible
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.records import Broken, Fields, splitter
from slipher.warehouse.statement import CancelToken

CHECK_EVERY = 1000  # rows between looks at the cancel token


@dataclass(slots=True)
class Parsed:
    """What became of a chunk: rows, and errors in the order of their lines."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    errors: list[LoadError] = field(default_factory=list)
    replaced: list[Replacement] = field(default_factory=list)

    def add(self, other: Parsed) -> None:
        """Append what became of the following chunk."""
        self.batches += other.batches
        self.errors += other.errors
        self.replaced += other.replaced

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(batch.num_rows for batch in self.batches)


class Exact:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, cancel: CancelToken) -> None:
        self._layout, self._cancel = layout, cancel
        self._split = splitter(statement)
        self._cells = [cell(column, statement, statement.null_as) for column in layout.columns]
        self._replace = replacer(statement.replacement) if statement.replacement else None
        self._replaceable = [column.type.name == "varchar" for column in layout.columns]
        self._fill, self._fixed = statement.has("fillrecord"), bool(statement.widths)
        self._skip_blank = statement.has("ignoreblanklines")
        empty = b"" if not statement.has("emptyasnull") else None
        self._filler: list[bytes | None] = [
            empty if column.type.name == "varchar" else None for column in layout.columns
        ]

    def parse(self, data: bytes, first_line: int) -> Parsed:
        """Whole records, the last one perhaps without its newline."""
        columns: list[list[Any]] = [[] for _ in self._cells]
        found = Parsed()
        at, line, count = 0, first_line, 0
        while at < len(data):
            count += 1
            if count % CHECK_EVERY == 0:
                self._cancel.check()
            split = self._split(data, at, True)
            assert split is not None
            end, fields = split
            if not (self._skip_blank and fields == [b""]):
                blank = fields == [b""] and not data[at:end].strip(b"\r\n")
                outcome = self._blank(fields) if blank else self._row(fields)
                if isinstance(outcome, list):
                    for values, value in zip(columns, outcome, strict=True):
                        values.append(value)
                    if self._replace is not None and not data[at:end].isascii():
                        found.replaced += self._replaced(fields, line, data[at:end])
                else:
                    found.errors.append(self._error(outcome, fields, line, data[at:end]))
            line += data.count(b"\n", at, end)
            at = end
        if columns[0]:
            arrays = [pa.array(values, one.type) for values, one in zip(columns, self._layout.schema, strict=True)]
            found.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema))
        return found

    def _row(self, fields: Fields | Broken) -> list[Any] | tuple[int, FieldError]:
        """The row's values, or the first wrong field and what is wrong with it."""
        if isinstance(fields, Broken):
            return min(len(fields.fields), len(self._cells)) - 1, FieldError(
                fields.code, fields.reason, fields.position
            )
        wanted = len(self._cells)
        if len(fields) < wanted:
            if not self._fill:
                code, reason = (1203, "Insufficient columns") if self._fixed else (1214, "Delimiter not found")
                return len(fields) - 1, FieldError(code, reason, len(fields[-1] or b""))
            fields = [*fields, *self._filler[len(fields) :]]
        elif len(fields) > wanted:
            return -1, FieldError(1202, "Extra column(s) found")
        values: list[Any] = []
        for index, (raw, convert) in enumerate(zip(fields, self._cells, strict=True)):
            try:
                if raw is None:
                    if self._layout.columns[index].not_null:
                        raise FieldError(1213, "Missing data for not-null field")
                    values.append(None)
                else:
                    values.append(convert(self._text(raw, index)))
            except FieldError as error:
                return index, error
        return values

    def _blank(self, fields: Fields | Broken) -> list[Any] | tuple[int, FieldError]:
        """The same for a line without a character: it may be the empty field of a table with one column."""
        if len(self._cells) > 1 and not self._fill:
            return -1, FieldError(1211, "Input line contains no data")
        return self._row(fields)

    def _text(self, raw: bytes, index: int) -> str:
        if self._replace is not None and self._replaceable[index]:
            return self._replace(raw)[0]
        return decode(raw)

    def _replaced(self, fields: Fields | Broken, line: int, raw: bytes) -> list[Replacement]:
        """That something of a row was replaced, if so."""
        assert self._replace is not None and not isinstance(fields, Broken)
        for index, one in enumerate(fields):
            if one and self._replaceable[index] and self._replace(one)[1]:
                return [Replacement(line, index, visible(raw.rstrip(b"\r\n")))]
        return []

    def _error(self, outcome: tuple[int, FieldError], fields: Fields | Broken, line: int, raw: bytes) -> LoadError:
        column, error = outcome
        every: Sequence[bytes | None] = fields.fields if isinstance(fields, Broken) else fields
        shown = tuple(visible(one or b"") for one in every[: column + 1])
        field_text = shown[column] if 0 <= column < len(shown) else ""
        raw_line = visible(raw.rstrip(b"\r\n"))
        return LoadError(line, column, error.position, raw_line, field_text, error.code, error.reason, shown)
