"""DuckDB as the warehouse's engine: opening, sessions, types, errors, the dialect's text."""

from __future__ import annotations

from slipher.warehouse.engine.duckdb.engine import DuckEngine as DuckEngine, open_engine as open_engine
from slipher.warehouse.engine.duckdb.session import DuckSession as DuckSession
