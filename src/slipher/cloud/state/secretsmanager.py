"""Secrets Manager: secrets by name, and the versions of their values, sealed."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, LargeBinary, String, Table

from slipher.cloud.state.base import metadata

secrets = Table(
    "sm_secrets",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("arn", String, nullable=False, unique=True),
    Column("facts", JSON, nullable=False),  # Description, KmsKeyId, Tags, OwningService
    Column("policy", String),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("accessed", Float),
    Column("deleted", Float),  # when its deletion was asked for
    Column("due", Float),  # from when on it is gone
)
versions = Table(
    "sm_versions",
    metadata,
    Column("secret", String, primary_key=True),  # the secret's ARN
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # SecretString or SecretBinary
    Column("value", LargeBinary, nullable=False),
    Column("data_key", LargeBinary),  # a data key that KMS encrypted; without: sealed by the vault
    Column("stages", JSON, nullable=False),
    Column("created", Float, nullable=False),
    Column("accessed", Float),
)
