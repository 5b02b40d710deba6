"""Which types of Parquet and ORC a column takes, and how their values become its own: whole columns at a time.

As strict as Redshift is: no number becomes another kind of number, nothing but nested values becomes SUPER's objects and
arrays, and these only with SERIALIZETOJSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as t

from slipher.base.errors import SqlError
from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.types.sqltype import SqlType
from slipher.warehouse.copy.columnar_errors import SHOWN_CELLS, cells_error, scan_error
from slipher.warehouse.copy.errors import FieldError, Replacement, replacer, visible
from slipher.warehouse.copy.exact import Parsed
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.layout import Layout, arrow_type
from slipher.warehouse.copy.supers import check_sizes, varbyte

Test = Callable[[pa.DataType], bool]


def _is(*kinds: pa.DataType) -> Test:
    return lambda kind: kind in kinds


def _text(kind: pa.DataType) -> bool:
    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_binary(kind) or t.is_large_binary(kind))


def _bytes(kind: pa.DataType) -> bool:
    return bool(_text(kind) or t.is_fixed_size_binary(kind))


# column type -> which types of a file it takes
TAKES: dict[str, Test] = {
    "bool": t.is_boolean,
    "int2": _is(pa.int8(), pa.int16(), pa.uint8()),
    "int4": _is(pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16()),
    "int8": _is(pa.int64(), pa.uint32()),
    "float4": _is(pa.float32()),
    "float8": _is(pa.float64()),
    "varchar": _text,
    "bpchar": _text,
    "date": t.is_date,
    "time": t.is_time,
    "timestamp": t.is_timestamp,
    "timestamptz": t.is_timestamp,
    "varbyte": _bytes,
    "numeric": t.is_decimal,
}
# Redshift's name of a type in the texts of these errors
SHOWN = {"int2": "SMALLINT", "int4": "INT", "int8": "BIGINT", "float4": "REAL", "float8": "DOUBLE", "bpchar": "CHAR"}


def _nested(kind: pa.DataType) -> bool:
    return bool(
        t.is_struct(kind) or t.is_list(kind) or t.is_large_list(kind) or t.is_map(kind) or t.is_fixed_size_list(kind)
    )


def _takes(kind: SqlType, given: pa.DataType, serialize: bool) -> bool:
    if kind.name == "super":
        return serialize if _nested(given) else not t.is_null(given)
    if kind.name == "numeric":
        return (
            bool(t.is_decimal(given)) and given.scale == (kind.scale or 0) and given.precision <= (kind.precision or 18)
        )
    takes = TAKES.get(kind.name)
    return takes is not None and (bool(t.is_null(given)) or takes(given))


class Columns:
    """One file's way into the table; SqlError where its columns do not fit."""

    def __init__(self, statement: Copy, layout: Layout, source: Any, file: File) -> None:
        """`source` is the open Parquet or ORC file."""
        self._statement, self._layout, self._file = statement, layout, file
        schema: pa.Schema = getattr(source, "schema_arrow", None) or source.schema
        wanted, given = len(layout.columns), len(schema)
        if given > wanted or (given < wanted and not statement.has("fillrecord")):
            raise scan_error(
                f"Unmatched number of columns between table and file. Table columns: {wanted}, "
                f"Data columns: {given}, File name: {file.url}"
            )
        serialize = statement.has("serializetojson")
        for column, one in zip(layout.columns, schema, strict=False):
            if not _takes(column.type, one.type, serialize):
                raise self._incompatible(column, one, source)
        self._given, self._first = given, 0
        self._replace = replacer(statement.replacement) if statement.replacement else None

    def _incompatible(self, column: Column, given: pa.Field, source: Any) -> SqlError:
        kind, name = column.type, "ORC" if self._statement.format == "orc" else "Parquet"
        shown = SHOWN.get(kind.name, kind.name.upper())
        if kind.length is not None:
            shown += f"({kind.length})"
        elif kind.precision is not None:
            shown = f"DECIMAL({kind.precision},{kind.scale})"
        url = f"{self._file.url}.{given.name}"
        text = f"File '{self._file.url}' has an incompatible {name} schema for column '{url}'. Column type: {shown}, "
        error = scan_error(f"{text}{name} schema:\n{_written(source, given)}")
        if _nested(given.type):
            error.hint = "A SUPER column takes nested values with SERIALIZETOJSON."
        return error

    def convert(self, batch: pa.RecordBatch, first_row: int = 0) -> Parsed:
        """A batch's rows, the first of which has that place in its file."""
        self._first = first_row
        found = Parsed()
        arrays = []
        for index, (column, field) in enumerate(zip(self._layout.columns, self._layout.schema, strict=True)):
            if index >= self._given:
                array = pa.nulls(batch.num_rows, field.type)
            else:
                array = self._column(batch.column(index), column, index, found)
            if column.not_null and array.null_count:
                text = f"NULL value in column {column.name}, which is NOT NULL. File name: {self._file.url}"
                raise self._wrong(text, array, pc.is_null(array), index, 1213)
            arrays.append(array)
        if batch.num_rows:
            found.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema))
        return found

    def _column(self, array: pa.Array, column: Column, index: int, found: Parsed) -> pa.Array:
        if t.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind, target = column.type, arrow_type(column.type)
        if t.is_null(array.type):
            return pa.nulls(len(array), target)
        if kind.name in ("varchar", "bpchar"):
            return self._characters(array, column, index, found)
        if kind.name == "super":
            plain = array.cast(_microseconds(array.type), safe=False)
            return self._each(plain, index, target, _json)
        if kind.name == "varbyte":
            return self._binary(array, column, index)
        if kind.name in ("timestamp", "timestamptz"):
            moments = array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(pa.int64())
            return moments.cast(pa.timestamp("us")).cast(target) if kind.name == "timestamp" else moments.cast(target)
        if kind.name == "time":
            return array.cast(target, safe=False)
        return array.cast(target)

    def _characters(self, array: pa.Array, column: Column, index: int, found: Parsed) -> pa.Array:
        binary = array.cast(pa.binary())
        try:
            texts = binary.cast(pa.string())  # looks at every byte: Arrow believes a file's own word
        except pa.ArrowInvalid:
            if self._replace is None or column.type.name != "varchar":
                text = f"String contains invalid or unsupported UTF8 codepoints in column {column.name}."
                bad = pa.array([one is not None and not _decodes(one) for one in binary.to_pylist()])
                raise self._wrong(f"{text} File name: {self._file.url}", binary, bad, index, 1220) from None
            texts = self._replaced(binary, index, found)
        if column.type.name == "bpchar":
            plain = pc.string_is_ascii(texts)
            if not pc.all(plain, min_count=0).as_py():
                text = f"Multibyte character not supported for CHAR column {column.name} (Hint: Try using VARCHAR)"
                raise self._wrong(text, texts, pc.invert(plain), index, 1215)
            texts = pc.ascii_rtrim(texts, " ")
        self._fits(texts, column, index)
        return texts

    def _fits(self, texts: pa.Array, column: Column, index: int) -> None:
        lengths = pc.binary_length(texts)
        longest, length = pc.max(lengths).as_py() or 0, column.type.length or 0
        if longest > length:
            text = (
                f"The length of the data column {column.name} is longer than the length defined in the table. "
                f"Table: {length}, Data: {longest}, File name: {self._file.url}"
            )
            raise self._wrong(text, texts, pc.greater(lengths, length), index, 1204)

    def _wrong(self, context: str, array: pa.Array, bad: pa.Array, index: int, code: int) -> SqlError:
        """The error of a column's values that the mask marks."""
        rows = pc.indices_nonzero(pc.fill_null(bad, False)).to_pylist()
        values = array.take(pa.array(rows[:SHOWN_CELLS], pa.int64())).to_pylist()
        places = [self._first + row for row in rows[:SHOWN_CELLS]]
        return cells_error(context, self._file, index, code, list(zip(places, values, strict=True)))

    def _each(self, array: pa.Array, index: int, target: pa.DataType, make: Callable[[Any], Any]) -> pa.Array:
        """Values one by one; the first that cannot be made is the load's error."""
        made: list[Any] = []
        try:
            for one in array.to_pylist():
                made.append(None if one is None else make(one))
        except FieldError as error:
            name = self._layout.columns[index].name
            text = f"{error.reason}. Column {name}, File name: {self._file.url}"
            bad = [(self._first + len(made), array[len(made)].as_py())]
            raise cells_error(text, self._file, index, error.code, bad) from None
        return pa.array(made, target)

    def _replaced(self, binary: pa.Array, index: int, found: Parsed) -> pa.Array:
        assert self._replace is not None
        texts: list[str | None] = []
        for one in binary.to_pylist():
            text, changed = (None, False) if one is None else self._replace(one)
            texts.append(text)
            if changed:
                found.replaced.append(Replacement(-1, index, visible(one)))
        return pa.array(texts, pa.string())

    def _binary(self, array: pa.Array, column: Column, index: int) -> pa.Array:
        """Bytes as they are, text as hexadecimal digits."""
        if t.is_string(array.type) or t.is_large_string(array.type):
            return self._each(array, index, pa.binary(), varbyte(column.type.length or 0))
        made = array.cast(pa.binary())
        self._fits(made, column, index)
        return made


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _microseconds(kind: pa.DataType) -> pa.DataType:
    """The type with its moments in microseconds, all that Python's own hold."""
    if t.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if t.is_time64(kind):
        return pa.time64("us")
    if t.is_duration(kind):
        return pa.duration("us")
    if t.is_struct(kind):
        return pa.struct([pa.field(one.name, _microseconds(one.type)) for one in kind])
    if t.is_map(kind):
        return pa.map_(_microseconds(kind.key_type), _microseconds(kind.item_type))
    if t.is_list(kind):
        return pa.list_(_microseconds(kind.value_type))
    return kind


def _json(value: Any) -> str:
    """A value as a SUPER value is kept."""
    text = orjson.dumps(_plain(value), default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    if len(text) > 65535:
        check_sizes(orjson.loads(text), text)
    return text


def _plain(value: Any) -> Any:
    """With maps as objects, decimals as the numbers they are, bytes as hexadecimal digits."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(one, tuple) for one in value):
            return {str(key): _plain(one) for key, one in value}
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if type(value).__name__ == "Decimal":
        return orjson.Fragment(format(value, "f"))
    return value


PHYSICAL = {"INT32": "int32", "INT64": "int64", "INT96": "int96", "BYTE_ARRAY": "byte_array", "BOOLEAN": "boolean"}


def _written(source: Any, given: pa.Field) -> str:
    """A column as the file's own schema has it: 'optional int64 name'."""
    word = "optional" if given.nullable else "required"
    if getattr(source, "schema_arrow", None) is not None and not _nested(given.type):
        for index in range(len(source.schema)):
            leaf = source.schema.column(index)
            if leaf.path == given.name:
                return f"{word} {PHYSICAL.get(leaf.physical_type, leaf.physical_type.lower())} {given.name}"
    return f"{word} {given.type} {given.name}"
