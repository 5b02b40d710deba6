"""Conditional writes, updates, transactions, expiry and permissions of DynamoDB, through boto3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

SCHEMA = {
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ONE = {":one": {"N": "1"}}


def error(method: Any, **given: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as found:
        method(**given)
    return dict(found.value.response)


@pytest.fixture
def ddb(local: Any) -> Any:
    return local.client("dynamodb")


@pytest.fixture
def table(ddb: Any) -> Any:
    ddb.create_table(TableName="writes", **SCHEMA)
    yield "writes"
    ddb.delete_table(TableName="writes")


def key(name: str) -> dict[str, Any]:
    return {"k": {"S": name}}


def test_conditions(ddb: Any, table: str) -> None:
    first = {"TableName": table, "Item": key("a") | {"n": {"N": "1"}}, "ConditionExpression": "attribute_not_exists(k)"}
    ddb.put_item(**first)
    found = error(ddb.put_item, **first, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert found["Error"] == {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
    assert found["Item"] == key("a") | {"n": {"N": "1"}}
    assert "Item" not in error(ddb.put_item, **first)
    guarded = {"TableName": table, "Key": key("a"), "ConditionExpression": "n > :one", "ExpressionAttributeValues": ONE}
    assert error(ddb.delete_item, **guarded)["Error"]["Code"] == "ConditionalCheckFailedException"
    ddb.delete_item(**guarded | {"ConditionExpression": "n = :one"})
    assert "Item" not in ddb.get_item(TableName=table, Key=key("a"))
    for given, text in (
        ({"ExpressionAttributeValues": ONE}, "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
        ({"ConditionExpression": "attribute_exists(k)", "ExpressionAttributeValues": ONE}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:one}"),
        ({"ConditionExpression": "attribute_exists(k)", "ExpressionAttributeNames": {"#x": "y"}}, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}"),
        ({"ConditionExpression": "attribute_exists(#k)", "ExpressionAttributeNames": {"k": "y"}}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "k"'),
    ):  # fmt: skip
        refused = error(ddb.put_item, TableName=table, Item=key("b"), **given)
        assert refused["Error"] == {"Code": "ValidationException", "Message": text}


def test_updates_and_what_they_return(ddb: Any, table: str) -> None:
    def update(expression: str, returns: str, values: Any = ONE) -> Any:
        return ddb.update_item(
            TableName=table, Key=key("u"), UpdateExpression=expression, ExpressionAttributeValues=values, ReturnValues=returns
        ).get("Attributes")  # fmt: skip

    assert update("ADD n :one SET v = :one", "ALL_OLD") is None
    assert update("ADD n :one", "UPDATED_NEW") == {"n": {"N": "2"}}
    assert update("SET n = n + :one", "UPDATED_OLD") == {"n": {"N": "2"}}
    assert update("SET w = :one", "ALL_NEW") == key("u") | {"n": {"N": "3"}, "v": {"N": "1"}, "w": {"N": "1"}}
    assert update("SET w = :one", "NONE") is None
    ddb.update_item(TableName=table, Key=key("bare"))
    assert ddb.get_item(TableName=table, Key=key("bare"))["Item"] == key("bare")
    found = error(
        ddb.update_item, TableName=table, Key=key("u"), UpdateExpression="SET k = :one", ExpressionAttributeValues=ONE
    )
    assert found["Error"]["Message"].endswith("Cannot update attribute k. This attribute is part of the key")
    big = {":big": {"S": "x" * 409_600}}
    found = error(
        ddb.update_item, TableName=table, Key=key("u"), UpdateExpression="SET b = :big", ExpressionAttributeValues=big
    )
    assert found["Error"]["Message"] == "Item size to update has exceeded the maximum allowed size"
    got = ddb.get_item(
        TableName=table, Key=key("u"), ProjectionExpression="#v, n", ExpressionAttributeNames={"#v": "v"}
    )
    assert got["Item"] == {"n": {"N": "3"}, "v": {"N": "1"}}
    got = ddb.batch_get_item(RequestItems={table: {"Keys": [key("u")], "ProjectionExpression": "n"}})
    assert got["Responses"][table] == [{"n": {"N": "3"}}]


def test_transactions(ddb: Any, table: str) -> None:
    put = {"Put": {"TableName": table, "Item": key("a") | {"n": {"N": "1"}}}}
    add = {
        "Update": {
            "TableName": table,
            "Key": key("c"),
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": ONE,
        }
    }
    made = ddb.transact_write_items(TransactItems=[put, add], ClientRequestToken="t1", ReturnConsumedCapacity="TOTAL")
    assert made["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0}]
    ddb.transact_write_items(TransactItems=[put, add], ClientRequestToken="t1")  # asked again: not done again
    assert ddb.get_item(TableName=table, Key=key("c"))["Item"]["n"] == {"N": "1"}
    found = error(ddb.transact_write_items, TransactItems=[put], ClientRequestToken="t1")
    assert found["Error"]["Code"] == "IdempotentParameterMismatchException"
    check = {"ConditionCheck": {"TableName": table, "Key": key("a"), "ConditionExpression": "attribute_not_exists(k)",
                                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}  # fmt: skip
    found = error(
        ddb.transact_write_items, TransactItems=[add, check, {"Delete": {"TableName": table, "Key": key("x")}}]
    )
    assert found["Error"]["Code"] == "TransactionCanceledException"
    assert found["Error"]["Message"].endswith("for specific reasons [None, ConditionalCheckFailed, None]")
    assert found["CancellationReasons"] == [
        {"Code": "None"},
        {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            "Item": key("a") | {"n": {"N": "1"}},
        },
        {"Code": "None"},
    ]
    assert ddb.get_item(TableName=table, Key=key("c"))["Item"]["n"] == {"N": "1"}  # nothing of it was done
    found = error(ddb.transact_write_items, TransactItems=[put, put])
    assert found["Error"]["Message"] == "Transaction request cannot include multiple operations on one item"
    got = ddb.transact_get_items(
        TransactItems=[{"Get": {"TableName": table, "Key": key("c"), "ProjectionExpression": "n"}}, {"Get": {"TableName": table, "Key": key("no")}}],
        ReturnConsumedCapacity="TOTAL",
    )  # fmt: skip
    assert got["Responses"] == [{"Item": {"n": {"N": "1"}}}, {}]
    assert got["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0}]


def test_items_expire(ddb: Any, local: Any, table: str) -> None:
    now = int(local.clock.now().timestamp())
    for name, expiry in (
        ("soon", {"N": str(now + 60)}),
        ("late", {"N": str(now + 600)}),
        ("text", {"S": "1"}),
        ("old", {"N": "5"}),
    ):
        ddb.put_item(TableName=table, Item=key(name) | {"ttl": expiry})
    assert ddb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    wanted = {"AttributeName": "ttl", "Enabled": True}
    assert ddb.update_time_to_live(TableName=table, TimeToLiveSpecification=wanted)["TimeToLiveSpecification"] == wanted
    assert (
        error(ddb.update_time_to_live, TableName=table, TimeToLiveSpecification=wanted)["Error"]["Message"]
        == "TimeToLive is already enabled"
    )
    assert ddb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }
    assert ddb.scan(TableName=table)["Count"] == 4
    local.clock.offset = timedelta(seconds=120)
    assert {one["k"]["S"] for one in ddb.scan(TableName=table)["Items"]} == {"late", "text", "old"}
    ddb.update_item(
        TableName=table, Key=key("late"), UpdateExpression="REMOVE #t", ExpressionAttributeNames={"#t": "ttl"}
    )
    local.clock.offset = timedelta(seconds=700)
    assert ddb.scan(TableName=table, Select="COUNT")["Count"] == 3
    ddb.update_time_to_live(TableName=table, TimeToLiveSpecification=wanted | {"Enabled": False})


def test_leading_keys_and_transactions_permissions(ddb: Any, local: Any, table: str) -> None:
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/writes"
    ana = local.client("dynamodb", local.user("ana", {
        "Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem"], "Resource": arn,
        "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ana"]}, "Null": {"dynamodb:LeadingKeys": "false"}},
    }))  # fmt: skip
    ana.put_item(TableName=table, Item=key("ana"))
    values = {":k": {"S": "ana"}}
    assert ana.query(TableName=table, KeyConditionExpression="k = :k", ExpressionAttributeValues=values)["Count"] == 1
    ana.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": key("ana")}}])
    bob = {"Put": {"TableName": table, "Item": key("bob")}}
    for denied in (
        lambda: ana.put_item(TableName=table, Item=key("bob")),
        lambda: ana.query(TableName=table, KeyConditionExpression="k = :k", ExpressionAttributeValues={":k": {"S": "bob"}}),
        lambda: ana.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": key("ana")}}, {"PutRequest": {"Item": key("bob")}}]}),
        lambda: ana.transact_write_items(TransactItems=[bob]),
        lambda: ana.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key("ana")}}]),
    ):  # fmt: skip
        assert error(denied)["Error"]["Code"] == "AccessDeniedException"
    assert "Item" not in ddb.get_item(TableName=table, Key=key("bob"))
