"""Values as the wire carries them, in text form: binary ones are decoded here, apart from the server's own encoders."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

EPOCH = datetime(2000, 1, 1)
INFINITIES = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def text_of(value: bytes, type_oid: int, form: int) -> str:
    """A value's text; `form` is 0 for text, 1 for binary. Bytes that are no UTF-8 become \\xNN."""
    decoder = BINARY.get(type_oid) if form == 1 else None
    return decoder(value) if decoder else value.decode("utf-8", "backslashreplace")


def _number(form: str) -> Callable[[bytes], str]:
    return lambda value: str(struct.unpack(form, value)[0])


def _float(form: str, digits: int) -> Callable[[bytes], str]:
    def decode(value: bytes) -> str:
        text = f"{struct.unpack(form, value)[0]:.{digits}g}"
        return INFINITIES.get(text, text)

    return decode


def _bool(value: bytes) -> str:
    return "t" if value == b"\1" else "f"


def _numeric(value: bytes) -> str:
    """Base-10000 digits: their count, the first one's weight, the sign, how many decimal places to show."""
    count, weight, sign, scale = struct.unpack_from("!hhHh", value)
    if sign == 0xC000:
        return "NaN"
    digits = struct.unpack_from(f"!{count}h", value, 8)
    whole = "".join(f"{digits[at] if at < count else 0:04d}" for at in range(weight + 1)).lstrip("0") or "0"
    after = [f"{digits[at] if 0 <= at < count else 0:04d}" for at in range(weight + 1, weight + 1 + -(-scale // 4))]
    text = f"{whole}.{''.join(after)[:scale]}" if scale else whole
    return f"-{text}" if sign == 0x4000 else text


def _date(value: bytes) -> str:
    (days,) = struct.unpack("!i", value)
    return str(date(2000, 1, 1) + timedelta(days=days))


def _trim(text: str) -> str:
    return text.rstrip("0") if "." in text else text


def _timestamp(value: bytes) -> str:
    (micros,) = struct.unpack("!q", value)
    return _trim(str(EPOCH + timedelta(microseconds=micros)))


def _time(value: bytes) -> str:
    (micros,) = struct.unpack("!q", value)
    found: time = (EPOCH + timedelta(microseconds=micros)).time()
    return _trim(str(found))


BINARY: dict[int, Callable[[bytes], str]] = {
    16: _bool,
    20: _number("!q"),
    21: _number("!h"),
    23: _number("!i"),
    26: _number("!I"),
    700: _float("!f", 6),
    701: _float("!d", 15),
    1082: _date,
    1083: _time,
    1114: _timestamp,
    1184: lambda value: f"{_timestamp(value)}+00",
    1700: _numeric,
    6551: bytes.hex,
}
