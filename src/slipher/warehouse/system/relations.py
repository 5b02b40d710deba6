"""The system's relations by name and oid: catalog views that the engine reads, live relations that providers fill.

Oids are below 16384 and never change: PostgreSQL's own where it has the relation, else ours. A column whose number is negative
is not part of `*`: it is a system column (oid, tableoid), or one that newer clients name (see TOLERATED).
"""

from __future__ import annotations

from slipher.sql.names import Relation
from slipher.warehouse.system.empty import EMPTY
from slipher.warehouse.system.logs import LIVE_DEFINITIONS
from slipher.warehouse.system.pg import PG
from slipher.warehouse.system.spec import FIRST_TOLERATED, Definition
from slipher.warehouse.system.standard import STANDARD
from slipher.warehouse.system.svv import SVV

DEFINITIONS: tuple[Definition, ...] = (*PG, *EMPTY, *SVV, *STANDARD, *(one for one, _ in LIVE_DEFINITIONS))
SYSTEM: dict[tuple[str, str], Relation] = {(one.schema, one.name): one.relation for one in DEFINITIONS}
BY_OID: dict[int, Relation] = {relation.oid: relation for relation in SYSTEM.values()}

# Names of relations that only superusers may read: others get `permission denied for relation ...`.
SUPERUSER_ONLY: frozenset[int] = frozenset(one.oid for one in DEFINITIONS if one.superuser)

# Columns that a real cluster lacks and that psql 15 and drivers of today name.
TOLERATED: dict[str, tuple[str, ...]] = {
    one.name: names
    for one in DEFINITIONS
    if (names := tuple(column.name for column in one.columns if column.number <= FIRST_TOLERATED))
}

assert len(BY_OID) == len(SYSTEM) == len(DEFINITIONS), "an oid or a name is given twice"
assert all(0 < oid < 16384 for oid in BY_OID)


def system_relation(schema: str, name: str) -> Relation | None:
    """The system relation of that schema and name."""
    return SYSTEM.get((schema, name))


def system_relation_by_oid(oid: int) -> Relation | None:
    """The system relation with that oid."""
    return BY_OID.get(oid)
