"""The fastest way of COPY's JSON: lines that are flat objects, their values as texts by the engine's parser, then as columns.

The engine's parser is not quite ours: it takes NaN and commas at the end, the first of equal keys where we take the last, and
prints numbers its own way. So the way is only for chunks in which none of that can be, and what is uncertain is a doubt: a
member's colon is counted wherever it may stand, and there must be exactly as many as keys that the engine finds.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Doubt, Texts
from slipher.warehouse.copy.chunks import BLOCK
from slipher.warehouse.copy.jsontyped import JsonTyped
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector
from slipher.warehouse.engine.duckdb.jsonlines import JsonLines

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric", "bool")
KINDS = (*NUMBERS, "varchar", "date", "timestamp", "timestamptz")
SELDOM = 8
LONG = 17  # digits and signs of a number that every parser prints alike
# A text that may have been a number whose printing is the parser's choice, or no scalar
UNSURE = r"^[{\[]|^-?[0-9]+\.?[0-9]*[eE][+-]?[0-9]+$|^-?[0-9]+\.[0-9]+$|^-?[0-9]{18,}$"
BEGINS = np.zeros(256, bool)  # what a value begins with, after a sign
BEGINS[list(b'"0123456789tfn{')] = True


class JsonEngine:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, keys: Sequence[str]) -> None:
        plain = dataclasses.replace(statement, null_as=None)
        self._layout, self._keys = layout, tuple(keys)
        self._ascii = bool(statement.replacement)
        self._columns = [_Column(column, plain) for column in layout.columns]
        self._lines = JsonLines(self._keys)
        self.typed = JsonTyped(plain, layout, self._keys, self._lines)
        self._doubts = 0  # of the quickest way, one after the other

    def parse(self, data: bytes) -> pa.RecordBatch | None:
        """The rows of whole lines; None in doubt."""
        lines = _lines(data, self._ascii)
        if lines is None:
            return None
        if self._doubts % SELDOM == 0:  # what is no way for one chunk is hardly one for the next
            batch = self.typed.parse(data, lines)
            if batch is not None:
                self._doubts = 0
                return batch
        self._doubts += 1
        return self.by_texts(data, lines)

    def by_texts(self, data: bytes, lines: pa.StringArray) -> pa.RecordBatch | None:
        """The same where keys or kinds of values differ from line to line."""
        texts = self._lines.texts(lines)
        if texts is None or not self._each_once(data, lines, texts):
            return None
        try:
            arrays = [column.made(array) for column, array in zip(self._columns, texts, strict=True)]
        except (Doubt, pa.ArrowException):
            return None
        return pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema)

    def _each_once(self, data: bytes, lines: pa.StringArray, texts: Sequence[pa.StringArray]) -> bool:
        """Whether no object can have a key twice: the keys that were found are all that there are."""
        try:
            first = orjson.loads(lines[0].as_py())
        except orjson.JSONDecodeError:
            return False
        others = [key for key in first if key not in self._keys]
        if not all(map(PLAIN.fullmatch, others)):
            return False
        found = 0
        for key, array in zip(self._keys, texts, strict=True):
            found += len(array) - array.null_count
            if array.null_count:
                found += self._lines.present(lines.filter(array.is_null()), [key])
        if others:
            found += self._lines.present(lines, others)
        return found == _members(data)


class _Column:
    def __init__(self, column: Column, statement: Copy) -> None:
        self._name, self._not_null = column.type.name, column.not_null
        self._texts = Texts(column, statement)

    def made(self, array: pa.StringArray) -> pa.Array:
        """The texts as the column's values; Doubt."""
        if self._not_null and array.null_count:
            raise Doubt
        if self._name in NUMBERS:
            if (pc.max(pc.binary_length(array)).as_py() or 0) > LONG + 3:
                raise Doubt
        elif pc.any(pc.match_substring_regex(array, UNSURE), min_count=0).as_py():
            raise Doubt
        return self._texts.convert(array)


def engine_way(statement: Copy, layout: Layout, selector: Selector) -> JsonEngine | None:
    """The way, where a COPY's columns and keys allow it."""
    keys = selector.keys
    if keys is None or selector.folded or len(set(keys)) < len(keys) or not all(map(PLAIN.fullmatch, keys)):
        return None
    if any(column.type.name not in KINDS for column in layout.columns):
        return None
    return JsonEngine(statement, layout, keys)


def _lines(data: bytes, ascii_only: bool) -> pa.StringArray | None:
    """The lines, if each begins an object and nothing is in them that parsers see differently. Arrays' values are not looked at
    one by one: commas and words that only some parsers take would be there too."""
    if not data.endswith(b"\n") or (ascii_only and not data.isascii()):
        return None
    if b"[" in data or (b"\\" in data and b"\\u" in data):
        return None
    view = np.frombuffer(data, np.uint8)
    places, closing = [], 0
    for at in range(0, len(view), BLOCK):
        block = view[at : at + BLOCK]
        places.append(np.flatnonzero(block < 0x20) + at)
        closing += int(np.count_nonzero(block == 0x7D))
    ends = np.concatenate(places)
    if not (view[ends] == 0x0A).all():
        return None
    offsets = np.empty(len(ends) + 1, np.int32)
    offsets[0], offsets[1:] = 0, ends + 1
    if not (view[offsets[:-1]] == 0x7B).all():
        return None
    if closing == len(ends) and (view[ends - 1] == 0x7D).all():
        before = view[ends - 2]
    else:
        before = view[np.flatnonzero(view == 0x7D) - 1]
    if ((before == 0x2C) | (before == 0x20)).any():
        return None
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            return None
    return pa.Array.from_buffers(pa.string(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _members(data: bytes) -> int:
    """How many colons may end a member's name, those inside texts counted too. -1 where one has more than a blank beside it, or
    a value that may be no JSON: NaN, Infinity."""
    view = np.frombuffer(data, np.uint8)
    colons = np.flatnonzero(view == 0x3A)
    before = view[colons - 1]
    if (before == 0x20).any():
        return -1
    colons = colons[before == 0x22]
    starts = colons + 1  # the data end with a newline
    starts = starts + (view[starts] == 0x20)
    starts = starts + (view[starts] == 0x2D)
    named = starts[view[starts] == 0x6E]
    return len(colons) if BEGINS[view[starts]].all() and (view[named + 1] == 0x75).all() else -1
