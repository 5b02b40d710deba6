"""Batches as lines of text or CSV, a column at a time: no loop over rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slipher.types.sqltype import VARCHAR, SqlType
from slipher.types.text import as_text

TEXT = pa.large_string()
QUOTE = '"'


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How values become a line; `float_digits` is extra_float_digits.

    CSV quotes a field that holds the delimiter, a quote or a line's end, whatever its type. Text protects character columns only,
    and only if `escape` says so.
    """

    kinds: tuple[SqlType, ...]
    delimiter: str
    csv: bool = False
    null: str = ""
    quotes: bool = False
    escape: bool = False
    float_digits: int = 0

    def lines(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        """A line, with its line feed, for each row."""
        fields = [self._field(array, kind) for array, kind in zip(batch.columns, self.kinds, strict=True)]
        return joined(fields, self.delimiter)

    def header(self, names: Sequence[str]) -> bytes:
        """The line of the columns' names, by the same rules."""
        fields = [self._field(pa.array([name], TEXT), VARCHAR) for name in names]
        text: str = joined(fields, self.delimiter)[0].as_py()
        return text.encode()

    def _field(self, array: pa.Array, kind: SqlType) -> pa.LargeStringArray:
        text = as_text(array, kind, float_digits=self.float_digits, pad=False)
        if kind.name == "bpchar":
            text = pc.ascii_rtrim(text, " ")
        if self.csv:
            text = self._protected_csv(text)
        elif self.escape and kind.row.family == "text":
            text = self._escaped(text)
        text = text.fill_null(_scalar(self.null))
        if self.quotes:
            text = pc.binary_join_element_wise(_scalar(QUOTE), text, _scalar(QUOTE), _scalar(""))
        return text

    def _protected_csv(self, text: pa.LargeStringArray) -> pa.LargeStringArray:
        special = pc.match_substring_regex(text, f"[{re.escape(self.delimiter)}{QUOTE}\r\n]")
        if not pc.any(special).as_py():
            return text
        doubled = pc.replace_substring(text, QUOTE, QUOTE * 2)
        quoted = pc.binary_join_element_wise(_scalar(QUOTE), doubled, _scalar(QUOTE), _scalar(""))
        return pc.if_else(special, quoted, text)

    def _escaped(self, text: pa.LargeStringArray) -> pa.LargeStringArray:
        special = "\n\r\\" + self.delimiter + (QUOTE + "'" if self.quotes else "")
        pattern = f"([{re.escape(special)}])"
        if not pc.any(pc.match_substring_regex(text, pattern)).as_py():
            return text
        return pc.replace_substring_regex(text, pattern, r"\\\1")


def joined(fields: Sequence[pa.Array | pa.Scalar], delimiter: str) -> pa.LargeStringArray:
    """The fields of each row with the delimiter between them, and a line feed."""
    last = pc.binary_join_element_wise(fields[-1], _scalar(""), _scalar("\n"))
    if len(fields) == 1:
        return last
    return pc.binary_join_element_wise(*fields[:-1], last, _scalar(delimiter))


def _scalar(value: str) -> pa.LargeStringScalar:
    return pa.scalar(value, TEXT)


def pieces(lines: pa.LargeStringArray, size: int) -> Iterator[tuple[memoryview, int]]:
    """The bytes of the lines, without copying them, in pieces of whole lines: about `size` bytes each, with their number."""
    if not len(lines):
        return
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int64)[lines.offset : lines.offset + len(lines) + 1]
    view = memoryview(data)
    start = 0
    while start < len(lines):
        stop = max(int(np.searchsorted(ends, ends[start] + size, "right")) - 1, start + 1)
        yield view[int(ends[start]) : int(ends[stop])], stop - start
        start = stop
