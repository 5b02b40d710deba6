"""Query and Scan: pages of a table or an index, filtered and projected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from slipher.cloud.call import Call, Raw
from slipher.cloud.dynamodb import capacity, indexes, positions
from slipher.cloud.dynamodb.expressions import Placeholders, condition, holds, project, projection
from slipher.cloud.dynamodb.expressions.keys import key_condition
from slipher.cloud.dynamodb.expressions.nodes import (
    Between,
    Both,
    Compare,
    Condition,
    Either,
    Function,
    In,
    Not,
    Path,
)  # fmt: skip
from slipher.cloud.dynamodb.indexes import Index
from slipher.cloud.dynamodb.tables import find
from slipher.cloud.dynamodb.values import invalid, normal
from slipher.cloud.state.dynamodb import entries, items

PAGE_BYTES = 1024 * 1024
JSON = "application/x-amz-json-1.0"
Place = tuple[int, bytes]


@dataclass(slots=True)
class Range:
    """Which places to read: buckets [low, high), positions [first, last) within them; in which direction, after which."""

    buckets: tuple[int, int]
    window: tuple[bytes, bytes] | None = None
    backwards: bool = False
    after: Place | None = None


@dataclass(slots=True)
class Wanted:
    """What a request wants of what it reads."""

    index: Index | None
    condition: Condition | None
    paths: list[Path] | None
    counts: bool
    limit: int | None
    consistent: bool
    fetches: bool = False  # attributes that a local index does not hold, from the table


def _wanted(call: Call, table: Row[Any], found: Condition | None, paths: list[Path] | None) -> Wanted:
    params = call.params
    index = indexes.named(table, params.get("IndexName"))
    consistent, select_ = bool(params.get("ConsistentRead")), params.get("Select")
    if index is not None and not index.local and consistent:
        raise invalid("Consistent reads are not supported on global secondary indexes")
    fetches = False
    held = index.projected(table) if index is not None else None
    if index is not None and held is not None:
        missing = sorted({str(path.parts[0]) for path in paths or ()} - held)
        if missing and not index.local:
            raise invalid(
                "One or more parameter values were invalid: Global secondary index "
                f"{index.name} does not project [{', '.join(missing)}]"
            )
        if select_ == "ALL_ATTRIBUTES" and not index.local:
            raise invalid(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                f"secondary index {index.name} because its projection type is not ALL"
            )
        fetches = bool(missing) or select_ == "ALL_ATTRIBUTES"
    return Wanted(index, found, paths, select_ == "COUNT", params.get("Limit"), consistent, fetches)


def _check(call: Call) -> tuple[Condition | None, Condition | None, list[Path] | None]:
    """Key condition, filter and projection of a request, and what can be said of it without its table."""
    params = call.params
    keys = ("KeyConditionExpression",) if call.operation == "Query" else ()
    given = Placeholders(params, *keys, "FilterExpression", "ProjectionExpression")
    key, found = (condition(name, params.get(name), given) for name in ("KeyConditionExpression", "FilterExpression"))
    paths = projection(params.get("ProjectionExpression"), given)
    given.check_used()
    limit, wanted = params.get("Limit"), params.get("Select")
    if limit is not None and limit < 1:
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        )
    known = ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
    if wanted is not None and wanted not in known:
        raise invalid(
            f"1 validation error detected: Value '{wanted}' at 'select' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(known)}]"
        )
    if wanted == "ALL_PROJECTED_ATTRIBUTES" and not params.get("IndexName"):
        raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    if wanted == "SPECIFIC_ATTRIBUTES" and paths is None:
        raise invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    if wanted not in (None, "SPECIFIC_ATTRIBUTES") and paths is not None:
        raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {wanted}")
    return key, found, paths


def query(call: Call) -> Raw:
    """Query."""
    key, found, paths = _check(call)
    if key is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    with call.gateway.read() as db:
        table = find(db, call)
        wanted = _wanted(call, table, found, paths)
        names = list(wanted.index.keys) if wanted.index is not None else indexes.keys_of(table)
        asked = key_condition(key, indexes.kinds_of(table), names)
        if found is not None and (used := sorted(_attributes(found) & set(names))):
            raise invalid(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {used[0]}"
            )
        (first,) = asked.partition.values()
        bucket = positions.bucket(first)
        window = positions.window(positions.part(asked.partition), asked.operator, asked.values)
        after = _start(call, table, wanted.index)
        if after is not None and (after[0] != bucket or not window[0] <= after[1] < window[1]):
            raise invalid(
                "The provided starting key is outside query boundaries based on provided conditions"
                if after[0] != bucket or not after[1].startswith(positions.part(asked.partition))
                else "The provided starting key does not match the range key predicate"
            )
        backwards = call.params.get("ScanIndexForward") is False
        return _page(db, call, table, wanted, Range((bucket, bucket + 1), window, backwards, after))


def scan(call: Call) -> Raw:
    """Scan: in the order of hash and key; segments are ranges of the hash."""
    params = call.params
    _, found, paths = _check(call)
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
    low, high = positions.BUCKETS * segment // total, positions.BUCKETS * (segment + 1) // total
    with call.gateway.read() as db:
        table = find(db, call)
        wanted = _wanted(call, table, found, paths)
        after = _start(call, table, wanted.index)
        if after is not None and not low <= after[0] < high:
            raise invalid("The provided starting key is outside query boundaries based on provided conditions")
        return _page(db, call, table, wanted, Range((low, high), after=after))


def _attributes(found: Any) -> set[str]:
    """The top-level attributes that a condition names."""
    match found:
        case Path(parts):
            return {str(parts[0])}
        case Both(a, b) | Either(a, b) | Compare(_, a, b):
            return _attributes(a) | _attributes(b)
        case Not(a):
            return _attributes(a)
        case Between(a, b, c):
            return _attributes(a) | _attributes(b) | _attributes(c)
        case In(a, rest) | Function(a, rest):
            return set().union(*map(_attributes, rest), _attributes(a))
    return set()


def _start(call: Call, table: Row[Any], index: Index | None) -> Place | None:
    """The place of an ExclusiveStartKey: the table's key, and the index's."""
    start = call.params.get("ExclusiveStartKey")
    if start is None:
        return None
    value = {name: normal(one)[0] for name, one in start.items()}
    names = set(indexes.keys_of(table))
    if set(value) != names | set(index.keys if index is not None else ()):
        raise invalid("The provided starting key is invalid")
    place = positions.address(table, {name: value[name] for name in names}, exact=True)
    if index is None:
        return place
    found = indexes.position(table, index, value, place[1])
    if found is None:
        raise invalid("The provided starting key is invalid")
    return found


def _rows(db: Connection, table: Row[Any], index: Index | None, where: Range, limit: int | None) -> Any:
    """(body, size, item's key) in order."""
    source, column = (items.c, items.c.key) if index is None else (entries.c, entries.c.position)
    query = select(items.c.body, items.c.size, items.c.key).where(source.table_id == table.id)
    if index is not None:
        query = query.where(entries.c.name == index.name).join_from(
            entries,
            items,
            (items.c.table_id == entries.c.table_id)
            & (items.c.bucket == entries.c.item_bucket)
            & (items.c.key == entries.c.item_key),
        )
    low, high = where.buckets
    query = (
        query.where(source.bucket == low)
        if high == low + 1
        else query.where(source.bucket >= low, source.bucket < high)
    )
    if where.window is not None:
        query = query.where(column >= where.window[0], column < where.window[1])
    if where.after is not None:
        bucket, place = where.after
        if where.backwards:
            query = query.where(column < place)
        elif where.window is not None:
            query = query.where(column > place)
        else:
            query = query.where(source.bucket >= bucket, (source.bucket > bucket) | (column > place))
    order = (source.bucket.desc(), column.desc()) if where.backwards else (source.bucket, column)
    return db.execution_options(yield_per=1000).execute(query.order_by(*order).limit(limit))


def _page(db: Connection, call: Call, table: Row[Any], wanted: Wanted, where: Range) -> Raw:
    """A page of at most 1 MB, and of at most `limit` items looked at."""
    index = wanted.index
    held = index.projected(table) if index is not None else None
    plain = wanted.condition is None and (wanted.paths is None or wanted.counts) and (held is None or wanted.fetches)
    bodies: list[bytes] = []
    count = seen = size = fetched = 0
    last, more = b"", False
    rows = _rows(db, table, index, where, wanted.limit)
    for body, whole, _ in rows:
        seen += 1
        last = body
        if index is not None and held is not None:
            full = orjson.loads(body)
            item = index.cut(table, full)
            size += index.size(table, full)
            if wanted.fetches:
                fetched += capacity.read_units(whole, consistent=wanted.consistent)  # type: ignore[assignment]
                item = full
        else:
            size += whole
            item = {} if plain else orjson.loads(body)
        if plain:
            bodies.append(body)
            count += 1
        elif holds(wanted.condition, item):
            count += 1
            if not wanted.counts:
                bodies.append(orjson.dumps(project(wanted.paths, item)))
        if size >= PAGE_BYTES:
            more = True
            break
    rows.close()
    more = more or seen == wanted.limit
    out = [b'{"Count":%d,"ScannedCount":%d' % (count, seen)]
    if not wanted.counts:
        out += [b',"Items":[', b",".join(bodies), b"]"]
    if more and seen:
        names = dict.fromkeys([*indexes.keys_of(table), *(index.keys if index is not None else ())])
        attributes = orjson.loads(last)
        out += [b',"LastEvaluatedKey":', orjson.dumps({name: attributes[name] for name in names})]
    read = capacity.read_units(size, consistent=wanted.consistent)
    units = capacity.Units(read) if index is None else capacity.Units(float(fetched), {index.name: read})
    if shown := capacity.shown(call, table, units):
        out += [b',"ConsumedCapacity":', orjson.dumps(shown["ConsumedCapacity"])]
    out.append(b"}")
    return Raw(b"".join(out), JSON)
