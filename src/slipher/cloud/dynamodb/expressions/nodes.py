"""What expressions consist of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Wire = dict[str, Any]  # an attribute value, {"S": "x"}


@dataclass(frozen=True, slots=True)
class Path:
    """A document path: an attribute's name, then names of maps and indexes of lists."""

    parts: tuple[str | int, ...]

    def __str__(self) -> str:
        return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in self.parts) + "]"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of ExpressionAttributeValues."""

    wire: Wire

    @property
    def kind(self) -> str:
        """S, N, B ..."""
        return next(iter(self.wire))


@dataclass(frozen=True, slots=True)
class Function:
    """A function of operands: size, attribute_exists, contains, if_not_exists ..."""

    name: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """`left + right` or `left - right`, of a SET."""

    operator: str
    left: Operand
    right: Operand


Operand = Path | Value | Function | Sum


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    """`operand BETWEEN low AND high`."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class In:
    """`operand IN (...)`."""

    operand: Operand
    choices: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """`left AND right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Either:
    """`left OR right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT inner`."""

    inner: Condition


Condition = Compare | Between | In | Both | Either | Not | Function


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an update: SET, REMOVE, ADD or DELETE of a path; `operand` is None for REMOVE."""

    verb: str
    path: Path
    operand: Operand | None = None
