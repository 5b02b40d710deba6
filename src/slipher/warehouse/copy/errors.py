"""Load errors: what is wrong with a row, with Redshift's code and text (source: reference on load errors)."""

from __future__ import annotations

from dataclasses import dataclass


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


def visible(data: bytes, limit: int = 1024) -> str:
    """Raw bytes as the system tables show them: what is not plain ASCII becomes a dot."""
    return "".join(chr(byte) if 32 <= byte < 127 or byte == 9 else "." for byte in data[:limit])


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
