"""COPY's options: one row each, then the conflicts between them (source: reference on COPY)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slipher.base.errors import SqlError, not_supported
from slipher.sql.parse import copy_job
from slipher.sql.parse.authorization import authorization
from slipher.sql.parse.copy_rules import (
    COLUMNAR,
    COLUMNAR_TAKES,
    COLUMNAR_TEXT,
    CONFLICTS,
    DYNAMODB_TAKES,
    EMR_REFUSES,
    RANGES,
)
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.copy import Copy

# Options without a value.
SWITCHES = (
    "ACCEPTANYDATE", "BLANKSASNULL", "EMPTYASNULL", "ENCRYPTED", "ESCAPE", "EXPLICIT_IDS", "FILLRECORD", "IGNOREBLANKLINES",
    "MANIFEST", "NOLOAD", "REMOVEQUOTES", "ROUNDEC", "SERIALIZETOJSON", "SSH", "TRIMBLANKS", "TRUNCATECOLUMNS",
)  # fmt: skip
# Options and formats of Redshift that are not built, refused by name once what is wrong beside them has been said.
LATER = ("SHAPEFILE", "SSH", "ENCRYPTED", "MASTER_SYMMETRIC_KEY")
ENCODINGS = ("utf8", "utf16", "utf16le", "utf16be", "iso88591")
MAX_WIDTH = 65535
TOKEN = re.compile(r"YY|MM|MON|DD|HH|MI|SS", re.IGNORECASE)
ZONE = re.compile(r"OF|TZ", re.IGNORECASE)
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\\\": "\\", "\\b": "\b", "\\f": "\f", "\\r": "\r", "\\v": "\v"}


def copy(cursor: Cursor) -> object:
    """COPY table [(columns)] FROM source authorization [options]; COPY JOB."""
    cursor.expect("COPY")
    if cursor.peek() in ("JOB", "("):
        if cursor.peek() == "(":
            raise cursor.error()
        return copy_job.command(cursor)
    table = cursor.qname()
    columns = cursor.names() if cursor.peek() == "(" else ()
    cursor.expect("FROM")
    source = cursor.string()
    facts: dict[str, Any] = {}
    given: list[str] = []
    known = None
    made_job: tuple[str, bool, int] | None = None
    while not cursor.done:
        cursor.accept(",")
        if cursor.peek() == "JOB":
            made_job = copy_job.create(cursor)
            break
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
    made = Copy(table, source, known, columns, **facts)
    if made_job is None:
        return made
    name, auto, end = made_job
    return copy_job.job(made, name, auto, cursor.text[:end].strip())


def _option(cursor: Cursor, facts: dict[str, Any]) -> str:
    word = cursor.peek()
    if word == "FORMAT":
        cursor.at += 1
        cursor.accept("AS")
        if cursor.peek() not in ("CSV", "AVRO", "JSON", "PARQUET", "ORC", "SHAPEFILE", "DELIMITER", "FIXEDWIDTH"):
            raise cursor.error()
        word = cursor.peek()
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


def _integer(cursor: Cursor, name: str) -> int:
    cursor.accept("AS")
    value = cursor.integer()
    low, high = RANGES[name]
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
    facts["max_error"] = _integer(cursor, "MAXERROR")


def _header(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["ignore_header"] = _integer(cursor, "IGNOREHEADER")


def _ratio(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["read_ratio"] = _integer(cursor, "READRATIO")


def _form(name: str, words: tuple[str, ...]) -> Callable[[Cursor, dict[str, Any]], None]:
    """DATEFORMAT and TIMEFORMAT: a word, in lower case as it stands here, or a pattern."""
    option = name.replace("_", "").upper()

    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        cursor.accept("AS")
        text = cursor.string()
        if text not in words and (not TOKEN.search(text) or ZONE.search(text)):
            what = (
                "must not name a time zone" if ZONE.search(text) else f"must be a pattern or one of {', '.join(words)}"
            )
            raise SqlError("22023", f"Invalid {option} '{text}': it {what}")
        facts[name] = text

    return read


def _packed(name: str) -> Callable[[Cursor, dict[str, Any]], None]:
    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        facts["compression"] = name

    return read


def _widths(cursor: Cursor, facts: dict[str, Any]) -> None:
    """FIXEDWIDTH 'label:width,...': the labels say nothing."""
    cursor.accept("AS")
    text = cursor.string()
    widths = []
    for part in text.split(","):
        label, colon, width = part.rpartition(":")
        if not colon or not label.strip() or not width.strip().isdecimal() or not 0 < int(width) <= MAX_WIDTH:
            raise SqlError("22023", f"Invalid FIXEDWIDTH specification '{text}': must be 'label:width,label:width,...'")
        widths.append(int(width))
    facts["format"], facts["widths"] = "fixedwidth", tuple(widths)


def _paths(name: str) -> Callable[[Cursor, dict[str, Any]], None]:
    """JSON and AVRO ['auto' | 'auto ignorecase' | 's3://jsonpaths'] (JSON: also 'noshred')."""

    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        given = cursor.accept("AS") or cursor.is_string()
        text = cursor.string() if given else "auto"
        words = ("auto", "auto ignorecase", "noshred") if name == "json" else ("auto", "auto ignorecase")
        if text not in words and not re.match(r"s3://[^/]+/.", text):
            known = ", ".join(f"'{word}'" for word in words)
            raise SqlError("22023", f"Invalid {name.upper()} option '{text}': must be {known} or an s3:// path")
        facts["format"], facts["paths"] = name, text

    return read


def _columnar(name: str) -> Callable[[Cursor, dict[str, Any]], None]:
    def read(cursor: Cursor, facts: dict[str, Any]) -> None:
        facts["format"] = name

    return read


def _shapefile(cursor: Cursor, facts: dict[str, Any]) -> None:
    if cursor.accept("SIMPLIFY"):
        cursor.accept("AUTO")
        if cursor.is_string():
            cursor.string()


def _master_key(cursor: Cursor, facts: dict[str, Any]) -> None:
    cursor.accept("AS")
    cursor.string()


def _invalid_characters(cursor: Cursor, facts: dict[str, Any]) -> None:
    given = cursor.accept("AS") or cursor.is_string()
    text = cursor.string() if given else "?"
    if len(text) != 1 or not text.isascii() or text == "\0":
        raise SqlError("22023", "COPY ACCEPTINVCHARS replacement must be a single ASCII character other than NUL")
    facts["replacement"] = text


def _all_errors(cursor: Cursor, facts: dict[str, Any]) -> None:
    facts["all_errors"] = True


def _encoding(cursor: Cursor, facts: dict[str, Any]) -> None:
    cursor.accept("AS")
    name = cursor.string() if cursor.is_string() else cursor.identifier()
    if name.lower() not in ENCODINGS:
        raise SqlError("22023", f"Invalid encoding '{name}': must be one of {', '.join(ENCODINGS).upper()}")
    facts["encoding"] = name.lower()


def _comprows(cursor: Cursor, facts: dict[str, Any]) -> None:
    """How many rows are looked at to choose encodings."""
    facts["comp_rows"] = _integer(cursor, "COMPROWS")


def _comp_update(cursor: Cursor, facts: dict[str, Any]) -> None:
    word = cursor.accept_any(("PRESET", "ON", "TRUE", "OFF", "FALSE")) or "ON"
    facts["comp_update"] = {"TRUE": "on", "FALSE": "off"}.get(word, word.lower())


def _stat_update(cursor: Cursor, facts: dict[str, Any]) -> None:
    """The engine keeps its statistics itself, always; what ON asks for beside that is a privilege."""
    facts["stat_update"] = cursor.accept_any(("ON", "TRUE", "OFF", "FALSE")) not in ("OFF", "FALSE")


VALUES: dict[str, Callable[[Cursor, dict[str, Any]], None]] = {
    "CSV": _csv,
    "QUOTE": _quote,
    "DELIMITER": _delimiter,
    "FIXEDWIDTH": _widths,
    "JSON": _paths("json"),
    "AVRO": _paths("avro"),
    "PARQUET": _columnar("parquet"),
    "ORC": _columnar("orc"),
    "SHAPEFILE": _shapefile,
    "GZIP": _packed("gzip"),
    "BZIP2": _packed("bzip2"),
    "LZOP": _packed("lzop"),
    "ZSTD": _packed("zstd"),
    "MASTER_SYMMETRIC_KEY": _master_key,
    "ACCEPTINVCHARS": _invalid_characters,
    "NULL": _null,
    "REGION": _region,
    "MAXERROR": _max_error,
    "IGNOREHEADER": _header,
    "IGNOREALLERRORS": _all_errors,
    "READRATIO": _ratio,
    "DATEFORMAT": _form("date_format", ("auto",)),
    "TIMEFORMAT": _form("time_format", ("auto", "epochsecs", "epochmillisecs")),
    "ENCODING": _encoding,
    "COMPROWS": _comprows,
    "COMPUPDATE": _comp_update,
    "STATUPDATE": _stat_update,
}


def _shown(option: str) -> str:
    return "NULL AS" if option == "NULL" else option


def _check(source: str, given: set[str], facts: dict[str, Any]) -> None:
    for row in CONFLICTS:
        if row.option in given and row.other in given:
            raise SqlError(row.sqlstate, row.text.format(_shown(row.option), _shown(row.other)))
    for columnar in COLUMNAR:
        wrong = sorted(given - COLUMNAR_TAKES) if columnar in given else []
        if wrong:
            raise SqlError("0A000", COLUMNAR_TEXT.format(columnar, _shown(wrong[0])))
    if "SERIALIZETOJSON" in given and not given & set(COLUMNAR):
        raise SqlError("42601", "SERIALIZETOJSON is only allowed with PARQUET and ORC")
    if facts.get("format") == "csv" and facts.get("quote", '"') == facts.get("delimiter", ","):
        raise SqlError("22023", "COPY delimiter and quote must be different")
    kind = source.partition("://")[0].lower()
    check = SOURCES.get(kind)
    if check is None:
        raise SqlError("22023", f"Invalid data source '{source}': it must begin with s3://, dynamodb:// or emr://")
    check(source, given)
    for option in LATER:
        if option in given:
            raise not_supported(f"COPY option {option}")


def _dynamodb(source: str, given: set[str]) -> None:
    wrong = sorted(given - DYNAMODB_TAKES)
    if wrong:
        raise SqlError("0A000", f"{_shown(wrong[0])} is not supported for COPY from DynamoDB")
    if "READRATIO" not in given:
        raise SqlError("42601", "READRATIO must be specified for COPY from DynamoDB")


def _s3(source: str, given: set[str]) -> None:
    if "READRATIO" in given:
        raise SqlError("42601", "READRATIO is only supported for COPY from DynamoDB")
    if not source[5:].partition("/")[0]:
        raise SqlError("22023", f"The specified S3 path '{source}' is not valid")


def _emr(source: str, given: set[str]) -> None:
    wrong = [one for one in EMR_REFUSES if one in given]
    if wrong:
        raise SqlError("42601", f"{wrong[0]} is not supported for COPY from EMR")
    raise not_supported("COPY from EMR")


SOURCES: dict[str, Callable[[str, set[str]], None]] = {"dynamodb": _dynamodb, "s3": _s3, "emr": _emr}
