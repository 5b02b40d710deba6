"""Embedded DynamoDB: tables, and items by hash and key, in their wire form."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, LargeBinary, String, Table

from slipher.cloud.state.base import metadata

tables = Table(
    "ddb_tables",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created", Float, nullable=False),
)
items = Table(  # bucket: a hash of the partition key, so that a segment of a scan is a range
    "ddb_items",
    metadata,
    Column("table_id", String, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
