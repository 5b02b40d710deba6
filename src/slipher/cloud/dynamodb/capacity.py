"""Capacity units: what reads and writes of a size consume, shown if the request asks for it.

Source: developer guide, "Read and write capacity": a unit reads 4 KB consistently or 8 KB otherwise, or writes 1 KB; "Using
global secondary indexes": an index takes units of its own for each of its entries that a write puts, changes or removes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from slipher.cloud.call import Call
from slipher.cloud.dynamodb import indexes
from slipher.cloud.dynamodb.values import invalid


@dataclass(slots=True)
class Units:
    """Units of a table and of its indexes, by name."""

    table: float = 0.0
    indexes: dict[str, float] = field(default_factory=dict)

    def add(self, other: Units) -> None:
        """Count another's too."""
        self.table += other.table
        for name, units in other.indexes.items():
            self.indexes[name] = self.indexes.get(name, 0.0) + units

    def twice(self) -> Units:
        """What a transaction takes: it prepares and commits."""
        return Units(self.table * 2, {name: units * 2 for name, units in self.indexes.items()})


def read_units(size: int, *, consistent: bool) -> float:
    """Units of a read."""
    return max(-(-size // 4096), 1) * (1.0 if consistent else 0.5)


def write_units(size: int) -> float:
    """Units of a write; a delete of nothing still takes one."""
    return float(max(-(-size // 1024), 1))


def of_write(
    table: Row[Any], key: bytes, old: dict[str, Any] | None, new: dict[str, Any] | None, sizes: tuple[int, int]
) -> Units:
    """Units of a write that made `new` of `old`; `sizes` are theirs."""
    found = Units(write_units(max(sizes)))
    for index in indexes.of(table):
        before, after = (
            (indexes.position(table, index, one, key), index.cut(table, one)) if one is not None else (None, None)
            for one in (old, new)
        )
        if before == after or before[0] is after[0] is None:
            continue
        held = [index.size(table, cut) for place, cut in (before, after) if place is not None and cut is not None]
        if before[0] == after[0]:
            held = [max(held)]
        found.indexes[index.name] = sum(write_units(size) for size in held)
    return found


def one(call: Call, table: Row[Any], units: Units) -> dict[str, Any] | None:
    """The ConsumedCapacity of one table, None if it is not asked for."""
    wanted = call.params.get("ReturnConsumedCapacity") or "NONE"
    if wanted not in ("NONE", "TOTAL", "INDEXES"):
        raise invalid(
            f"1 validation error detected: Value '{wanted}' at 'returnConsumedCapacity' failed to satisfy constraint: "
            "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        )
    if wanted == "NONE":
        return None
    found: dict[str, Any] = {"TableName": table.name, "CapacityUnits": units.table + sum(units.indexes.values())}
    if wanted == "INDEXES":
        found["Table"] = {"CapacityUnits": units.table}
        local = {index.name: index.local for index in indexes.of(table)}
        for name, count in units.indexes.items():
            member = "LocalSecondaryIndexes" if local[name] else "GlobalSecondaryIndexes"
            found.setdefault(member, {})[name] = {"CapacityUnits": count}
    return found


def shown(call: Call, table: Row[Any], units: Units) -> dict[str, Any]:
    """{"ConsumedCapacity": ...} if the request asks for it."""
    found = one(call, table, units)
    return {"ConsumedCapacity": found} if found is not None else {}
