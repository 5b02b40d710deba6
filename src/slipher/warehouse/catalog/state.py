"""The catalog at one moment: immutable maps of its rows, by key and by unique name, and questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from slipher.warehouse.catalog.model import (
    LAYOUTS,
    ConstraintRow,
    DatabaseRow,
    DependencyRow,
    DescriptionRow,
    GroupRow,
    NamespaceRow,
    RelationRow,
    Row,
    UserRow,
)

R = TypeVar("R")
Rows = Mapping[tuple[Any, ...], Any]
Change = tuple[type[Any], tuple[Any, ...], Row | None]  # kind, key, the row or None where it goes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows. `version` moves with every change, save those to temporary tables, which move `temp_versions` of their schema."""

    version: int
    by_key: Mapping[type[Any], Rows]
    by_name: Mapping[type[Any], Rows]
    temp_versions: Mapping[int, int] = field(default_factory=dict)

    def rows(self, kind: type[R]) -> Iterable[R]:
        """Every row of a kind."""
        return self.by_key[kind].values()

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row with that key."""
        found: R | None = self.by_key[kind].get(key)
        return found

    def named(self, kind: type[R], *name: Any) -> R | None:
        """The row with that unique name."""
        found: R | None = self.by_name[kind].get(name)
        return found

    def database(self, name: str) -> DatabaseRow | None:
        """The database of that name."""
        return self.named(DatabaseRow, name)

    def user(self, name: str) -> UserRow | None:
        """The user of that name."""
        return self.named(UserRow, name)

    def user_name(self, oid: int) -> str:
        """A user's name, or 'unknown (UID=n)' as pg_get_userbyid() says it."""
        user = self.get(UserRow, oid)
        return user.name if user is not None else f"unknown (UID={oid})"

    def group(self, name: str) -> GroupRow | None:
        """The group of that name."""
        return self.named(GroupRow, name)

    def groups_of(self, user: int) -> frozenset[int]:
        """The oids of the groups that a user is a member of."""
        return frozenset(group.oid for group in self.rows(GroupRow) if user in group.members)

    def namespace(self, database: str, name: str) -> NamespaceRow | None:
        """The schema of that name in a database; the system's are in every one."""
        row = self.database(database)
        if row is None:
            return None
        return self.named(NamespaceRow, row.oid, name) or self.named(NamespaceRow, 0, name)

    def relation(self, namespace: int, name: str) -> RelationRow | None:
        """The user relation of that name in a schema."""
        return self.named(RelationRow, namespace, name)

    def relations_in(self, namespace: int) -> list[RelationRow]:
        """The user relations of a schema."""
        return [row for row in self.rows(RelationRow) if row.namespace == namespace]

    def constraints_of(self, relation: int) -> list[ConstraintRow]:
        """A relation's constraints, oldest first."""
        return sorted((row for row in self.rows(ConstraintRow) if row.relation == relation), key=lambda row: row.oid)

    def constraints_on(self, relation: int) -> list[ConstraintRow]:
        """The foreign keys, of any table, that refer to a relation."""
        return [row for row in self.rows(ConstraintRow) if row.references == relation]

    def dependents(self, relation: int, number: int = 0) -> list[RelationRow]:
        """The views that need a relation, or one of its columns."""
        views = {
            row.view
            for row in self.rows(DependencyRow)
            if row.relation == relation and (number == 0 or row.number in (0, number))
        }
        return [row for oid in sorted(views) if (row := self.get(RelationRow, oid)) is not None]

    def descriptions_of(self, kind: str, oid: int) -> list[DescriptionRow]:
        """The comments on an object and its columns."""
        return [row for row in self.rows(DescriptionRow) if row.kind == kind and row.oid == oid]

    def apply(self, changes: Iterable[Change], version: int) -> Snapshot:
        """This catalog with changes made to it."""
        by_key = dict(self.by_key)
        by_name = dict(self.by_name)
        temp_versions = self.temp_versions
        copied: set[type[Any]] = set()
        permanent = False
        for kind, key, row in changes:
            if kind not in copied:
                by_key[kind], by_name[kind] = dict(by_key[kind]), dict(by_name[kind])
                copied.add(kind)
            keys: dict[Any, Any] = by_key[kind]  # type: ignore[assignment]
            names: dict[Any, Any] = by_name[kind]  # type: ignore[assignment]
            old: Row | None = keys.pop(key, None)
            if old is not None and names.get(old.unique) == old:
                del names[old.unique]
            if row is not None:
                keys[key] = row
                names[row.unique] = row
            namespace = _temporary(row if row is not None else old)
            if namespace is None:
                permanent = True
            else:
                temp_versions = {**temp_versions, namespace: version}
        return Snapshot(version if permanent else self.version, by_key, by_name, temp_versions)


def _temporary(row: Any) -> int | None:
    """The temporary schema that a change concerns alone, if so."""
    if isinstance(row, RelationRow) and row.temporary:
        return row.namespace
    if isinstance(row, NamespaceRow) and row.temporary:
        return row.oid
    return None


EMPTY = Snapshot(0, {kind: {} for kind in LAYOUTS}, {kind: {} for kind in LAYOUTS})
