"""Items: put, get, delete, and scans that join stored bytes."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from slipher.cloud.call import Call, Raw
from slipher.cloud.dynamodb import capacity
from slipher.cloud.dynamodb.tables import find
from slipher.cloud.dynamodb.values import invalid, item, normal
from slipher.cloud.state.dynamodb import items

BUCKETS = 65536  # hash space: a segment of a scan is a range of it
PAGE_BYTES = 1024 * 1024
JSON = "application/x-amz-json-1.0"


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


def write(db: Connection, table: Row[Any], rows: list[dict[str, Any]]) -> None:
    statement = insert(items)
    statement = statement.on_conflict_do_update(
        index_elements=["table_id", "bucket", "key"],
        set_={"size": statement.excluded.size, "body": statement.excluded.body},
    )
    db.execute(statement, rows)


def item_row(table: Row[Any], attributes: Any) -> dict[str, Any]:
    value, size = item(attributes)
    bucket, key = address(table, value)
    return {"table_id": table.id, "bucket": bucket, "key": key, "size": size, "body": orjson.dumps(value)}


def key_address(table: Row[Any], attributes: Any) -> tuple[int, bytes]:
    """Where the item of a Key parameter is."""
    return address(table, {name: normal(one)[0] for name, one in attributes.items()}, exact=True)


def remove(db: Connection, table: Row[Any], bucket: int, key: bytes) -> None:
    """Delete an item, if it is there."""
    db.execute(delete(items).where(items.c.table_id == table.id, items.c.bucket == bucket, items.c.key == key))


def _old_wanted(call: Call) -> bool:
    """ReturnValues of a put or delete: NONE or ALL_OLD."""
    wanted = call.params.get("ReturnValues") or "NONE"
    if wanted not in ("NONE", "ALL_OLD"):
        raise invalid("ReturnValues can only be ALL_OLD or NONE")
    return bool(wanted == "ALL_OLD")


def stored(db: Connection, table: Row[Any], bucket: int, key: bytes) -> Row[Any, Any] | None:
    """The body and size of an item."""
    mine = (items.c.table_id == table.id, items.c.bucket == bucket, items.c.key == key)
    return db.execute(select(items.c.body, items.c.size).where(*mine)).first()


def put(call: Call) -> dict[str, Any]:
    """PutItem."""
    wants_old = _old_wanted(call)
    item(call.params["Item"])  # values that cannot be are told before anything of the table is
    with call.gateway.transaction() as db:
        table = find(db, call)
        row = item_row(table, call.params["Item"])
        old = stored(db, table, row["bucket"], row["key"])
        write(db, table, [row])
    result = {"Attributes": orjson.loads(old.body)} if old is not None and wants_old else {}
    return result | capacity.shown(
        call, table, write_units=capacity.write_units(max(row["size"], old.size if old else 0))
    )


def get(call: Call) -> dict[str, Any]:
    """GetItem. Every read is consistent here."""
    with call.gateway.read() as db:
        table = find(db, call)
        row = stored(db, table, *key_address(table, call.params["Key"]))
    size = row.size if row is not None else 0
    units = capacity.read_units(size, consistent=bool(call.params.get("ConsistentRead")))
    return ({"Item": orjson.loads(row.body)} if row is not None else {}) | capacity.shown(call, table, read_units=units)


def delete_(call: Call) -> dict[str, Any]:
    """DeleteItem."""
    wants_old = _old_wanted(call)
    with call.gateway.transaction() as db:
        table = find(db, call)
        bucket, key = key_address(table, call.params["Key"])
        old = stored(db, table, bucket, key)
        remove(db, table, bucket, key)
    result = {"Attributes": orjson.loads(old.body)} if old is not None and wants_old else {}
    return result | capacity.shown(call, table, write_units=capacity.write_units(old.size if old else 0))


def scan(call: Call) -> Raw:
    """Scan: pages of at most 1 MB, in the order of hash and key; segments are ranges of the hash."""
    params = call.params
    if params.get("Select") not in (None, "ALL_ATTRIBUTES", "COUNT"):
        raise invalid(
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
            if params["Select"] == "ALL_PROJECTED_ATTRIBUTES"
            else "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
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
    units = capacity.read_units(size, consistent=bool(params.get("ConsistentRead")))
    if shown := capacity.shown(call, table, read_units=units):
        out += [b',"ConsumedCapacity":', orjson.dumps(shown["ConsumedCapacity"])]
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
