"""UNLOAD, then COPY: random tables come back the same with random options, in every format, but for what the model of losses says
(losses.py)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from losses import WIDTH, WITHOUT, Options, options, survives

from slipher.testing import Instance
from slipher.testing.wire import Connection

NUMBERS = itertools.count()
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
    "time": st.times(),
    "timetz": st.times().map(lambda one: f"{one}+00"),
    "super": st.recursive(
        st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(st.sampled_from("ab é|,;\"'\\"), max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b c", "é"]), inner, max_size=3)
        ),
        max_leaves=5,
    ).map(lambda one: json.dumps(one, ensure_ascii=False, separators=(",", ":"))),
    "varbyte(8)": st.binary(max_size=8).map(bytes.hex),
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
    if kind == "super":
        return f"json_parse('{text}')"
    return f"from_hex('{text}')" if kind == "varbyte(8)" else f"cast('{text}' as {kind})"


def fill(session: Connection, kinds: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Tables `source`, with the rows, and `target`, empty."""
    session.rows("drop table if exists source")
    session.rows("drop table if exists target")
    columns = ", ".join(f"c{place} {kind}" for place, kind in enumerate(kinds))
    session.rows(f"create temp table source (n int, part smallint, {columns})")
    values = [", ".join(literal(kind, value) for kind, value in zip(kinds, row, strict=True)) for row in rows]
    selects = [f"select {number}, {number % 3}, {one}" for number, one in enumerate(values)]
    session.rows(f"insert into source {' union all '.join(selects)}")
    session.rows("create temp table target (like source)")


def written(value: Any) -> str:
    """A value as UNLOAD writes it, as far as the model asks."""
    return "-0" if isinstance(value, float) and str(value) == "-0.0" else str(value)


@pytest.mark.parametrize("format", ["text", "csv", "json", "parquet", "fixedwidth"])
@settings(
    max_examples=12, suppress_health_check=list(HealthCheck), deadline=None, database=None, phases=(Phase.generate,)
)
@given(data=st.data())
def test_what_goes_out_comes_back(
    session: Connection, place: tuple[str, str], format: str, data: st.DataObject
) -> None:
    bucket, keys = place
    url = f"s3://{bucket}/{next(NUMBERS)}/"
    told = data.draw(options(format))
    kinds = data.draw(
        st.lists(st.sampled_from([one for one in TYPES if one not in WITHOUT.get(format, ())]), min_size=1, max_size=5)
    )
    rows = data.draw(st.lists(st.tuples(*[_values(told, kind) for kind in kinds]), min_size=1, max_size=8))
    fill(session, kinds, rows)
    unload, copy = told.unload(len(kinds) + 2), told.copy(len(kinds) + 2)
    session.rows(f"unload ('select * from source') to '{url}' {keys} {unload}")
    session.rows(f"copy target from '{url}{'manifest' if told.manifest else ''}' {keys} {copy}")
    assert session.rows("select * from target order by n") == session.rows("select * from source order by n")


def _values(told: Options, kind: str) -> st.SearchStrategy[Any]:
    def kept(value: Any) -> bool:
        text = "" if value is None else written(value)
        room = 100 if kind == "varchar(100)" else 10**6
        narrow = told.format != "fixedwidth" or len(text) <= WIDTH
        return survives(told, kind, value, text) and len(text.encode()) <= room and narrow

    return (st.none() | TYPES[kind]).filter(kept)


@pytest.mark.parametrize(
    ("unload", "copy"),
    [
        ("csv", "csv"),
        ("escape", "escape"),
        ("json", "json 'auto'"),
        ("parquet", "parquet"),
        ("fixedwidth 'a:9,b:9,c:9'", "fixedwidth 'a:9,b:9,c:9' trimblanks"),
    ],
)
def test_identities_and_defaults(session: Connection, place: tuple[str, str], unload: str, copy: str) -> None:
    """With EXPLICIT_IDS identities come back as they were; a column that is not listed gets new ones, or the default."""
    bucket, keys = place
    url = f"s3://{bucket}/{next(NUMBERS)}/"
    session.rows("drop table if exists source")
    session.rows("drop table if exists target")
    columns = "(id bigint identity(10, 5), a int default 7, b varchar(9))"
    session.rows(f"create table source {columns}")
    session.rows("insert into source (a, b) values (1, 'one'), (default, 'two'), (3, 'three')")
    kept = session.rows("select * from source order by id")
    assert [row[1:] for row in sorted(kept, key=lambda row: str(row[2]))] == [
        ("1", "one"),
        ("3", "three"),
        ("7", "two"),
    ]
    session.rows(f"unload ('select * from source') to '{url}all' {keys} {unload}")
    session.rows(f"create table target {columns}")
    session.rows(f"copy target from '{url}all' {keys} {copy} explicit_ids")
    assert session.rows("select * from target order by id") == kept
    session.rows("delete from target")
    if "fixedwidth" not in unload:
        session.rows(f"unload ('select b from source') to '{url}some' {keys} {unload}")
        session.rows(f"copy target (b) from '{url}some' {keys} {copy}")
        rows = session.rows("select id, a, b from target order by b")
        assert [row[1:] for row in rows] == [("7", "one"), ("7", "three"), ("7", "two")]
        identities = {int(id or 0) for id, _, _ in rows}
        assert len(identities) == 3 and all(one >= 10 and one % 5 == 0 for one in identities)
    session.rows("drop table source")
    session.rows("drop table target")
