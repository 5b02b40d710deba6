"""Redshift's catalog: its rows live in the engine, a snapshot of them in memory."""

from __future__ import annotations

from slipher.warehouse.catalog.catalog import Catalog as Catalog
from slipher.warehouse.catalog.ddl.context import Ddl as Ddl
from slipher.warehouse.catalog.draft import Draft as Draft
from slipher.warehouse.catalog.names import SessionNames as SessionNames
from slipher.warehouse.catalog.state import Snapshot as Snapshot
