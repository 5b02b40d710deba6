"""Many items at once: BatchWriteItem and BatchGetItem; permission is asked table by table."""

from __future__ import annotations

from typing import Any

import orjson

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import capacity
from slipher.cloud.dynamodb.items import address, item_row, key_address, remove, stored, write as write_rows
from slipher.cloud.dynamodb.tables import arn, find
from slipher.cloud.dynamodb.values import invalid, normal

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
    for name in requests:
        call.require("dynamodb:BatchWriteItem", arn(call, name))
    shown = []
    with call.gateway.transaction() as db:
        for name, wanted in requests.items():
            table = find(db, call, name)
            seen, puts, units = set(), [], 0.0
            for one in wanted:
                if set(one) not in ({"PutRequest"}, {"DeleteRequest"}):
                    raise invalid(
                        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                        "supported datatypes"
                        if len(one) > 1
                        else "Supplied WriteRequest is empty, must contain exactly one of PutRequest and DeleteRequest"
                    )
                if "PutRequest" in one:
                    row = item_row(table, one["PutRequest"]["Item"])
                    place = (row["bucket"], row["key"])
                    puts.append(row)
                    units += capacity.write_units(row["size"])
                else:
                    key = {part: normal(value)[0] for part, value in one["DeleteRequest"]["Key"].items()}
                    place = address(table, key, exact=True)
                    old = stored(db, table, *place)
                    remove(db, table, *place)
                    units += capacity.write_units(old.size if old is not None else 0)
                if place in seen:
                    raise invalid(DUPLICATES)
                seen.add(place)
            if puts:
                write_rows(db, table, puts)
            shown.append(capacity.one(call, table, units))
    return {"UnprocessedItems": {}} | _capacity(shown)


def get(call: Call) -> dict[str, Any]:
    """BatchGetItem: up to 100 keys, up to 16 MB; what does not fit is returned as unprocessed."""
    requests = call.params["RequestItems"]
    if not 1 <= sum(len(wanted["Keys"]) for wanted in requests.values()) <= 100:
        raise invalid("Too many items requested for the BatchGetItem call")
    for name, wanted in requests.items():
        call.require("dynamodb:BatchGetItem", arn(call, name))
        for member in set(wanted) - {"Keys", "ConsistentRead"}:
            raise AwsError("NotImplemented", f"BatchGetItem with {member} is not implemented by Slipher yet.", 501)
    responses: dict[str, Any] = {}
    left: dict[str, Any] = {}
    shown, size = [], 0
    with call.gateway.read() as db:
        for name, wanted in requests.items():
            table = find(db, call, name)
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
                    responses[name].append(orjson.loads(row.body))
            shown.append(capacity.one(call, table, units))
    return {"Responses": responses, "UnprocessedKeys": left} | _capacity(shown)
