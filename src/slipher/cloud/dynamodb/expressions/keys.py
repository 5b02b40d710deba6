"""Key conditions: the partition that a Query reads, and the range of its sort key."""

from __future__ import annotations

from dataclasses import dataclass

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
from slipher.cloud.dynamodb.values import invalid

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """`hash = value`, and for the sort key an operator (= < <= > >= BETWEEN begins_with) and its values."""

    partition: Wire
    operator: str | None = None
    values: tuple[Wire, ...] = ()


def key_condition(found: Condition, kinds: dict[str, str], names: list[str]) -> KeyCondition:
    """A key condition by the key's names ([hash] or [hash, sort]) and their types."""
    conditions: dict[str, tuple[str, tuple[Wire, ...]]] = {}
    for one in _flat(found):
        name, operator, values = _simple(one)
        if name in conditions:
            raise invalid("KeyConditionExpressions must only contain one condition per key")
        conditions[name] = (operator, values)
    if len(conditions) > 2:
        raise invalid("Conditions can be of length 1 or 2 only")
    if names[0] not in conditions:
        raise invalid(f"Query condition missed key schema element: {names[0]}")
    if len(conditions) == 2 and (len(names) == 1 or names[1] not in conditions):
        if len(names) == 1:
            raise invalid("Query key condition not supported")
        raise invalid(f"Query condition missed key schema element: {names[1]}")
    for name, (_, values) in conditions.items():
        for value in values:
            ((kind, inner),) = value.items()
            if kind != kinds[name]:
                raise invalid(
                    "One or more parameter values were invalid: Condition parameter type does not match schema type"
                )
            if inner == "" and conditions[name][0] != "begins_with":
                raise invalid(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                    f"empty string value. Key: {name}"
                )
    operator, values = conditions[names[0]]
    if operator != "=":
        raise invalid("Query key condition not supported")
    if len(conditions) == 1:
        return KeyCondition(values[0])
    sort_operator, sort_values = conditions[names[1]]
    if sort_operator == "begins_with" and kinds[names[1]] == "N":
        raise invalid("Query key condition not supported")
    return KeyCondition(values[0], sort_operator, sort_values)


def _flat(found: Condition) -> list[Condition]:
    return [*_flat(found.left), *_flat(found.right)] if isinstance(found, Both) else [found]


def _wrong(operator: str) -> None:
    raise invalid(f"Invalid operator used in KeyConditionExpression: {operator}")


def _simple(one: Condition) -> tuple[str, str, tuple[Wire, ...]]:
    match one:
        case Compare("<>", _, _):
            _wrong("<>")
        case Compare(operator, Path((str(name),)), Value(wire)):
            return name, operator, (wire,)
        case Compare(operator, Value(wire), Path((str(name),))):
            return name, FLIPPED[operator], (wire,)
        case Between(Path((str(name),)), Value(low), Value(high)):
            return name, "BETWEEN", (low, high)
        case Function("begins_with", (Path((str(name),)), Value(wire))):
            return name, "begins_with", (wire,)
        case Either():
            _wrong("OR")
        case Not():
            _wrong("NOT")
        case In():
            _wrong("IN")
        case Function(name, _):
            _wrong(name)
        case Compare(_, left, right) if any(_sized(side) for side in (left, right)):
            _wrong("size")
    if any(isinstance(side, Path) and len(side.parts) > 1 for side in _sides(one)):
        raise invalid(
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"
        )
    raise invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")


def _sized(side: Operand) -> bool:
    return isinstance(side, Function) and side.name == "size"


def _sides(one: Condition) -> tuple[Operand, ...]:
    if isinstance(one, Compare):
        return one.left, one.right
    return (one.operand, one.low, one.high) if isinstance(one, Between) else ()
