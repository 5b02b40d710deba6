"""Values in text and binary against models of their own: DataRow out (vectorised), parameters in."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from slipher.types.sqltype import SqlType, char, numeric, varchar
from slipher.warehouse.session.values import decode
from slipher.wire.rows import encode

EPOCH = datetime(2000, 1, 1)


def micros(delta: timedelta) -> int:
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def clock(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def clock_text(value: time | datetime, sep: str = " ") -> str:
    text = value.isoformat(sep) if isinstance(value, datetime) else value.isoformat()
    return text.rstrip("0") if "." in text else text


def base10000(value: Decimal) -> bytes:
    """PostgreSQL's numeric, digit by digit of the text."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    whole = int("".join(map(str, digits))) * 10 ** max(exponent, 0)
    padding = -scale % 4
    rest, groups = whole * 10**padding, list[int]()
    while rest:
        rest, group = divmod(rest, 10000)
        groups.insert(0, group)
    weight = len(groups) - (scale + padding) // 4 - 1 if groups else 0
    while groups and groups[-1] == 0:
        groups.pop()
    return struct.pack(f"!hhHH{len(groups)}h", len(groups), weight, 0x4000 if sign and whole else 0, scale, *groups)


def ints(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    top = 10**precision - 1
    return st.integers(-top, top).map(lambda number: Decimal(number).scaleb(-scale, None) if scale else Decimal(number))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
Row = tuple[SqlType, pa.DataType, st.SearchStrategy[Any], Callable[[Any], str], Callable[[Any], bytes]]
TYPES: list[Row] = [
    (SqlType("bool"), pa.bool_(), st.booleans(), lambda v: "t" if v else "f", lambda v: struct.pack("!?", v)),
    (SqlType("int2"), pa.int16(), ints(16), str, lambda v: struct.pack("!h", v)),
    (SqlType("int4"), pa.int32(), ints(32), str, lambda v: struct.pack("!i", v)),
    (SqlType("int8"), pa.int64(), ints(64), str, lambda v: struct.pack("!q", v)),
    (numeric(10, 0), pa.decimal128(10, 0), decimals(10, 0), str, base10000),
    (numeric(9, 3), pa.decimal128(9, 3), decimals(9, 3), lambda v: format(v, "f"), base10000),
    (numeric(18, 18), pa.decimal128(18, 18), decimals(18, 18), lambda v: format(v, "f"), base10000),
    (numeric(38, 10), pa.decimal128(38, 10), decimals(28, 10), lambda v: format(v, "f"), base10000),
    (varchar(99), pa.string(), texts, str, str.encode),
    (char(6), pa.string(), st.text("abc", max_size=6), lambda v: v.ljust(6), lambda v: v.ljust(6).encode()),
    (SqlType("date"), pa.date32(), days, date.isoformat, lambda v: struct.pack("!i", (v - date(2000, 1, 1)).days)),
    (SqlType("time"), pa.time64("us"), st.times(), clock_text, lambda v: struct.pack("!q", clock(v))),
    (SqlType("timestamp"), pa.timestamp("us"), moments, clock_text, lambda v: struct.pack("!q", micros(v - EPOCH))),
]


def cells(data: bytes) -> list[bytes | None]:
    """The only cell of each DataRow."""
    found: list[bytes | None] = []
    at = 0
    while at < len(data):
        kind, length, columns, size = struct.unpack_from("!cihi", data, at)
        assert (kind, columns) == (b"D", 1)
        found.append(None if size < 0 else data[at + 11 : at + 11 + size])
        assert length == 6 + 4 + max(size, 0) - 0
        at += 1 + length
    return found


def sent(values: list[Any], arrow: pa.DataType, kind: SqlType, form: int, **words: Any) -> list[bytes | None]:
    batch = pa.record_batch([pa.array(values, arrow)], names=["a"])
    return cells(b"".join(encode(batch, [kind], [form], **words)))


@pytest.mark.parametrize("row", TYPES, ids=[str(row[0]) for row in TYPES])
@given(data=st.data())
def test_out(row: Row, data: st.DataObject) -> None:
    kind, arrow, strategy, text, binary = row
    values = data.draw(st.lists(st.none() | strategy, min_size=1, max_size=30))
    assert sent(values, arrow, kind, 0) == [None if v is None else text(v).encode() for v in values]
    assert sent(values, arrow, kind, 1) == [None if v is None else binary(v) for v in values]


@given(
    st.lists(st.none() | moments, max_size=10).filter(bool),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"]),
)
def test_moments_in_a_zone(values: list[datetime | None], zone: str) -> None:
    aware = [None if v is None else v.replace(year=1970 + v.year % 130, day=min(v.day, 28), tzinfo=UTC) for v in values]
    shown = sent(aware, pa.timestamp("us", "UTC"), SqlType("timestamptz"), 0, zone=zone)
    for value, cell in zip(aware, shown, strict=True):
        if value is None or cell is None:
            assert value is None and cell is None
            continue
        local = value.astimezone(ZoneInfo(zone))
        minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
        offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}" + (
            f":{abs(minutes) % 60:02d}" if minutes % 60 else ""
        )
        assert cell.decode() == clock_text(local.replace(tzinfo=None)) + offset


@pytest.mark.parametrize("number", [0.0, -0.0, 0.1, 1e20, -1.25e100, 123456.789, 1e-7, float("inf"), float("-inf")])
def test_floats(number: float) -> None:
    shown = {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(number, f"{number:.15g}")
    assert sent([number, None], pa.float64(), SqlType("float8"), 0) == [shown.encode(), None]
    assert sent([number], pa.float64(), SqlType("float8"), 1) == [struct.pack("!d", number)]
    assert sent([number], pa.float32(), SqlType("float4"), 1) == [
        pa.array([number], pa.float32()).to_numpy().astype(">f4").tobytes()
    ]


@given(st.lists(st.tuples(st.times(), st.integers(-15 * 60, 15 * 60)), min_size=1, max_size=5))
def test_times_with_zone(values: list[tuple[time, int]]) -> None:
    """They come as text from the engine."""
    given_texts = [
        f"{clock_text(moment)}{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}"
        + (f":{abs(zone) % 60:02d}" if zone % 60 else "")
        for moment, zone in values
    ]
    kind = SqlType("timetz")
    assert sent(given_texts, pa.string(), kind, 0) == [text.encode() for text in given_texts]
    wanted = [struct.pack("!qi", clock(moment), -zone * 60) for moment, zone in values]
    assert sent(given_texts, pa.string(), kind, 1) == wanted
    read = decode(wanted, [1], [kind] * len(wanted))
    assert [one and one.rpartition("+" if "+" in one else "-")[0] for one in read] == [
        clock_text_full(moment) for moment, _ in values
    ]


def clock_text_full(value: time) -> str:
    return value.isoformat()


@pytest.mark.parametrize("row", TYPES, ids=[str(row[0]) for row in TYPES])
@given(data=st.data())
def test_in(row: Row, data: st.DataObject) -> None:
    kind, _, strategy, _, binary = row
    value = data.draw(strategy)
    (read,) = decode([binary(value)], [1], [kind])
    back: dict[str, Callable[[str], Any]] = {
        "bool": lambda text: text == "t", "date": date.fromisoformat, "time": time.fromisoformat,
        "timestamp": datetime.fromisoformat, "numeric": Decimal, "varchar": str, "bpchar": lambda text: text.rstrip(" "),
    }  # fmt: skip
    assert back.get(kind.name, int)(read or "") == value
