# table
"""Which option may help with a load error: the HINT beside Redshift's own text, which has none."""

from __future__ import annotations

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.errors import LoadError

LINES = ("delimited", "csv", "fixedwidth")
HEADER = "If the first line names the columns, IGNOREHEADER 1 skips it."
CONVERSIONS = (1204, 1205, 1206, 1207, 1208, 1210, 1222)

# code -> what may help
HINTS: dict[int, str] = {
    1202: "DELIMITER or CSV may name how fields are separated; a column list names the columns that the file has.",
    1203: "FILLRECORD takes lines with too few fields; FIXEDWIDTH's widths are counted in characters.",
    1205: "DATEFORMAT 'auto' reads many forms, DATEFORMAT 'pattern' a certain one, ACCEPTANYDATE makes NULL of what is no date.",
    1206: "TIMEFORMAT 'auto' reads many forms; 'epochsecs', 'epochmillisecs' or a pattern a certain one.",
    1211: "IGNOREBLANKLINES skips lines without a character.",
    1213: "NULL AS says which text means NULL; a column list leaves a column to its DEFAULT.",
    1214: "DELIMITER or CSV may name how fields are separated; FILLRECORD takes lines with too few fields.",
    1215: "A VARCHAR column takes characters of several bytes.",
    1216: "CSV reads quoted fields, ESCAPE reads delimiters and newlines behind a backslash.",
    1217: "Without EXPLICIT_IDS, and without a place in the column list, an identity column makes its own values.",
    1219: "A character is written \\u and four hexadecimal digits in JSON.",
    1220: "ENCODING reads another encoding; ACCEPTINVCHARS replaces what is not UTF-8.",
    1221: "ENCODING names the encoding of all files of a load.",
    1223: "Attributes of type STRING and NUMBER can be loaded; a column list leaves the columns of others out.",
}
JSON = (
    "A file is objects one after the other, no commas between, no brackets around; 'noshred' and JSONPaths take arrays."
)
TOO_LONG = "TRUNCATECOLUMNS cuts text to its column's length."


def hint(error: LoadError, statement: Copy) -> str | None:
    """What may help with this error, None if nothing is known to."""
    first = error.line == 1 and statement.ignore_header == 0 and statement.format in LINES
    if first and error.code in CONVERSIONS:
        return HEADER
    if error.code == 1204 and "length exceeds DDL length" in error.reason:
        return TOO_LONG
    if error.code == 1216 and statement.format == "json":
        return JSON
    return HINTS.get(error.code)
