"""KMS: keys with their sealed material, aliases, grants."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, LargeBinary, String, Table

from slipher.cloud.state.base import metadata

keys = Table(
    "kms_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("arn", String, nullable=False, unique=True),
    Column("material", LargeBinary, nullable=False),  # sealed by the vault
    Column("manager", String, nullable=False),  # CUSTOMER or AWS
    Column("state", String, nullable=False),  # Enabled, Disabled, PendingDeletion
    Column("facts", JSON, nullable=False),  # Description, Tags
    Column("policy", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("due", Float),  # from when on it is gone
    Index("kms_keys_place", "account", "region"),
)
aliases = Table(
    "kms_aliases",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
)
grants = Table(
    "kms_grants",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False, index=True),
    Column("token", String, nullable=False, unique=True),
    Column("facts", JSON, nullable=False),
    Column("created", Float, nullable=False),
)
