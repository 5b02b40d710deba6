"""A SQL type as Redshift's catalog and wire know it: an internal name with a type modifier."""

from __future__ import annotations

from dataclasses import dataclass

from slipher.types.table import BY_NAME, TypeRow

MAX_VARCHAR = 65535
MAX_CHAR = 4096
MAX_VARBYTE = 16_777_216
DEFAULT_VARBYTE = 64_000


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type with its modifier (typmod), -1 where it has none.

    typmod as PostgreSQL encodes it: char and varchar n + 4; numeric ((precision << 16) | scale) + 4.
    """

    name: str
    typmod: int = -1

    @property
    def row(self) -> TypeRow:
        """The type's row in the table of types."""
        return BY_NAME[self.name]

    @property
    def oid(self) -> int:
        """The type's oid on the wire."""
        return BY_NAME[self.name].oid

    @property
    def length(self) -> int | None:
        """Declared length of char, varchar, varbyte in bytes; None where there is none."""
        return self.typmod - 4 if self.row.has_length and self.typmod >= 4 else None

    @property
    def precision(self) -> int | None:
        """Total digits of a numeric; None for other types and for an unconstrained numeric."""
        return ((self.typmod - 4) >> 16) & 0xFFFF if self.name == "numeric" and self.typmod >= 4 else None

    @property
    def scale(self) -> int | None:
        """Digits after the point of a numeric; None like `precision`."""
        return (self.typmod - 4) & 0xFFFF if self.name == "numeric" and self.typmod >= 4 else None

    def __str__(self) -> str:
        """As format_type() prints it: 'character varying(10)', 'numeric(8,2)', 'integer'."""
        name = self.row.sql_name
        if self.name == "numeric" and self.typmod >= 4:
            return f"{name}({self.precision},{self.scale})"
        if self.length is not None:
            return f"{name}({self.length})"
        return name


def varchar(length: int) -> SqlType:
    """VARCHAR(length), in bytes."""
    return SqlType("varchar", length + 4)


def char(length: int) -> SqlType:
    """CHAR(length), in bytes."""
    return SqlType("bpchar", length + 4)


def varbyte(length: int) -> SqlType:
    """VARBYTE(length), in bytes."""
    return SqlType("varbyte", length + 4)


def numeric(precision: int, scale: int) -> SqlType:
    """NUMERIC(precision, scale)."""
    return SqlType("numeric", ((precision << 16) | scale) + 4)


BOOL = SqlType("bool")
INT2 = SqlType("int2")
INT4 = SqlType("int4")
INT8 = SqlType("int8")
FLOAT4 = SqlType("float4")
FLOAT8 = SqlType("float8")
NUMERIC = SqlType("numeric")
VARCHAR = SqlType("varchar")
BPCHAR = SqlType("bpchar")
TEXT = SqlType("text")
NAME = SqlType("name")
OID = SqlType("oid")
UNKNOWN = SqlType("unknown")
DATE = SqlType("date")
TIME = SqlType("time")
TIMETZ = SqlType("timetz")
TIMESTAMP = SqlType("timestamp")
TIMESTAMPTZ = SqlType("timestamptz")
INTERVAL = SqlType("interval")
SUPER = SqlType("super")
VARBYTE = SqlType("varbyte")
