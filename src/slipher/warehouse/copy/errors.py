"""Load errors: what is wrong with a row, with Redshift's code and text (source: reference on load errors)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

INVALID_TYPE = 1223  # ends a load whatever MAXERROR says (source: Redshift's guide, loading from DynamoDB)


class FieldError(Exception):
    """A field that cannot be loaded: code, reason, position in the field."""

    def __init__(self, code: int, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.code, self.reason, self.position = code, reason, position


@dataclass(frozen=True, slots=True)
class LoadError:
    """A row that was not loaded. `line` is counted from 1 in its file (-1: it has no lines); `column` is the field's place, -1
    where the row itself is wrong; `fields` are the raw fields up to and including the wrong one."""

    line: int
    column: int
    position: int
    raw_line: str
    raw_field: str
    code: int
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A row whose invalid characters were replaced: its line, the first such column's place, its raw line."""

    line: int
    column: int
    raw_line: str


def visible(data: bytes, limit: int = 1024) -> str:
    """Raw bytes as the system tables show them: what is not plain ASCII becomes a dot."""
    return "".join(chr(byte) if 32 <= byte < 127 or byte == 9 else "." for byte in data[:limit])


_PLANES = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
NONCHARACTERS = re.compile(f"[\\ufdd0-\\ufdef{_PLANES}]")
NONCHARACTER_BYTES = re.compile(rb"\xef\xb7[\x90-\xaf]|\xef\xbf[\xbe\xbf]|[\xf0-\xf4][\x80-\xbf]\xbf[\xbe\xbf]")


def replacer(mark: str) -> Callable[[bytes], tuple[str, bool]]:
    """What decodes a field with ACCEPTINVCHARS: its text, and whether something was replaced. Each byte of what is no character
    becomes the mark; characters that are none by Unicode count as such (source: Redshift's guide)."""
    name = f"slipher-copy-{ord(mark)}"

    def bad(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        return mark * (error.end - error.start), error.end

    codecs.register_error(name, bad)

    def replace(data: bytes) -> tuple[str, bool]:
        if data.isascii():
            return data.decode(), False
        text = data.decode("utf-8", name)
        made = NONCHARACTERS.sub(lambda found: mark * len(found.group().encode()), text)
        return made, made.encode() != data

    return replace


_UTF8 = "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {} (error {})"


def decode(data: bytes) -> str:
    """A field's text; FieldError 1220 with the documented number of what is wrong (source: Redshift's guide on multibyte load
    errors)."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        lead = data[error.start]
        if error.reason == "unexpected end of data":
            number = 2
        elif lead >= 0xFE or 0x80 <= lead <= 0xBF:
            number = 3
        elif lead >= 0xF8:
            number = 1
        elif lead in (0xC0, 0xC1):
            number = 9
        elif lead == 0xED:
            number = 5
        elif lead >= 0xF4:
            number = 8
        else:
            number = 4
        bad = data[error.start : max(error.end, error.start + (2 if number in (4, 5) else 1))].hex()
        raise FieldError(1220, _UTF8.format(bad, number), error.start) from None
