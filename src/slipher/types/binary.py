"""Values of a column in PostgreSQL's binary format, vectorised: data bytes and lengths."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from slipher.types.sqltype import SqlType

EPOCH_DAYS = 10957  # 1970-01-01 to 2000-01-01
SMALLEST = -(2**63)  # has no magnitude in 64 bits
EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000
FIXED = {
    "bool": "u1",
    "int2": ">i2",
    "int4": ">i4",
    "int8": ">i8",
    "oid": ">u4",
    "xid": ">u4",
    "float4": ">f4",
    "float8": ">f8",
    "date": ">i4",
    "time": ">i8",
    "timestamp": ">i8",
    "timestamptz": ">i8",
}


def fixed(array: pa.Array, kind: SqlType) -> np.ndarray | None:
    """The values as one array of big-endian items (NULLs hold anything); None for types of varying width."""
    if kind.name == "timetz":
        return timetz(array)
    form = FIXED.get(kind.name)
    if form is None:
        return None
    if kind.name == "bool":
        values = array.cast(pa.uint8()).fill_null(0).to_numpy(zero_copy_only=False)
    elif kind.name == "date":
        values = array.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False) - EPOCH_DAYS
    elif kind.name in ("timestamp", "timestamptz"):
        unit = pa.timestamp("us", array.type.tz)
        values = array.cast(unit).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False) - EPOCH_MICROS
    elif kind.name == "time":
        values = array.cast(pa.time64("us")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    else:
        values = array.fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(values).astype(form)


def timetz(array: pa.Array) -> np.ndarray:
    """Times with zone, which come as text: microseconds, and the zone west of Greenwich in seconds; 12 bytes each."""
    out = np.zeros(len(array), dtype=[("micros", ">i8"), ("west", ">i4")])
    for index, value in enumerate(array.to_pylist()):
        if value is not None:
            out[index] = _clock(value)
    return out.view("V12")


def _clock(text: str) -> tuple[int, int]:
    at = max(text.rfind("+"), text.rfind("-"))
    hours, minutes, seconds = text[:at].split(":")
    whole, _, part = seconds.partition(".")
    micros = ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 1_000_000 + int(part.ljust(6, "0"))
    parts = [int(one) for one in text[at + 1 :].split(":")]
    east = sum(one * size for one, size in zip(parts, (3600, 60, 1), strict=False))
    return micros, east if text[at] == "-" else -east


def numeric(array: pa.Array, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """PostgreSQL's base-10000 numerics: (data bytes, length of each).

    The vectorised way needs values that fit 64 bits, whatever their type could hold; where one does not, all go one by one.
    """
    if not pa.types.is_decimal128(array.type) or scale > 18:
        return _numeric_slowly(array, scale)
    count = len(array)
    words = np.frombuffer(array.buffers()[1], dtype="<i8")[array.offset * 2 : (array.offset + count) * 2]
    raw, high = words[::2], words[1::2]
    if array.null_count:
        valid = np.asarray(array.is_valid())
        raw, high = np.where(valid, raw, 0), np.where(valid, high, 0)
    if (high != raw >> 63).any() or raw.min(initial=0) == SMALLEST:
        return _numeric_slowly(array, scale)
    groups, whole_groups = _groups(np.abs(raw), scale)
    # Groups of zeros at either end are not written.
    leading, trailing = np.zeros(count, np.int8), np.zeros(count, np.int8)
    for counted, order in ((leading, groups), (trailing, groups[::-1])):
        zero = np.ones(count, bool)
        for group in order:
            zero &= group == 0
            counted += zero
    empty = leading == len(groups)
    trailing[empty] = 0
    digits = len(groups) - leading - trailing
    record = np.empty((count, 4 + len(groups)), dtype=">i2")
    record[:, 0] = digits
    record[:, 1] = np.where(empty, 0, whole_groups - 1 - leading)
    record[:, 2] = np.where(raw < 0, 0x4000, 0)
    record[:, 3] = scale
    written = np.ones(record.shape, bool)
    for index, group in enumerate(groups):
        record[:, 4 + index] = group
        written[:, 4 + index] = (leading <= index) & (index < len(groups) - trailing)
    return record[written].view(np.uint8), 8 + 2 * digits.astype(np.int64)


def _groups(magnitude: np.ndarray, scale: int) -> tuple[list[np.ndarray], int]:
    """The base-10000 digits of unsigned decimals, the highest first, and how many stand before the point."""
    whole, part = _divided(magnitude, 10**scale)
    found: list[np.ndarray] = []
    if odd := scale % 4:
        part, last = _divided(part, 10**odd)
        found.append(last * 10 ** (4 - odd))
    for _ in range(scale // 4):
        part, last = _divided(part, 10000)
        found.append(last)
    fraction = len(found)
    highest = int(whole.max(initial=0))
    while highest:
        whole, last = _divided(whole, 10000)
        found.append(last)
        highest //= 10000
    return found[::-1], len(found) - fraction


def _divided(numbers: np.ndarray, divisor: int) -> tuple[np.ndarray, np.ndarray]:
    """Quotients and remainders; numpy's own remainder is several times as slow."""
    quotients = numbers // divisor
    return quotients, numbers - quotients * divisor


def _numeric_slowly(array: pa.Array, scale: int) -> tuple[np.ndarray, np.ndarray]:
    pieces, lengths = [], np.zeros(len(array), dtype=np.int64)
    for index, value in enumerate(array.to_pylist()):
        piece = b"" if value is None else one_numeric(value, scale)
        pieces.append(piece)
        lengths[index] = len(piece)
    return np.frombuffer(b"".join(pieces), dtype=np.uint8), lengths


def one_numeric(value: object, scale: int) -> bytes:
    """One value in PostgreSQL's numeric format."""
    text = format(value, "f")
    negative = text.startswith("-")
    whole, _, part = text.lstrip("-").partition(".")
    scale = max(scale, len(part))
    whole = whole.lstrip("0")
    whole = whole.rjust(-(-len(whole) // 4) * 4, "0")
    part = part.ljust(-(-len(part) // 4) * 4, "0")
    digits = [int((whole + part)[at : at + 4]) for at in range(0, len(whole + part), 4)]
    weight = len(whole) // 4 - 1
    while digits and digits[0] == 0:
        digits.pop(0)
        weight -= 1
    while digits and digits[-1] == 0:
        digits.pop()
    if not digits:
        weight, negative = 0, False
    header = np.array([len(digits), weight, 0x4000 if negative else 0, scale], dtype=">i2")
    return header.tobytes() + np.array(digits, dtype=">u2").tobytes()
