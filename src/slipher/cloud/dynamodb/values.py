"""Attribute values: checked, numbers normalised, sizes counted."""

from __future__ import annotations

import base64
from decimal import Decimal, InvalidOperation
from typing import Any

from slipher.base.errors import AwsError

TYPES = {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}
MAX_ITEM = 400 * 1024
MAX_DEPTH = 32


def invalid(text: str) -> AwsError:
    """ValidationException."""
    return AwsError("ValidationException", text, 400)


def number(text: Any) -> str:
    """A number as DynamoDB gives it back: up to 38 digits, no exponent where plain digits do, no trailing zeros."""
    if not isinstance(text, str):
        raise AwsError("SerializationException", "NUMBER_VALUE cannot be converted to String", 400)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise invalid(f"A value provided cannot be converted into a number: {text}") from None
    if not value.is_finite():
        raise invalid(f"A value provided cannot be converted into a number: {text}")
    sign, digits, exponent = value.as_tuple()
    stripped = "".join(map(str, digits)).lstrip("0")
    significant = stripped.rstrip("0")
    if len(significant) > 38:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if not significant:
        return "0"
    assert isinstance(exponent, int)
    magnitude = len(stripped) + exponent - 1
    if magnitude > 125:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if magnitude < -130:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    plain = format(Decimal((sign, tuple(map(int, significant)), exponent + len(stripped) - len(significant))), "f")
    return plain


def normal(value: Any, depth: int = 1) -> tuple[dict[str, Any], int]:
    """An attribute value, checked and normalised, and its size in bytes."""
    if depth > MAX_DEPTH + 1:
        raise invalid("Nesting Levels have exceeded supported limits")
    if not isinstance(value, dict) or len(value) != 1:
        raise invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
            if isinstance(value, dict) and value
            else "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        )
    ((kind, inner),) = value.items()
    if kind not in TYPES:
        raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    if kind == "S":
        if not isinstance(inner, str):
            raise AwsError("SerializationException", "NUMBER_VALUE cannot be converted to String", 400)
        return value, len(inner.encode())
    if kind == "N":
        text = number(inner)
        return {"N": text}, len(text) // 2 + 2
    if kind == "B":
        text = binary(inner)
        return {"B": text}, len(base64.b64decode(text))
    if kind == "BOOL":
        if not isinstance(inner, bool):
            raise AwsError("SerializationException", "Unexpected token received from parser", 400)
        return value, 1
    if kind == "NULL":
        if inner is not True:
            raise invalid(
                "One or more parameter values were invalid: Null attribute value types must have the value of true"
            )
        return value, 1
    if kind in ("M", "L"):
        if kind == "M":
            pairs = {name: normal(one, depth + 1) for name, one in inner.items()}
            return {"M": {name: one for name, (one, _) in pairs.items()}}, 3 + sum(
                len(name.encode()) + size + 1 for name, (_, size) in pairs.items()
            )
        listed = [normal(one, depth + 1) for one in inner]
        return {"L": [one for one, _ in listed]}, 3 + sum(size + 1 for _, size in listed)
    if not inner:
        name = {"SS": "string", "NS": "number", "BS": "binary"}[kind]
        raise invalid(f"One or more parameter values were invalid: An {name} set  may not be empty")
    members = [number(one) if kind == "NS" else binary(one) if kind == "BS" else one for one in inner]
    if len(set(members)) != len(members):
        raise invalid(f"One or more parameter values were invalid: Input collection {inner} contains duplicates.")
    if kind == "BS":
        return {kind: members}, sum(len(base64.b64decode(one)) for one in members)
    return {kind: members}, sum(len(str(one).encode()) for one in members)


def binary(value: Any) -> str:
    """Bytes as items are kept: in base64, their form on the wire."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def item(attributes: Any) -> tuple[dict[str, Any], int]:
    """An item, normalised, and its size; refuses one that is too large."""
    if not isinstance(attributes, dict):
        raise AwsError("SerializationException", "Start of structure or map found where not expected", 400)
    pairs = {name: normal(value) for name, value in attributes.items()}
    size = sum(len(name.encode()) + one for name, (_, one) in pairs.items())
    if size > MAX_ITEM:
        raise invalid("Item size has exceeded the maximum allowed size")
    return {name: value for name, (value, _) in pairs.items()}, size
