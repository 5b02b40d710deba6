"""Batches as lines of JSON, an object each, a column at a time: no loop over rows."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from slipher.types.sqltype import SqlType
from slipher.types.text import as_text
from slipher.warehouse.unload.lines import joined

TEXT = pa.large_string()
CONTROLS = {chr(code): orjson.dumps(chr(code)).decode()[1:-1] for code in range(32)}
ESCAPES = {"\\": "\\\\", '"': '\\"', **CONTROLS}  # the backslash first: the others bring new ones
SPECIAL = r'[\x00-\x1f"\\]'


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """FORMAT JSON: keys are the columns' names, NULL is null, SUPER is nested as it stands.

    Numbers keep their full scale; NaN and the infinities, which JSON has no numbers for, are strings.
    """

    names: tuple[str, ...]
    kinds: tuple[SqlType, ...]
    float_digits: int = 0

    def lines(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        """A line, with its line feed, for each row."""
        parts: list[pa.Array | pa.Scalar] = []
        for place, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True)):
            key = ("," if place else "{") + orjson.dumps(name).decode() + ":"
            parts += [pa.scalar(key, TEXT), self._value(batch.column(place), kind)]
        return joined([*parts, pa.scalar("}", TEXT)], "")

    def _value(self, array: pa.Array, kind: SqlType) -> pa.LargeStringArray:
        if kind.name == "bool":
            text = array.cast(TEXT)
        else:
            text = as_text(array, kind, float_digits=self.float_digits, pad=False)
        if kind.row.family == "float":
            text = _quoted_where(text, pc.match_substring_regex(text, "[NI]"))
        elif kind.row.category != "N" and kind.name not in ("bool", "super"):
            if kind.name == "bpchar":
                text = pc.ascii_rtrim(text, " ")
            text = _quoted(_escaped(text))
        return text.fill_null(pa.scalar("null", TEXT))


def _escaped(text: pa.LargeStringArray) -> pa.LargeStringArray:
    if not pc.any(pc.match_substring_regex(text, SPECIAL)).as_py():
        return text
    for plain, escaped in ESCAPES.items():
        if pc.any(pc.match_substring(text, plain)).as_py():
            text = pc.replace_substring(text, plain, escaped)
    return text


def _quoted(text: pa.LargeStringArray) -> pa.LargeStringArray:
    quote = pa.scalar('"', TEXT)
    return pc.binary_join_element_wise(quote, text, quote, pa.scalar("", TEXT))


def _quoted_where(text: pa.LargeStringArray, where: pa.BooleanArray) -> pa.LargeStringArray:
    return pc.if_else(where, _quoted(text), text) if pc.any(where).as_py() else text
