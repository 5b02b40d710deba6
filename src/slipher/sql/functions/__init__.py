"""Redshift's functions: one row each; the binder picks by name and argument types, the engine gets the row's call."""

from __future__ import annotations

from slipher.sql.functions.model import Function as Function
from slipher.sql.functions.table import BY_NAME as BY_NAME, LEADER_ONLY as LEADER_ONLY, UNSUPPORTED as UNSUPPORTED
