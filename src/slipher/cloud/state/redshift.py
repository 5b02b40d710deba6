"""Clusters: what should be (written by the gateway) and what runs (written by the supervisor)."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table

from slipher.cloud.state.base import metadata

clusters = Table(
    "clusters",
    metadata,
    Column("arn", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("id", String, nullable=False),
    Column("host", String, nullable=False),
    Column("port", Integer, nullable=False),
    Column("facts", JSON, nullable=False),  # members of the API's Cluster that are only kept and shown
    Column("secret", String, nullable=False),
    Column("admin_password_md5", String, nullable=False),
    Column("transition", String),  # creating, modifying, rebooting, deleting; None: none under way
    Column("due", Float, nullable=False),  # when the transition may end
    Column("generation", Integer, nullable=False),  # a higher one asks for a restart
    Column("created", Float, nullable=False),
)
cluster_roles = Table(
    "cluster_roles",
    metadata,
    Column("cluster_arn", String, primary_key=True),
    Column("role_arn", String, primary_key=True),
    Column("status", String, nullable=False),  # adding, in-sync, removing
    Column("due", Float, nullable=False),
)
login_tickets = Table(  # of IAM identities who may log in: whose rights IAM_ROLE 'SESSION' is
    "redshift_login_tickets",
    metadata,
    Column("ticket", String, primary_key=True),
    Column("cluster_arn", String, nullable=False),
    Column("access_key_id", String, nullable=False, index=True),
    Column("account", String, nullable=False),
    Column("kind", String, nullable=False),  # user or role
    Column("name", String, nullable=False),
    Column("session_name", String),
    Column("policies", JSON, nullable=False),
    Column("facts", JSON),
    Column("expires", Float, nullable=False, index=True),
)
cluster_runtime = Table(
    "cluster_runtime",
    metadata,
    Column("cluster_arn", String, primary_key=True),
    Column("pid", Integer),
    Column("listening", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),  # the one that runs
    Column("failures", Integer, nullable=False),
    Column("last_error", String),  # why the process was given up; None: it was not
)
records = Table(  # what is a row and nothing else: parameter groups, subnet groups, usage limits ...
    "redshift_records",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("kind", String, primary_key=True),  # as in its ARN: parametergroup, subnetgroup, usagelimit
    Column("name", String, primary_key=True),
    Column("facts", JSON, nullable=False),
    Column("created", Float, nullable=False),
)
snapshots = Table(
    "redshift_snapshots",
    metadata,
    Column("arn", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("id", String, nullable=False),
    Column("cluster_arn", String, nullable=False),
    Column("cluster_id", String, nullable=False),
    Column("file", String, nullable=False),  # its database file's name, without ending
    Column("status", String, nullable=False),  # creating, available, failed
    Column("made", Boolean, nullable=False),  # whether the file is whole
    Column("due", Float, nullable=False),  # when it may be available
    Column("facts", JSON, nullable=False),  # what it needs to be shown and restored
    Column("admin_password_md5", String, nullable=False),
    Column("created", Float, nullable=False),
)
events = Table(
    "redshift_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("source_type", String, nullable=False),
    Column("source", String, nullable=False),
    Column("category", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("message", String, nullable=False),
    Column("at", Float, nullable=False, index=True),
)
