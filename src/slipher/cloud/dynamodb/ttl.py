"""Items that expire: UpdateTimeToLive, DescribeTimeToLive, and their end.

Expiry times have an index of their own, and every operation on the items of a table first takes away what is due: nobody sees
an item after its time (on AWS it can take days), and no timer has to live for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.cloud.call import Call, Handler
from slipher.cloud.dynamodb import indexes, positions
from slipher.cloud.dynamodb.store import change, index_again, write
from slipher.cloud.dynamodb.tables import find, find_optional
from slipher.cloud.dynamodb.values import invalid
from slipher.cloud.state.dynamodb import entries, tables

FIVE_YEARS = 5 * 365 * 86400  # what expired longer ago stays: so AWS guards against wrong clocks


def update_ttl(call: Call) -> dict[str, Any]:
    """UpdateTimeToLive."""
    wanted = call.params["TimeToLiveSpecification"]
    name, on = str(wanted["AttributeName"]), bool(wanted["Enabled"])
    if not 1 <= len(name.encode()) <= 255:
        raise invalid("TimeToLive attribute name must be 1 to 255 bytes long")
    with call.gateway.transaction() as db:
        table = find(db, call)
        old = table.facts.get("TTL")
        if on and old:
            raise invalid("TimeToLive is already enabled")
        if not on and not old:
            raise invalid("TimeToLive is already disabled")
        if not on and old != name:
            raise invalid(f"TimeToLive is active on a different AttributeName: current AttributeName is {old}")
        facts = table.facts | {"TTL": name if on else None}
        db.execute(update(tables).where(tables.c.id == table.id).values(facts=facts))
        index_again(db, table, find(db, call))
    return {"TimeToLiveSpecification": {"AttributeName": name, "Enabled": on}}


def describe_ttl(call: Call) -> dict[str, Any]:
    """DescribeTimeToLive."""
    with call.gateway.read() as db:
        name = find(db, call).facts.get("TTL")
    found = {"TimeToLiveStatus": "ENABLED", "AttributeName": name} if name else {"TimeToLiveStatus": "DISABLED"}
    return {"TimeToLiveDescription": found}


def fresh(handler: Handler) -> Handler:
    """A handler that sees no expired item."""

    def handled(call: Call) -> Any:
        names = set(call.params.get("RequestItems") or ())
        names |= {inner["TableName"] for one in call.params.get("TransactItems") or () for inner in one.values()}
        if "TableName" in call.params:
            names.add(call.params["TableName"])
        for name in names:
            expire(call, name)
        return handler(call)

    return handled


def expire(call: Call, name: str) -> None:
    """Take away what is due of a table."""
    with call.gateway.read() as db:
        table = find_optional(db, call, name)
        if table is None or not table.facts.get("TTL") or not _due(db, call, table, 1):
            return
    while True:
        with call.gateway.transaction() as db:
            table = find_optional(db, call, name)
            due = _due(db, call, table, 500) if table is not None and table.facts.get("TTL") else []
            if table is None or not due:
                return
            write(db, table, [change(db, table, (one.item_bucket, one.item_key), None) for one in due])


def _due(db: Connection, call: Call, table: Row[Any], limit: int) -> Sequence[Row[Any, Any]]:
    now = call.gateway.now()
    low, high = (positions.part({"N": str(int(moment))}) for moment in (max(now - FIVE_YEARS, 0), now + 1))
    return db.execute(
        select(entries.c.item_bucket, entries.c.item_key)
        .where(entries.c.table_id == table.id, entries.c.name == indexes.TTL, entries.c.bucket == 0)
        .where(entries.c.position >= low, entries.c.position < high)
        .limit(limit)
    ).all()
