"""TransactWriteItems and TransactGetItems: all or nothing, over tables."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import capacity, leading
from slipher.cloud.dynamodb.expressions import Placeholders, project, projection
from slipher.cloud.dynamodb.item_collections import metrics
from slipher.cloud.dynamodb.items import Write, key_address
from slipher.cloud.dynamodb.store import Change, stored, write as write_changes
from slipher.cloud.dynamodb.tables import arn, find
from slipher.cloud.dynamodb.values import invalid
from slipher.cloud.state.dynamodb import tokens

ACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
CODES = {"ConditionalCheckFailedException": "ConditionalCheckFailed", "ValidationException": "ValidationError"}
MAX_ITEMS = 100
MAX_BYTES = 4 * 1024 * 1024
REMEMBERED = 600.0  # seconds that a ClientRequestToken is good for


def _items(call: Call) -> list[tuple[str, dict[str, Any]]]:
    found = []
    given = call.params["TransactItems"]
    if not 1 <= len(given) <= MAX_ITEMS:
        bound = "less than or equal to 100" if given else "greater than or equal to 1"
        raise invalid(
            f"1 validation error detected: Value '{len(given)}' at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
    for one in given:
        if len(one) != 1:
            raise invalid(
                "TransactItems can only contain one of Check, Put, Update or Delete"
                if call.operation == "TransactWriteItems"
                else "Each of TransactItems must have a Get"
            )
        found += list(one.items())
    return found


def cancelled(reasons: list[dict[str, Any]]) -> AwsError:
    """TransactionCanceledException: a reason for each item, in order."""
    codes = ", ".join(one["Code"] for one in reasons)
    text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return AwsError("TransactionCanceledException", text, 400, {"Message": text, "CancellationReasons": reasons})


def write(call: Call) -> dict[str, Any]:
    """TransactWriteItems."""
    given = _items(call)
    for kind, one in given:
        context = {"dynamodb:EnclosingOperation": call.operation} | leading.several(call, one["TableName"], [one])
        call.require(f"dynamodb:{ACTIONS[kind]}", arn(call, one["TableName"]), context)
    writes = []
    for kind, one in given:
        if kind == "ConditionCheck" and not one.get("ConditionExpression"):
            raise invalid("The ConditionExpression of a ConditionCheck must not be empty")
        writes.append(Write(kind, one))
    with call.gateway.transaction() as db:
        request, before = _token(db, call)
        if before is not None:
            return before
        tables = {one["TableName"]: find(db, call, one["TableName"]) for _, one in given}
        reasons: list[dict[str, Any]] = []
        changes: list[tuple[Row[Any], Change]] = []
        places = set()
        for wanted in writes:
            table = tables[wanted.params["TableName"]]
            place = (table.id, *wanted.place(table))
            if place in places:
                raise invalid("Transaction request cannot include multiple operations on one item")
            places.add(place)
            reason: dict[str, Any] = {"Code": "None"}
            try:
                changes.append((table, wanted.change(db, table)))
            except AwsError as error:
                if error.code not in CODES:
                    raise
                reason = {"Code": CODES[error.code], "Message": error.message, **error.extra}
            reasons.append(reason)
        if any(one["Code"] != "None" for one in reasons):
            raise cancelled(reasons)
        if sum(max(one.sizes) for _, one in changes) > MAX_BYTES:
            raise invalid("Transaction request cannot exceed 4 MB")
        shown, collected = [], {}
        for table in {table.id: table for table in tables.values()}.values():
            mine = [one for other, one in changes if other.id == table.id]
            shown.append(capacity.one(call, table, write_changes(db, table, mine).twice()))
            if found := metrics(db, call, table, mine):
                collected[table.name] = found
        answer: dict[str, Any] = {"ItemCollectionMetrics": collected} if collected else {}
        if shown[0] is not None:
            answer["ConsumedCapacity"] = shown
        if request is not None:
            db.execute(
                insert(tokens).values(
                    account=call.account, region=call.region, token=call.params["ClientRequestToken"], request=request,
                    answer=answer, expires=call.gateway.now() + REMEMBERED,
                )
            )  # fmt: skip
    return answer


def _token(db: Connection, call: Call) -> tuple[str | None, dict[str, Any] | None]:
    """The request's digest, if it has a token, and the answer of the same request before."""
    token = call.params.get("ClientRequestToken")
    if token is None:
        return None, None
    if not 1 <= len(token) <= 36:
        raise invalid(
            f"1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: "
            "Member must have length less than or equal to 36"
        )
    request = hashlib.sha256(
        orjson.dumps(call.params["TransactItems"], option=orjson.OPT_SORT_KEYS, default=lambda value: value.hex())
    ).hexdigest()
    db.execute(delete(tokens).where(tokens.c.expires <= call.gateway.now()))
    row = db.execute(
        select(tokens).where(tokens.c.account == call.account, tokens.c.region == call.region, tokens.c.token == token)
    ).first()
    if row is None:
        return request, None
    if row.request != request:
        raise AwsError(
            "IdempotentParameterMismatchException",
            "Request ClientRequestToken was used with different request parameters within the idempotency window.",
            400,
        )
    return request, row.answer


def get(call: Call) -> dict[str, Any]:
    """TransactGetItems: one moment of all tables."""
    given = _items(call)
    for _, one in given:
        context = {"dynamodb:EnclosingOperation": call.operation} | leading.several(call, one["TableName"], [one])
        call.require("dynamodb:GetItem", arn(call, one["TableName"]), context)
    wanted = []
    for _, one in given:
        names = Placeholders(one, "ProjectionExpression")
        wanted.append((one, projection(one.get("ProjectionExpression"), names)))
        names.check_used()
    responses, units, places, size = [], dict[str, float](), set(), 0
    with call.gateway.read() as db:
        tables = {one["TableName"]: find(db, call, one["TableName"]) for _, one in given}
        for one, paths in wanted:
            table = tables[one["TableName"]]
            place = key_address(table, one["Key"])
            if (table.id, place) in places:
                raise invalid("Transaction request cannot include multiple operations on one item")
            places.add((table.id, place))
            row = stored(db, table, *place)
            length = row.size if row is not None else 0
            size += length
            units[table.id] = units.get(table.id, 0.0) + 2 * capacity.read_units(length, consistent=True)
            responses.append({"Item": project(paths, orjson.loads(row.body))} if row is not None else {})
    if size > MAX_BYTES:
        raise invalid("Transaction request cannot exceed 4 MB")
    unique = {table.id: table for table in tables.values()}
    shown = [capacity.one(call, table, capacity.Units(units[table.id])) for table in unique.values()]
    return {"Responses": responses} | ({"ConsumedCapacity": shown} if shown[0] is not None else {})
