"""SQL text to statements: each statement of a text becomes its own dataclass, or an error with its place."""

from __future__ import annotations

from slipher.sql.parse.parse import Parsed as Parsed, parse as parse
