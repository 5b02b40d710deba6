"""The Data API's statements: what was asked, and what became of it. Rows of results are in files."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, String, Table

from slipher.cloud.state.base import metadata

statements = Table(
    "data_statements",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("owner", String, nullable=False),  # the ARN of the role or user
    Column("owner_id", String, nullable=False),  # aws:userid: of a role, with the session's name
    Column("cluster_id", String, nullable=False),
    Column("workgroup", String),  # of a serverless one, whose cluster_id is empty
    Column("database", String, nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("request", JSON, nullable=False),  # requests.Request's members that are shown or run
    Column("outcome", JSON, nullable=False),  # outcomes.Outcome
    Column("token", String),
    Column("asked", String, nullable=False),  # a digest of the request, which a token stands for
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Index("data_statements_by_owner", "account", "region", "owner", "created"),
    Index("data_statements_by_token", "owner", "token"),
    Index("data_statements_by_expiry", "expires"),
)
