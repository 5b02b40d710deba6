"""Whether an item meets a condition."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from slipher.cloud.dynamodb.expressions.nodes import (
    Between,
    Both,
    Compare,
    Condition,
    Either,
    Function,
    In,
    Not,
    Operand,
    Path,
    Value,
    Wire,
)  # fmt: skip

Item = dict[str, Any]
SETS = ("SS", "NS", "BS")


def resolve(item: Item, path: Path) -> Wire | None:
    """What is at a path, None if nothing."""
    found: Any = item.get(str(path.parts[0]))
    for part in path.parts[1:]:
        if not found:
            return None
        if isinstance(part, int):
            inner = found.get("L", ())
            found = inner[part] if part < len(inner) else None
        else:
            found = found.get("M", {}).get(part)
    return found or None


def order(value: Wire) -> tuple[str, Any] | None:
    """(type, what orders it) of a string, number or binary; None for what has no order."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return kind, Decimal(inner)
    if kind == "B":
        return kind, base64.b64decode(inner)
    return (kind, inner.encode()) if kind == "S" else None


def less(left: Wire | None, right: Wire | None) -> bool:
    """left < right, of the same ordered type; else False."""
    a, b = left and order(left), right and order(right)
    return bool(a and b and a[0] == b[0] and a[1] < b[1])


def equal(left: Wire | None, right: Wire | None) -> bool:
    """Whether two values are the same: numbers are in one form already, members of sets have no order."""
    return left is not None and right is not None and (left == right or _canonical(left) == _canonical(right))


def _canonical(value: Wire) -> Any:
    ((kind, inner),) = value.items()
    if kind in SETS:
        return kind, sorted(inner)
    if kind == "M":
        return kind, {name: _canonical(one) for name, one in inner.items()}
    return kind, [_canonical(one) for one in inner] if kind == "L" else inner


def value_of(item: Item, operand: Operand) -> Wire | None:
    """An operand's value."""
    if isinstance(operand, Path):
        return resolve(item, operand)
    if isinstance(operand, Value):
        return operand.wire
    assert isinstance(operand, Function) and operand.name == "size"
    found = value_of(item, operand.operands[0])
    size = None if found is None else _size(found)
    return None if size is None else {"N": str(size)}


def _size(value: Wire) -> int | None:
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner)
    if kind == "B":
        return len(base64.b64decode(inner))
    return len(inner) if kind in ("L", "M", *SETS) else None


COMPARE: dict[str, Callable[[Wire | None, Wire | None], bool]] = {
    "=": equal,
    "<>": lambda a, b: not equal(a, b),  # true of an attribute that is not there
    "<": less,
    ">": lambda a, b: less(b, a),
    "<=": lambda a, b: less(a, b) or (a is not None and order(a) is not None and equal(a, b)),
    ">=": lambda a, b: less(b, a) or (a is not None and order(a) is not None and equal(a, b)),
}


def _begins(whole: Wire | None, start: Wire | None) -> bool:
    a, b = whole and order(whole), start and order(start)
    return bool(a and b and a[0] == b[0] != "N" and a[1].startswith(b[1]))


def _contains(whole: Wire | None, part: Wire | None) -> bool:
    if whole is None or part is None:
        return False
    ((kind, inner),) = whole.items()
    ((part_kind, wanted),) = part.items()
    if kind == "L":
        return any(equal(one, part) for one in inner)
    if kind in SETS:
        return kind == f"{part_kind}S" and wanted in inner
    if kind == part_kind == "B":
        return base64.b64decode(wanted) in base64.b64decode(inner)
    return bool(kind == part_kind == "S" and wanted in inner)


FUNCTIONS: dict[str, Callable[..., bool]] = {
    "attribute_exists": lambda found: found is not None,
    "attribute_not_exists": lambda found: found is None,
    "attribute_type": lambda found, kind: found is not None and kind["S"] in found,
    "begins_with": _begins,
    "contains": _contains,
}


def holds(condition: Condition | None, item: Item) -> bool:
    """Whether an item ({} if there is none) meets a condition; none is always met."""
    match condition:
        case None:
            return True
        case Compare(operator, left, right):
            return COMPARE[operator](value_of(item, left), value_of(item, right))
        case Between(operand, low, high):
            found = value_of(item, operand)
            return COMPARE[">="](found, value_of(item, low)) and COMPARE["<="](found, value_of(item, high))
        case In(operand, choices):
            found = value_of(item, operand)
            return any(equal(found, value_of(item, one)) for one in choices)
        case Both(one, other):
            return holds(one, item) and holds(other, item)
        case Either(one, other):
            return holds(one, item) or holds(other, item)
        case Not(inner):
            return not holds(inner, item)
        case Function(name, operands):
            return FUNCTIONS[name](*(value_of(item, one) for one in operands))
