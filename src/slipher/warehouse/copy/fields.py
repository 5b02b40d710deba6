"""One field's text as one column's value: the exact rules, one function a type; they own every field's error.

Texts of the errors are those of the reference on load errors, section 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from slipher.sql.names import Column
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy import dateformats
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.supers import super_text, varbyte

Convert = Callable[[str], Any]
TRUE = {"t", "true", "y", "yes", "1"}
FALSE = {"f", "false", "n", "no", "0"}
INTEGERS = {"int2": ("Short", 2**15), "int4": ("Integer", 2**31), "int8": ("Long", 2**63)}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
BEGUN = re.compile(r"[+-]?\d*\.?\d*(?:(?<=\d)[eE][+-]?\d*)?", re.ASCII)  # as far as a text may be a number
CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\Z", re.ASCII)
ZONED = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(?:Z|UTC|([+-])(\d{1,2})(?::?(\d{2}))?)?\Z", re.ASCII)
BLANK = " \t\n\r\v\f"
FLOAT4_LIMIT = float.fromhex("0x1.ffffffp127")  # what rounds to infinity
MAX_SHOWN = 64
CONTEXT = Context(prec=60)


def converter(column: Column, statement: Copy) -> Convert:
    """What turns a field's text (not NULL) into the column's value, or raises FieldError."""
    kind = column.type
    name = kind.name
    if name in INTEGERS:
        return _integer(*INTEGERS[name])
    if name == "numeric":
        return _decimal(kind.precision or 18, kind.scale or 0, statement.has("roundec"))
    if name in ("float4", "float8"):
        return _float(name == "float4")
    if name == "bool":
        return _boolean
    if name in ("varchar", "bpchar"):
        return _text(name, kind.length or 0, statement)
    if name == "super":
        return super_text
    if name == "varbyte":
        return varbyte(kind.length or 0)
    made = {
        "date": _date(statement),
        "timestamp": _timestamp(statement, False),
        "timestamptz": _timestamp(statement, True),
        "time": _time,
        "timetz": _time_with_zone,
    }.get(name)
    assert made is not None, name
    return made


def _integer(shown: str, limit: int) -> Convert:
    def convert(text: str) -> int:
        trimmed = text.strip(" \t")
        for index, letter in enumerate(trimmed):
            if not ("0" <= letter <= "9") and not (index == 0 and letter in "+-" and len(trimmed) > 1):
                raise FieldError(1207, f"Invalid digit, Value '{letter}', Pos {index}, Type: {shown}", index)
        value = int(trimmed) if len(trimmed) < 1000 else limit
        if not -limit <= value < limit:
            raise FieldError(1222, f"Overflow ({shown} valid range {-limit} to {limit - 1})")
        return value

    return convert


def _decimal(precision: int, scale: int, rounding: bool) -> Convert:
    step = Decimal(1).scaleb(-scale)
    bound = Decimal(10) ** (precision - scale)

    def convert(text: str) -> Decimal:
        trimmed = text.strip(" \t")
        if not NUMBER.match(trimmed):
            raise _no_decimal(trimmed)
        try:
            value = Decimal(trimmed).quantize(step, ROUND_HALF_UP if rounding else ROUND_DOWN, CONTEXT)
        except InvalidOperation:
            raise FieldError(1204, "Numeric data overflow (result precision)") from None
        if value.copy_abs() >= bound:
            raise FieldError(1204, "Numeric data overflow (result precision)")
        return value

    return convert


def _no_decimal(text: str) -> FieldError:
    """1207 for a character that no number has, 1209 for one that stands where none can."""
    index = next((at for at, one in enumerate(text) if one not in "0123456789.+-eE"), None)
    code = 1207
    if index is None:
        begun = BEGUN.match(text)
        index, code = begun.end() if begun else 0, 1209
        index = min(index, len(text) - 1)
    return FieldError(code, f"Invalid digit, Value '{text[index]}', Pos {index}, Type: Decimal", index)


def _float(single: bool) -> Convert:
    def convert(text: str) -> float:
        trimmed = text.strip(" \t")
        low = trimmed.lower()
        if not NUMBER.match(trimmed) and low not in (
            "nan",
            "inf",
            "+inf",
            "-inf",
            "infinity",
            "-infinity",
            "+infinity",
        ):
            raise FieldError(1208, f"Invalid value for FLOAT, Value '{trimmed[:MAX_SHOWN]}'")
        value = float(trimmed)
        if math.isinf(value) and "inf" not in low:
            raise FieldError(1208, "Float value out of range")
        if single and math.isfinite(value) and abs(value) >= FLOAT4_LIMIT:
            raise FieldError(1208, "Float value out of range")
        return value

    return convert


def _boolean(text: str) -> bool:
    low = text.strip(" \t").lower()
    if low in TRUE:
        return True
    if low in FALSE:
        return False
    raise FieldError(1210, "Unknown boolean format")


def _text(name: str, length: int, statement: Copy) -> Convert:
    cut = statement.has("truncatecolumns")
    trim = statement.has("trimblanks") and name == "varchar"
    fixed = name == "bpchar"
    reason = "Char length exceeds DDL length" if fixed else "String length exceeds DDL length"

    def convert(text: str) -> str:
        if trim:
            text = text.rstrip(" \t\n\r\v\f")
        if fixed:
            if not text.isascii():
                bad = next(one for one in text if not one.isascii())
                shown = " ".join(f"{byte:02x}" for byte in bad.encode())
                hint = "Multibyte character not supported for CHAR (Hint: Try using  VARCHAR). Invalid char: "
                raise FieldError(1215, hint + shown, text.index(bad))
            if len(text) > length and len(text.rstrip(" ")) > length:
                if not cut:
                    raise FieldError(1204, reason, length)
                text = text[:length]
            return text.rstrip(" ")
        if len(text) * 4 > length:
            encoded = text.encode()
            if len(encoded) > length:
                if not cut:
                    raise FieldError(1204, reason, length)
                return encoded[:length].decode("utf-8", "ignore")
        return text

    return convert


def _date(statement: Copy) -> Convert:
    form = statement.date_format
    any_date = statement.has("acceptanydate")

    def convert(text: str) -> date | int | None:
        trimmed = text.strip(" \t")
        try:
            found = dateformats.read(trimmed, form, "date")
        except (ValueError, OverflowError):
            if any_date:
                return None
            if form is None and len(trimmed) < 10:
                raise FieldError(1205, "Invalid Date Format - length must be 10 or more") from None
            raise FieldError(1205, f"Invalid Date Format - {form or 'YYYY-MM-DD'}") from None
        return found // dateformats.DAY if isinstance(found, int) else found.date()

    return convert


def _timestamp(statement: Copy, zoned: bool) -> Convert:
    form = statement.time_format
    any_date = statement.has("acceptanydate")

    def convert(text: str) -> datetime | int | None:
        trimmed = text.strip(" \t")
        try:
            found = dateformats.read(trimmed, form, "timestamptz" if zoned else "timestamp")
        except (ValueError, OverflowError):
            if any_date:
                return None
            shown = form or "YYYY-MM-DD HH24:MI:SS"
            raise FieldError(1206, f"Invalid timestamp format or value [{shown}]") from None
        if isinstance(found, int):
            return found
        if not zoned:
            return found.replace(tzinfo=None)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)

    return convert


def _time_with_zone(text: str) -> str:
    """As the engine reads it; UTC where no zone is written."""
    match = ZONED.match(text.strip(" \t"))
    try:
        if match is None:
            raise ValueError(text)
        clock, sign, hours, minutes = match.groups()
        if int(hours or 0) > 15 or int(minutes or 0) > 59:
            raise ValueError(text)
        return f"{time.fromisoformat(clock).isoformat()}{sign or '+'}{int(hours or 0):02d}:{int(minutes or 0):02d}"
    except ValueError:
        raise FieldError(1206, "Invalid time format or value [HH24:MI:SSOF]") from None


def _time(text: str) -> time:
    try:
        if not CLOCK.match(text.strip(" \t")):
            raise ValueError(text)
        return time.fromisoformat(text.strip(" \t"))
    except ValueError:
        raise FieldError(1206, "Invalid time format or value [HH24:MI:SS]") from None
