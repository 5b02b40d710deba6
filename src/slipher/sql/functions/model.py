"""What a row of the functions' table says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipher.types.sqltype import SqlType

Result = str | Callable[[Sequence[SqlType]], SqlType]


@dataclass(frozen=True, slots=True)
class Function:
    """One overload of a scalar function.

    `arguments` are internal type names, or 'text' any string, 'number' any number kept as it is, 'any' anything as it is,
    'common' (all such arguments are brought to one type), 'date/time' any of date, timestamp, timestamptz; a last one ending in
    '...' repeats. `result` is a type's name, 'arg0' the first argument's type, 'common', or a function of the argument
    types. `engine` is the call in the engine. `leader` functions cannot be used on tables. `name` is also the output
    column's name unless `title` is set. `volatile` ones are not the same in two rows.
    """

    name: str
    arguments: tuple[str, ...]
    result: Result
    engine: str
    leader: bool = False
    volatile: bool = False
    title: str | None = None
