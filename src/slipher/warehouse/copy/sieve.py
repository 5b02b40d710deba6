"""A chunk with some bad records among many good ones: the bad are found and go to the exact parser, the others to the fast one.

Which records are suspected decides nothing about what becomes of them: the exact parser may find them right, and the fast one
may still doubt the others. So it is enough that records are whole, and that suspicions are quick to come by: fields that no
expression of their column's type matches, texts that are too long; and what is left by trying halves of halves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Doubt, Fast
from slipher.warehouse.copy.chunks import Chunk
from slipher.warehouse.copy.exact import Exact, Parsed
from slipher.warehouse.copy.layout import Layout

LEAF = 16  # records that are suspected together
WAYS = 8
MOST = 4  # not more than one record in so many; else all go to the exact parser
FEW = 50  # records that are not worth it
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
CLOCK = r"([ T][0-9]{2}:[0-9]{2}:[0-9]{2}.*)?"
# how a type's texts look, blanks around them apart; what does not look so is suspected at once
LOOKS: dict[str, str] = {
    "int2": "[+-]?[0-9]+", "int4": "[+-]?[0-9]+", "int8": "[+-]?[0-9]+", "numeric": NUMBER + "([eE][+-]?[0-9]+)?",
    "float4": NUMBER + "([eE][+-]?[0-9]+)?", "float8": NUMBER + "([eE][+-]?[0-9]+)?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?", "timestamp": "[0-9]{4}-[0-9]{2}-[0-9]{2}" + CLOCK,
    "timestamptz": "[0-9]{4}-[0-9]{2}-[0-9]{2}" + CLOCK,
}  # fmt: skip
FORMS = {"date": "date_format", "timestamp": "time_format", "timestamptz": "time_format"}


class Sieve:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, fast: Fast, exact: Exact) -> None:
        self._statement, self._layout, self._fast, self._exact = statement, layout, fast, exact

    def parse(self, chunk: Chunk) -> Parsed | None:
        """A plain chunk's rows and errors; None where it is better left to others."""
        ends = self._ends(chunk)
        if ends is None or len(ends) < FEW:
            return None
        try:
            suspects = self._suspects(chunk, ends)
        except (Doubt, pa.ArrowException):
            return None
        if not suspects.any():
            return None
        starts = np.concatenate([[0], ends[:-1]])
        edges = np.flatnonzero(np.diff(suspects)) + 1
        firsts = [0, *edges.tolist()]
        lasts = [*edges.tolist(), len(suspects)]
        data = memoryview(chunk.data)
        good = b"".join(
            data[starts[first] : ends[last - 1]]
            for first, last in zip(firsts, lasts, strict=True)
            if not suspects[first]
        )
        batch = self._fast.parse(good, chunk.quotes)
        if batch is None or batch.num_rows != len(suspects) - int(np.count_nonzero(suspects)):
            return None
        return self._merged(chunk, batch, suspects, [*zip(firsts, lasts, strict=True)], starts, ends)

    def _merged(
        self,
        chunk: Chunk,
        batch: pa.RecordBatch,
        suspects: np.ndarray,
        runs: list[tuple[int, int]],
        starts: np.ndarray,
        ends: np.ndarray,
    ) -> Parsed:
        """The good rows and the exact parser's, in their order."""
        found = Parsed()
        at, line, seen = 0, chunk.first_line, 0
        for first, last in runs:
            if not suspects[first]:
                found.batches.append(batch.slice(at, last - first))
                at += last - first
                continue
            start, end = int(starts[first]), int(ends[last - 1])
            line, seen = line + chunk.data.count(b"\n", seen, start), start
            found.add(self._exact.parse(chunk.data[start:end], line))
        if found.batches:
            found.batches = [pa.concat_batches(found.batches)]
        return found

    def _ends(self, chunk: Chunk) -> np.ndarray | None:
        """Where each record ends; None for what cannot be told so."""
        data, statement = chunk.data, self._statement
        if not data or statement.widths or b"\0" in data:
            return None
        if statement.has("escape") and b"\\" in data:
            return None
        if statement.has("removequotes") and (b'"' in data or b"'" in data):
            return None
        view = np.frombuffer(data, np.uint8)
        places = np.flatnonzero(view == 0x0A)
        if chunk.quotes:
            quotes = np.flatnonzero(view == ord(statement.quote))
            places = places[np.searchsorted(quotes, places) % 2 == 0]
        ends = places + 1
        if not len(ends) or ends[-1] < len(data):
            ends = np.append(ends, len(data))
        return ends

    def _suspects(self, chunk: Chunk, ends: np.ndarray) -> np.ndarray:
        """Whether each record is suspected; Doubt if it is too many or too hard to tell."""
        skipped: list[int] = []

        def skip(row: Any) -> str:
            skipped.append(row.number - 1)
            if len(skipped) > len(ends) // MOST:
                raise Doubt
            return "skip"

        table = self._fast.raw(chunk.data, chunk.quotes, skip)
        suspects = np.zeros(len(ends), bool)
        suspects[skipped] = True
        if table.num_rows + len(skipped) != len(ends):  # blank lines that Arrow leaves out
            raise Doubt
        kept = np.flatnonzero(~suspects)
        limit = len(ends) // MOST
        sizes = np.diff(ends, prepend=0)
        suspects[sizes <= 2] |= (
            len(self._layout.columns) > 1
        )  # perhaps blank lines, which Arrow takes for records of NULLs
        for index, column in enumerate(self._layout.columns):
            wrong = self._column(table.column(index), column, index, limit)
            suspects[kept[wrong]] = True
            if np.count_nonzero(suspects) > limit:
                raise Doubt
        return suspects

    def _column(self, chunked: pa.ChunkedArray, column: Column, index: int, limit: int) -> np.ndarray:
        """Which fields of a column are suspected."""
        raw = chunked.combine_chunks()
        raw = raw.chunk(0) if isinstance(raw, pa.ChunkedArray) else raw
        wrong = np.zeros(len(raw), bool)
        texts = self._sifted(raw, wrong, lambda part: part.cast(pa.string()), limit).cast(pa.string())
        made, name = self._fast.columns[index], column.type.name
        attribute = FORMS.get(name)
        plain = attribute is None or getattr(self._statement, attribute) in (None, "auto")
        if name in ("varchar", "bpchar"):
            if not self._statement.has("truncatecolumns"):
                long = pc.greater(pc.binary_length(pc.ascii_rtrim(texts, " ")), column.type.length or 0)
                texts = _without(texts, long, wrong)
        elif name in LOOKS and plain:
            looks = pc.match_substring_regex(texts, f"^[ \t]*({LOOKS[name]})?[ \t]*$")
            null = pc.equal(texts, self._statement.null_as) if self._statement.null_as is not None else None
            texts = _without(texts, pc.invert(looks if null is None else pc.or_(looks, null)), wrong)
        if name not in ("varchar", "bpchar") and (name not in LOOKS or not plain or made.slow):
            present = texts.drop_null()
            places = np.flatnonzero(np.asarray(texts.is_valid()))
            wrong[places[np.asarray(made.wrong(present))]] = True
            return wrong
        texts = self._sifted(texts, wrong, made.quick, limit)
        if column.not_null:
            wrong |= np.asarray(made.quick(texts).is_null())
        return wrong

    def _sifted(
        self, array: pa.Array, wrong: np.ndarray, convert: Callable[[pa.Array], pa.Array], limit: int
    ) -> pa.Array:
        """The array with NULL for what cannot be converted, which is marked; Doubt if that is too much."""
        found = np.zeros(len(array), bool)
        parts = [(0, len(array))]
        while parts:
            first, last = parts.pop()
            try:
                convert(array.slice(first, last - first))
            except (pa.ArrowException, Doubt):
                if last - first <= LEAF:
                    found[first:last] = True
                    if np.count_nonzero(found) > limit:
                        raise Doubt from None
                    continue
                step = max(-(-(last - first) // WAYS), LEAF)
                parts += [(at, min(at + step, last)) for at in range(first, last, step)]
        return _without(array, pa.array(found), wrong) if found.any() else array


def _without(array: pa.Array, marked: pa.BooleanArray, wrong: np.ndarray) -> pa.Array:
    """The array with NULL for what is marked; the marks are noted."""
    marks = np.asarray(marked.fill_null(False))
    if not marks.any():
        return array
    wrong |= marks
    return pc.if_else(pa.array(marks), pa.scalar(None, array.type), array)
