"""Items: put, get, delete, batches, and scans that join stored bytes."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Raw
from slipher.cloud.dynamodb.tables import arn, find
from slipher.cloud.dynamodb.values import invalid, item, normal
from slipher.cloud.state.dynamodb import items

BUCKETS = 65536  # hash space: a segment of a scan is a range of it
PAGE_BYTES = 1024 * 1024
JSON = "application/x-amz-json-1.0"
EXPRESSIONS = (
    "ConditionExpression",
    "Expected",
    "FilterExpression",
    "ProjectionExpression",
    "AttributesToGet",
    "ScanFilter",
    "IndexName",
    "KeyConditions",
)


def refuse_expressions(call: Call) -> None:
    """501 for members that would have to change what happens."""
    for member in EXPRESSIONS:
        if call.params.get(member):
            raise AwsError("NotImplemented", f"{call.operation} with {member} is not implemented by Slipher yet.", 501)


def address(table: Row[Any], attributes: dict[str, Any], *, exact: bool = False) -> tuple[int, bytes]:
    """Where an item belongs: (bucket, key). `exact` refuses attributes beside the key's (a Key parameter)."""
    kinds = {one["AttributeName"]: one["AttributeType"] for one in table.facts["AttributeDefinitions"]}
    names = [one["AttributeName"] for one in table.facts["KeySchema"]]
    if exact and set(attributes) != set(names):
        raise invalid("The provided key element does not match the schema")
    parts = []
    for name in names:
        value = attributes.get(name)
        if value is None:
            raise invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
        ((kind, inner),) = value.items()
        if kind != kinds[name]:
            if exact:
                raise invalid("The provided key element does not match the schema")
            raise invalid(
                f"One or more parameter values were invalid: Type mismatch for key {name} expected: {kinds[name]} actual: {kind}"
            )
        if inner == "":
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty string value. Key: {name}"
            )
        parts.append(str(inner).encode())
    key = b"\0".join(len(part).to_bytes(4, "big") + part for part in parts)
    return zlib.crc32(parts[0]) % BUCKETS, key


def _write(db: Connection, table: Row[Any], rows: list[dict[str, Any]]) -> None:
    statement = insert(items)
    statement = statement.on_conflict_do_update(
        index_elements=["table_id", "bucket", "key"],
        set_={"size": statement.excluded.size, "body": statement.excluded.body},
    )
    db.execute(statement, rows)


def _row(table: Row[Any], attributes: Any) -> dict[str, Any]:
    value, size = item(attributes)
    bucket, key = address(table, value)
    return {"table_id": table.id, "bucket": bucket, "key": key, "size": size, "body": orjson.dumps(value)}


def _where(table: Row[Any], attributes: Any) -> tuple[Any, ...]:
    value = {name: normal(one)[0] for name, one in attributes.items()}
    bucket, key = address(table, value, exact=True)
    return (items.c.table_id == table.id, items.c.bucket == bucket, items.c.key == key)


def put(call: Call) -> dict[str, Any]:
    """PutItem."""
    refuse_expressions(call)
    wants_old = call.params.get("ReturnValues") == "ALL_OLD"
    with call.gateway.transaction() as db:
        table = find(db, call)
        row = _row(table, call.params["Item"])
        old = None
        if wants_old:
            old = db.scalar(
                select(items.c.body).where(
                    items.c.table_id == table.id, items.c.bucket == row["bucket"], items.c.key == row["key"]
                )
            )
        _write(db, table, [row])
    return {"Attributes": orjson.loads(old)} if old else {}


def get(call: Call) -> dict[str, Any]:
    """GetItem."""
    refuse_expressions(call)
    with call.gateway.read() as db:
        body = db.scalar(select(items.c.body).where(*_where(find(db, call), call.params["Key"])))
    return {"Item": orjson.loads(body)} if body else {}


def delete_(call: Call) -> dict[str, Any]:
    """DeleteItem."""
    refuse_expressions(call)
    with call.gateway.transaction() as db:
        where = _where(find(db, call), call.params["Key"])
        old = db.scalar(select(items.c.body).where(*where))
        db.execute(delete(items).where(*where))
    return {"Attributes": orjson.loads(old)} if old and call.params.get("ReturnValues") == "ALL_OLD" else {}


def batch_write(call: Call) -> dict[str, Any]:
    """BatchWriteItem: up to 25 puts and deletes, in one transaction; permission is asked table by table."""
    requests = call.params["RequestItems"]
    if not 1 <= sum(len(wanted) for wanted in requests.values()) <= 25:
        raise invalid("Too many items requested for the BatchWriteItem call")
    for name in requests:
        call.require("dynamodb:BatchWriteItem", arn(call, name))
    with call.gateway.transaction() as db:
        for name, wanted in requests.items():
            table = find(db, call, name)
            seen = set()
            puts = []
            for one in wanted:
                if one.get("PutRequest"):
                    row = _row(table, one["PutRequest"]["Item"])
                    place = (row["bucket"], row["key"])
                    puts.append(row)
                else:
                    key = {part: normal(value)[0] for part, value in one["DeleteRequest"]["Key"].items()}
                    place = address(table, key, exact=True)
                    db.execute(delete(items).where(*_where(table, key)))
                if place in seen:
                    raise invalid("Provided list of item keys contains duplicates")
                seen.add(place)
            if puts:
                _write(db, table, puts)
    return {"UnprocessedItems": {}}


def scan(call: Call) -> Raw:
    """Scan: pages of at most 1 MB, in the order of hash and key; segments are ranges of the hash."""
    refuse_expressions(call)
    params = call.params
    if params.get("Select") not in (None, "ALL_ATTRIBUTES", "COUNT"):
        raise AwsError("NotImplemented", f"Scan with Select {params['Select']} is not implemented by Slipher yet.", 501)
    segment, total = params.get("Segment"), params.get("TotalSegments")
    if (segment is None) != (total is None):
        raise invalid(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"
            if total is None
            else "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
        )
    total = total or 1
    segment = segment or 0
    if not 0 <= segment < total <= 1000000:
        raise invalid(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )
    limit = params.get("Limit")
    if limit is not None and limit < 1:
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        )
    low, high = BUCKETS * segment // total, BUCKETS * (segment + 1) // total
    with call.gateway.read() as db:
        table = find(db, call)
        bodies, size, last = _page(db, table, low, high, params.get("ExclusiveStartKey"), limit)
    out = [b'{"Count":%d,"ScannedCount":%d' % (len(bodies), len(bodies))]
    if params.get("Select") != "COUNT":
        out += [b',"Items":[', b",".join(bodies), b"]"]
    if last is not None:
        names = [one["AttributeName"] for one in table.facts["KeySchema"]]
        attributes = orjson.loads(last)
        out += [b',"LastEvaluatedKey":', orjson.dumps({name: attributes[name] for name in names})]
    if params.get("ReturnConsumedCapacity") in ("TOTAL", "INDEXES"):
        units = max(-(-size // 4096), 1) * (1.0 if params.get("ConsistentRead") else 0.5)
        out += [b',"ConsumedCapacity":', orjson.dumps({"TableName": table.name, "CapacityUnits": units})]
    out.append(b"}")
    return Raw(b"".join(out), JSON)


def _page(
    db: Connection, table: Row[Any], low: int, high: int, start: Any, limit: int | None
) -> tuple[list[bytes], int, bytes | None]:
    """Bodies of a page, their size, and the last body if there may be more."""
    where = [items.c.table_id == table.id, items.c.bucket >= low, items.c.bucket < high]
    if start is not None:
        value = {name: normal(one)[0] for name, one in start.items()}
        bucket, key = address(table, value, exact=True)
        if not low <= bucket < high:
            raise invalid("The provided starting key is outside query boundaries based on provided conditions")
        where.append((items.c.bucket > bucket) | ((items.c.bucket == bucket) & (items.c.key > key)))
        where.append(items.c.bucket >= bucket)
    query = select(items.c.body, items.c.size).where(*where).order_by(items.c.bucket, items.c.key)
    if limit is not None:
        query = query.limit(limit)
    bodies: list[bytes] = []
    size = 0
    result = db.execution_options(yield_per=1000).execute(query)
    more = False
    for body, one in result:
        bodies.append(body)
        size += one
        if size >= PAGE_BYTES:
            more = True
            break
    result.close()
    if limit is not None and len(bodies) == limit:
        more = True
    return bodies, size, bodies[-1] if more and bodies else None
