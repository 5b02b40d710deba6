"""Bind: names to oids, meaning to types. A statement's tree goes in; out comes what the engine runs and what that needs."""

from __future__ import annotations

from slipher.sql.bind.bind import (
    View as View,
    bind as bind,
    bind_default as bind_default,
    bind_query as bind_query,
    bind_view as bind_view,
    constant_arguments as constant_arguments,
    rename_in_view as rename_in_view,
)
from slipher.sql.bind.expressions import BindSettings as BindSettings
