"""COPY's options: one row each, then the conflicts between them (source: reference on COPY)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slipher.base.errors import SqlError, not_supported
from slipher.sql.parse.authorization import authorization
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.copy import Copy

# Options without a value that are built.
SWITCHES = (
    "ACCEPTANYDATE", "BLANKSASNULL", "EMPTYASNULL", "ESCAPE", "EXPLICIT_IDS", "FILLRECORD", "IGNOREBLANKLINES", "NOLOAD",
    "REMOVEQUOTES", "ROUNDEC", "TRIMBLANKS", "TRUNCATECOLUMNS",
)  # fmt: skip
# Options and formats of Redshift that are not built yet, refused by name.
LATER = (
    "ACCEPTINVCHARS", "AVRO", "BZIP2", "ENCRYPTED", "FIXEDWIDTH", "JSON", "LZOP", "MANIFEST", "MASTER_SYMMETRIC_KEY", "ORC",
    "PARQUET", "SERIALIZETOJSON", "SHAPEFILE", "SSH", "ZSTD", "JOB",
)  # fmt: skip
# What cannot stand beside what (the first names the error).
CONFLICTS: tuple[tuple[str, str], ...] = (
    ("CSV", "ESCAPE"),
    ("CSV", "REMOVEQUOTES"),
    ("MAXERROR", "IGNOREALLERRORS"),
)
# What a load from DynamoDB takes beside the load operations.
DYNAMODB = {
    "AUTHORIZATION", "READRATIO", "REGION", "ACCEPTANYDATE", "BLANKSASNULL", "DATEFORMAT", "EMPTYASNULL", "ROUNDEC", "TIMEFORMAT",
    "TRIMBLANKS", "TRUNCATECOLUMNS", "COMPROWS", "COMPUPDATE", "MAXERROR", "NOLOAD", "STATUPDATE", "IGNOREALLERRORS",
    "EXPLICIT_IDS",
}  # fmt: skip
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\\\": "\\", "\\b": "\b", "\\f": "\f", "\\r": "\r", "\\v": "\v"}


def copy(cursor: Cursor) -> Copy:
    """COPY table [(columns)] FROM source authorization [options]."""
    cursor.expect("COPY")
    if cursor.peek() in ("JOB", "("):
        if cursor.peek() == "(":
            raise cursor.error()
        raise not_supported("COPY JOB")
    table = cursor.qname()
    columns = cursor.names() if cursor.peek() == "(" else ()
    cursor.expect("FROM")
    source = cursor.string()
    facts: dict[str, Any] = {}
    given: list[str] = []
    known = None
    while not cursor.done:
        cursor.accept(",")
        found = authorization(cursor, known)
        if found is not None:
            known = found
            given.append("AUTHORIZATION")
            continue
        name = _option(cursor, facts)
        if name in given and name != "FORMAT":
            raise SqlError("42601", "conflicting or redundant options")
        given.append(name)
    if known is None:
        raise SqlError("42601", "COPY needs credentials: IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID and SECRET_ACCESS_KEY")
    _check(source, set(given), facts)
    facts["switches"] = frozenset(facts.pop("switches", ()))
    if facts.get("format") == "csv":
        facts.setdefault("delimiter", ",")
    return Copy(table, source, known, columns, **facts)


def _option(cursor: Cursor, facts: dict[str, Any]) -> str:
    word = cursor.peek()
    if word == "FORMAT":
        cursor.at += 1
        cursor.accept("AS")
        if cursor.peek() not in ("CSV", "AVRO", "JSON", "PARQUET", "ORC", "SHAPEFILE", "DELIMITER", "FIXEDWIDTH"):
            raise cursor.error()
        word = cursor.peek()
    if word in LATER:
        raise not_supported(f"COPY option {word}")
    if word in SWITCHES:
        cursor.at += 1
        facts.setdefault("switches", set()).add(word.lower())
        return word
    reader = VALUES.get(word)
    if reader is None:
        raise cursor.error()
    cursor.at += 1
    reader(cursor, facts)
    return word


def _character(cursor: Cursor, what: str) -> str:
    """A single ASCII character; octal and C escapes as written."""
    cursor.accept("AS")
    text = cursor.string()
    text = ESCAPES.get(text, text)
    if len(text) == 4 and text.startswith("\\") and text[1:].isdigit():
        text = chr(int(text[1:], 8))
    if len(text) != 1 or not text.isascii():
        raise SqlError("22023", f"COPY {what} must be a single ASCII character")
    return text


def _integer(cursor: Cursor, name: str, low: int, high: int) -> int:
    cursor.accept("AS")
    value = cursor.integer()
    if not low <= value <= high:
        raise SqlError("22023", f"Invalid value for {name}: {value} (must be between {low} and {high})")
    return value


def _csv(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["format"] = "csv"
    if cursor.accept("QUOTE"):
        facts["quote"] = _character(cursor, "QUOTE")


def _quote(cursor: Cursor, facts: dict[str, Any]) -> None:
    if facts.get("format") != "csv":
        raise SqlError("42601", "COPY QUOTE is only allowed with CSV")
    facts["quote"] = _character(cursor, "QUOTE")


def _delimiter(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["delimiter"] = _character(cursor, "delimiter")
    if facts["delimiter"] in "\n\r\\":
        raise SqlError("22023", "COPY delimiter cannot be newline, carriage return or backslash")


def _null(cursor: Cursor, facts: dict[str, Any]) -> None:
    cursor.accept("AS")
    text = cursor.string()
    facts["null_as"] = "\0" if text in ("\\0", "\\000") else text
    if text in ("\n", "\\n"):
        raise SqlError("22023", "COPY NULL AS cannot be newline")


def _region(cursor: Cursor, facts: dict[str, Any]) -> None:
    cursor.accept("AS")
    facts["region"] = cursor.string()


def _max_error(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["max_error"] = _integer(cursor, "MAXERROR", 0, 100000)


def _header(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["ignore_header"] = _integer(cursor, "IGNOREHEADER", 0, 2**31 - 1)


def _ratio(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["read_ratio"] = _integer(cursor, "READRATIO", 1, 200)


def _form(name: str) -> Callable[[Cursor, dict[str, Any]], None]:
    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        cursor.accept("AS")
        facts[name] = cursor.string()

    return read


def _gzip(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["compression"] = "gzip"


def _all_errors(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["all_errors"] = True


def _encoding(cursor: Cursor, facts: dict[str, Any]) -> None:
    cursor.accept("AS")
    name = cursor.string() if cursor.is_string() else cursor.identifier()
    if name.lower() != "utf8":
        raise not_supported(f"COPY option ENCODING {name.upper()}")


# COMPROWS and COMPUPDATE say how encodings are chosen: the engine compresses what it stores by itself.
def _comprows(cursor: Cursor, facts: dict[str, Any]) -> None:
    _integer(cursor, "COMPROWS", 1000, 2**31 - 1)


def _words(*words: str) -> Callable[[Cursor, dict[str, Any]], None]:
    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        cursor.accept_any(words)

    return read


def _stat_update(cursor: Cursor, facts: dict[str, Any]) -> None:
    """The engine keeps its statistics itself, always; what ON asks for beside that is a privilege."""
    facts["stat_update"] = cursor.accept_any(("ON", "TRUE", "OFF", "FALSE")) not in ("OFF", "FALSE")


VALUES: dict[str, Callable[[Cursor, dict[str, Any]], None]] = {
    "CSV": _csv,
    "QUOTE": _quote,
    "DELIMITER": _delimiter,
    "GZIP": _gzip,
    "NULL": _null,
    "REGION": _region,
    "MAXERROR": _max_error,
    "IGNOREHEADER": _header,
    "IGNOREALLERRORS": _all_errors,
    "READRATIO": _ratio,
    "DATEFORMAT": _form("date_format"),
    "TIMEFORMAT": _form("time_format"),
    "ENCODING": _encoding,
    "COMPROWS": _comprows,
    "COMPUPDATE": _words("PRESET", "ON", "TRUE", "OFF", "FALSE"),
    "STATUPDATE": _stat_update,
}


def _check(source: str, given: set[str], facts: dict[str, Any]) -> None:
    for one, other in CONFLICTS:
        if one in given and other in given:
            raise SqlError("42601", f"{one} is not compatible with {other}")
    if facts.get("format") == "csv" and facts.get("quote", '"') == facts.get("delimiter", ","):
        raise SqlError("22023", "COPY delimiter and quote must be different")
    kind = source.partition("://")[0].lower()
    if kind == "dynamodb":
        wrong = sorted(given - DYNAMODB)
        if wrong:
            raise SqlError("0A000", f"{wrong[0]} is not supported for COPY from DynamoDB")
        if "READRATIO" not in given:
            raise SqlError("42601", "READRATIO must be specified for COPY from DynamoDB")
    elif kind == "s3":
        if "READRATIO" in given:
            raise SqlError("42601", "READRATIO is only supported for COPY from DynamoDB")
        if not source[5:].partition("/")[0]:
            raise SqlError("22023", f"The specified S3 path '{source}' is not valid")
    elif kind == "emr":
        raise not_supported("COPY from EMR")
    else:
        raise SqlError("22023", f"Invalid data source '{source}': it must begin with s3://, dynamodb:// or emr://")
