"""One row of every scalar type, and what a driver must make of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

DDL = (
    "b boolean, s smallint, i integer, l bigint, n numeric(12,3), w numeric(38,10), r real, f double precision, c char(4), "
    "v varchar(20), d date, t time, ts timestamp, tz timestamptz"
)
LITERALS = (
    "true, -32768, 2147483647, -9223372036854775808, -12.345, 1234567890123456789012345678.0123456789, 0.5, -1.25e100, 'ab', "
    "'žluť ''q'' \\\\', date '1970-01-01', "
    "time '23:59:59.999999', timestamp '2024-02-29 12:00:00.5', timestamptz '1999-12-31 23:00:00-02'"
)
ROW = (
    True,
    -32768,
    2147483647,
    -9223372036854775808,
    Decimal("-12.345"),
    Decimal("1234567890123456789012345678.0123456789"),
    0.5,
    -1.25e100,
    "ab  ",
    "žluť 'q' \\",
    date(1970, 1, 1),
    time(23, 59, 59, 999999),
    datetime(2024, 2, 29, 12, 0, 0, 500000),
    datetime(2000, 1, 1, 1, 0, tzinfo=UTC),
)
TABLE = f"create temp table every ({DDL})"
FILL = f"insert into every values ({LITERALS})"
NULLS = "insert into every (i) values (null)"
