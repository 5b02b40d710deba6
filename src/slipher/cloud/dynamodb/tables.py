"""Tables."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.dynamodb import indexes
from slipher.cloud.dynamodb.values import invalid
from slipher.cloud.state.dynamodb import entries, items, tables

NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
CLASSES = ("STANDARD", "STANDARD_INFREQUENT_ACCESS")
MAX_TAGS = 50


def table_arn(call: Call) -> str:
    """The ARN of the request's table."""
    return arn(call, str(call.params.get("TableName", "*")))


def resource_arn(call: Call) -> str:
    """The ARN that a request about tags gives."""
    return str(call.params["ResourceArn"])


def arn(call: Call, name: str) -> str:
    """A table's ARN in the request's account and region."""
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{call.region}:{call.account}:table/{name}"


def read_arn(call: Call) -> str:
    """The ARN of what a Query or Scan reads: the table, or an index of it."""
    index = call.params.get("IndexName")
    return table_arn(call) + (f"/index/{index}" if index else "")


def find(db: Connection, call: Call, name: str | None = None) -> Row[Any]:
    """The table of that name in the request's account and region; else ResourceNotFoundException."""
    given = str(name if name is not None else call.params["TableName"])
    row = find_optional(db, call, given)
    if row is None:
        text = f"Requested resource not found: Table: {given.rpartition('/')[2]} not found"
        if call.operation not in (
            "DescribeTable",
            "DeleteTable",
            "UpdateTable",
            "UpdateTimeToLive",
            "DescribeTimeToLive",
        ):
            text = "Requested resource not found"
        raise AwsError("ResourceNotFoundException", text, 400)
    return row


def find_optional(db: Connection, call: Call, given: str) -> Row[Any] | None:
    """The table of that name or ARN, None if there is none."""
    wanted = given.rpartition("/")[2]
    if given.startswith("arn:") and given != arn(call, wanted):
        if given.split(":")[3:5] != [call.region, call.account]:
            raise AwsError(
                "NotImplemented", "Tables of another account or region are not implemented by Slipher yet.", 501
            )
        raise invalid("Invalid TableArn: Invalid ResourceArn provided as input " + given)
    return db.execute(
        select(tables).where(tables.c.account == call.account, tables.c.region == call.region, tables.c.name == wanted)
    ).first()


def shape(db: Connection, call: Call, row: Row[Any], status: str = "ACTIVE") -> dict[str, Any]:
    """A table as the API shows it."""
    count, size = db.execute(
        select(func.count(), func.coalesce(func.sum(items.c.size), 0)).where(items.c.table_id == row.id)
    ).one()
    facts = row.facts
    provisioned = facts.get("ProvisionedThroughput") or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    found: dict[str, Any] = {
        "TableName": row.name,
        "TableStatus": status,
        "TableId": row.id,
        "TableArn": arn(call, row.name),
        "CreationDateTime": datetime.fromtimestamp(row.created, UTC),
        "AttributeDefinitions": facts["AttributeDefinitions"],
        "KeySchema": facts["KeySchema"],
        "ItemCount": count,
        "TableSizeBytes": int(size),
        "ProvisionedThroughput": {**provisioned, "NumberOfDecreasesToday": 0},
        "DeletionProtectionEnabled": bool(facts.get("DeletionProtectionEnabled")),
    }
    if facts.get("TableClass"):
        found["TableClassSummary"] = {"TableClass": facts["TableClass"]}
    if facts["BillingMode"] == "PAY_PER_REQUEST":
        found["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST"}
    for member, status_known in (("GlobalSecondaryIndexes", True), ("LocalSecondaryIndexes", False)):
        if facts.get(member):
            found[member] = [
                _index_shape(db, call, row, one, status if status_known else None) for one in facts[member]
            ]
    return found


def _index_shape(db: Connection, call: Call, row: Row[Any], one: dict[str, Any], status: str | None) -> dict[str, Any]:
    index = indexes.named(row, one["IndexName"])
    assert index is not None
    here = (entries.c.table_id == row.id, entries.c.name == index.name)
    if index.projection["ProjectionType"] == "ALL":
        joined = (items.c.bucket == entries.c.item_bucket) & (items.c.key == entries.c.item_key)
        query = select(func.count(), func.coalesce(func.sum(items.c.size), 0)).where(*here)
        count, size = db.execute(query.where(items.c.table_id == row.id, joined)).one()
    else:
        bodies = db.scalars(
            select(items.c.body).where(
                *here,
                items.c.table_id == row.id,
                items.c.bucket == entries.c.item_bucket,
                items.c.key == entries.c.item_key,
            )
        )
        sizes = [index.size(row, orjson.loads(body)) for body in bodies]
        count, size = len(sizes), sum(sizes)
    found = {
        "IndexName": index.name,
        "KeySchema": one["KeySchema"],
        "Projection": index.projection,
        "IndexSizeBytes": int(size),
        "ItemCount": count,
        "IndexArn": f"{arn(call, row.name)}/index/{index.name}",
    }
    if status is not None:
        provisioned = one.get("ProvisionedThroughput") or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        found |= {"IndexStatus": status, "ProvisionedThroughput": {**provisioned, "NumberOfDecreasesToday": 0}}
    return found


def create(call: Call) -> dict[str, Any]:
    """CreateTable."""
    params = call.params
    name = str(params["TableName"])
    if not NAME.fullmatch(name):
        raise invalid(
            "TableName must be at least 3 characters long and at most 255 characters long"
            if not 3 <= len(name) <= 255
            else f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )
    kind = params.get("TableClass")
    if kind is not None and kind not in CLASSES:
        raise invalid(
            f"1 validation error detected: Value '{kind}' at 'tableClass' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(CLASSES)}]"
        )
    _check_keys(params)
    mode = params.get("BillingMode") or "PROVISIONED"
    throughput = params.get("ProvisionedThroughput")
    check_throughput(mode, throughput, params.get("GlobalSecondaryIndexes") or ())
    facts = {
        "TableClass": kind,
        "AttributeDefinitions": params["AttributeDefinitions"],
        "KeySchema": params["KeySchema"],
        "BillingMode": mode,
        "ProvisionedThroughput": throughput,
        "GlobalSecondaryIndexes": params.get("GlobalSecondaryIndexes"),
        "LocalSecondaryIndexes": params.get("LocalSecondaryIndexes"),
        "DeletionProtectionEnabled": params.get("DeletionProtectionEnabled"),
        "Tags": params.get("Tags") or [],
    }
    with call.gateway.transaction() as db:
        where = (tables.c.account == call.account, tables.c.region == call.region, tables.c.name == name)
        if db.execute(select(tables.c.id).where(*where)).first():
            raise AwsError("ResourceInUseException", f"Table already exists: {name}", 400)
        db.execute(
            insert(tables).values(
                account=call.account,
                region=call.region,
                name=name,
                id=str(uuid.uuid4()),
                facts=facts,
                created=call.gateway.now(),
            )
        )
        return {"TableDescription": shape(db, call, find(db, call), "CREATING")}


def check_throughput(mode: str, throughput: Any, global_indexes: Iterable[Any]) -> None:
    """A billing mode, and the throughput of a table and of its global indexes that it asks for or forbids."""
    if mode not in ("PROVISIONED", "PAY_PER_REQUEST"):
        raise invalid(
            f"1 validation error detected: Value '{mode}' at 'billingMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"
        )
    if mode == "PROVISIONED" and not throughput:
        raise invalid("No provisioned throughput specified for the table")
    if mode == "PAY_PER_REQUEST" and throughput:
        raise invalid(
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be "
            "specified when BillingMode is PAY_PER_REQUEST"
        )
    for one in global_indexes:
        mine = one.get("ProvisionedThroughput")
        if mode == "PROVISIONED" and not mine:
            raise invalid(f"No provisioned throughput specified for the global secondary index {one['IndexName']}")
        if mode == "PAY_PER_REQUEST" and mine:
            raise invalid(
                "One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: "
                f"{one['IndexName']} when BillingMode is PAY_PER_REQUEST"
            )
    for units in (throughput, *(one.get("ProvisionedThroughput") for one in global_indexes)):
        if units and min(units["ReadCapacityUnits"], units["WriteCapacityUnits"]) < 1:
            raise invalid("One or more parameter values were invalid: capacity units must be at least 1")


def _check_keys(params: Any) -> None:
    schema, attributes = params["KeySchema"], params.get("AttributeDefinitions") or []
    defined = {one["AttributeName"]: one["AttributeType"] for one in attributes}
    names = [one["AttributeName"] for one in schema]
    kinds = [one["KeyType"] for one in schema]
    if kinds not in (["HASH"], ["HASH", "RANGE"]):
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    check_defined(names, indexes.check_definitions(params), defined)


def check_defined(names: list[str], index_names: set[str], defined: dict[str, str]) -> None:
    """The keys of a table and of its indexes are just the attributes that are defined."""
    names = [*names, *sorted(index_names - set(names))]
    if missing := [name for name in names if name not in defined]:
        raise invalid(
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            f"AttributeDefinitions. Keys: {missing}, AttributeDefinitions: {sorted(defined)}"
        )
    if set(defined) != set(names):
        raise invalid(
            "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number "
            "of attributes defined in AttributeDefinitions"
        )
    if any(kind not in ("S", "N", "B") for kind in defined.values()):
        raise invalid("Member must satisfy enum value set: [B, N, S]")


def describe(call: Call) -> dict[str, Any]:
    """DescribeTable."""
    with call.gateway.read() as db:
        return {"Table": shape(db, call, find(db, call))}


def list_(call: Call) -> dict[str, Any]:
    """ListTables."""
    limit = call.params.get("Limit")
    limit = 100 if limit is None else limit
    if not 1 <= limit <= 100:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    after = call.params.get("ExclusiveStartTableName") or ""
    with call.gateway.read() as db:
        names = db.scalars(
            select(tables.c.name)
            .where(tables.c.account == call.account, tables.c.region == call.region, tables.c.name > after)
            .order_by(tables.c.name)
            .limit(limit + 1)
        ).all()
    result: dict[str, Any] = {"TableNames": list(names[:limit])}
    if len(names) > limit:
        result["LastEvaluatedTableName"] = names[limit - 1]
    return result


def delete_(call: Call) -> dict[str, Any]:
    """DeleteTable."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        if row.facts.get("DeletionProtectionEnabled"):
            raise invalid(
                f"Resource cannot be deleted as it is currently protected against deletion: {table_arn(call)}"
            )
        found = shape(db, call, row, "DELETING")
        db.execute(delete(items).where(items.c.table_id == row.id))
        db.execute(delete(entries).where(entries.c.table_id == row.id))
        db.execute(delete(tables).where(tables.c.id == row.id))
    return {"TableDescription": found}


def _tagged(db: Connection, call: Call) -> Row[Any]:
    given = str(call.params["ResourceArn"])
    if not given.startswith("arn:aws:dynamodb:"):
        raise invalid(f"Invalid TableArn: Invalid ResourceArn provided as input {given}")
    return find(db, call, given)


def _retag(call: Call, db: Connection, row: Row[Any], tags: dict[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise invalid("One or more parameter values were invalid: Too many Tags")
    facts = row.facts | {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    db.execute(update(tables).where(tables.c.id == row.id).values(facts=facts))


def tag(call: Call) -> None:
    """TagResource."""
    with call.gateway.transaction() as db:
        row = _tagged(db, call)
        old = {one["Key"]: one["Value"] for one in row.facts["Tags"]}
        _retag(call, db, row, old | {one["Key"]: one["Value"] for one in call.params["Tags"]})


def untag(call: Call) -> None:
    """UntagResource."""
    with call.gateway.transaction() as db:
        row = _tagged(db, call)
        tags = {one["Key"]: one["Value"] for one in row.facts["Tags"] if one["Key"] not in call.params["TagKeys"]}
        _retag(call, db, row, tags)


def list_tags(call: Call) -> dict[str, Any]:
    """ListTagsOfResource: all on one page, as a table has at most 50."""
    if call.params.get("NextToken"):
        raise invalid("Invalid NextToken")
    with call.gateway.read() as db:
        return {"Tags": _tagged(db, call).facts["Tags"]}
