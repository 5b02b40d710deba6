# table
"""Redshift's types as columns of the engine."""

from __future__ import annotations

from slipher.base.errors import not_supported
from slipher.types.sqltype import SqlType

ENGINE_TYPES: dict[str, str] = {
    "bool": "BOOLEAN",
    "int2": "SMALLINT",
    "int4": "INTEGER",
    "int8": "BIGINT",
    "float4": "FLOAT",
    "float8": "DOUBLE",
    "bpchar": "VARCHAR",
    "varchar": "VARCHAR",
    "text": "VARCHAR",
    "name": "VARCHAR",
    "char": "VARCHAR",
    "unknown": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "timetz": "TIMETZ",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "oid": "UINTEGER",
    "regclass": "VARCHAR",
    "regtype": "VARCHAR",
    "regproc": "VARCHAR",
    "xid": "BIGINT",
    "aclitem": "VARCHAR",
    "_text": "VARCHAR",
    "_aclitem": "VARCHAR",
    "_name": "VARCHAR",
    "_oid": "VARCHAR",
    "_int8": "VARCHAR",
    "_varchar": "VARCHAR",
    "_int2": "VARCHAR",
    "_int4": "VARCHAR",
    "oidvector": "VARCHAR",
    "int2vector": "VARCHAR",
    "super": "VARCHAR",
    "varbyte": "BLOB",
}

UNBUILT = {
    "interval": "INTERVAL",
    "intervaly2m": "INTERVAL YEAR TO MONTH",
    "intervald2s": "INTERVAL DAY TO SECOND",
    "hllsketch": "HLLSKETCH",
    "geometry": "GEOMETRY",
    "geography": "GEOGRAPHY",
}


def engine_type(type_: SqlType) -> str:
    """The engine's type for a column of this type; 0A000 for types that are not built yet.

    char and varchar hold any length: Redshift's byte limits are checked where a value is assigned.
    """
    if type_.name == "numeric":
        return f"DECIMAL({type_.precision or 18},{type_.scale or 0})"
    if type_.name in UNBUILT:
        raise not_supported(f"type {UNBUILT[type_.name]}")
    return ENGINE_TYPES[type_.name]
