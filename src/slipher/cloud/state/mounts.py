"""Mounts: buckets and tables whose content is behind another endpoint."""

from __future__ import annotations

from sqlalchemy import Column, Float, LargeBinary, String, Table

from slipher.cloud.state.base import metadata

mounts = Table(
    "mounts",
    metadata,
    Column("service", String, primary_key=True),  # s3 or dynamodb
    Column("name", String, primary_key=True),  # of a bucket; of a table in the instance's account and region
    Column("endpoint", String, nullable=False),
    Column("remote", String, nullable=False),  # what it is called there
    Column("region", String, nullable=False),  # that requests are signed for
    Column("style", String, nullable=False),  # path or host: where the bucket's name stands
    Column("access_key_id", String, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed by the vault
    Column("created", Float, nullable=False),
)
