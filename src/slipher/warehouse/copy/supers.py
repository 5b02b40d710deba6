"""SUPER and VARBYTE fields: JSON text as it is kept (without blanks, numbers as written), hexadecimal text as bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson

from slipher.warehouse.copy.errors import FieldError

MAX_SUPER = 16 * 1024 * 1024  # source: Redshift's quotas
MAX_STRING = 65535  # of a string inside (source: reference on load errors, 1224)
TOO_LONG = "String value exceeds the max size of 65535 bytes"
MALFORMED = "Invalid value for SUPER: not well-formed JSON"
DIGIT = re.compile(r"[^0-9a-fA-F]")
_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')
_HAS_BLANKS = re.compile(r"[ \t\r\n]")


def super_text(text: str) -> str | None:
    """JSON text as a SUPER value is kept; None for null. FieldError 1224 for what is not JSON."""
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise FieldError(1224, MALFORMED) from None
    if value is None:
        return None
    if len(text) > MAX_STRING:
        check_sizes(value, text)
    return without_blanks(text, value)


def without_blanks(text: str, value: Any) -> str:
    """JSON text without the blanks between its parts; `value` is what it means."""
    if not _HAS_BLANKS.search(text):
        return text
    written = orjson.dumps(value).decode()
    if written.replace(" ", "") == text.strip().replace(" ", ""):
        return written  # the same but for blanks: those in strings stand in both
    return _BLANKS.sub(r"\1", text)


def super_value(value: Any) -> str | None:
    """A decoded JSON value as a SUPER value is kept."""
    if value is None:
        return None
    text = orjson.dumps(value).decode()
    if len(text) > MAX_STRING:
        check_sizes(value, text)
    return text


def check_sizes(value: Any, text: str) -> None:
    """FieldError 1224 for a value, or a string in it, that is too long."""
    if len(text) > MAX_SUPER or len(text.encode()) > MAX_SUPER:
        raise FieldError(1224, "SUPER value exceeds the max size of 16777216 bytes")
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if len(one) * 4 > MAX_STRING and len(one.encode()) > MAX_STRING:
                raise FieldError(1224, TOO_LONG)
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def varbyte(length: int) -> Callable[[str], bytes]:
    """What reads hexadecimal text into VARBYTE(length)."""

    def convert(text: str) -> bytes:
        trimmed = text.strip(" \t")
        bad = DIGIT.search(trimmed)
        if bad is not None:
            raise FieldError(
                1207, f"Invalid digit, Value '{bad.group()}', Pos {bad.start()}, Type: Varbyte", bad.start()
            )
        if len(trimmed) % 2:
            raise FieldError(1207, "Invalid number of hexadecimal digits, Type: Varbyte", len(trimmed))
        if len(trimmed) > 2 * length:
            raise FieldError(1204, "Varbyte length exceeds DDL length", length)
        return bytes.fromhex(trimmed)

    return convert
