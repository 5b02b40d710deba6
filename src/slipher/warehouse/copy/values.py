"""Decoded values, of JSON or Avro, as columns: a whole column at once where its values are alike, else one by one.

Both ways follow the same rules: a string is a field's text, a number or truth value is what it prints as, an object or array its
JSON text; only SUPER keeps them as they are.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.batches import Doubt, Texts
from slipher.warehouse.copy.cells import cell
from slipher.warehouse.copy.errors import FieldError, LoadError, Replacement, decode, replacer, visible
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.layout import Layout
from slipher.warehouse.copy.paths import Selector, fold_keys
from slipher.warehouse.copy.supers import super_value

PART = 1000  # records given up at once when one of them is in doubt
INTEGERS = ("int2", "int4", "int8")
SCALARS = (str, int, float, bool)


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """A decoded record: its value or what is wrong with it, its last line, its raw text."""

    value: Any
    line: int
    raw: bytes
    error: FieldError | None = None


class Values:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout, selector: Selector) -> None:
        plain = dataclasses.replace(statement, null_as=None)
        self._layout, self._selector = layout, selector
        self._columns = [_Column(column, plain) for column in layout.columns]

    def whole(self, values: Sequence[Any]) -> pa.RecordBatch | None:
        """Decoded records as rows, a column at a time; None in doubt."""
        selector = self._selector
        try:
            if selector.keys is not None:
                if not set(map(type, values)) <= {dict}:
                    return None
                if selector.folded:
                    values = [fold_keys(one) for one in values]
                lists = [[one.get(key) for one in values] for key in selector.keys]
            else:
                lists = [[pick(one) for one in values] for pick in selector.picks]
            arrays = [column.whole(found) for column, found in zip(self._columns, lists, strict=True)]
        except (Doubt, FieldError, pa.ArrowException, UnicodeEncodeError, OverflowError):
            return None
        return pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema)

    def parse(self, records: Sequence[Record]) -> Parsed:
        """Records one by one where that is needed, as few as possible."""
        found = Parsed()
        for at in range(0, len(records), PART):
            part = records[at : at + PART]
            batch = None if any(one.error for one in part) else self.whole([one.value for one in part])
            found.add(Parsed([batch]) if batch is not None else self._one_by_one(part))
        return found

    def _one_by_one(self, records: Sequence[Record]) -> Parsed:
        found = Parsed()
        lists: list[list[Any]] = [[] for _ in self._columns]
        for record in records:
            if record.error is not None:
                found.errors.append(_error(record, -1, record.error, ()))
                continue
            row, shown, replaced = [], [], -1
            try:
                for index, (pick, column) in enumerate(zip(self._selector.picks, self._columns, strict=True)):
                    value = pick(record.value)
                    shown.append(value)
                    made, bad = column.one(value)
                    replaced = index if bad and replaced < 0 else replaced
                    row.append(made)
            except FieldError as error:
                found.errors.append(_error(record, len(row), error, shown))
                continue
            if replaced >= 0:
                found.replaced.append(Replacement(record.line, replaced, visible(record.raw.strip())))
            for values, made in zip(lists, row, strict=True):
                values.append(made)
        if lists[0]:
            arrays = [pa.array(values, one.type) for values, one in zip(lists, self._layout.schema, strict=True)]
            found.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema))
        return found


def _error(record: Record, column: int, error: FieldError, shown: Sequence[Any]) -> LoadError:
    fields = tuple(visible(_bytes(one)) for one in shown)
    raw = fields[column] if 0 <= column < len(fields) else ""
    raw_line = visible(record.raw.strip())
    return LoadError(record.line, column, error.position, raw_line, raw, error.code, error.reason, fields)


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else text_of(value).encode("utf-8", "surrogateescape")


def text_of(value: Any) -> str:
    """What a value prints as: the text that a field would hold."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json_text(value)
    if isinstance(value, datetime):
        plain = value.replace(tzinfo=None).isoformat(sep=" ")
        return plain if value.tzinfo is None else plain + value.strftime("%z")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def json_text(value: Any) -> str:
    """An object's or array's JSON text; values that JSON has not are texts in it."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, default=_unknown, separators=(",", ":"), ensure_ascii=False)


def _unknown(value: Any) -> str:
    """Bytes as Avro's own JSON has them: a character a byte."""
    return value.decode("latin-1") if isinstance(value, bytes) else text_of(value)


class _Column:
    """One column's two ways."""

    def __init__(self, column: Column, statement: Copy) -> None:
        self._name, self._not_null = column.type.name, column.not_null
        self._texts = Texts(column, statement)
        self._cell = cell(column, statement, None)
        self._length = column.type.length or 0
        self._replace: Callable[[bytes], tuple[str, bool]] | None = None
        if statement.replacement and self._name == "varchar":
            self._replace = replacer(statement.replacement)

    def whole(self, values: list[Any]) -> pa.Array:
        """All of them at once; Doubt."""
        array = self._whole(values)
        if array.null_count and self._not_null:
            raise Doubt
        return array

    def _whole(self, values: list[Any]) -> pa.Array:
        name = self._name
        kinds = set(map(type, values))
        kinds.discard(type(None))
        target = self._texts.target
        if not kinds:
            return pa.nulls(len(values), target)
        if name == "super":
            return pa.array([super_value(one) for one in values], target)
        if name == "varbyte" and kinds == {bytes}:
            if any(one is not None and len(one) > self._length for one in values):
                raise Doubt
            return pa.array(values, target)
        if kinds == {int} and name in INTEGERS:
            return pa.array(values, pa.int64()).cast(target)
        if kinds == {bool} and name == "bool":
            return pa.array(values, target)
        if kinds <= {int, float} and name == "float8":
            return self._texts.checked(pa.array([None if one is None else float(one) for one in values], pa.float64()))
        if kinds <= {int, float}:
            values = [None if one is None else repr(one) for one in values]
        elif kinds != {str}:
            if bytes in kinds:
                raise Doubt
            values = [None if one is None else text_of(one) for one in values]
        if self._replace is not None and not all(one is None or one.isascii() for one in values):
            raise Doubt
        return self._texts.convert(pa.array(values, pa.string()))

    def one(self, value: Any) -> tuple[Any, bool]:
        """A value as the column's, and whether characters were replaced; FieldError."""
        if value is None:
            if self._not_null:
                raise FieldError(1213, "Missing data for not-null field")
            return None, False
        if self._name == "super":
            return super_value(value), False
        if self._name == "varbyte" and isinstance(value, bytes):
            if len(value) > self._length:
                raise FieldError(1204, "Varbyte length exceeds DDL length", self._length)
            return value, False
        if self._name in ("float4", "float8") and type(value) in (int, float):
            if isinstance(value, float) and math.isinf(value):
                raise FieldError(1208, "Float value out of range")
            return self._cell(repr(float(value))), False
        text = text_of(value)
        if text.isascii():
            return self._cell(text), False
        raw = text.encode("utf-8", "surrogatepass") if not _escaped(text) else text.encode("utf-8", "surrogateescape")
        if self._replace is not None:
            text, replaced = self._replace(raw)
            return self._cell(text), replaced
        return self._cell(decode(raw)), False


def _escaped(text: str) -> bool:
    """Whether the text holds bytes that were not UTF-8."""
    return any("\udc80" <= one <= "\udcff" for one in text)
