# table
"""What ColumnMetadata and Field say of a type (source: JDBC's metadata, which the Data API passes on; reference, section 5)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slipher.cloud.pg import Column
from slipher.types.table import TYPES

BY_OID = {row.oid: row for row in TYPES}
LONGEST = 2147483647  # the precision of text without a length
NUMERIC = 1700

# type -> precision, scale
SIZES: dict[str, tuple[int, int]] = {
    "bool": (1, 0),
    "int2": (5, 0),
    "int4": (10, 0),
    "int8": (19, 0),
    "oid": (10, 0),
    "float4": (8, 8),
    "float8": (17, 17),
    "char": (1, 0),
    "name": (63, 0),
    "date": (13, 0),
    "time": (15, 6),
    "timetz": (21, 6),
    "timestamp": (29, 6),
    "timestamptz": (35, 6),
}
SIGNED = {"int2", "int4", "int8", "float4", "float8", "numeric"}
CASED = {"char", "name", "bpchar", "varchar", "text", "unknown"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The table of a column of a result."""

    schema: str = ""
    table: str = ""
    not_null: bool = False
    default: str | None = None


def type_name(oid: int) -> str:
    """The type's internal name."""
    row = BY_OID.get(oid)
    return row.name if row is not None else "unknown"


def metadata(column: Column, origin: Origin, *, described: bool = False) -> dict[str, Any]:
    """ColumnMetadata of a result's column; DescribeTable (`described`) has lengths and no labels."""
    name = type_name(column.oid)
    precision, scale = SIZES.get(name, (LONGEST, 0))
    if column.typmod >= 4:
        bits = column.typmod - 4
        precision, scale = (bits >> 16 & 0xFFFF, bits & 0xFFFF) if column.oid == NUMERIC else (bits, 0)
    elif column.oid == NUMERIC:
        precision = 0
    found: dict[str, Any] = {
        "isCaseSensitive": name in CASED,
        "isCurrency": False,
        "isSigned": name in SIGNED,
        "length": precision if described else 0,
        "name": column.name,
        "nullable": 0 if origin.not_null else 1,
        "precision": precision,
        "scale": scale,
        "schemaName": origin.schema,
        "tableName": origin.table,
        "typeName": name,
    }
    if not described:
        found["label"] = column.name
    if origin.default is not None:
        found["columnDefault"] = origin.default
    return found


def _float(text: str) -> dict[str, Any]:
    value = float(text)
    return {"doubleValue": value} if math.isfinite(value) else {"stringValue": text}  # JSON has no NaN


FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bool": lambda text: {"booleanValue": text == "t"},
    **dict.fromkeys(("int2", "int4", "int8", "oid"), lambda text: {"longValue": int(text)}),
    **dict.fromkeys(("float4", "float8"), _float),
}


def as_string(text: str) -> dict[str, Any]:
    """Decimals, dates, SUPER and everything else."""
    return {"stringValue": text}


def field_of(name: str) -> Callable[[str], dict[str, Any]]:
    """What makes a Field of a value's text."""
    return FIELDS.get(name, as_string)
