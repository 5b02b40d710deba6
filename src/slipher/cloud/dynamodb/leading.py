"""Condition keys of a request about items: dynamodb:LeadingKeys, the partition that it touches, and what else it says.

Source: developer guide, "Using IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import indexes
from slipher.cloud.dynamodb.expressions import Placeholders, condition
from slipher.cloud.dynamodb.expressions.keys import key_condition
from slipher.cloud.dynamodb.tables import find_optional

SAID = {"dynamodb:Select": "Select", "dynamodb:ReturnValues": "ReturnValues"}


def keys_context(call: Call) -> dict[str, str | Sequence[str]]:
    """The condition keys of PutItem, GetItem, UpdateItem, DeleteItem and Query."""
    context: dict[str, str | Sequence[str]] = {
        key: str(call.params[member]) for key, member in SAID.items() if call.params.get(member)
    }
    return context | several(call, str(call.params["TableName"]), [call.params])


def several(call: Call, name: str, requests: Sequence[Any]) -> dict[str, Any]:
    """{"dynamodb:LeadingKeys": ...} of requests, or parts of a batch or transaction, about a table."""
    try:
        with call.gateway.read() as db:
            table = find_optional(db, call, name)
        found = {_of(table, one) for one in requests} if table is not None else set()
    except AwsError:
        return {}  # the handler says what is wrong with the request, if its caller may know the table
    return {"dynamodb:LeadingKeys": sorted(one for one in found if one is not None)} if found - {None} else {}


def _of(table: Row[Any], params: Any) -> str | None:
    """The value of the partition key that a request is about."""
    item = params.get("Item") or params.get("Key")
    if item is None and params.get("KeyConditionExpression"):
        given = Placeholders(params, "KeyConditionExpression", "FilterExpression", "ProjectionExpression")
        found = condition("KeyConditionExpression", params["KeyConditionExpression"], given)
        assert found is not None
        index = indexes.named(table, params.get("IndexName"))
        names = list(index.keys) if index is not None else indexes.keys_of(table)
        value: Any = key_condition(found, indexes.kinds_of(table), names).partition
    else:
        value = (item or {}).get(indexes.keys_of(table)[0])
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else None
