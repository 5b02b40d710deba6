"""Keys as bytes whose order is DynamoDB's: strings and binaries by their bytes, numbers by their value.

A part of a key ends in two zero bytes, and a zero byte inside is followed by 255, so that parts can follow each other and
still compare part by part.
"""

from __future__ import annotations

import base64
import zlib
from decimal import Decimal
from typing import Any

from slipher.cloud.dynamodb.values import invalid

BUCKETS = 65536  # hash space: a segment of a scan is a range of it
_BIAS = 200  # exponents are -130 to 125


def bucket(inner: Any) -> int:
    """The hash of a partition key."""
    return zlib.crc32(str(inner).encode()) % BUCKETS


def part(value: dict[str, Any]) -> bytes:
    """One key attribute."""
    return escaped(value) + b"\0\0"


def escaped(value: dict[str, Any]) -> bytes:
    """A part without its end: what all that begin with the value begin with."""
    ((kind, inner),) = value.items()
    raw = _number(inner) if kind == "N" else base64.b64decode(inner) if kind == "B" else inner.encode()
    return bytes(raw).replace(b"\0", b"\0\xff")


def _number(text: str) -> bytes:
    sign, digits, exponent = Decimal(text).as_tuple()
    significant = "".join(map(str, digits)).strip("0")
    if not significant:
        return b"\x01"
    assert isinstance(exponent, int)
    magnitude = len("".join(map(str, digits)).lstrip("0")) + exponent
    size = (magnitude + _BIAS).to_bytes(2, "big") + significant.encode()
    return b"\x00" + bytes(255 - one for one in size) + b"\xff" if sign else b"\x02" + size


def after(prefix: bytes) -> bytes:
    """The least bytes that are greater than all that begin with a prefix (which is never all 255)."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1])


def window(prefix: bytes, operator: str | None, values: tuple[dict[str, Any], ...]) -> tuple[bytes, bytes]:
    """The positions [low, high) that a condition on the sort key leaves of those with the partition's prefix."""
    low, high = prefix, after(prefix)
    if operator == "begins_with":
        start = prefix + escaped(values[0])
        return start, after(start)
    if operator in ("=", ">=", "BETWEEN"):
        low = prefix + part(values[0])
    if operator == ">":
        low = after(prefix + part(values[0]))
    if operator in ("=", "<=", "BETWEEN"):
        high = after(prefix + part(values[-1]))
    if operator == "<":
        high = prefix + part(values[0])
    return low, high


def address(table: Any, attributes: dict[str, Any], *, exact: bool = False) -> tuple[int, bytes]:
    """Where an item belongs: (bucket, key). `exact` refuses attributes beside the key's (a Key parameter)."""
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table.facts["AttributeDefinitions"]}
    names = [one["AttributeName"] for one in table.facts["KeySchema"]]
    if exact and set(attributes) != set(names):
        raise invalid("The provided key element does not match the schema")
    key = b""
    for name in names:
        value = attributes.get(name)
        if value is None:
            raise invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
        ((kind, inner),) = value.items()
        if kind != kinds[name]:
            if exact:
                raise invalid("The provided key element does not match the schema")
            raise invalid(
                f"One or more parameter values were invalid: Type mismatch for key {name} expected: {kinds[name]} actual: {kind}"
            )
        if inner == "":
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty {'binary' if kind == 'B' else 'string'} value. Key: {name}"
            )
        key += part(value)
    (first,) = attributes[names[0]].values()
    return bucket(first), key
