"""Formats of TO_CHAR, TO_DATE and TO_TIMESTAMP as engine calls (source: Redshift's datetime format strings)."""

from __future__ import annotations

import re

from sqlglot import exp

from slipher.sql.bind.typed import as_tree, call

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


def date_parts(form: str, tree: exp.Expr) -> exp.Expr | None:
    """The text of a timestamp in a format, by the engine alone; None where a code is not the engine's."""
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
        elif piece.upper() == "FM" or (code is None and piece.isalpha()):
            return None
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


def reading_pattern(form: str) -> str | None:
    """A format as strptime's pattern; None where a code is not strptime's."""
    out = ""
    for piece in _pieces(form):
        code = READ.get(piece.upper())
        if code is not None:
            out += code
        elif piece.isalpha():
            return None
        else:
            out += piece.strip('"').replace("%", "%%")
    return out
