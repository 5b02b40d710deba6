"""Parameters as clients send them: text, or the binary form of their type. All become text, the engine reads it typed."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from slipher.base.errors import SqlError
from slipher.types.sqltype import SqlType
from slipher.types.table import BY_OID

EPOCH = datetime(2000, 1, 1)
OPEN = {0, 17, 25, 705}  # none, bytea (drivers send bytes as it), text, unknown
DAY = 86_400_000_000


def parameter_type(oid: int) -> SqlType:
    """A parameter's type as the client names it; open where it names none, or text, which says nothing."""
    if oid in OPEN:
        return SqlType("unknown")
    row = BY_OID.get(oid)
    if row is None:
        raise SqlError("42704", f"type with OID {oid} does not exist")
    return SqlType(row.name)


def decode(values: Sequence[bytes | None], formats: Sequence[int], kinds: Sequence[SqlType]) -> list[str | None]:
    """Bind's values as text; `formats` are none, one for all, or one each."""
    found: list[str | None] = []
    for index, value in enumerate(values):
        form = formats[index] if len(formats) > 1 else formats[0] if formats else 0
        if form not in (0, 1):
            raise SqlError("22023", f"unsupported format code: {form}")
        if value is None:
            found.append(None)
        elif form == 0:
            found.append(_text(value))
        else:
            found.append(_binary(value, kinds[index], index + 1))
    return found


def _text(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        byte = value[error.start]
        raise SqlError("22021", f'invalid byte sequence for encoding "UTF8": 0x{byte:02x}') from None
    if "\0" in text:
        raise SqlError("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
    return text


def _binary(value: bytes, kind: SqlType, number: int) -> str:
    reader = BINARY.get(kind.name)
    if reader is None and kind.row.family != "text":
        raise SqlError("0A000", f"binary parameters of type {kind.row.sql_name} are not supported by Slipher yet")
    if kind.name.startswith("_"):
        raise SqlError("22P03", "invalid array flags")
    if reader is None:
        return _text(value)
    try:
        return reader(value)
    except OverflowError:
        raise SqlError("22008", f"{kind.row.name} out of range") from None
    except (struct.error, ValueError):
        raise SqlError("22P03", f"incorrect binary data format in bind parameter {number}") from None


def _number(form: str) -> Callable[[bytes], str]:
    return lambda data: repr(struct.unpack(form, data)[0])


def _bool(data: bytes) -> str:
    (value,) = struct.unpack("!B", data)
    return "t" if value else "f"


def _date(data: bytes) -> str:
    return (date(2000, 1, 1) + timedelta(days=struct.unpack("!i", data)[0])).isoformat()


def _timestamp(data: bytes) -> str:
    return (EPOCH + timedelta(microseconds=struct.unpack("!q", data)[0])).isoformat(" ")


def _clock(micros: int) -> str:
    if not 0 <= micros <= DAY:
        raise OverflowError
    if micros == DAY:
        return "24:00:00"
    return (EPOCH + timedelta(microseconds=micros)).time().isoformat()


def _time(data: bytes) -> str:
    return _clock(struct.unpack("!q", data)[0])


def _timetz(data: bytes) -> str:
    micros, west = struct.unpack("!qi", data)
    if abs(west) >= 16 * 3600:
        raise ValueError
    sign, minutes = ("-" if west > 0 else "+"), abs(west) // 60
    return f"{_clock(micros)}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _numeric(data: bytes) -> str:
    count, weight, sign, scale = struct.unpack("!hhHH", data[:8])
    if sign == 0xC000:
        return "NaN"
    digits = struct.unpack(f"!{count}h", data[8:])
    if sign not in (0, 0x4000) or any(not 0 <= digit < 10000 for digit in digits):
        raise ValueError
    whole = "".join(f"{digit:04d}" for digit in digits[: weight + 1]) if weight >= 0 else ""
    whole += "0000" * max(weight + 1 - count, 0)
    fraction = "0000" * max(-weight - 1, 0) + "".join(f"{digit:04d}" for digit in digits[max(weight + 1, 0) :])
    text = (whole.lstrip("0") or "0") + ("." + fraction.ljust(scale, "0")[:scale] if scale else "")
    return ("-" if sign == 0x4000 else "") + text


BINARY: dict[str, Callable[[bytes], str]] = {
    "bool": _bool,
    "int2": _number("!h"),
    "int4": _number("!i"),
    "int8": _number("!q"),
    "oid": _number("!I"),
    "xid": _number("!I"),
    "regclass": _number("!I"),
    "regtype": _number("!I"),
    "float4": _number("!f"),
    "float8": _number("!d"),
    "date": _date,
    "time": _time,
    "timetz": _timetz,
    "timestamp": _timestamp,
    "timestamptz": lambda data: _timestamp(data) + "+00",
    "numeric": _numeric,
}
