"""Values of a column as text, vectorised: the form that clients see, which UNLOAD also writes (mostly)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slipher.types.floats import float_texts
from slipher.types.sqltype import SqlType

TABLES_END = 2_145_916_800_000_000  # 2038: there Arrow's tables of zones end, and it ignores the rule that goes on
MICROS_PER_DAY = 86_400_000_000


def as_text(array: pa.Array, kind: SqlType, *, float_digits: int = 0, pad: bool = True, zone: str = "UTC") -> pa.Array:
    """A string array: NULL stays NULL. `float_digits` is extra_float_digits; `pad` blank-pads char(n) to its length; `zone`
    is the session's time zone, in which moments are shown."""
    name = kind.name
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return array.cast(pa.large_string())
    if name == "bool":
        return pc.if_else(array, pa.scalar("t", pa.large_string()), pa.scalar("f", pa.large_string()))
    if name in ("float4", "float8"):
        return float_texts(array, 6 if name == "float4" else 15, float_digits)
    if name == "numeric" and pa.types.is_decimal(array.type):
        return _decimals(array)
    if name in ("timestamp", "timestamptz"):
        return _before_christ(_moments(array, zone) if name == "timestamptz" else _timestamps(array))
    if name == "date":
        return _before_christ(array.cast(pa.large_string()))
    if name == "timetz":
        return _times_with_zone(array)
    if name == "time":
        return _times(array)
    if name == "bpchar" and pad and kind.length is not None:
        return pc.utf8_rpad(array.cast(pa.large_string()), kind.length)
    if name == "varbyte":
        return _hex(array)
    return array.cast(pa.large_string())


def _before_christ(texts: pa.Array) -> pa.Array:
    """Years before year 1 as PostgreSQL writes them: 1 BC is the year 0."""
    old = pc.or_(pc.starts_with(texts, "-"), pc.starts_with(texts, "0000-"))
    if not pc.any(old, min_count=0).as_py():
        return texts
    made = []
    for text in texts.filter(old).to_pylist():
        end = text.index("-", 1)
        made.append(f"{1 - int(text[:end]):04d}{text[end:]} BC")
    return pc.replace_with_mask(texts, old.fill_null(False), pa.array(made, texts.type))


def _decimals(array: pa.Array) -> pa.Array:
    """Full scale, never an exponent (Arrow's own cast writes one for small values)."""
    out = array.cast(pa.large_string())
    if array.type.scale <= 6:
        return out
    exponents = pc.match_substring(out, "E")
    if pc.any(exponents).as_py():
        values = [None if value is None else format(value, "f") for value in array.to_pylist()]
        return pa.array(values, pa.large_string())
    return out


def _strip_zeros(text: pa.Array) -> pa.Array:
    """Trailing zeros of the fraction cut, and the point if nothing is left."""
    return pc.ascii_rtrim(pc.ascii_rtrim(text, "0"), ".")


def _timestamps(array: pa.Array) -> pa.Array:
    micros = array.cast(pa.timestamp("us"))
    fractions = np.asarray(micros.cast(pa.int64()).fill_null(0)) % 1_000_000
    if not fractions.any():
        return micros.cast(pa.timestamp("s"), safe=False).cast(pa.large_string())
    return _strip_zeros(micros.cast(pa.large_string()))


def _moments(array: pa.Array, zone: str) -> pa.Array:
    """Local time and the zone's offset at that moment: +00, +05:30, -03."""
    plain = (array if array.type.tz else array.cast(pa.timestamp("us"))).cast(pa.timestamp("us", "UTC"))
    utc = plain.cast(pa.int64()).cast(pa.timestamp("us"))
    if zone == "UTC":
        return pc.binary_join_element_wise(_timestamps(utc), _text("+00"), _text(""))
    local = pc.local_timestamp(plain.cast(pa.timestamp("us", zone)))
    seconds = np.asarray(pc.subtract(local.cast(pa.int64()), utc.cast(pa.int64())).fill_null(0)) // 1_000_000
    micros = np.asarray(utc.cast(pa.int64()).fill_null(0))
    late = np.flatnonzero(micros >= TABLES_END)
    if len(late):
        seconds = seconds.copy()
        seconds[late] = [_offset(int(micros[index]), zone) for index in late]
        moved = pa.array(micros + seconds * 1_000_000, pa.int64(), mask=np.asarray(utc.is_null()))
        local = moved.cast(pa.timestamp("us"))
    offsets, which = np.unique(seconds, return_inverse=True)
    suffixes = pa.array([offset_text(int(one)) for one in offsets], pa.large_string()).take(pa.array(which))
    return pc.binary_join_element_wise(_timestamps(local), suffixes, _text(""))


def _offset(micros: int, zone: str) -> int:
    """A zone's offset at a moment, in seconds, by its rule."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return int((moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds())


def offset_text(seconds: int) -> str:
    """An offset from UTC: hours, minutes where there are some, seconds where there are some."""
    sign, rest = ("-" if seconds < 0 else "+"), abs(seconds)
    text = f"{sign}{rest // 3600:02d}"
    if rest % 3600:
        text += f":{rest % 3600 // 60:02d}"
    return text + (f":{rest % 60:02d}" if rest % 60 else "")


def _times_with_zone(array: pa.Array) -> pa.Array:
    """The engine gives them as text, time and offset; its offsets of whole hours are as short as ours."""
    text = array.cast(pa.large_string())
    return pc.replace_substring_regex(text, r"(\.\d*?)0+([+-])", r"\1\2") if len(text) else text


def _text(value: str) -> pa.LargeStringScalar:
    return pa.scalar(value, pa.large_string())


def _times(array: pa.Array) -> pa.Array:
    text = array.cast(pa.time64("us")).cast(pa.large_string())
    return _strip_zeros(text)


def _hex(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else value.hex() for value in array.to_pylist()], pa.large_string())
