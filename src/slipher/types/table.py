# table
"""Redshift's types, one row each (source: reference on wire facts, type OIDs and limits)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type.

    `name` is the internal name (pg_type.typname, STL_LOAD_ERRORS.type); `sql_name` what format_type() prints; `aliases` what DDL
    accepts, lower case; `size` pg_type.typlen (-1 variable); `family` picks the codec file; `category` is used by the
    binder for implicit casts: B boolean, N number, S string, D date/time, T interval, U other; `arrow` is the
    canonical Arrow type in a result batch ('decimal' and 'string' stand for parametrised ones).
    """

    name: str
    oid: int
    sql_name: str
    size: int
    family: str
    category: str
    arrow: str
    aliases: tuple[str, ...] = ()
    has_length: bool = False
    column: bool = True  # may be a column's type in CREATE TABLE


TYPES: tuple[TypeRow, ...] = (
    TypeRow("bool", 16, "boolean", 1, "boolean", "B", "bool", ("bool", "boolean")),
    TypeRow("int2", 21, "smallint", 2, "integer", "N", "int16", ("smallint", "int2")),
    TypeRow("int4", 23, "integer", 4, "integer", "N", "int32", ("integer", "int", "int4")),
    TypeRow("int8", 20, "bigint", 8, "integer", "N", "int64", ("bigint", "int8")),
    TypeRow("numeric", 1700, "numeric", -1, "numeric", "N", "decimal", ("numeric", "decimal")),
    TypeRow("float4", 700, "real", 4, "float", "N", "float", ("real", "float4")),
    TypeRow("float8", 701, "double precision", 8, "float", "N", "double", ("double precision", "float8", "float")),
    TypeRow("bpchar", 1042, "character", -1, "text", "S", "string", ("char", "character", "nchar", "bpchar"), True),
    TypeRow(
        "varchar",
        1043,
        "character varying",
        -1,
        "text",
        "S",
        "string",
        ("varchar", "character varying", "nvarchar", "text"),
        True,
    ),
    TypeRow("text", 25, "text", -1, "text", "S", "string", (), column=False),
    TypeRow("name", 19, "name", 64, "text", "S", "string", ("name",), column=False),
    TypeRow("char", 18, '"char"', 1, "text", "S", "string", ('"char"',), column=False),
    TypeRow("unknown", 705, "unknown", -2, "text", "S", "string", (), column=False),
    TypeRow("date", 1082, "date", 4, "datetime", "D", "date32", ("date",)),
    TypeRow("time", 1083, "time without time zone", 8, "datetime", "D", "time64", ("time", "time without time zone")),
    TypeRow("timetz", 1266, "time with time zone", 12, "datetime", "D", "timetz", ("timetz", "time with time zone")),
    TypeRow(
        "timestamp",
        1114,
        "timestamp without time zone",
        8,
        "datetime",
        "D",
        "timestamp",
        ("timestamp", "timestamp without time zone"),
    ),
    TypeRow(
        "timestamptz",
        1184,
        "timestamp with time zone",
        8,
        "datetime",
        "D",
        "timestamptz",
        ("timestamptz", "timestamp with time zone"),
    ),
    TypeRow("interval", 1186, "interval", 16, "interval", "T", "interval", ("interval",)),
    TypeRow("intervaly2m", 1188, "interval year to month", 4, "interval", "T", "interval", ()),
    TypeRow("intervald2s", 1190, "interval day to second", 8, "interval", "T", "interval", ()),
    TypeRow("oid", 26, "oid", 4, "integer", "N", "uint32", ("oid",), column=False),
    TypeRow("regclass", 2205, "regclass", 4, "text", "U", "string", ("regclass",), column=False),
    TypeRow("regtype", 2206, "regtype", 4, "text", "U", "string", ("regtype",), column=False),
    TypeRow("regproc", 24, "regproc", 4, "text", "U", "string", ("regproc",), column=False),
    TypeRow("xid", 28, "xid", 4, "integer", "U", "int64", ("xid",), column=False),
    TypeRow("aclitem", 1033, "aclitem", 12, "text", "U", "string", (), column=False),
    TypeRow("_text", 1009, "text[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_aclitem", 1034, "aclitem[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_name", 1003, "name[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_oid", 1028, "oid[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_int8", 1016, "bigint[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_varchar", 1015, "character varying[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_int2", 1005, "smallint[]", -1, "text", "U", "string", (), column=False),
    TypeRow("_int4", 1007, "integer[]", -1, "text", "U", "string", (), column=False),
    TypeRow("oidvector", 30, "oidvector", -1, "text", "U", "string", (), column=False),
    TypeRow("int2vector", 22, "int2vector", -1, "text", "U", "string", (), column=False),
    TypeRow("super", 4000, "super", -1, "semistructured", "U", "string", ("super",)),
    TypeRow(
        "varbyte", 6551, "binary varying", -1, "binary", "U", "binary", ("varbyte", "varbinary", "binary varying"), True
    ),
    TypeRow("hllsketch", 2935, "hllsketch", -1, "binary", "U", "binary", ("hllsketch",)),
    TypeRow("geometry", 3000, "geometry", -1, "binary", "U", "binary", ("geometry",)),
    TypeRow("geography", 3001, "geography", -1, "binary", "U", "binary", ("geography",)),
)

BY_NAME: dict[str, TypeRow] = {row.name: row for row in TYPES}
BY_OID: dict[int, TypeRow] = {row.oid: row for row in TYPES}
BY_ALIAS: dict[str, TypeRow] = {alias: row for row in TYPES for alias in row.aliases}
