"""A field as a column's value or NULL: the null string, blanks, then the column's own conversion, then NOT NULL.

These are the exact rules, one value at a time. The fast ways of batches.py may only accept what these accept.
"""

from __future__ import annotations

from typing import Any

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.fields import BLANK, Convert, converter

MISSING = FieldError(1213, "Missing data for not-null field")


def cell(column: Column, statement: Copy, null_as: str | None) -> Convert:
    """What turns a field's text into a value or None (source: reference on COPY, implicit NULL rules). `null_as` None: no text
    means NULL by itself."""
    convert = converter(column, statement)
    if column.identity is not None:
        convert = _identity(convert)
    characters = column.type.name in ("varchar", "bpchar")
    empty_null, blank_null = statement.has("emptyasnull"), statement.has("blanksasnull")
    not_null, nul = column.not_null, null_as == "\0"

    def value(text: str) -> Any:
        made = None
        if text == null_as:
            pass
        elif nul and "\0" in text:
            raise FieldError(1218, "Invalid null byte - field longer than 1 byte", text.index("\0"))
        elif not characters:
            if text.strip(BLANK):
                made = convert(text)
        elif not ((empty_null and not text) or (blank_null and text and not text.strip(BLANK))):
            made = convert(text)
        if made is None and not_null:
            raise FieldError(MISSING.code, MISSING.reason)
        return made

    return value


def _identity(convert: Convert) -> Convert:
    """The same for an identity column: what is wrong with its number has a code of its own."""

    def value(text: str) -> Any:
        try:
            return convert(text)
        except FieldError as error:
            raise FieldError(1217, f"Invalid identity value: {error.reason}", error.position) from None

    return value
