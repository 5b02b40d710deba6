"""Embedded DynamoDB, as far as COPY and what fills a table need it. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.dynamodb import items, tables
from slipher.cloud.dynamodb.tables import table_arn

OPERATIONS: dict[str, Operation] = {
    "CreateTable": Operation(tables.create, "dynamodb:CreateTable", table_arn),
    "DescribeTable": Operation(tables.describe, "dynamodb:DescribeTable", table_arn),
    "ListTables": Operation(tables.list_, "dynamodb:ListTables"),
    "DeleteTable": Operation(tables.delete_, "dynamodb:DeleteTable", table_arn),
    "PutItem": Operation(items.put, "dynamodb:PutItem", table_arn),
    "GetItem": Operation(items.get, "dynamodb:GetItem", table_arn),
    "DeleteItem": Operation(items.delete_, "dynamodb:DeleteItem", table_arn),
    "BatchWriteItem": Operation(items.batch_write, None),  # asked table by table
    "Scan": Operation(items.scan, "dynamodb:Scan", table_arn),
}
