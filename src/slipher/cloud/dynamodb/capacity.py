"""Capacity units: what reads and writes of a size consume, shown if the request asks for it.

Source: developer guide, "Read and write capacity": a unit reads 4 KB consistently or 8 KB otherwise, or writes 1 KB.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from slipher.cloud.call import Call
from slipher.cloud.dynamodb.values import invalid


def read_units(size: int, *, consistent: bool) -> float:
    """Units of a read."""
    return max(-(-size // 4096), 1) * (1.0 if consistent else 0.5)


def write_units(size: int) -> float:
    """Units of a write; a delete of nothing still takes one."""
    return float(max(-(-size // 1024), 1))


def one(call: Call, table: Row[Any], units: float) -> dict[str, Any] | None:
    """The ConsumedCapacity of one table, None if it is not asked for."""
    wanted = call.params.get("ReturnConsumedCapacity") or "NONE"
    if wanted not in ("NONE", "TOTAL", "INDEXES"):
        raise invalid(
            f"1 validation error detected: Value '{wanted}' at 'returnConsumedCapacity' failed to satisfy constraint: "
            "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        )
    if wanted == "NONE":
        return None
    found: dict[str, Any] = {"TableName": table.name, "CapacityUnits": units}
    return found | ({"Table": {"CapacityUnits": units}} if wanted == "INDEXES" else {})


def shown(call: Call, table: Row[Any], *, read_units: float = 0.0, write_units: float = 0.0) -> dict[str, Any]:
    """{"ConsumedCapacity": ...} if the request asks for it."""
    found = one(call, table, read_units + write_units)
    return {"ConsumedCapacity": found} if found is not None else {}
