"""Many items at once: BatchWriteItem and BatchGetItem; permission is asked table by table."""

from __future__ import annotations

from typing import Any

import orjson

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import capacity, leading
from slipher.cloud.dynamodb.expressions import Placeholders, project, projection
from slipher.cloud.dynamodb.item_collections import metrics
from slipher.cloud.dynamodb.items import key_address, key_of
from slipher.cloud.dynamodb.positions import address
from slipher.cloud.dynamodb.store import change, stored, write as write_changes
from slipher.cloud.dynamodb.tables import arn, find
from slipher.cloud.dynamodb.values import invalid, item

MAX_PAGE = 16 * 1024 * 1024
DUPLICATES = "Provided list of item keys contains duplicates"


def _capacity(shown: list[dict[str, Any] | None]) -> dict[str, Any]:
    found = [one for one in shown if one is not None]
    return {"ConsumedCapacity": found} if found else {}


def write(call: Call) -> dict[str, Any]:
    """BatchWriteItem: up to 25 puts and deletes, in one transaction."""
    requests = call.params["RequestItems"]
    if not 1 <= sum(len(wanted) for wanted in requests.values()) <= 25:
        raise invalid("Too many items requested for the BatchWriteItem call")
    for name, wanted in requests.items():
        several = [inner for one in wanted for inner in one.values()]
        call.require("dynamodb:BatchWriteItem", arn(call, name), leading.several(call, name, several))
    shown: list[dict[str, Any] | None] = []
    collected: dict[str, Any] = {}
    with call.gateway.transaction() as db:
        for name, wanted in requests.items():
            table = find(db, call, name)
            places: set[tuple[int, bytes]] = set()
            changes = []
            for one in wanted:
                if set(one) not in ({"PutRequest"}, {"DeleteRequest"}):
                    raise invalid(
                        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                        "supported datatypes"
                        if len(one) > 1
                        else "Supplied WriteRequest is empty, must contain exactly one of PutRequest and DeleteRequest"
                    )
                new = item(one["PutRequest"]["Item"])[0] if "PutRequest" in one else None
                key = new if new is not None else key_of(one["DeleteRequest"]["Key"])
                place = address(table, key, exact=new is None)
                if place in places:
                    raise invalid(DUPLICATES)
                places.add(place)
                changes.append(change(db, table, place, new))
            shown.append(capacity.one(call, table, write_changes(db, table, changes)))
            if found := metrics(db, call, table, changes):
                collected[table.name] = found
    return {"UnprocessedItems": {}} | ({"ItemCollectionMetrics": collected} if collected else {}) | _capacity(shown)


def get(call: Call) -> dict[str, Any]:
    """BatchGetItem: up to 100 keys, up to 16 MB; what does not fit is returned as unprocessed."""
    requests = call.params["RequestItems"]
    if not 1 <= sum(len(wanted["Keys"]) for wanted in requests.values()) <= 100:
        raise invalid("Too many items requested for the BatchGetItem call")
    for name, wanted in requests.items():
        several = [{"Key": key} for key in wanted["Keys"]]
        call.require("dynamodb:BatchGetItem", arn(call, name), leading.several(call, name, several))
        for member in set(wanted) - {"Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}:
            raise AwsError("NotImplemented", f"BatchGetItem with {member} is not implemented by Slipher yet.", 501)
    responses: dict[str, Any] = {}
    left: dict[str, Any] = {}
    shown, size = [], 0
    with call.gateway.read() as db:
        for name, wanted in requests.items():
            table = find(db, call, name)
            given = Placeholders(wanted, "ProjectionExpression")
            paths = projection(wanted.get("ProjectionExpression"), given)
            given.check_used()
            responses[name], units = [], 0.0
            places = [key_address(table, key) for key in wanted["Keys"]]
            if len(set(places)) != len(places):
                raise invalid(DUPLICATES)
            for key, place in zip(wanted["Keys"], places, strict=True):
                if size > MAX_PAGE:
                    left.setdefault(name, {**wanted, "Keys": []})["Keys"].append(key)
                    continue
                row = stored(db, table, *place)
                units += capacity.read_units(row.size if row else 0, consistent=bool(wanted.get("ConsistentRead")))
                if row is not None:
                    size += row.size
                    responses[name].append(project(paths, orjson.loads(row.body)))
            shown.append(capacity.one(call, table, capacity.Units(units)))
    return {"Responses": responses, "UnprocessedKeys": left} | _capacity(shown)
