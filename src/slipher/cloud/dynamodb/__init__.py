"""Embedded DynamoDB. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.dynamodb import alter, batches, items, read, tables, transact, ttl
from slipher.cloud.dynamodb.leading import keys_context
from slipher.cloud.dynamodb.tables import read_arn, resource_arn, table_arn
from slipher.cloud.dynamodb.ttl import fresh

CAPACITY = "ReturnConsumedCapacity ReturnItemCollectionMetrics"
NAMES = "ExpressionAttributeNames"
CONDITION = f"ConditionExpression {NAMES} ExpressionAttributeValues ReturnValuesOnConditionCheckFailure"
READ = f"""TableName IndexName Limit Select ExclusiveStartKey ReturnConsumedCapacity ConsistentRead FilterExpression
    ProjectionExpression {NAMES} ExpressionAttributeValues"""
THROUGHPUT = "BillingMode ProvisionedThroughput TableClass DeletionProtectionEnabled"

OPERATIONS: dict[str, Operation] = {
    "CreateTable": Operation(
        tables.create,
        f"TableName AttributeDefinitions KeySchema Tags GlobalSecondaryIndexes LocalSecondaryIndexes {THROUGHPUT}",
        table_arn,
    ),
    "DescribeTable": Operation(tables.describe, "TableName", table_arn),
    "ListTables": Operation(tables.list_, "ExclusiveStartTableName Limit"),
    "UpdateTable": Operation(
        alter.update_table, f"TableName AttributeDefinitions GlobalSecondaryIndexUpdates {THROUGHPUT}", table_arn
    ),
    "DeleteTable": Operation(tables.delete_, "TableName", table_arn),
    "UpdateTimeToLive": Operation(ttl.update_ttl, "TableName TimeToLiveSpecification", table_arn),
    "DescribeTimeToLive": Operation(ttl.describe_ttl, "TableName", table_arn),
    "TagResource": Operation(tables.tag, "ResourceArn Tags", resource_arn),
    "UntagResource": Operation(tables.untag, "ResourceArn TagKeys", resource_arn),
    "ListTagsOfResource": Operation(tables.list_tags, "ResourceArn NextToken", resource_arn),
    "PutItem": Operation(
        fresh(items.put), f"TableName Item ReturnValues {CONDITION} {CAPACITY}", table_arn, keys_context
    ),
    "GetItem": Operation(
        fresh(items.get),
        f"TableName Key ConsistentRead ReturnConsumedCapacity ProjectionExpression {NAMES}",
        table_arn,
        keys_context,
    ),
    "UpdateItem": Operation(
        fresh(items.update_),
        f"TableName Key UpdateExpression ReturnValues {CONDITION} {CAPACITY}",
        table_arn,
        keys_context,
    ),
    "DeleteItem": Operation(
        fresh(items.delete_), f"TableName Key ReturnValues {CONDITION} {CAPACITY}", table_arn, keys_context
    ),
    "BatchWriteItem": Operation(fresh(batches.write), f"RequestItems {CAPACITY}", table_arn),
    "BatchGetItem": Operation(fresh(batches.get), "RequestItems ReturnConsumedCapacity", table_arn),
    "TransactWriteItems": Operation(fresh(transact.write), f"TransactItems ClientRequestToken {CAPACITY}", table_arn),
    "TransactGetItems": Operation(fresh(transact.get), "TransactItems ReturnConsumedCapacity", table_arn),
    "Query": Operation(fresh(read.query), f"{READ} KeyConditionExpression ScanIndexForward", read_arn, keys_context),
    "Scan": Operation(fresh(read.scan), f"{READ} TotalSegments Segment", read_arn),
}
