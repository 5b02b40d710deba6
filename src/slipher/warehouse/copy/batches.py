"""The fast parser: a chunk of whole records as typed columns at once, or a doubt; it never says what is wrong.

Two gears. In the first, Arrow's CSV reader converts while it reads; what it would take and the exact rules would not is looked
for afterwards, or kept from it as text. In the second, everything is read as text and a column that does not convert
at once is converted by the exact rules, each distinct value once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy import fixedwidth, marks, patterns
from slipher.warehouse.copy.cells import cell
from slipher.warehouse.copy.errors import NONCHARACTER_BYTES, FieldError
from slipher.warehouse.copy.fields import BLANK, FALSE, TRUE
from slipher.warehouse.copy.layout import Layout

BOM = b"\xef\xbb\xbf"
YEAR_ONE = -719162  # days before 1970
MICROS = 86_400_000_000
FORMS = {"date": (None, "auto", "YYYY-MM-DD"), "timestamp": (None, "auto"), "timestamptz": (None, "auto")}
# Read as text in the first gear too: what Arrow's reader would take and the exact rules would not cannot be seen afterwards.
AS_TEXT = ("varchar", "bpchar", "timestamp", "timestamptz", "numeric", "timetz", "super", "varbyte")


class Doubt(Exception):
    """The exact parser must look at this."""


def _cases(words: set[str]) -> list[str]:
    """Every mixture of upper and lower case."""
    found = {""}
    out: list[str] = []
    for word in words:
        found = {""}
        for letter in word:
            found = {start + one for start in found for one in {letter, letter.upper()}}
        out += sorted(found)
    return out


class Fast:
    """The rules of one COPY, ready to be used; safe from any thread."""

    def __init__(self, statement: Copy, layout: Layout) -> None:
        self._statement, self._layout = statement, layout
        self._names = list(layout.schema.names)
        self.columns = [_Column(column, statement) for column in layout.columns]
        self._marked = statement.has("escape")
        self._noncharacters = bool(statement.replacement)
        self._hexadecimal = any(column.type.name in ("int2", "int4", "int8") for column in layout.columns)
        kinds = zip(self._names, self.columns, layout.schema, strict=True)
        typed = {name: column.read_type or one.type for name, column, one in kinds}
        self._typed = pacsv.ConvertOptions(
            column_types=typed,
            null_values=list({"", statement.null_as or "", *([marks.NULL] if statement.has("escape") else [])}),
            true_values=_cases(TRUE),
            false_values=_cases(FALSE),
            strings_can_be_null=False,
        )
        self._text = pacsv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.string()), null_values=[], strings_can_be_null=False
        )

    def parse(self, data: bytes, quotes: bool) -> pa.RecordBatch | None:
        """The rows of whole records; None in doubt. `quotes`: the data holds quotes, all of them as RFC 4180 has them."""
        if b"\0" in data or data.startswith(BOM):
            return None
        if self._noncharacters and NONCHARACTER_BYTES.search(data):
            return None
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None
        # Arrow takes an empty line for a row of empty fields, and 0x10 for 16
        escapes = b"\\" in data and self._statement.has("escape")
        if self._marked and marks.NULL.encode() in data:
            return None
        removed: bool | None = (b'"' in data or b"'" in data) and self._statement.has("removequotes")
        if removed or (escapes and self._statement.widths):
            removed = None if escapes else marks.whole_quotes(data, self._statement.delimiter)
            if removed is None:
                return None
        elif escapes:
            told = marks.escaped(data, self._statement.delimiter, self._statement.null_as == "\\N")
            if told is None:
                return None
            data = told
        blank_lines = len(self._names) > 1 and not self._statement.has("ignoreblanklines")
        text = self._hexadecimal and _has_hexadecimal(data)
        for convert, gear in ((self._typed, 1), (self._text, 2)):
            if (text or self._statement.widths) and gear == 1:
                continue
            try:
                table = self._read(data, quotes or bool(removed), convert, escapes)
                arrays = [column.finish(table.column(index), gear == 2) for index, column in enumerate(self.columns)]
                if blank_lines and _some_row_empty(arrays) and _has_blank_line(data):
                    return None
                return pa.RecordBatch.from_arrays(arrays, schema=self._layout.schema)
            except (pa.ArrowException, Doubt):
                continue
        return None

    def raw(self, data: bytes, quotes: bool, on_bad: Callable[[Any], str]) -> pa.Table:
        """The fields as bytes; `on_bad` is asked about each record that has too many or too few."""
        options = pacsv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.binary()), null_values=[], strings_can_be_null=False
        )
        return self._read(data, quotes, options, False, on_bad)

    def _read(
        self,
        data: bytes,
        quotes: bool,
        convert: pacsv.ConvertOptions,
        escapes: bool,
        on_bad: Callable[[Any], str] | None = None,
    ) -> pa.Table:
        if self._statement.widths:
            return fixedwidth.table(data, self._statement.widths, self._names)
        csv = self._statement.format == "csv"
        quote = (self._statement.quote if csv else '"') if quotes else False
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(column_names=self._names, use_threads=False, block_size=len(data) + 1024),
            parse_options=pacsv.ParseOptions(
                delimiter=self._statement.delimiter,
                quote_char=quote,
                double_quote=csv,
                escape_char="\\" if escapes else False,
                newlines_in_values=(csv and quotes) or escapes,
                ignore_empty_lines=self._statement.has("ignoreblanklines"),
                invalid_row_handler=on_bad,
            ),
            convert_options=convert,
        )


class Texts:
    """A column's texts as its values, for what reads no CSV: the second gear alone. `target` is the column's Arrow type."""

    def __init__(self, column: Column, statement: Copy) -> None:
        self._column = _Column(column, statement)
        self.target = arrow_of(column)

    def convert(self, array: pa.Array) -> pa.Array:
        """Texts; Doubt."""
        return self._column.made(array)

    def checked(self, array: pa.Array) -> pa.Array:
        """Values that were no texts; Doubt."""
        return self._column.checked(array)


class _Column:
    """One column's ways. `as_text`: read as text also in the first gear."""

    def __init__(self, column: Column, statement: Copy) -> None:
        self._column, self._statement = column, statement
        self._name = column.type.name
        form = statement.date_format if self._name == "date" else statement.time_format
        other_form = self._name in FORMS and form not in FORMS[self._name]
        self._form = form if other_form else None
        self.slow = (
            other_form or self._name in ("super", "varbyte") or (self._name == "numeric" and statement.has("roundec"))
        )
        self.as_text = self._name in AS_TEXT or self.slow
        # REAL by way of double precision, as C's strtod and a cast round
        self.read_type = pa.string() if self.as_text else pa.float64() if self._name == "float4" else None
        self._cell = cell(column, statement, statement.null_as)
        self._marked = statement.has("escape")

    def finish(self, chunked: pa.ChunkedArray, text: bool) -> pa.Array:
        """The column's values from what was read; Doubt."""
        array = chunked.combine_chunks() if chunked.num_chunks != 1 else chunked.chunk(0)
        made = self.made(array, text)
        if made.null_count and self._column.not_null:
            raise Doubt
        return made

    def made(self, array: pa.Array, text: bool = True) -> pa.Array:
        """The column's values; Doubt."""
        if self._marked and pa.types.is_string(array.type):
            array = _without(array, (marks.NULL,))
        if self._name in ("varchar", "bpchar"):
            return self._characters(array)
        if not text and not self.as_text:
            return self.checked(array)
        if not self.slow:
            try:
                return self.quick(array)
            except (pa.ArrowException, Doubt):
                pass
        if self._form is not None:
            try:
                made = patterns.iso(_without(array, ("", self._statement.null_as)), self._form, arrow_of(self._column))
            except pa.ArrowException:
                made = None
            if made is not None:
                return self.checked(made)
        return self._distinct(array)

    def quick(self, array: pa.Array) -> pa.Array:
        """Texts as values without the exact rules; Doubt or ArrowException."""
        if self._name in ("varchar", "bpchar"):
            return self._characters(array)
        if self.slow:
            raise Doubt
        plain = _without(array, ("", self._statement.null_as))
        try:
            return self.checked(self._convert(plain))
        except (pa.ArrowException, Doubt):
            return self.checked(self._convert(_without(pc.ascii_trim(plain, " \t"), ("",))))

    def wrong(self, array: pa.Array) -> pa.Array:
        """Which texts the exact rules refuse, each distinct one asked for once."""
        coded = array.dictionary_encode()
        refused = []
        for text in coded.dictionary.to_pylist():
            try:
                self._cell(text)
                refused.append(False)
            except FieldError:
                refused.append(True)
        return pa.array(refused, pa.bool_()).take(coded.indices)

    def _convert(self, array: pa.Array) -> pa.Array:
        """Text as the column's type where Arrow's conversion means the same as ours; NULLs are NULL already."""
        target = arrow_of(self._column)
        if self._name in ("timestamp", "timestamptz"):
            array = _plain_timestamps(array, self._statement.time_format == "auto")
            return array.cast(pa.timestamp("us")).cast(target) if self._name == "timestamptz" else array.cast(target)
        if self._name == "numeric":
            if _holds(array, b"eE"):
                raise Doubt  # Arrow's scaling by an exponent wraps around
            scale = self._column.type.scale or 0
            try:
                return array.cast(target)
            except pa.ArrowException:  # more digits than the column keeps: they are cut off
                pass
            pattern = rf"^([+-]?[0-9]*\.[0-9]{{{scale}}})[0-9]+$"
            return pc.replace_substring_regex(array, pattern, r"\1").cast(target)
        if self._name in ("int2", "int4", "int8") and not _holds(array, b"xX"):
            return array.cast(target)
        if self._name in ("float4", "float8"):
            return array.cast(pa.float64())
        if self._name == "date":
            return array.cast(target)
        raise Doubt

    def checked(self, array: pa.Array) -> pa.Array:
        """Converted values that the exact rules may see otherwise."""
        if self._name in ("float4", "float8"):
            array = array.cast(arrow_of(self._column), safe=False)
            if not pc.all(pc.is_finite(array), min_count=0).as_py():
                raise Doubt
        elif self._name == "numeric":
            bound = Decimal(10) ** ((self._column.type.precision or 18) - (self._column.type.scale or 0))
            extremes = pc.min_max(array).as_py()
            if any(one is not None and one.copy_abs() >= bound for one in extremes.values()):
                raise Doubt
        elif self._name == "date":
            first = pc.min(array.cast(pa.int32())).as_py()
            if first is not None and first < YEAR_ONE:
                raise Doubt
        elif self._name in ("timestamp", "timestamptz"):
            first = pc.min(array.cast(pa.int64())).as_py()
            if first is not None and first < YEAR_ONE * MICROS:
                raise Doubt
        return array

    def _characters(self, array: pa.Array) -> pa.Array:
        statement, length = self._statement, self._column.type.length or 0
        fixed = self._name == "bpchar"
        array = _without(array, (statement.null_as, *([""] if statement.has("emptyasnull") else [])))
        if statement.has("blanksasnull"):
            blank = pc.and_(pc.equal(pc.ascii_trim(array, BLANK), ""), pc.not_equal(array, ""))
            array = pc.if_else(blank, pa.scalar(None, pa.string()), array)
        if statement.has("trimblanks") and not fixed:
            array = pc.ascii_rtrim(array, BLANK)
        if fixed:
            if not pc.all(pc.string_is_ascii(array), min_count=0).as_py():
                raise Doubt
            array = pc.ascii_rtrim(array, " ")
        longest = pc.max(pc.binary_length(array)).as_py()
        if longest is not None and longest > length:
            if fixed or not statement.has("truncatecolumns"):
                raise Doubt
            array = _cut(array, length)
        return array

    def _distinct(self, array: pa.Array) -> pa.Array:
        """Each distinct text by the exact rules."""
        coded = array.dictionary_encode()
        try:
            values = [self._cell(text) for text in coded.dictionary.to_pylist()]
        except FieldError:
            raise Doubt from None
        return pa.array(values, arrow_of(self._column)).take(coded.indices)


def arrow_of(column: Column) -> pa.DataType:
    """The Arrow type of a column."""
    from slipher.warehouse.copy.layout import arrow_type

    return arrow_type(column.type)


def _has_blank_line(data: bytes) -> bool:
    return data.startswith((b"\n", b"\r\n")) or b"\n\n" in data or b"\n\r\n" in data


def _has_hexadecimal(data: bytes) -> bool:
    view = np.frombuffer(data, np.uint8)
    places = np.flatnonzero((view | 0x20) == 0x78)
    return bool((view[np.maximum(places - 1, 0)] == 0x30).any())


def _holds(array: pa.Array, letters: bytes) -> bool:
    """Whether some text of the array has one of some letters."""
    if not len(array):
        return False
    offsets = np.frombuffer(array.buffers()[1], np.int32)
    data = array.buffers()[2].slice(offsets[array.offset]) if array.buffers()[2] is not None else b""
    text = bytes(memoryview(data)[: int(offsets[array.offset + len(array)] - offsets[array.offset])])
    return any(bytes((letter,)) in text for letter in letters)


def _some_row_empty(arrays: Sequence[pa.Array]) -> bool:
    empty = None
    for array in arrays:
        text = pa.types.is_string(array.type)
        if not array.null_count and not (text and pc.any(pc.equal(pc.binary_length(array), 0)).as_py()):
            return False
        none = pc.is_null(array)
        if text:
            none = pc.or_(none, pc.equal(pc.binary_length(array), 0).fill_null(True))
        empty = none if empty is None else pc.and_(empty, none)
    return bool(pc.any(empty).as_py())


def _cut(array: pa.Array, length: int) -> pa.Array:
    """The texts' first bytes, without the beginning of a letter that does not fit whole."""
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(array.buffers()[2], np.uint8)
    whole = array.cast(pa.binary())
    out = pc.binary_slice(whole, 0, length)
    ends = (offsets[:-1].astype(np.int64) + length)[np.diff(offsets) > length]
    missing = np.zeros(len(ends), np.int64)
    for _ in range(3):
        missing += (data[ends - missing] & 0xC0) == 0x80
    for size in range(1, 4):
        if (missing == size).any():
            chosen = np.zeros(len(array), bool)
            chosen[np.diff(offsets) > length] = missing == size
            out = pc.if_else(pa.array(chosen), pc.binary_slice(whole, 0, max(length - size, 0)), out)
    return out.cast(pa.string())


def _without(array: pa.Array, texts: tuple[str | None, ...]) -> pa.Array:
    """The array with some texts made NULL."""
    for text in dict.fromkeys(one for one in texts if one is not None):
        same = pc.equal(array, text)
        if pc.any(same, min_count=0).as_py():
            array = pc.if_else(same, pa.scalar(None, pa.string()), array)
    return array


def _plain_timestamps(array: pa.Array, auto: bool, cut: bool = False) -> pa.Array:
    """The array, if every text is YYYY-MM-DD, or that with ' HH:MI:SS' and perhaps a fraction, by lengths and separators; else
    Doubt. 'auto' takes a T for the blank too, and texts that all end with Z, which is cut off."""
    found = array.drop_null()
    if not len(found):
        return array
    offsets = np.frombuffer(found.buffers()[1], np.int32)[found.offset : found.offset + len(found) + 1]
    data = np.frombuffer(found.buffers()[2], np.uint8)
    if auto and not cut and (data[offsets[1:] - 1] == 0x5A).all():
        return _plain_timestamps(pc.utf8_slice_codeunits(array, 0, -1), auto, True)
    lengths, starts = np.diff(offsets), offsets[:-1]
    long = starts[lengths != 10]
    sizes = lengths[lengths != 10]
    if not ((sizes == 19) | ((sizes >= 21) & (sizes <= 26))).all():
        raise Doubt
    between = data[long + 10]
    if (
        not ((between == 0x20) | ((between == 0x54) if auto else False)).all()
        or not (data[long[sizes > 19] + 19] == 0x2E).all()
    ):
        raise Doubt
    return array
