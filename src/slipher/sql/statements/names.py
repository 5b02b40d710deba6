"""Names as a statement writes them, already folded to the case that the catalog knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QName:
    """A possibly qualified name of a relation or another object in a schema."""

    name: str
    schema: str | None = None
    database: str | None = None

    def __str__(self) -> str:
        """As written in error texts: every given part, unquoted."""
        return ".".join(part for part in (self.database, self.schema, self.name) if part)
