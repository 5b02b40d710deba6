"""Embedded DynamoDB: tables, and items by hash and key, in their wire form; entries of indexes."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, LargeBinary, String, Table

from slipher.cloud.state.base import meta, metadata

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
entries = Table(  # of secondary indexes: by hash and position, the item's place
    "ddb_entries",
    metadata,
    Column("table_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("position", LargeBinary, primary_key=True),
    Column("item_bucket", Integer, nullable=False),
    Column("item_key", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
tokens = Table(  # of transactions that may be asked for again
    "ddb_tokens",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("token", String, primary_key=True),
    Column("request", String, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("expires", Float, nullable=False),
)

__all__ = ["entries", "items", "meta", "tables", "tokens"]
