# table
"""Column encodings: which types take which, and what a column gets that names none (source: Redshift's guide)."""

from __future__ import annotations

from slipher.base.errors import SqlError
from slipher.types.sqltype import SqlType

# pg_attribute.attencodingtype, as format_encoding() reads it.
NUMBERS: dict[str, int] = {
    "none": 0,
    "runlength": 1,
    "delta": 2,
    "delta32k": 3,
    "bytedict": 4,
    "text255": 5,
    "text32k": 6,
    "lzo": 7,
    "mostly8": 8,
    "mostly16": 9,
    "mostly32": 10,
    "zstd": 11,
    "az64": 12,
}
NAMES: dict[int, str] = {number: name for name, number in NUMBERS.items()}

_NUMBERS = {"int2", "int4", "int8", "numeric"}
_TIMES = {"date", "timestamp", "timestamptz", "time", "timetz"}
_STRINGS = {"bpchar", "varchar"}
_WIDE = {"super", "varbyte"}
_ALL = _NUMBERS | _TIMES | _STRINGS | {"bool", "float4", "float8"}

TAKEN_BY: dict[str, frozenset[str]] = {
    "none": frozenset(_ALL | _WIDE),
    "raw": frozenset(_ALL | _WIDE),
    "az64": frozenset(_NUMBERS | _TIMES),
    "bytedict": frozenset(_ALL - {"bool"}),
    "delta": frozenset({"int2", "int4", "int8", "date", "timestamp", "timestamptz", "numeric"}),
    "delta32k": frozenset({"int4", "int8", "date", "timestamp", "timestamptz", "numeric"}),
    "lzo": frozenset((_ALL | _WIDE) - {"bool", "float4", "float8"}),
    "mostly8": frozenset({"int2", "int4", "int8", "numeric"}),
    "mostly16": frozenset({"int4", "int8", "numeric"}),
    "mostly32": frozenset({"int8", "numeric"}),
    "runlength": frozenset(_ALL),
    "text255": frozenset({"varchar"}),
    "text32k": frozenset({"varchar"}),
    "zstd": frozenset(_ALL | _WIDE),
}


def default_encoding(type_: SqlType, sort_key: bool) -> str:
    """What ENCODE AUTO and a missing ENCODE give a new column."""
    if sort_key or type_.name in ("bool", "float4", "float8"):
        return "none"
    if type_.name == "super":
        return "zstd"
    return "lzo" if type_.name == "varbyte" or type_.name in _STRINGS else "az64"


def check_encoding(column: str, type_: SqlType, encoding: str) -> None:
    """Refuse an encoding that does not exist, or not for this type."""
    taken = TAKEN_BY.get(encoding)
    if taken is None:
        raise SqlError("42601", f'invalid encoding "{encoding}" for column "{column}"')
    if type_.name not in taken:
        raise SqlError("0A000", f'invalid encoding type specified for column "{column}"')
