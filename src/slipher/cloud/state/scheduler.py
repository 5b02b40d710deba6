"""EventBridge Scheduler: groups, schedules with the time of their next attempt, and what became of attempts."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from slipher.cloud.state.base import metadata

groups = Table(
    "sched_groups",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("tags", JSON, nullable=False),
    Column("created", Float, nullable=False),
)
schedules = Table(
    "sched_schedules",
    metadata,
    Column("account", String, primary_key=True),
    Column("region", String, primary_key=True),
    Column("group", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("arn", String, nullable=False),
    Column("facts", JSON, nullable=False),  # the request's members; times as seconds
    Column("created", Float, nullable=False),
    Column("modified", Float, nullable=False),
    Column("due", Float),  # the time that the expression names; none: never again
    Column("next", Float, index=True),  # of the next attempt: due, later in its window, or when it is tried again
    Column("attempts", Integer, nullable=False, default=0),
)
attempts = Table(
    "sched_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arn", String, nullable=False, index=True),
    Column("due", Float, nullable=False),
    Column("at", Float, nullable=False),
    Column("number", Integer, nullable=False),
    Column("outcome", String, nullable=False),  # delivered, retried, dropped
    Column("error", String),
)
