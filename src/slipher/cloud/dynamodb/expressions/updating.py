"""What an update makes of an item."""

from __future__ import annotations

import copy
from decimal import Context, Decimal
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.dynamodb.expressions.evaluate import Item, resolve
from slipher.cloud.dynamodb.expressions.nodes import Action, Function, Operand, Path, Sum, Value, Wire
from slipher.cloud.dynamodb.values import invalid, number

ARITHMETIC = Context(prec=60)  # sums of two numbers of 38 digits that are near; number() refuses what is too long


def apply(actions: list[Action], item: Item) -> Item:
    """The item after the update. Every operand is read from the item as it was."""
    new = copy.deepcopy(item)
    sets = [(one.path, _operand(one.operand, item)) for one in actions if one.verb == "SET" and one.operand is not None]
    later: list[tuple[Path, Wire | None]] = []
    for action in actions:
        if action.verb in ("ADD", "DELETE"):
            assert isinstance(action.operand, Value)
            later.append((action.path, _combined(action.verb, resolve(item, action.path), action.operand.wire)))
    later += [(one.path, None) for one in actions if one.verb == "REMOVE"]
    for path, value in sorted(sets, key=lambda pair: _indexes(pair[0])):  # beyond a list's end: in order of index
        _put(new, path, value)
    # from the end of lists to their start, so that indexes keep meaning the members that they meant
    for path, left in sorted(later, key=lambda pair: _indexes(pair[0]), reverse=True):
        if left is not None:
            _put(new, path, left)
        else:
            _remove(new, path)
    return new


def _indexes(path: Path) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path.parts]


def _wrong_type() -> AwsError:
    return invalid("An operand in the update expression has an incorrect data type")


def _operand(operand: Operand, item: Item) -> Wire:
    match operand:
        case Value(wire):
            return wire
        case Path():
            found = resolve(item, operand)
            if found is None:
                raise invalid("The provided expression refers to an attribute that does not exist in the item")
            return found
        case Sum(operator, left, right):
            a, b = _operand(left, item), _operand(right, item)
            if "N" not in a or "N" not in b:
                raise _wrong_type()
            return {"N": added(a["N"], b["N"], operator)}
        case Function("if_not_exists", (path, other)):
            assert isinstance(path, Path)
            found = resolve(item, path)
            return found if found is not None else _operand(other, item)
        case Function("list_append", (left, right)):
            a, b = _operand(left, item), _operand(right, item)
            if "L" not in a or "L" not in b:
                raise _wrong_type()
            return {"L": [*a["L"], *b["L"]]}
    raise _wrong_type()


def added(left: str, right: str, operator: str = "+") -> str:
    """The sum or difference of two numbers."""
    a, b = Decimal(left), Decimal(right)
    return number(str(ARITHMETIC.add(a, b) if operator == "+" else ARITHMETIC.subtract(a, b)))


def _combined(verb: str, old: Wire | None, given: Wire) -> Wire | None:
    """ADD: a sum, or a set with more members; DELETE: a set with fewer, None if none is left."""
    ((kind, inner),) = given.items()
    if old is None:
        return given if verb == "ADD" else None
    if kind not in old:
        raise _wrong_type()
    if kind == "N":
        return {"N": added(old["N"], inner)}
    if verb == "ADD":
        return {kind: [*old[kind], *(one for one in inner if one not in old[kind])]}
    left = [one for one in old[kind] if one not in inner]
    return {kind: left} if left else None


def _parent(item: Item, path: Path) -> Any:
    """The dict or list that holds a path's last part; the document path must be there up to it."""
    if len(path.parts) == 1:
        return item
    found = resolve(item, Path(path.parts[:-1]))
    inner = (found or {}).get("L" if isinstance(path.parts[-1], int) else "M")
    if inner is None:
        raise invalid("The document path provided in the update expression is invalid for update")
    return inner


def _put(item: Item, path: Path, value: Wire) -> None:
    parent, last = _parent(item, path), path.parts[-1]
    if isinstance(last, int) and last >= len(parent):
        parent.append(value)
    else:
        parent[last] = value


def _remove(item: Item, path: Path) -> None:
    parent, last = _parent(item, path), path.parts[-1]
    if isinstance(last, int):
        del parent[last : last + 1]
    else:
        parent.pop(last, None)
