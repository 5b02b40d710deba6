"""Scalar functions that the engine cannot compute, as Python functions over columns: one row a function.

A function sees values, never NULL: NULL in is NULL out. Its SqlError becomes the engine's coded error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from slipher.base.errors import SqlError
from slipher.sql.functions import hashes, moments, numerals, texts

YEARS = "this function of a year before 1 or after 9999 is not supported by Slipher yet"
TEXT, SHORT, INT, LONG, BOOL, STAMP, BYTES = "VARCHAR", "SMALLINT", "INTEGER", "BIGINT", "BOOLEAN", "TIMESTAMP", "BLOB"
ARROW = {
    TEXT: pa.string(),
    INT: pa.int32(),
    LONG: pa.int64(),
    STAMP: pa.timestamp("us"),
    "DECIMAL(38,10)": pa.decimal128(38, 10),
}


def _fnv_of_integer(width: int, seeded: bool) -> Callable[..., int]:
    def plain(value: int) -> int:
        return hashes.fnv_hash(value.to_bytes(width, "little", signed=True), None)

    def with_seed(value: int, seed: int) -> int:
        return hashes.fnv_hash(value.to_bytes(width, "little", signed=True), seed)

    return with_seed if seeded else plain


# (engine's name, what computes it, argument types, result type)
TABLE: tuple[tuple[str, Callable[..., Any], tuple[str, ...], str], ...] = (
    ("py_crc32", hashes.crc32, (TEXT,), TEXT),
    ("py_fnv_text", lambda text: hashes.fnv_hash(text.encode(), None), (TEXT,), LONG),
    ("py_fnv_text_seed", lambda text, seed: hashes.fnv_hash(text.encode(), seed), (TEXT, LONG), LONG),
    *[
        (f"py_fnv_int{width}", _fnv_of_integer(width, False), (kind,), LONG)
        for width, kind in ((2, SHORT), (4, INT), (8, LONG))
    ],
    *[
        (f"py_fnv_int{width}_seed", _fnv_of_integer(width, True), (kind, LONG), LONG)
        for width, kind in ((2, SHORT), (4, INT), (8, LONG))
    ],
    ("py_murmur3_text", lambda text: hashes.murmur3(text.encode(), None), (TEXT,), INT),
    ("py_murmur3_int", lambda value: hashes.murmur3(value.to_bytes(8, "little", signed=True), None), (LONG,), INT),
    ("py_sha2", hashes.sha2, (TEXT, INT), TEXT),
    ("py_utf8", texts.utf8, (BYTES,), TEXT),
    ("py_strtol", texts.strtol, (TEXT, INT), LONG),
    ("py_soundex", texts.soundex, (TEXT,), TEXT),
    ("py_difference", texts.difference, (TEXT, TEXT), INT),
    ("py_number_text", numerals.number_text, ("DECIMAL(38,10)", TEXT), TEXT),
    ("py_read_number", numerals.read_number, (TEXT, TEXT), "DECIMAL(38,10)"),
    ("py_moment_text", moments.moment_text, (STAMP, TEXT), TEXT),
    ("py_read_moment", moments.read_moment, (TEXT, TEXT, BOOL), STAMP),
)


def _over_columns(function: Callable[..., Any], arguments: int, result: str) -> Callable[..., pa.Array]:
    """The function over columns; the engine looks at how many parameters it has."""

    def run(*columns: pa.ChunkedArray) -> pa.Array:
        try:
            lists = [column.to_pylist() for column in columns]
            made = [None if None in values else function(*values) for values in zip(*lists, strict=True)]
        except SqlError as error:
            raise ValueError(f"SLIPHER|{error.sqlstate}|{error.message}\n") from None
        except OverflowError:  # a moment that Python's datetime has not
            raise ValueError(f"SLIPHER|0A000|{YEARS}\n") from None
        return pa.array(made, ARROW[result])

    if arguments == 1:
        return lambda one: run(one)
    return (lambda one, two: run(one, two)) if arguments == 2 else (lambda one, two, three: run(one, two, three))


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to every session of the database."""
    for name, function, arguments, result in TABLE:
        connection.create_function(
            name,
            _over_columns(function, len(arguments), result),
            list(arguments),
            result,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
