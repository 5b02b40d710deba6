"""UNLOAD: its options in any order, which of them exclude each other, and which are not there yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from slipher.base.errors import SqlError, not_supported
from slipher.sql.parse.authorization import authorization
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.authorization import Authorization
from slipher.sql.statements.unload import GB, MAX_FILE_SIZE, MAX_ROW_GROUP, MB, MIN_FILE_SIZE, MIN_ROW_GROUP, Unload

NO_CREDENTIALS = "UNLOAD needs credentials: IAM_ROLE, CREDENTIALS, or ACCESS_KEY_ID with SECRET_ACCESS_KEY"

# What Redshift refuses together (source: Redshift's documentation of UNLOAD's parameters).
CONFLICTS: tuple[tuple[str, str], ...] = (
    ("CSV", "ESCAPE"),
    ("CSV", "ADDQUOTES"),
    ("CSV", "FIXEDWIDTH"),
    ("FIXEDWIDTH", "DELIMITER"),
    ("FIXEDWIDTH", "HEADER"),
    *[("JSON", word) for word in ("DELIMITER", "HEADER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL")],
    *[
        ("PARQUET", word)
        for word in ("DELIMITER", "HEADER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL", "GZIP", "BZIP2", "ZSTD")
    ],
    ("CLEANPATH", "ALLOWOVERWRITE"),
)
# At most one of each.
EXCLUSIVE: tuple[tuple[str, ...], ...] = (("CSV", "TEXT", "JSON", "PARQUET"), ("GZIP", "BZIP2", "ZSTD"))
SHOWN = {"NULL": "NULL AS"}


def unload(cursor: Cursor) -> Unload:
    """UNLOAD ('query') TO 's3://…' with authorization and options in any order."""
    cursor.expect("UNLOAD", "(")
    query = cursor.string()
    cursor.expect(")", "TO")
    bucket, prefix = _destination(cursor.string())
    known: Authorization | None = None
    facts: dict[str, Any] = {}
    given: list[str] = []
    while not cursor.done:
        found = authorization(cursor, known)
        if found is not None:
            known = found
            continue
        word = _option_word(cursor)
        if word in given:
            raise SqlError("42601", "conflicting or redundant options")
        given.append(word)
        facts.update(OPTIONS[word](cursor))
        cursor.accept(",")
    if known is None:
        raise SqlError("42601", NO_CREDENTIALS)
    _check_together(given)
    _check_encryption(facts, known)
    if "CSV" in given and "DELIMITER" not in given:
        facts["delimiter"] = ","
    return Unload(query=query, bucket=bucket, prefix=prefix, authorization=known, **facts)


def _check_together(given: Sequence[str]) -> None:
    """Refuse options that exclude each other."""
    for words in EXCLUSIVE:
        if sum(word in given for word in words) > 1:
            raise SqlError("42601", "conflicting or redundant options")
    for first, second in CONFLICTS:
        if first in given and second in given:
            raise SqlError("0A000", f"{SHOWN.get(second, second)} is not supported for UNLOAD with {first}")
    if "ROWGROUPSIZE" in given and "PARQUET" not in given:
        raise SqlError("0A000", "ROWGROUPSIZE is only supported for UNLOAD with PARQUET")


def _destination(url: str) -> tuple[str, str]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise SqlError("0A000", "UNLOAD destination is not supported. (Hint: only S3 based unload is allowed)")
    return bucket, prefix


def _option_word(cursor: Cursor) -> str:
    """Take the next option's word; a syntax error for another, 0A000 for one that is not built."""
    if cursor.accept("FORMAT"):
        cursor.accept("AS")
        if cursor.peek() not in FORMATS:
            raise cursor.error()
    if cursor.peek() in MISSING:
        raise not_supported(f"UNLOAD option {MISSING[cursor.peek()]}", position=cursor.tokens[cursor.at].start + 1)
    word = cursor.accept_any(tuple(OPTIONS))
    if word is None:
        raise cursor.error()
    return word


def _flag(name: str) -> Callable[[Cursor], dict[str, Any]]:
    return lambda cursor: {name: True}


def _fact(name: str, value: str) -> Callable[[Cursor], dict[str, Any]]:
    return lambda cursor: {name: value}


def _fixed_width(cursor: Cursor) -> dict[str, Any]:
    """'label:width,...': labels are free, widths in characters."""
    cursor.accept("AS")
    widths = []
    for part in cursor.string().split(","):
        label, colon, width = part.strip().rpartition(":")
        if not colon or not label.strip() or not width.strip().isdigit() or int(width) == 0:
            raise SqlError("22023", f'Invalid FIXEDWIDTH specification: "{part.strip()}" is not label:width')
        widths.append(int(width))
    return {"format": "fixedwidth", "widths": tuple(widths)}


def _partition(cursor: Cursor) -> dict[str, Any]:
    cursor.expect("BY", "(")
    names = [cursor.identifier()]
    while cursor.accept(","):
        names.append(cursor.identifier())
    cursor.expect(")")
    if len(set(names)) != len(names):
        raise SqlError("42701", "a column is named more than once in PARTITION BY")
    return {"partition_by": tuple(names), "include": cursor.accept("INCLUDE")}


def _row_group_size(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    number = Decimal(cursor.number())
    size = number * (GB if cursor.accept_any(("MB", "GB")) == "GB" else MB)
    if number != int(number) or not MIN_ROW_GROUP <= size <= MAX_ROW_GROUP:
        raise SqlError("22023", "ROWGROUPSIZE must be an integer between 32 MB and 128 MB")
    return {"row_group_size": int(size)}


def _delimiter(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    value = cursor.string()
    if len(value) != 1 or not value.isascii():
        raise SqlError("22023", "UNLOAD delimiter must be a single ASCII character")
    return {"delimiter": value}


def _null(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    token = cursor.tokens[cursor.at] if not cursor.done else None
    value = cursor.string()
    # the lexer reads '\N' as N; who writes it means COPY's default
    if token is not None and cursor.text[token.start : token.end + 1] == r"'\N'":
        value = r"\N"
    return {"null_as": value}


def _parallel(cursor: Cursor) -> dict[str, Any]:
    return {"parallel": cursor.accept_any(("ON", "TRUE", "OFF", "FALSE")) not in ("OFF", "FALSE")}


def _manifest(cursor: Cursor) -> dict[str, Any]:
    return {"manifest": True, "verbose": cursor.accept("VERBOSE")}


def _max_file_size(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    number = Decimal(cursor.number())
    unit = GB if cursor.accept_any(("MB", "GB")) == "GB" else MB
    size = int(number * unit)
    if not MIN_FILE_SIZE <= size <= MAX_FILE_SIZE:
        raise SqlError("22023", "MAXFILESIZE must be between 5 MB and 6.2 GB")
    return {"max_file_size": size}


def _extension(cursor: Cursor) -> dict[str, Any]:
    return {"extension": cursor.string()}


def _region(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    return {"region": cursor.string()}


def _encrypted(cursor: Cursor) -> dict[str, Any]:
    return {"encrypted": "auto" if cursor.accept("AUTO") else "key"}


def _kms_key(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("AS")
    return {"kms_key": cursor.string()}


def _check_encryption(facts: dict[str, Any], authorization: Authorization) -> None:
    """ENCRYPTED says by what: a key of KMS, or the bucket's default, which it means alone too (awswrangler writes it so);
    a key without it is refused."""
    encrypted, key = facts.get("encrypted"), facts.get("kms_key")
    if encrypted == "key" and authorization.master_symmetric_key:
        raise not_supported("UNLOAD option MASTER_SYMMETRIC_KEY")
    if key is not None and encrypted is None:
        raise SqlError("42601", "KMS_KEY_ID is only supported for UNLOAD with ENCRYPTED")
    if key is not None and encrypted == "auto":
        raise SqlError("0A000", "KMS_KEY_ID is not supported for UNLOAD with ENCRYPTED AUTO")
    if key is not None and authorization.credentials:
        raise SqlError("0A000", "KMS_KEY_ID is not supported for UNLOAD with CREDENTIALS")


OPTIONS: dict[str, Callable[[Cursor], dict[str, Any]]] = {
    "CSV": _fact("format", "csv"),
    "TEXT": _fact("format", "text"),
    "JSON": _fact("format", "json"),
    "PARQUET": _fact("format", "parquet"),
    "FIXEDWIDTH": _fixed_width,
    "PARTITION": _partition,
    "DELIMITER": _delimiter,
    "NULL": _null,
    "HEADER": _flag("header"),
    "GZIP": _fact("compression", "gzip"),
    "BZIP2": _fact("compression", "bzip2"),
    "ZSTD": _fact("compression", "zstd"),
    "ADDQUOTES": _flag("add_quotes"),
    "ESCAPE": _flag("escape"),
    "PARALLEL": _parallel,
    "ALLOWOVERWRITE": _flag("allow_overwrite"),
    "CLEANPATH": _flag("clean_path"),
    "MANIFEST": _manifest,
    "MAXFILESIZE": _max_file_size,
    "ROWGROUPSIZE": _row_group_size,
    "EXTENSION": _extension,
    "REGION": _region,
    "ENCRYPTED": _encrypted,
    "KMS_KEY_ID": _kms_key,
}
FORMATS = ("CSV", "TEXT", "PARQUET", "JSON")

# What Redshift has and Slipher has not yet, by the option's first word.
MISSING: dict[str, str] = {
    "MASTER_SYMMETRIC_KEY": "MASTER_SYMMETRIC_KEY",
}
