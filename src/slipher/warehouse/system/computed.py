"""Columns of the logs that are computed from a record's fields; and the relations that split a statement's text in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Statements of these kinds are queries to stl_query; others are DDL or utility.
QUERIES = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "UNLOAD", "CTAS", "LOAD")
VERSION = "Redshift 1.0.434008"

# relation -> the kinds of statement that it shows; others show every kind
KINDS_SHOWN: dict[str, Callable[[pa.Table], Any]] = {
    "stl_query": lambda table: pc.is_in(table["kind"], pa.array(QUERIES)),
    "stl_querytext": lambda table: pc.is_in(table["kind"], pa.array(QUERIES)),
    "svl_qlog": lambda table: pc.is_in(table["kind"], pa.array(QUERIES)),
    "stl_ddltext": lambda table: pc.equal(table["kind"], "DDL"),
    "stl_utilitytext": lambda table: pc.invert(pc.is_in(table["kind"], pa.array((*QUERIES, "DDL")))),
}


def elapsed(table: pa.Table) -> Any:
    """From start to end, or to now for what still runs, in microseconds."""
    return pc.subtract(table["endtime"].cast(pa.int64()), table["starttime"].cast(pa.int64()))


def execution(table: pa.Table) -> Any:
    """The time in the engine: all but queueing, planning and waiting for locks."""
    waits = [pc.fill_null(table[name], 0) for name in ("queue_us", "planning_us", "lock_wait_us")]
    total = pc.add(pc.add(waits[0], waits[1]), waits[2])
    return pc.max_element_wise(pc.subtract(elapsed(table), total), pa.scalar(0, pa.int64()))


def ended(table: pa.Table) -> Any:
    """When it ended; NULL while it runs."""
    return pc.if_else(pc.equal(table["state"], "running"), pa.scalar(None, pa.timestamp("us")), table["endtime"])


def aborted(table: pa.Table) -> Any:
    """1 for what failed or was cancelled."""
    return pc.is_in(table["state"], pa.array(["failed", "canceled"])).cast(pa.int32())


def text(table: pa.Table) -> Any:
    """The statement on one line: a line feed is written as \\n (source: STL_QUERYTEXT, reconstructing stored SQL)."""
    return pc.replace_substring(table["text"], "\n", "\\n")


def returned(field: str) -> Callable[[pa.Table], Any]:
    """Rows or bytes that a query sent to its client: none but for SELECT."""
    zero = pa.scalar(0, pa.int64())
    return lambda table: pc.if_else(pc.equal(table["kind"], "SELECT"), pc.fill_null(table[field], 0), zero)


def statement_type(table: pa.Table) -> Any:
    """QUERY, DDL or UTILITY."""
    queries = pc.is_in(table["kind"], pa.array(QUERIES))
    return pc.if_else(queries, "QUERY", pc.if_else(pc.equal(table["kind"], "DDL"), "DDL", "UTILITY"))


def version(table: pa.Table) -> Any:
    """The release that ran it."""
    return pa.repeat(pa.scalar(VERSION), table.num_rows)


# name -> (the record's fields that it needs, the computation)
COMPUTED: dict[str, tuple[tuple[str, ...], Callable[[pa.Table], Any]]] = {
    "elapsed": (("starttime", "endtime"), elapsed),
    "ended": (("state", "endtime"), ended),
    "execution": (("starttime", "endtime", "queue_us", "planning_us", "lock_wait_us"), execution),
    "aborted": (("state",), aborted),
    "text": (("text",), text),
    "piece": (("text",), text),  # cut in pieces before: see split()
    "sequence": ((), lambda table: table["sequence"]),
    "returned_rows": (("kind", "rows"), returned("rows")),
    "returned_bytes": (("kind", "bytes"), returned("bytes")),
    "statement_type": (("kind",), statement_type),
    "version": ((), version),
}


def split(table: pa.Table, length: int) -> pa.Table:
    """One row for each piece of at most `length` bytes of the text, numbered in `sequence` from 0."""
    texts = text(table).to_pylist()
    pieces = [pieces_of(one or "", length) for one in texts]
    counts = np.array([len(one) for one in pieces], dtype=np.int64)
    places = np.repeat(np.arange(len(texts)), counts)
    made = table.take(pa.array(places))
    flat = pa.array([piece for one in pieces for piece in one], pa.string())
    numbers = pa.array([number for one in pieces for number in range(len(one))], pa.int32())
    made = made.set_column(made.schema.get_field_index("text"), "text", flat)
    return made.append_column("sequence", numbers)


def pieces_of(value: str, length: int) -> list[str]:
    """The text in pieces of at most `length` bytes that end between characters; at least one."""
    if value.isascii():
        return [value[start : start + length] for start in range(0, len(value), length)] or [""]
    pieces, data = [], value.encode()
    while data:
        piece = data[:length].decode(errors="ignore")
        pieces.append(piece)
        data = data[len(piece.encode()) :]
    return pieces
