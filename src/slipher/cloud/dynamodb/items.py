"""Items one by one: put, get, update, delete, with their conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import capacity, indexes
from slipher.cloud.dynamodb.expressions import Placeholders, apply, condition, holds, project, projection, update
from slipher.cloud.dynamodb.expressions.nodes import Action, Condition
from slipher.cloud.dynamodb.item_collections import metrics
from slipher.cloud.dynamodb.positions import address
from slipher.cloud.dynamodb.store import Change, Item, change, stored, write
from slipher.cloud.dynamodb.tables import find
from slipher.cloud.dynamodb.values import invalid, item, normal

FAILED = "The conditional request failed"


def key_of(attributes: Any) -> Item:
    """A Key parameter in its normal form."""
    return {name: normal(one)[0] for name, one in attributes.items()}


def key_address(table: Row[Any], attributes: Any) -> tuple[int, bytes]:
    """Where the item of a Key parameter is."""
    return address(table, key_of(attributes), exact=True)


def _chosen(params: Mapping[str, Any], member: str, allowed: str, text: str | None = None) -> str:
    """A member with a few values, NONE by default."""
    wanted = str(params.get(member) or "NONE")
    if wanted not in allowed.split():
        name = member[0].lower() + member[1:]
        raise invalid(
            text
            or f"1 validation error detected: Value '{wanted}' at '{name}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed.split())}]"
        )
    return wanted


class Write:
    """A write as a request states it: what becomes of the item that is there, and under which condition.

    `params` are those of PutItem, UpdateItem, DeleteItem or (of a transaction) ConditionCheck, named by `kind`.
    """

    def __init__(self, kind: str, params: Mapping[str, Any]) -> None:
        self.kind, self.params = kind, params
        members = ("UpdateExpression", "ConditionExpression") if kind == "Update" else ("ConditionExpression",)
        given = Placeholders(params, *members)
        self.actions: list[Action] = update(params.get("UpdateExpression"), given) if kind == "Update" else []
        self.condition: Condition | None = condition("ConditionExpression", params.get("ConditionExpression"), given)
        given.check_used()
        self.shows_failed = (
            _chosen(params, "ReturnValuesOnConditionCheckFailure", "ALL_OLD NONE") == "ALL_OLD"
        )  # fmt: skip
        # values that cannot be are told before anything of the table is
        self.given: Item = item(params["Item"])[0] if kind == "Put" else key_of(params["Key"])

    def place(self, table: Row[Any]) -> tuple[int, bytes]:
        """Where its item is."""
        return address(table, self.given, exact=self.kind != "Put")

    def change(self, db: Connection, table: Row[Any]) -> Change:
        """The change that it is; ConditionalCheckFailedException if the item that is there does not meet the condition."""
        place = self.place(table)
        keys = indexes.keys_of(table)
        for action in self.actions:
            if action.path.parts[0] in keys:
                raise invalid(
                    f"One or more parameter values were invalid: Cannot update attribute {action.path.parts[0]}. "
                    "This attribute is part of the key"
                )
        row = stored(db, table, *place)
        old = orjson.loads(row.body) if row is not None else None
        if not holds(self.condition, old or {}):
            shown = {"Item": old} if old is not None and self.shows_failed else {}
            raise AwsError("ConditionalCheckFailedException", FAILED, 400, shown)
        new: Callable[[], Item | None] = {
            "Put": lambda: self.given,
            "Update": lambda: apply(self.actions, old if old is not None else self.given),
            "Delete": lambda: None,
            "ConditionCheck": lambda: old,
        }[self.kind]
        try:
            return change(db, table, place, new())
        except AwsError as error:
            if self.kind == "Update" and error.message.startswith("Item size has exceeded"):
                raise invalid("Item size to update has exceeded the maximum allowed size") from None
            raise


def _single(call: Call, kind: str, returns: Callable[[Write, Change], Item | None]) -> dict[str, Any]:
    wanted = Write(kind, call.params)

    def work(db: Connection) -> tuple[Row[Any], Change, capacity.Units, list[dict[str, Any]]]:
        table = find(db, call)
        made = wanted.change(db, table)
        return table, made, write(db, table, [made]), metrics(db, call, table, [made])

    table, made, units, collected = call.gateway.write(work)
    attributes = returns(wanted, made)
    result: dict[str, Any] = {"Attributes": attributes} if attributes else {}
    if collected:
        result["ItemCollectionMetrics"] = collected[0]
    return result | capacity.shown(call, table, units)


def put(call: Call) -> dict[str, Any]:
    """PutItem."""
    wants = _chosen(call.params, "ReturnValues", "NONE ALL_OLD", "ReturnValues can only be ALL_OLD or NONE")
    return _single(call, "Put", lambda _, made: made.old if wants == "ALL_OLD" else None)


def delete_(call: Call) -> dict[str, Any]:
    """DeleteItem."""
    wants = _chosen(call.params, "ReturnValues", "NONE ALL_OLD", "ReturnValues can only be ALL_OLD or NONE")
    return _single(call, "Delete", lambda _, made: made.old if wants == "ALL_OLD" else None)


def update_(call: Call) -> dict[str, Any]:
    """UpdateItem."""
    wants = _chosen(call.params, "ReturnValues", "ALL_NEW UPDATED_OLD ALL_OLD NONE UPDATED_NEW")

    def returned(wanted: Write, made: Change) -> Item | None:
        shown = made.old if wants.endswith("OLD") else made.new if wants.endswith("NEW") else None
        if shown is None or wants.startswith("ALL"):
            return shown
        return project([action.path for action in wanted.actions], shown)

    return _single(call, "Update", returned)


def get(call: Call) -> dict[str, Any]:
    """GetItem. Every read is consistent here."""
    given = Placeholders(call.params, "ProjectionExpression")
    paths = projection(call.params.get("ProjectionExpression"), given)
    given.check_used()
    with call.gateway.read() as db:
        table = find(db, call)
        row = stored(db, table, *key_address(table, call.params["Key"]))
    size = row.size if row is not None else 0
    units = capacity.read_units(size, consistent=bool(call.params.get("ConsistentRead")))
    found = {"Item": project(paths, orjson.loads(row.body))} if row is not None else {}
    return found | capacity.shown(call, table, capacity.Units(units))
