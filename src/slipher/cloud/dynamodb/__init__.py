"""Embedded DynamoDB, as far as COPY and what fills a table need it. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.dynamodb import batches, items, tables
from slipher.cloud.dynamodb.tables import resource_arn, table_arn

CAPACITY = "ReturnConsumedCapacity ReturnItemCollectionMetrics"

OPERATIONS: dict[str, Operation] = {
    "CreateTable": Operation(
        tables.create,
        "TableName AttributeDefinitions KeySchema BillingMode ProvisionedThroughput Tags TableClass DeletionProtectionEnabled",
        table_arn,
    ),
    "DescribeTable": Operation(tables.describe, "TableName", table_arn),
    "ListTables": Operation(tables.list_, "ExclusiveStartTableName Limit"),
    "DeleteTable": Operation(tables.delete_, "TableName", table_arn),
    "TagResource": Operation(tables.tag, "ResourceArn Tags", resource_arn),
    "UntagResource": Operation(tables.untag, "ResourceArn TagKeys", resource_arn),
    "ListTagsOfResource": Operation(tables.list_tags, "ResourceArn NextToken", resource_arn),
    "PutItem": Operation(items.put, f"TableName Item ReturnValues {CAPACITY}", table_arn),
    "GetItem": Operation(items.get, "TableName Key ConsistentRead ReturnConsumedCapacity", table_arn),
    "DeleteItem": Operation(items.delete_, f"TableName Key ReturnValues {CAPACITY}", table_arn),
    "BatchWriteItem": Operation(batches.write, f"RequestItems {CAPACITY}", table_arn),
    "BatchGetItem": Operation(batches.get, "RequestItems ReturnConsumedCapacity", table_arn),
    "Scan": Operation(
        items.scan,
        "TableName Limit Select ExclusiveStartKey ReturnConsumedCapacity TotalSegments Segment ConsistentRead",
        table_arn,
    ),
}
