"""Embedded DynamoDB through boto3: tables, items of every type, batches, scans in segments and pages, capacity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from hypothesis import given, settings, strategies as st
from refusals import refused

HASH = {
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
}
BOTH = {
    "AttributeDefinitions": [
        {"AttributeName": "k", "AttributeType": "S"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
}
ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}


@pytest.fixture
def ddb(local: Any) -> Any:
    return local.client("dynamodb")


@pytest.fixture
def table(ddb: Any) -> Any:
    ddb.create_table(TableName="items", **BOTH, **ON_DEMAND)
    yield "items"
    ddb.delete_table(TableName="items")


def test_a_tables_life(ddb: Any, local: Any) -> None:
    made = ddb.create_table(
        TableName="life", **HASH, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        Tags=[{"Key": "a", "Value": "1"}], TableClass="STANDARD_INFREQUENT_ACCESS", DeletionProtectionEnabled=True,
    )["TableDescription"]  # fmt: skip
    assert made["TableStatus"] == "CREATING"
    ddb.get_waiter("table_exists").wait(TableName="life")
    got = ddb.describe_table(TableName="life")["Table"]
    assert got["TableArn"] == "arn:aws:dynamodb:us-east-1:123456789012:table/life"
    assert (got["ProvisionedThroughput"]["ReadCapacityUnits"], got["TableClassSummary"]["TableClass"]) == (
        5,
        "STANDARD_INFREQUENT_ACCESS",
    )
    assert ddb.describe_table(TableName=got["TableArn"])["Table"]["TableId"] == got["TableId"]
    assert (
        refused("ResourceInUseException", ddb.create_table, TableName="life", **HASH, **ON_DEMAND)
        == "Table already exists: life"
    )
    assert ddb.list_tags_of_resource(ResourceArn=got["TableArn"])["Tags"] == [{"Key": "a", "Value": "1"}]
    ddb.tag_resource(ResourceArn=got["TableArn"], Tags=[{"Key": "b", "Value": "2"}])
    ddb.untag_resource(ResourceArn=got["TableArn"], TagKeys=["a"])
    assert ddb.list_tags_of_resource(ResourceArn=got["TableArn"])["Tags"] == [{"Key": "b", "Value": "2"}]
    assert "protected against deletion" in refused("ValidationException", ddb.delete_table, TableName="life")
    assert local.client("dynamodb", region="eu-west-1").list_tables()["TableNames"] == []
    for missing in (ddb.describe_table, ddb.delete_table):
        assert (
            refused("ResourceNotFoundException", missing, TableName="none")
            == "Requested resource not found: Table: none not found"
        )
    assert refused("ResourceNotFoundException", ddb.scan, TableName="none") == "Requested resource not found"


def test_lists_in_pages(ddb: Any) -> None:
    names = [f"page{number}" for number in range(5)]
    for name in names:
        ddb.create_table(TableName=name, **HASH, **ON_DEMAND)
    got = [
        name
        for page in ddb.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
        for name in page["TableNames"]
    ]
    assert [name for name in got if name.startswith("page")] == names
    for name in names:
        ddb.delete_table(TableName=name)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"TableName": "ab"}, "at least 3 characters"),
        ({"BillingMode": "PROVISIONED"}, "No provisioned throughput"),
        ({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}, "Neither ReadCapacityUnits"),
        ({"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}, "not defined in AttributeDefinitions"),
        ({"KeySchema": [{"AttributeName": "k", "KeyType": "RANGE"}]}, "Invalid KeySchema"),
        ({"AttributeDefinitions": BOTH["AttributeDefinitions"]}, "does not exactly match"),
        ({"TableClass": "GOLD"}, "enum value set"),
    ],
)
def test_tables_that_cannot_be(ddb: Any, changes: dict[str, Any], part: str) -> None:
    given: dict[str, Any] = {"TableName": "bad", **HASH, **ON_DEMAND, **changes}
    if changes == {"TableName": "ab"}:
        given["TableName"] = "ab"
    try:
        message = refused("ValidationException", ddb.create_table, **given)
    except Exception as error:  # botocore itself refuses a short name
        message = str(error)
        assert "Invalid length" in message
        return
    assert part in message


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12).map(
    lambda one: one.normalize() + 0
)
VALUES = st.recursive(
    st.text(max_size=8) | NUMBERS | st.binary(max_size=8) | st.booleans() | st.none() | st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=3)
    | st.sets(NUMBERS, min_size=1, max_size=3) | st.sets(st.binary(min_size=1, max_size=4), min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=60)
@given(st.dictionaries(st.text(min_size=1, max_size=6).filter(lambda name: name not in "kn"), VALUES, max_size=5))
def test_every_type_comes_back(shared_gateway: Any, attributes: dict[str, Any]) -> None:
    ddb = shared_gateway.client("dynamodb")
    if "typed" not in ddb.list_tables()["TableNames"]:
        ddb.create_table(TableName="typed", **HASH, **ON_DEMAND)
    write, read = TypeSerializer().serialize, TypeDeserializer().deserialize
    item = {"k": {"S": "one"}} | {name: write(value) for name, value in attributes.items()}
    ddb.put_item(TableName="typed", Item=item)
    got = ddb.get_item(TableName="typed", Key={"k": {"S": "one"}})["Item"]
    assert {name: read(value) for name, value in got.items()} == {name: read(value) for name, value in item.items()}
    assert ddb.scan(TableName="typed")["Items"] == [got]


@pytest.mark.parametrize(
    ("item", "part"),
    [
        ({"k": {"S": "a"}}, "Missing the key n in the item"),
        ({"k": {"N": "1"}, "n": {"N": "1"}}, "Type mismatch for key k expected: S actual: N"),
        ({"k": {"S": ""}, "n": {"N": "1"}}, "cannot contain an empty string value. Key: k"),
        ({"k": {"S": "a"}, "n": {"N": "one"}}, "cannot be converted into a number"),
        ({"k": {"S": "a"}, "n": {"N": "1" * 39}}, "more than 38 significant digits"),
        ({"k": {"S": "a"}, "n": {"N": "1e126"}}, "Number overflow"),
        ({"k": {"S": "a"}, "n": {"N": "1"}, "x": {}}, "must contain exactly one of the supported datatypes"),
        ({"k": {"S": "a"}, "n": {"N": "1"}, "x": {"S": "a", "N": "1"}}, "more than one datatypes set"),
        (
            {"k": {"S": "a"}, "n": {"N": "1"}, "x": {"NULL": False}},
            "Null attribute value types must have the value of true",
        ),
        ({"k": {"S": "a"}, "n": {"N": "1"}, "x": {"SS": ["a", "a"]}}, "contains duplicates"),
        ({"k": {"S": "a"}, "n": {"N": "1"}, "x": {"NS": []}}, "An number set  may not be empty"),
        ({"k": {"S": "a"}, "n": {"N": "1"}, "x": {"S": "x" * 409600}}, "Item size has exceeded"),
    ],
)
def test_items_that_cannot_be(ddb: Any, table: str, item: dict[str, Any], part: str) -> None:
    assert part in refused("ValidationException", ddb.put_item, TableName=table, Item=item)
    assert ddb.scan(TableName=table)["Count"] == 0


def test_nesting_is_limited(ddb: Any, table: str) -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: dict[str, Any] = {"S": "x"}
        for _ in range(levels):
            value = {"L": [value]}
        return {"k": {"S": "a"}, "n": {"N": "1"}, "x": value}

    ddb.put_item(TableName=table, Item=nested(32))
    for levels in (33, 100):
        with pytest.raises(ClientError) as found:
            ddb.put_item(TableName=table, Item=nested(levels))
        assert found.value.response["Error"]["Code"] in ("ValidationException", "SerializationException")


def test_items(ddb: Any, table: str) -> None:
    key = {"k": {"S": "a"}, "n": {"N": "1"}}
    ddb.put_item(TableName=table, Item=key | {"v": {"S": "old"}})
    put = ddb.put_item(
        TableName=table, Item=key | {"v": {"S": "new"}}, ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL"
    )
    assert put["Attributes"]["v"] == {"S": "old"}
    assert put["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 1.0}
    same = {"k": {"S": "a"}, "n": {"N": "1.0e0"}}
    for consistent, units in ((True, 1.0), (False, 0.5)):
        got = ddb.get_item(TableName=table, Key=same, ConsistentRead=consistent, ReturnConsumedCapacity="INDEXES")
        assert got["Item"]["v"] == {"S": "new"}
        assert got["ConsumedCapacity"] == {
            "TableName": table,
            "CapacityUnits": units,
            "Table": {"CapacityUnits": units},
        }
    assert "Item" not in ddb.get_item(TableName=table, Key=key | {"n": {"N": "2"}})
    assert "does not match the schema" in refused(
        "ValidationException", ddb.get_item, TableName=table, Key={"k": {"S": "a"}}
    )
    assert ddb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")["Attributes"]["v"] == {"S": "new"}
    assert "Attributes" not in ddb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")
    refused("ValidationException", ddb.put_item, TableName=table, Item=key, ReturnValues="UPDATED_NEW")
    for member, value in (("Expected", {"k": {"Exists": False}}),):
        text = refused("NotImplemented", ddb.put_item, TableName=table, Item=key, **{member: value})
        assert text == f"PutItem with {member} is not implemented by Slipher yet."


def test_batches(ddb: Any, table: str) -> None:
    items = [{"k": {"S": f"k{number}"}, "n": {"N": str(number)}, "v": {"S": "x" * number}} for number in range(25)]
    ddb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
    keys = [{"k": item["k"], "n": item["n"]} for item in items]
    got = ddb.batch_get_item(
        RequestItems={table: {"Keys": keys[:3], "ConsistentRead": True}}, ReturnConsumedCapacity="TOTAL"
    )
    assert got["Responses"][table] == items[:3]
    assert got["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 3.0}]
    ddb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}} for key in keys[:20]]})
    assert ddb.scan(TableName=table)["Count"] == 5
    for wrong in (
        [{"PutRequest": {"Item": items[0]}}, {"DeleteRequest": {"Key": keys[0]}}],
        [{"PutRequest": {"Item": items[0]}}] * 26,
    ):
        refused("ValidationException", ddb.batch_write_item, RequestItems={table: wrong})
    assert ddb.scan(TableName=table)["Count"] == 5, "a batch that fails leaves nothing"
    refused("ValidationException", ddb.batch_get_item, RequestItems={table: {"Keys": [keys[0], keys[0]]}})


@pytest.mark.parametrize("segments", [1, 3, 7])
@pytest.mark.parametrize("limit", [None, 7])
def test_scans(ddb: Any, table: str, segments: int, limit: int | None) -> None:
    made = {(f"k{number}", str(number)) for number in range(60)}
    pairs = sorted(made)
    for start in range(0, 60, 20):
        ddb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"k": {"S": k}, "n": {"N": n}}}} for k, n in pairs[start : start + 20]
        ]})  # fmt: skip
    got: list[tuple[str, str]] = []
    for segment in range(segments):
        given: dict[str, Any] = {"TableName": table, "Segment": segment, "TotalSegments": segments}
        given |= {"Limit": limit} if limit else {}
        while True:
            page = ddb.scan(ReturnConsumedCapacity="TOTAL", **given)
            assert page["Count"] == page["ScannedCount"] == len(page["Items"]) and page["Count"] <= (limit or 60)
            assert page["ConsumedCapacity"]["CapacityUnits"] >= 0.5
            got += [(item["k"]["S"], item["n"]["N"]) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            given["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    assert sorted(got) == pairs
    assert ddb.scan(TableName=table, Select="COUNT")["Count"] == 60
    assert "Items" not in ddb.scan(TableName=table, Select="COUNT")
    refused("ValidationException", ddb.scan, TableName=table, Segment=3, TotalSegments=3)
    refused("ValidationException", ddb.scan, TableName=table, Segment=0)
    refused("NotImplemented", ddb.scan, TableName=table, AttributesToGet=["k"])


def test_pages_of_a_megabyte(ddb: Any, table: str) -> None:
    for number in range(8):
        ddb.put_item(TableName=table, Item={"k": {"S": str(number)}, "n": {"N": "0"}, "v": {"S": "x" * 300_000}})
    pages = list(ddb.get_paginator("scan").paginate(TableName=table, ReturnConsumedCapacity="TOTAL"))
    assert sum(page["Count"] for page in pages) == 8 and len(pages) >= 2
    assert sum(page["ConsumedCapacity"]["CapacityUnits"] for page in pages) == pytest.approx(
        8 * 300_000 / 8192, rel=0.02
    )


def test_numbers_keep_38_digits(ddb: Any, table: str) -> None:
    number = "1234567890123456789012345678901234567.8"
    ddb.put_item(TableName=table, Item={"k": {"S": "a"}, "n": {"N": "1"}, "v": {"N": number}})
    assert Decimal(ddb.scan(TableName=table)["Items"][0]["v"]["N"]) == Decimal(number)
