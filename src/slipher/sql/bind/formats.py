"""Formats of TO_CHAR, TO_DATE and TO_TIMESTAMP as engine calls (source: Redshift's datetime format strings)."""

from __future__ import annotations

import re

from sqlglot import exp

from slipher.base.errors import not_supported
from slipher.sql.bind.typed import Typed, as_tree, call, cast
from slipher.types.sqltype import FLOAT8

# code -> strftime pattern, or the engine macro that makes the text ('rs_...')
WRITE: tuple[tuple[str, str], ...] = (
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("HH", "%I"),
    ("YYYY", "%Y"),
    ("YYY", "rs_year3"),
    ("YY", "%y"),
    ("IYYY", "%G"),
    ("MONTH", "rs_month_upper"),
    ("Month", "rs_month_name"),
    ("month", "rs_month_lower"),
    ("MON", "rs_mon_upper"),
    ("Mon", "%b"),
    ("mon", "rs_mon_lower"),
    ("MM", "%m"),
    ("MI", "%M"),
    ("MS", "rs_millis"),
    ("US", "rs_micros"),
    ("SS", "%S"),
    ("DDD", "%j"),
    ("DD", "%d"),
    ("DAY", "rs_day_upper"),
    ("Day", "rs_day_name"),
    ("day", "rs_day_lower"),
    ("DY", "rs_dy_upper"),
    ("Dy", "%a"),
    ("dy", "rs_dy_lower"),
    ("D", "rs_day_number"),
    ("IW", "%V"),
    ("WW", "rs_week_of_year"),
    ("ID", "%u"),
    ("Q", "rs_quarter"),
    ("CC", "rs_century"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("am", "rs_am_lower"),
    ("pm", "rs_am_lower"),
    ("Y", "rs_year1"),
)
READ: dict[str, str] = {
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%I",
    "YYYY": "%Y",
    "YY": "%y",
    "MONTH": "%B",
    "MON": "%b",
    "MM": "%m",
    "MI": "%M",
    "SS": "%S",
    "MS": "%g",
    "US": "%f",
    "DDD": "%j",
    "DD": "%d",
    "DAY": "%A",
    "DY": "%a",
    "AM": "%p",
    "PM": "%p",
}
_LONGEST_FIRST = sorted((re.escape(code) for code, _ in WRITE), key=len, reverse=True)
_CODES = re.compile("|".join(_LONGEST_FIRST) + r'|"[^"]*"|FM|.', re.DOTALL | re.IGNORECASE)
_TABLE = dict(WRITE)


def _pieces(form: str) -> list[str]:
    return [match.group(0) for match in _CODES.finditer(form)]


def date_parts(form: str, tree: exp.Expr) -> exp.Expr:
    """The text of a timestamp in a format."""
    parts: list[exp.Expr] = []
    pattern = ""

    def flush() -> None:
        nonlocal pattern
        if pattern:
            parts.append(call("strftime", tree.copy(), pattern))
            pattern = ""

    for piece in _pieces(form):
        code = _TABLE.get(piece) or _TABLE.get(piece.upper())
        if piece.startswith('"') and len(piece) > 1:
            pattern += piece[1:-1].replace("%", "%%")
        elif piece.upper() == "FM":
            raise not_supported("TO_CHAR with FM")
        elif code is None:
            pattern += piece.replace("%", "%%")
        elif code.startswith("%"):
            pattern += code
        else:
            flush()
            parts.append(call(code, tree.copy()))
    flush()
    made = parts[0] if parts else as_tree("")
    for one in parts[1:]:
        made = exp.DPipe(this=made, expression=one)
    return exp.Paren(this=made) if len(parts) > 1 else made


def reading_pattern(form: str) -> str:
    """A format as strptime's pattern."""
    out = ""
    for piece in _pieces(form):
        code = READ.get(piece.upper())
        if code is not None:
            out += code
        elif piece.isalpha():
            raise not_supported(f"reading a date with format {piece}")
        else:
            out += piece.strip('"').replace("%", "%%")
    return out


_NUMBER = re.compile(r"(FM)?([S$]?)([09,G]*)(?:[.D]([09]*))?\Z")


def number_parts(form: str, value: Typed) -> exp.Expr:
    """The text of a number in a format of 9, 0, a point and commas."""
    match = _NUMBER.match(form.upper())
    if match is None or match.group(2):
        raise not_supported(f"TO_CHAR of a number with format {form}")
    whole, fraction = match.group(3), match.group(4) or ""
    zeros = (
        len(whole.replace(",", "").replace("G", "")) - whole.replace(",", "").replace("G", "").find("0")
        if "0" in whole
        else 0
    )
    number = (
        cast(value.tree, FLOAT8)
        if value.type.name.startswith("float")
        else cast(value.tree, f"DECIMAL(38,{max(value.type.scale or 0, len(fraction))})")
    )
    return call(
        "rs_number_text",
        number,
        len(whole.replace(",", "").replace("G", "")),
        zeros,
        len(fraction),
        "," in whole or "G" in whole,
        len(whole) + (len(fraction) + 1 if match.group(4) is not None else 0) + 1,
        bool(match.group(1)),
    )
