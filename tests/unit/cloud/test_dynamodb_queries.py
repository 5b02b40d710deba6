"""Query, filters, secondary indexes and UpdateTable of DynamoDB, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError


def names(**kinds: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()]


def keys(*given: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(given, ("HASH", "RANGE"), strict=False)]


def message(method: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as found:
        method(**given)
    assert found.value.response["Error"]["Code"] == "ValidationException"
    return str(found.value.response["Error"]["Message"])


@pytest.fixture(scope="module")
def ddb(shared_gateway: Any) -> Any:
    client = shared_gateway.client("dynamodb")
    client.create_table(
        TableName="orders", AttributeDefinitions=names(who="S", at="N", city="S", price="N"), KeySchema=keys("who", "at"),
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {"IndexName": "by-city", "KeySchema": keys("city", "price"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
        LocalSecondaryIndexes=[
            {"IndexName": "by-price", "KeySchema": keys("who", "price"),
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]}},
        ],
    )  # fmt: skip
    for at, (city, price) in enumerate(
        [("rome", -10), ("rome", 9), ("oslo", 100), (None, 20), ("rome", -9.5), ("oslo", 0)]
    ):
        item = {
            "who": {"S": "ana"},
            "at": {"N": str(at - 2)},
            "price": {"N": str(price)},
            "note": {"S": f"n{at}"},
            "more": {"S": "x"},
        }
        client.put_item(TableName="orders", Item=item | ({"city": {"S": city}} if city else {}))
    client.put_item(TableName="orders", Item={"who": {"S": "anab"}, "at": {"N": "0"}})
    return client


def query(ddb: Any, condition: str, values: dict[str, Any], **more: Any) -> Any:
    wire = {key: {"N": str(value)} if isinstance(value, int | float) else {"S": value} for key, value in values.items()}
    return ddb.query(TableName="orders", KeyConditionExpression=condition, ExpressionAttributeValues=wire, **more)


def moments(answer: Any) -> list[int]:
    return [int(one["at"]["N"]) for one in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", [-2, -1, 0, 1, 2, 3]), (" and #at = :a", [0]), (" and #at < :a", [-2, -1]), (" and #at <= :a", [-2, -1, 0]),
        (" and #at > :a", [1, 2, 3]), (" and :a <= #at", [0, 1, 2, 3]), (" and (#at between :a and :b)", [0, 1, 2]),
    ],
)  # fmt: skip
def test_key_conditions(ddb: Any, condition: str, expected: list[int]) -> None:
    values = {":w": "ana"} | {name: value for name, value in ((":a", 0), (":b", 2)) if name in condition}
    more: dict[str, Any] = {"ExpressionAttributeNames": {"#at": "at"}} if condition else {}
    assert moments(query(ddb, "who = :w" + condition, values, **more)) == expected
    backwards = query(ddb, "who = :w" + condition, values, ScanIndexForward=False, **more)
    assert moments(backwards) == expected[::-1]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("index", [None, "by-price", "by-city"])
def test_pages(ddb: Any, forward: bool, index: str | None) -> None:
    where = ("city = :w", {":w": "rome"}) if index == "by-city" else ("who = :w", {":w": "ana"})
    more: dict[str, Any] = {"ScanIndexForward": forward} | ({"IndexName": index} if index else {})
    whole = query(ddb, *where, **more)["Items"]
    found: list[Any] = []
    start: dict[str, Any] = {}
    while True:
        page = query(ddb, *where, Limit=2, **more, **start)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        assert page["Count"] == page["ScannedCount"] == 2
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == whole
    column = "at" if index is None else "price"
    order = [float(one[column]["N"]) for one in whole]
    assert order == sorted(order, reverse=not forward) and len(order) == (3 if index == "by-city" else 6)


def test_filters_and_projections(ddb: Any, local: Any) -> None:
    answer = query(
        ddb, "who = :w", {":w": "ana", ":c": "rome"}, FilterExpression="city = :c", ProjectionExpression="note",
        ReturnConsumedCapacity="INDEXES",
    )  # fmt: skip
    assert [one["note"]["S"] for one in answer["Items"]] == ["n0", "n1", "n4"]
    assert (answer["Count"], answer["ScannedCount"]) == (3, 6)
    assert answer["ConsumedCapacity"] == {"TableName": "orders", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}
    counted = query(ddb, "who = :w", {":w": "ana", ":c": "rome"}, FilterExpression="city = :c", Select="COUNT")
    assert counted["Count"] == 3 and "Items" not in counted
    scanned = ddb.scan(TableName="orders", FilterExpression="attribute_not_exists(city)", ProjectionExpression="who")
    assert sorted(one["who"]["S"] for one in scanned["Items"]) == ["ana", "anab"] and scanned["ScannedCount"] == 7
    import boto3

    table = boto3.resource(
        "dynamodb", endpoint_url=local.url, region_name="us-east-1", aws_access_key_id=local.key, aws_secret_access_key=local.secret
    ).Table("orders")  # fmt: skip
    found = table.query(
        KeyConditionExpression=Key("who").eq("ana") & Key("at").between(0, 9),
        FilterExpression=Attr("note").begins_with("n") & ~Attr("city").eq("rome"),
    )
    assert [one["note"] for one in found["Items"]] == ["n2", "n3", "n5"]


def test_indexes(ddb: Any) -> None:
    rome = query(ddb, "city = :c", {":c": "rome"}, IndexName="by-city", ReturnConsumedCapacity="INDEXES")
    assert [one["price"]["N"] for one in rome["Items"]] == ["-10", "-9.5", "9"]
    assert set(rome["Items"][0]) == {"who", "at", "city", "price"}
    assert rome["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"by-city": {"CapacityUnits": 0.5}}
    assert ddb.scan(TableName="orders", IndexName="by-city")["Count"] == 5
    local = query(ddb, "who = :w and price >= :t", {":w": "ana", ":t": 9}, IndexName="by-price")
    assert [(one["price"]["N"], one["note"]["S"], "more" in one) for one in local["Items"]] == [
        ("9", "n1", False), ("20", "n3", False), ("100", "n2", False)
    ]  # fmt: skip
    fetched = query(ddb, "who = :w", {":w": "ana"}, IndexName="by-price", Select="ALL_ATTRIBUTES", ConsistentRead=True)
    assert all("more" in one for one in fetched["Items"])
    put = {"TableName": "orders", "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}
    item = {"who": {"S": "bob"}, "at": {"N": "1"}, "city": {"S": "bonn"}, "price": {"N": "1"}}
    made = ddb.put_item(Item=item, **put)
    assert made["ConsumedCapacity"]["CapacityUnits"] == 3.0
    assert made["ItemCollectionMetrics"] == {
        "ItemCollectionKey": {"who": {"S": "bob"}},
        "SizeEstimateRangeGB": [0.0, 1.0],
    }
    moved = ddb.put_item(Item=item | {"city": {"S": "kiel"}}, **put)["ConsumedCapacity"]
    assert moved["GlobalSecondaryIndexes"] == {"by-city": {"CapacityUnits": 2.0}}
    assert query(ddb, "city = :c", {":c": "bonn"}, IndexName="by-city")["Count"] == 0
    ddb.delete_item(TableName="orders", Key={"who": {"S": "bob"}, "at": {"N": "1"}})
    assert query(ddb, "city = :c", {":c": "kiel"}, IndexName="by-city")["Count"] == 0
    shown = ddb.describe_table(TableName="orders")["Table"]
    assert (shown["GlobalSecondaryIndexes"][0]["ItemCount"], shown["GlobalSecondaryIndexes"][0]["IndexStatus"]) == (
        5,
        "ACTIVE",
    )
    assert shown["LocalSecondaryIndexes"][0]["IndexArn"].endswith("table/orders/index/by-price")


def test_refusals(ddb: Any) -> None:
    ask = {"TableName": "orders"}
    values = {":w": {"S": "ana"}, ":n": {"N": "1"}}
    who = {":w": values[":w"]}
    for given, text in (
        ({}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
        ({"KeyConditionExpression": "price = :w", "ExpressionAttributeValues": who}, "Query condition missed key schema element: who"),
        ({"KeyConditionExpression": "who = :w and price = :n", "ExpressionAttributeValues": values}, "Query condition missed key schema element: at"),
        ({"KeyConditionExpression": "who > :w", "ExpressionAttributeValues": who}, "Query key condition not supported"),
        ({"KeyConditionExpression": "who = :w or who = :w", "ExpressionAttributeValues": who}, "Invalid operator used in KeyConditionExpression: OR"),
        ({"KeyConditionExpression": "who = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}, "One or more parameter values were invalid: Condition parameter type does not match schema type"),
        ({"KeyConditionExpression": "who = :w", "ExpressionAttributeValues": who, "IndexName": "none"}, "The table does not have the specified index: none"),
        ({"KeyConditionExpression": "city = :w", "ExpressionAttributeValues": who, "IndexName": "by-city", "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
        ({"KeyConditionExpression": "who = :w", "ExpressionAttributeValues": who, "FilterExpression": "attribute_exists(who)"}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: who"),
        ({"KeyConditionExpression": "city = :w", "ExpressionAttributeValues": who, "IndexName": "by-city", "ProjectionExpression": "note"}, "One or more parameter values were invalid: Global secondary index by-city does not project [note]"),
        ({"KeyConditionExpression": "who = :w", "ExpressionAttributeValues": who, "ExclusiveStartKey": who and {"who": {"S": "ana"}}}, "The provided starting key is invalid"),
    ):  # fmt: skip
        assert message(ddb.query, **ask, **given) == text
    bad = {"who": {"S": "x"}, "at": {"N": "1"}, "city": {"N": "1"}}
    assert message(ddb.put_item, **ask, Item=bad) == (
        "One or more parameter values were invalid: Type mismatch for Index Key city Expected: S Actual: N IndexName: by-city"
    )


def test_binary_and_text_sort_keys(local: Any) -> None:
    ddb = local.client("dynamodb")
    for kind, values in (
        ("S", ["a", "a\0", "aa", "b", "é", "\U0001f600"]),
        ("B", [b"\0", b"\0\0", b"\1", b"\xff", b"\xff\xff"]),
    ):
        ddb.create_table(
            TableName="order",
            AttributeDefinitions=names(k="S", r=kind),
            KeySchema=keys("k", "r"),
            BillingMode="PAY_PER_REQUEST",
        )
        for value in reversed(values):
            ddb.put_item(TableName="order", Item={"k": {"S": "k"}, "r": {kind: value}})
        ask = {"TableName": "order", "ExpressionAttributeValues": {":k": {"S": "k"}}}
        assert [one["r"][kind] for one in ddb.query(**ask, KeyConditionExpression="k = :k")["Items"]] == values
        ask["ExpressionAttributeValues"] = {":k": {"S": "k"}, ":p": {kind: values[0]}}
        found = ddb.query(**ask, KeyConditionExpression="k = :k AND begins_with(r, :p)")["Items"]
        assert [one["r"][kind] for one in found] == [one for one in values if one.startswith(values[0])]  # type: ignore[arg-type]
        ddb.delete_table(TableName="order")


def test_update_table(local: Any) -> None:
    ddb = local.client("dynamodb")
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    ddb.create_table(
        TableName="alter", AttributeDefinitions=names(k="S"), KeySchema=keys("k"), ProvisionedThroughput=units
    )
    for number in range(3):
        ddb.put_item(TableName="alter", Item={"k": {"S": str(number)}, "c": {"S": "x"}})
    assert "will not change" in message(ddb.update_table, TableName="alter", ProvisionedThroughput=units)
    ddb.update_table(TableName="alter", ProvisionedThroughput=units | {"ReadCapacityUnits": 7})
    assert ddb.describe_table(TableName="alter")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    ddb.update_table(TableName="alter", BillingMode="PAY_PER_REQUEST")
    assert ddb.describe_table(TableName="alter")["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    new = {"IndexName": "by-c", "KeySchema": keys("c"), "Projection": {"ProjectionType": "ALL"}}
    assert "not defined in AttributeDefinitions" in message(
        ddb.update_table, TableName="alter", GlobalSecondaryIndexUpdates=[{"Create": new}]
    )
    ddb.update_table(
        TableName="alter", AttributeDefinitions=names(k="S", c="S"), GlobalSecondaryIndexUpdates=[{"Create": new}]
    )
    ask = {
        "TableName": "alter",
        "IndexName": "by-c",
        "KeyConditionExpression": "c = :c",
        "ExpressionAttributeValues": {":c": {"S": "x"}},
    }
    assert ddb.query(**ask)["Count"] == 3  # what was there before is in it
    index_only = {
        "Effect": "Allow",
        "Action": "dynamodb:Query",
        "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/alter/index/*",
    }
    reader = local.client("dynamodb", local.user("index-reader", index_only))
    assert reader.query(**ask)["Count"] == 3
    with pytest.raises(ClientError, match=r"table/alter because no identity-based policy"):
        reader.query(TableName="alter", KeyConditionExpression="k = :c", ExpressionAttributeValues={":c": {"S": "1"}})
    ddb.update_table(TableName="alter", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-c"}}])
    assert message(ddb.query, **ask) == "The table does not have the specified index: by-c"
    assert ddb.describe_table(TableName="alter")["Table"]["AttributeDefinitions"] == names(k="S")


def test_items_of_an_older_data_directory_are_found(own: Any) -> None:
    from sqlalchemy import delete, select, update

    from slipher.cloud.bootstrap import bootstrap
    from slipher.cloud.state.dynamodb import items, meta

    ddb = own.client("dynamodb")
    ddb.create_table(
        TableName="old",
        AttributeDefinitions=names(k="S", n="N"),
        KeySchema=keys("k", "n"),
        BillingMode="PAY_PER_REQUEST",
    )
    for number in (10, -1, 9):
        ddb.put_item(TableName="old", Item={"k": {"S": "k"}, "n": {"N": str(number)}})
    with own.gateway.transaction() as db:  # as keys were before they had an order: lengths and texts
        for row in db.execute(select(items)).all():
            text = json.loads(row.body)["n"]["N"].encode()
            before = b"\0\0\0\1k\0" + len(text).to_bytes(4, "big") + text
            db.execute(update(items).where(items.c.key == row.key).values(key=before))
        db.execute(delete(meta).where(meta.c.key == "dynamodb_keys"))
    ask = {"TableName": "old", "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "k"}}}
    assert ddb.query(**ask)["Count"] == 0
    bootstrap(own.gateway)
    assert [one["n"]["N"] for one in ddb.query(**ask)["Items"]] == ["-1", "9", "10"]
    assert "Item" in ddb.get_item(TableName="old", Key={"k": {"S": "k"}, "n": {"N": "9"}})
