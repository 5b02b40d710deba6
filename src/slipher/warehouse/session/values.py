"""Parameters as clients send them: text, or the binary form of their type. All become text, the engine reads it typed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from slipher.base.errors import SqlError
from slipher.types.sqltype import SqlType

EPOCH = datetime(2000, 1, 1)


def _number(form: str) -> Callable[[bytes], str]:
    return lambda data: repr(struct.unpack(form, data)[0])


def _timestamp(data: bytes) -> str:
    return (EPOCH + timedelta(microseconds=struct.unpack("!q", data)[0])).isoformat(" ")


def _time(data: bytes) -> str:
    return (EPOCH + timedelta(microseconds=struct.unpack("!q", data[:8])[0])).time().isoformat()


def _numeric(data: bytes) -> str:
    count, weight, sign, scale = struct.unpack("!hhHH", data[:8])
    if sign == 0xC000:
        return "NaN"
    digits = struct.unpack(f"!{count}h", data[8:])
    whole = "".join(f"{digit:04d}" for digit in digits[: weight + 1]) if weight >= 0 else ""
    whole += "0000" * max(weight + 1 - count, 0)
    fraction = "0000" * max(-weight - 1, 0) + "".join(f"{digit:04d}" for digit in digits[max(weight + 1, 0) :])
    text = (whole.lstrip("0") or "0") + ("." + fraction.ljust(scale, "0")[:scale] if scale else "")
    return ("-" if sign == 0x4000 else "") + text


BINARY: dict[str, Callable[[bytes], str]] = {
    "bool": lambda data: "t" if data != b"\0" else "f",
    "int2": _number("!h"),
    "int4": _number("!i"),
    "int8": _number("!q"),
    "oid": _number("!I"),
    "float4": _number("!f"),
    "float8": _number("!d"),
    "date": lambda data: (date(2000, 1, 1) + timedelta(days=struct.unpack("!i", data)[0])).isoformat(),
    "time": _time,
    "timestamp": _timestamp,
    "timestamptz": lambda data: _timestamp(data) + "+00",
    "numeric": _numeric,
}


def decode(values: Sequence[bytes | None], formats: Sequence[int], kinds: Sequence[SqlType]) -> list[str | None]:
    """Bind's values as text."""
    found: list[str | None] = []
    for index, value in enumerate(values):
        form = formats[index] if len(formats) > 1 else formats[0] if formats else 0
        if value is None:
            found.append(None)
            continue
        reader = BINARY.get(kinds[index].name) if form == 1 else None
        try:
            found.append(reader(value) if reader is not None else value.decode())
        except (struct.error, UnicodeDecodeError, OverflowError):
            raise SqlError("22P03", f"incorrect binary data format in bind parameter {index + 1}") from None
    return found
