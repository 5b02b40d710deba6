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
    Column("boundary", String),  # ARN of the permissions boundary
    Column("used", Float),  # when a session of it last made a request
    Column("used_region", String),
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
    Column("boundary", String),
)
groups = Table(
    "iam_groups",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("created", Float, nullable=False),
)
members = Table(
    "iam_group_members",
    metadata,
    Column("account", String, primary_key=True),
    Column("group_name", String, primary_key=True),
    Column("user_name", String, primary_key=True, index=True),
)
instance_profiles = Table(
    "iam_instance_profiles",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("role", String),
)
deletion_tasks = Table(  # of service-linked roles
    "iam_deletion_tasks",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("status", String, nullable=False),
    Column("reason", String),
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
    Column("used", Float),  # when a request was last signed with it
    Column("used_region", String),
    Column("used_service", String),
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
    Column("document", String, nullable=False),  # of the default version
    Column("created", Float, nullable=False),
    Column("tags", JSON),
    Column("default_version", Integer),  # None: 1, the only one
    Column("last_version", Integer),
    Column("updated", Float),
)
policy_versions = Table(  # a policy without rows here has its first version only
    "iam_policy_versions",
    metadata,
    Column("policy_arn", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("document", String, nullable=False),
    Column("created", Float, nullable=False),
)
attachments = Table(  # kind is role, user or group
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
sessions = (
    Table(  # temporary credentials: of an assumed role, of a user (GetSessionToken), or federated (GetFederationToken)
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
        Column("facts", JSON),  # tags, transitive keys, source identity, when it was issued
    )
)
