"""The quickest way of COPY's JSON: lines that all have the same keys, each value of the kind that its column wants.

The engine's parser converts while it reads, but it would convert too much: a text to a number, 1.5 to 2, true to 1. That none of
this has happened is proved by counting, for data without escaped backslashes. Each line has each key exactly once, or the engine
refuses; so of the quotes in the data, those that are not around keys are around values. If every value that was read as text and
could not be anything else makes two quotes, and no quote is left over, then no number was a text, and there are no other keys.
Integers and truth values are read as texts, and made here; a number that is neither 0 nor 1 was no truth value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Doubt, Texts
from slipher.warehouse.copy.chunks import count
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.engine.duckdb.jsonlines import JsonLines

FLOATS = ("float4", "float8", "numeric")
DATES = ("date", "timestamp", "timestamptz")
EXACT = 2.0**53  # below it each whole number is a double of its own
DIGITS = 10.0**15  # and so is each decimal number of so many digits, which prints as itself
# A text that may have been no text: a number, a word that some parser knows, an object
UNSURE = r"^(-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|true|false|null|[+-]?(?i:nan|inf|infinity)|[{\[].*)$"
NUMBER, WORD, LONGEST = 1, 2, len("-infinity")
FIRST = np.zeros(256, np.uint8)  # what such a text begins with
FIRST[list(b"0123456789+-{[")], FIRST[list(b"tfnNiI")] = NUMBER, WORD
SCALAR = r'^("|-?[0-9]|true$|false$)'  # how a value that nobody wants may look


class JsonTyped:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, keys: Sequence[str], lines: JsonLines) -> None:
        """`statement` without a null string, which JSON's texts do not have."""
        self._layout, self._keys, self._lines = layout, tuple(keys), lines
        self._columns = [_Column(column, statement) for column in layout.columns]

    def parse(self, data: bytes, lines: pa.StringArray) -> pa.RecordBatch | None:
        """The rows of whole lines; None in doubt."""
        try:
            return self._parse(data, lines)
        except (Doubt, pa.ArrowException, orjson.JSONDecodeError):
            return None

    def _parse(self, data: bytes, lines: pa.StringArray) -> pa.RecordBatch:
        escapes = b"\\" in data
        if escapes and b"\\\\" in data:
            raise Doubt
        others = [key for key in orjson.loads(lines[0].as_py()) if key not in self._keys]
        kinds = [column.read for column in self._columns]
        found = self._lines.typed(lines, [*zip(self._keys, kinds, strict=True), *((key, "JSON") for key in others)])
        if found is None:
            raise Doubt
        values, rest = found[: len(self._keys)], found[len(self._keys) :]
        texts = sum(column.texts(array) for column, array in zip(self._columns, values, strict=True))
        texts += sum(map(_texts, rest))
        quotes = count(data, 0x22) - (data.count(b'\\"') if escapes else 0)
        if quotes != 2 * (len(found) * len(lines) + texts):
            raise Doubt
        words = None
        for column, array in zip(self._columns, values, strict=True):
            if column.read == "DOUBLE" and _has_zero_or_one(array):
                words = data.count(b"true") + data.count(b"false") if words is None else words
                if words:
                    raise Doubt
        arrays = [column.made(array) for column, array in zip(self._columns, values, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema)


class _Column:
    """One column's way. `read`: the engine's type while it is read."""

    def __init__(self, column: Column, statement: Copy) -> None:
        self._name, self._not_null = column.type.name, column.not_null
        self._scale, self._precision = column.type.scale or 0, column.type.precision or 18
        self._texts = Texts(column, statement)
        self.read = "DOUBLE" if self._name in FLOATS else "VARCHAR"

    def texts(self, array: pa.Array) -> int:
        """How many values were texts; Doubt where that cannot be told."""
        if self._name == "varchar":
            if _unsure(array):
                raise Doubt
        elif self._name in DATES:
            if not _dates(array):
                raise Doubt
        else:
            return 0
        return len(array) - int(array.null_count)

    def made(self, array: pa.Array) -> pa.Array:
        """The column's values; Doubt."""
        if self._not_null and array.null_count:
            raise Doubt
        if self._name == "bool":
            return _truth(array)
        if self._name == "numeric":
            return self._decimals(array)
        if self._name in FLOATS:
            return self._texts.checked(array)
        return self._texts.convert(array)

    def _decimals(self, array: pa.Array) -> pa.Array:
        """Doubles that are decimal numbers of the column's scale, or are printed and cut as their texts would be."""
        values = _numbers(array)
        largest = float(np.abs(values).max(initial=0.0))
        if not largest < EXACT:
            raise Doubt
        units = np.rint(values * 10.0**self._scale)
        if self._scale > 15 or not (units / 10.0**self._scale == values).all() or largest * 10.0**self._scale >= DIGITS:
            return self._texts.convert(pa.array([None if one is None else repr(one) for one in array.to_pylist()]))
        if np.abs(units).max(initial=0.0) >= 10.0**self._precision:
            raise Doubt
        whole = units.astype(np.int64)
        wide = np.column_stack([whole, whole >> 63])
        valid = array.is_valid().buffers()[1] if array.null_count else None
        return pa.Array.from_buffers(self._texts.target, len(array), [valid, pa.py_buffer(wide)], array.null_count)


def _numbers(array: pa.DoubleArray) -> np.ndarray:
    """The values, 0 for NULL."""
    return np.asarray(array.fill_null(0.0).to_numpy(zero_copy_only=False))


def _has_zero_or_one(array: pa.DoubleArray) -> bool:
    values = np.asarray(array.drop_null().to_numpy(zero_copy_only=False))
    return bool(((values == 0.0) | (values == 1.0)).any())


def _truth(array: pa.StringArray) -> pa.BooleanArray:
    true, false = pc.equal(array, "true"), pc.equal(array, "false")
    if (true.true_count + false.true_count) != len(array) - array.null_count:
        raise Doubt
    return true


def _view(array: pa.StringArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The texts' bytes, and where each that is not NULL begins and ends."""
    found = array.drop_null()
    if not len(found) or found.buffers()[2] is None:
        return np.empty(0, np.uint8), np.empty(0, np.int32), np.empty(0, np.int32)
    offsets = np.frombuffer(found.buffers()[1], np.int32)[found.offset : found.offset + len(found) + 1]
    return np.frombuffer(found.buffers()[2], np.uint8), offsets[:-1], offsets[1:]


def _unsure(array: pa.StringArray) -> bool:
    """Whether some value may have been no text."""
    found = array.drop_null() if array.null_count else array
    data, starts, ends = _view(found)
    kinds = FIRST[data[np.minimum(starts, max(len(data) - 1, 0))]] if len(data) else np.zeros(len(starts), np.uint8)
    sizes = ends - starts
    some = ((kinds == NUMBER) & (sizes > 0)) | ((kinds == WORD) & (sizes > 2) & (sizes <= LONGEST))
    return bool(some.any()) and bool(pc.any(pc.match_substring_regex(found.filter(pa.array(some)), UNSURE)).as_py())


def _dates(array: pa.StringArray) -> bool:
    """Whether all are written with the dash behind the year, which no number has there."""
    data, starts, ends = _view(array)
    return bool((ends - starts >= 10).all() and (data[starts + 4] == 0x2D).all() and (data[starts + 3] != 0x65).all()
                and (data[starts + 3] != 0x45).all())  # fmt: skip


def _texts(array: pa.StringArray) -> int:
    """How many of some values, as JSON has them, are texts; Doubt if any is nothing that each parser sees alike."""
    if not pc.all(pc.match_substring_regex(array, SCALAR), min_count=0).as_py():
        raise Doubt
    return int(pc.starts_with(array, '"').true_count)
