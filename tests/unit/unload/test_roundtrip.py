"""UNLOAD, then COPY: random tables come back the same in every format, but for what the model of losses says.

The losses (source: Redshift's documentation of UNLOAD): text protects nothing without ESCAPE or ADDQUOTES; a field that is
the text of NULL is NULL; JSON has no negative zero; Parquet loses time zones; char(n) is padded again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from slipher.testing import Instance
from slipher.testing.wire import Connection

WIDE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
PLAIN = st.text(st.sampled_from("abc é|,;\t\"'\\{}[]:x0-"), max_size=12)
TEXTS = st.one_of(
    WIDE, PLAIN, st.sampled_from(["", " ", "NULL", "\\N", "\\", '"', "'", "a\nb", "a\r\nb", "\\\n", "null", "t"])
)
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "decimal(18,4)": st.integers(-(10**18) + 1, 10**18 - 1).map(lambda n: Decimal(n).scaleb(-4)),
    "decimal(38,10)": st.integers(-(10**37) + 1, 10**37 - 1).map(lambda n: Decimal(n).scaleb(-10)),
    "real": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "double precision": st.floats(allow_nan=False, allow_infinity=False),
    "char(10)": st.text(st.sampled_from("abc |,\"'\\"), max_size=10),
    "varchar(100)": TEXTS,
    "date": st.dates(date(1, 1, 1), date(9999, 12, 31)),
    "timestamp": st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31)),
    "timestamptz": st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 30)).map(lambda one: f"{one}+00"),
}


@dataclass(frozen=True)
class Way:
    """How a table leaves and comes back; `keeps` tells whether a value survives, by its text ('' where it has none)."""

    unload: str
    copy: str
    keeps: Callable[[str, str], bool]
    without: tuple[str, ...] = ()


def _line(delimiter: str) -> Callable[[str, str], bool]:
    """Unprotected text: no delimiter, no line's end, no text of NULL."""
    return lambda kind, text: not set(text) & {delimiter, "\n", "\r"} and text != "\\N"


def _not_null(kind: str, text: str) -> bool:
    return text != "\\N"


def _escaped(kind: str, text: str) -> bool:
    """Between quotes an escaped text keeps all but the text of NULL; a carriage return at a line's end is part of it."""
    return text != "\\N" and text != "N"


WAYS: dict[str, Way] = {
    "text": Way("null as '\\\\N'", "", _line("|")),
    "tab": Way("delimiter '\\t' null as '\\\\N' gzip", "delimiter '\\t' gzip", _line("\t")),
    "escape": Way("escape null as '\\\\N'", "escape", _escaped),
    "addquotes": Way("addquotes escape null as '@NULL@'", "removequotes escape null as '@NULL@'", _escaped),
    "csv": Way("csv null as '@NULL@'", "csv null as '@NULL@'", lambda kind, text: True),
    "csv zstd": Way(
        "csv delimiter ';' null as '@NULL@' header zstd",
        "csv delimiter ';' null as '@NULL@' ignoreheader 1 zstd",
        lambda kind, text: True,
    ),
    "json": Way("json bzip2", "json 'auto' bzip2", lambda kind, text: text != "-0.0"),
    "parquet": Way("parquet", "parquet", lambda kind, text: True, without=("timestamptz",)),
}


@pytest.fixture(scope="module")
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        connection.rows("set extra_float_digits to 2")
        yield connection


@pytest.fixture(scope="module")
def place(slipher: Instance) -> Iterator[tuple[str, str]]:
    """A bucket, and the keys to reach it."""
    s3, name = slipher.client("s3"), "round-trips"
    s3.create_bucket(Bucket=name)
    environment = slipher.environment
    yield (
        name,
        f"access_key_id '{environment['AWS_ACCESS_KEY_ID']}' secret_access_key '{environment['AWS_SECRET_ACCESS_KEY']}'",
    )
    slipher.empty_bucket(name)
    s3.delete_bucket(Bucket=name)


def literal(kind: str, value: Any) -> str:
    if value is None:
        return f"cast(null as {kind})"
    text = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"cast('{text}' as {kind})"


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, database=None)
@given(data=st.data())
def test_what_goes_out_comes_back(session: Connection, place: tuple[str, str], name: str, data: st.DataObject) -> None:
    way, (bucket, keys) = WAYS[name], place
    kinds = data.draw(
        st.lists(st.sampled_from([one for one in TYPES if one not in way.without]), min_size=1, max_size=5)
    )
    rows = data.draw(st.lists(st.tuples(*[_values(way, kind) for kind in kinds]), min_size=1, max_size=8))
    session.rows("drop table if exists source")
    session.rows("drop table if exists target")
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(kinds))
    session.rows(f"create temp table source (n int, {columns})")
    values = ", ".join(
        f"({number}, {', '.join(literal(kind, value) for kind, value in zip(kinds, row, strict=True))})"
        for number, row in enumerate(rows)
    )
    session.rows(f"insert into source values {values}")
    session.rows("create temp table target (like source)")
    session.rows(f"unload ('select * from source') to 's3://{bucket}/x/' {keys} {way.unload} cleanpath")
    session.rows(f"copy target from 's3://{bucket}/x/' {keys} {way.copy}")
    assert session.rows("select * from target order by n") == session.rows("select * from source order by n")


def _values(way: Way, kind: str) -> st.SearchStrategy[Any]:
    kept = TYPES[kind].filter(
        lambda value: way.keeps(
            kind, value if isinstance(value, str) else str(value) if isinstance(value, float) else ""
        )
    )
    if kind == "varchar(100)":
        kept = kept.filter(lambda value: len(value.encode()) <= 100)
    return st.none() | kept
