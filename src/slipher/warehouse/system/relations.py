"""The system's relations by name and oid: catalog views that the engine reads, live relations that providers fill."""

from __future__ import annotations

from slipher.sql.names import Relation

SYSTEM: dict[tuple[str, str], Relation] = {}
BY_OID: dict[int, Relation] = {}


def system_relation(schema: str, name: str) -> Relation | None:
    """The system relation of that schema and name."""
    return SYSTEM.get((schema, name))


def system_relation_by_oid(oid: int) -> Relation | None:
    """The system relation with that oid."""
    return BY_OID.get(oid)
