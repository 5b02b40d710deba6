"""Values of a column in PostgreSQL's binary format, vectorised: data bytes and lengths."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from slipher.types.sqltype import SqlType

EPOCH_DAYS = 10957  # 1970-01-01 to 2000-01-01
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
    return out


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

    Values of up to 18 digits go the vectorised way; wider ones one by one.
    """
    if not pa.types.is_decimal(array.type) or array.type.precision > 18:
        return _numeric_slowly(array, scale)
    count = len(array)
    raw = np.frombuffer(array.buffers()[1], dtype="<i8")[array.offset * 2 : (array.offset + count) * 2 : 2]
    if array.null_count:
        raw = np.where(np.asarray(array.is_valid()), raw, 0)
    negative = raw < 0
    magnitude = np.abs(raw).astype(np.uint64)
    power = np.uint64(10**scale)
    whole, part = magnitude // power, magnitude % power
    part_groups = -(-scale // 4)
    part = (
        part * np.uint64(10 ** (part_groups * 4 - scale))
        if part_groups * 4 - scale + len(str(part.max(initial=0))) <= 19
        else part
    )
    groups = np.zeros((count, 5 + part_groups), dtype=np.uint64)
    rest = whole.copy()
    for index in range(4, -1, -1):
        groups[:, index] = rest % np.uint64(10000)
        rest //= np.uint64(10000)
    rest = part.copy()
    for index in range(part_groups - 1, -1, -1):
        groups[:, 5 + index] = rest % np.uint64(10000)
        rest //= np.uint64(10000)
    nonzero = groups != 0
    any_digit = nonzero.any(axis=1)
    first = np.where(any_digit, nonzero.argmax(axis=1), 0)
    last = np.where(any_digit, groups.shape[1] - 1 - nonzero[:, ::-1].argmax(axis=1), -1)
    digits = np.where(any_digit, last - first + 1, 0)
    weight = np.where(any_digit, 4 - first, 0)
    lengths = 8 + 2 * digits
    header = np.zeros((count, 4), dtype=">i2")
    header[:, 0] = digits
    header[:, 1] = weight
    header[:, 2] = np.where(negative & any_digit, 0x4000, 0)
    header[:, 3] = scale
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    out = np.zeros(int(offsets[-1]), dtype=np.uint8)
    columns = np.arange(8)
    out[(offsets[:-1, None] + columns).ravel()] = header.view(np.uint8).reshape(count, 8).ravel()
    body = groups.astype(">u2")
    for index in range(groups.shape[1]):
        chosen = (index >= first) & (index <= last) & any_digit
        at = offsets[:-1][chosen] + 8 + 2 * (index - first[chosen])
        pair = np.ascontiguousarray(body[chosen, index]).view(np.uint8).reshape(-1, 2)
        out[at] = pair[:, 0]
        out[at + 1] = pair[:, 1]
    return out, lengths


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
