"""The table of what opens a console session once: tokens of getSigninToken, and codes of a login."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from slipher.cloud.state.base import metadata

tickets = Table(
    "signin_tickets",
    metadata,
    Column("hash", String, primary_key=True),  # SHA-256: who reads the database cannot sign in by it
    Column("kind", String, nullable=False),  # token or code
    Column("access_key_id", String, nullable=False),  # of the temporary credentials that asked
    Column("seconds", Integer),  # how long the console's session shall last; None: as long as they do
    Column("expires", Float, nullable=False, index=True),
)
