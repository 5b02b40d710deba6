"""The append log of what happened: statements, loads, load errors."""

from __future__ import annotations

from slipher.warehouse.activity.log import Activity as Activity
