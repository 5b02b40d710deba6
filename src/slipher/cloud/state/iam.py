"""IAM's tables: roles, users, keys, policies, what is attached to whom, and sessions of temporary credentials."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from slipher.cloud.state.base import metadata

roles = Table(
    "iam_roles",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False, index=True),
    Column("trust", String, nullable=False),
    Column("description", String),
    Column("max_session", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("tags", JSON, nullable=False),
)
users = Table(
    "iam_users",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("tags", JSON, nullable=False),
)
access_keys = Table(
    "iam_access_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("user_name", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("status", String, nullable=False),
    Column("created", Float, nullable=False),
)
policies = Table(
    "iam_policies",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False, index=True),
    Column("description", String),
    Column("document", String, nullable=False),
    Column("created", Float, nullable=False),
)
attachments = Table(  # kind is role or user
    "iam_attachments",
    metadata,
    Column("account", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("policy_arn", String, primary_key=True),
)
inline_policies = Table(
    "iam_inline_policies",
    metadata,
    Column("account", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("policy_name", String, primary_key=True),
    Column("document", String, nullable=False),
)
sessions = Table(  # temporary credentials: of an assumed role, or of a user (GetSessionToken)
    "sts_sessions",
    metadata,
    Column("access_key_id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("token", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),  # role or user
    Column("session_name", String),
    Column("policies", JSON, nullable=False),  # session policies, texts
    Column("expires", Float, nullable=False, index=True),
)
