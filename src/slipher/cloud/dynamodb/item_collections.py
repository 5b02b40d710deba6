"""Collections of items: all of one partition, of a table with local indexes; their size, if a write asks for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from slipher.cloud.call import Call
from slipher.cloud.dynamodb import positions
from slipher.cloud.dynamodb.indexes import keys_of
from slipher.cloud.dynamodb.store import Change
from slipher.cloud.dynamodb.values import invalid
from slipher.cloud.state.dynamodb import items

GIGABYTE = 1024**3


def metrics(db: Connection, call: Call, table: Row[Any], changes: list[Change]) -> list[dict[str, Any]]:
    """ItemCollectionMetrics of writes."""
    wanted = call.params.get("ReturnItemCollectionMetrics") or "NONE"
    if wanted not in ("NONE", "SIZE"):
        raise invalid(
            f"1 validation error detected: Value '{wanted}' at 'returnItemCollectionMetrics' failed to satisfy "
            "constraint: Member must satisfy enum value set: [SIZE, NONE]"
        )
    if wanted == "NONE" or not table.facts.get("LocalSecondaryIndexes"):
        return []
    name = keys_of(table)[0]
    found = []
    for one in changes:
        item = one.new or one.old
        if item is None:
            continue
        low, high = positions.window(positions.part(item[name]), None, ())
        size = db.scalar(
            select(func.coalesce(func.sum(items.c.size), 0)).where(
                items.c.table_id == table.id, items.c.bucket == one.bucket, items.c.key >= low, items.c.key < high
            )
        )
        whole = float(int(size or 0) // GIGABYTE)
        found.append({"ItemCollectionKey": {name: item[name]}, "SizeEstimateRangeGB": [whole, whole + 1]})
    return found
