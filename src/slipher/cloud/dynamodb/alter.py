"""UpdateTable: throughput, billing mode, table class, protection, and global indexes that come and go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import indexes
from slipher.cloud.dynamodb.store import index_again
from slipher.cloud.dynamodb.tables import CLASSES, check_defined, check_throughput, find, shape
from slipher.cloud.dynamodb.values import invalid
from slipher.cloud.state.dynamodb import tables

NOTHING = (
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification "
    "or ReplicaUpdates is required"
)


def update_table(call: Call) -> dict[str, Any]:
    """UpdateTable."""
    params = call.params
    members = (
        "ProvisionedThroughput BillingMode GlobalSecondaryIndexUpdates TableClass DeletionProtectionEnabled".split()
    )
    if all(params.get(member) is None for member in members):
        raise invalid(NOTHING)
    with call.gateway.transaction() as db:
        old = find(db, call)
        facts: dict[str, Any] = dict(old.facts)
        if params.get("DeletionProtectionEnabled") is not None:
            facts["DeletionProtectionEnabled"] = params["DeletionProtectionEnabled"]
        if kind := params.get("TableClass"):
            if kind not in CLASSES:
                raise invalid(
                    f"1 validation error detected: Value '{kind}' at 'tableClass' failed to satisfy constraint: "
                    f"Member must satisfy enum value set: [{', '.join(CLASSES)}]"
                )
            facts["TableClass"] = kind
        found = {one["IndexName"]: dict(one) for one in facts.get("GlobalSecondaryIndexes") or ()}
        mode = params.get("BillingMode") or facts["BillingMode"]
        if mode == "PAY_PER_REQUEST":
            facts["ProvisionedThroughput"] = params.get("ProvisionedThroughput")
            if facts["BillingMode"] != mode:
                found = {name: one | {"ProvisionedThroughput": None} for name, one in found.items()}
        elif given := params.get("ProvisionedThroughput"):
            if given == facts.get("ProvisionedThroughput") and len(params) == 2:
                raise invalid(
                    "The provisioned throughput for the table will not change. The requested value equals the current "
                    f"value. Current ReadCapacityUnits provisioned for the table: {given['ReadCapacityUnits']}. Requested "
                    f"ReadCapacityUnits: {given['ReadCapacityUnits']}. Current WriteCapacityUnits provisioned for the "
                    f"table: {given['WriteCapacityUnits']}. Requested WriteCapacityUnits: {given['WriteCapacityUnits']}. "
                    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
                )
            facts["ProvisionedThroughput"] = given
        facts["BillingMode"] = mode
        _indexes(params, found)
        check_throughput(mode, facts.get("ProvisionedThroughput"), found.values())
        facts["GlobalSecondaryIndexes"] = list(found.values())
        local = facts.get("LocalSecondaryIndexes") or ()
        used = {key["AttributeName"] for one in [*found.values(), *local] for key in one["KeySchema"]}
        defined = {one["AttributeName"]: one for one in facts["AttributeDefinitions"]}
        for one in params.get("AttributeDefinitions") or ():
            before = defined.get(one["AttributeName"])
            if before is not None and before["AttributeType"] != one["AttributeType"]:
                raise invalid(
                    f"One or more parameter values were invalid: type of {one['AttributeName']} cannot change"
                )
            defined[one["AttributeName"]] = one
        keys = [one["AttributeName"] for one in facts["KeySchema"]]
        defined = {name: one for name, one in defined.items() if name in used or name in keys}
        check_defined(keys, used, {name: one["AttributeType"] for name, one in defined.items()})
        facts["AttributeDefinitions"] = list(defined.values())
        db.execute(update(tables).where(tables.c.id == old.id).values(facts=facts))
        new = find(db, call)
        index_again(db, old, new)
        return {"TableDescription": shape(db, call, new, "UPDATING")}


def _indexes(params: Any, found: dict[str, Any]) -> None:
    """Carry out GlobalSecondaryIndexUpdates."""
    updates = params.get("GlobalSecondaryIndexUpdates") or ()
    if sum("Create" in one or "Delete" in one for one in updates) > 1:
        raise AwsError(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
            400,
        )
    for one in updates:
        if len(one) != 1:
            raise invalid(
                "One or more parameter values were invalid: Exactly one of Create, Update or Delete is required"
            )
        ((kind, given),) = one.items()
        name = given["IndexName"]
        if kind == "Create":
            if name in found:
                raise invalid(f"Attempting to create an index which already exists: {name}")
            if len(found) == indexes.MAX_GLOBAL:
                raise AwsError(
                    "LimitExceededException", "GlobalSecondaryIndex count exceeds the per-table limit of 20", 400
                )
            indexes.check_one(given)
            found[name] = given
            continue
        if name not in found:
            raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {name} not found", 400)
        if kind == "Delete":
            del found[name]
        else:
            if not given.get("ProvisionedThroughput"):
                raise AwsError("NotImplemented", "Such an update of an index is not implemented by Slipher yet.", 501)
            found[name] = found[name] | {"ProvisionedThroughput": given["ProvisionedThroughput"]}
