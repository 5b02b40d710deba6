"""Redshift Serverless: workgroups, and what is a row and nothing else. A namespace is a row of `clusters`: its data, users and
roles; it is served while a workgroup is there."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, String, Table

from slipher.cloud.state.base import metadata

workgroups = Table(
    "serverless_workgroups",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("arn", String, nullable=False, unique=True),
    Column("namespace", String, nullable=False, unique=True),  # the ARN of its row in `clusters`
    Column("facts", JSON, nullable=False),  # members of the API's Workgroup that are kept and shown; Tags, Parameters
    Column("deleting", Boolean, nullable=False),
    Column("created", Float, nullable=False),
)
usage_limits = Table(
    "serverless_usage_limits",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("facts", JSON, nullable=False),
)
