"""docs/reference/load-error-codes.md: every code that a row of a load can be refused with, and what may help."""

from __future__ import annotations

import re
from pathlib import Path

from pages.page import Missing, code, page, table
from slipher.warehouse.copy import hints

SOURCES = Path(hints.__file__).parent
# code -> what is wrong with the row (source: Redshift's documentation, "Load error reference")
CODES: dict[int, str] = {
    1202: "more fields than columns",
    1203: "fewer fields than columns, in FIXEDWIDTH",
    1204: "text longer than the column (in bytes), or a number beyond the column's range",
    1205: "not a date, or not as DATEFORMAT says",
    1206: "not a timestamp or time, or not as TIMEFORMAT says",
    1207: "a character that no number has",
    1208: "not a floating point number, or beyond its range",
    1209: "not a decimal: a sign or point where none can stand",
    1210: "not a boolean: t, true, y, yes, 1, f, false, n, no, 0",
    1211: "a line without anything",
    1213: "nothing for a NOT NULL column",
    1214: "a delimiter is missing: fewer fields than columns",
    1215: "a character of several bytes for a CHAR column, which takes ASCII only",
    1216: "a line, or JSON, that cannot be read at all: a quote that does not end, a line too long, no object",
    1217: "not a value for an identity column",
    1218: "NULL AS '\\0', and a field that has more than that",
    1219: "a wrong \\u sequence in JSON",
    1220: "not UTF-8",
    1221: "a file that is not in the encoding that ENCODING names",
    1222: "a whole number beyond the column's range",
    1223: "an attribute of DynamoDB that has no type of a column; ends the load whatever MAXERROR says",
    1224: "not JSON, or too long, for a SUPER column",
}


def make() -> str:
    """The page."""
    used = {int(found) for path in SOURCES.glob("*.py") for found in re.findall(r"\b12[0-2]\d\b", path.read_text())}
    if lacking := sorted(used - set(CODES)):
        raise Missing(f"tools/pages/load_codes.py says nothing about the codes {', '.join(map(str, lacking))}")
    if never := sorted(set(CODES) - used):
        raise Missing(f"tools/pages/load_codes.py speaks of codes that no load gives: {', '.join(map(str, never))}")
    helps = hints.HINTS | {1204: hints.TOO_LONG}
    rows = [(code(number), what, helps.get(number, "")) for number, what in CODES.items()]
    return page(
        "Codes of load errors",
        "`err_code` in `stl_load_errors`, `error_code` in `sys_load_error_detail`. What may help is the error's HINT. From an "
        "error to its cause: [why did my load fail?](../guide/load-errors.md)",
        table(("code", "what is wrong with the row", "what may help"), rows),
        f"For a row that is the first of a file, with one of the codes {', '.join(map(str, hints.CONVERSIONS))}: {hints.HEADER} "
        f"For 1216 in JSON: {hints.JSON}",
        "Redshift's codes 1200, 1201, 1212 and 9005 come from nothing that a load does here.",
    )
