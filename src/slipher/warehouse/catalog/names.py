"""The catalog as one session sees it: names resolved along its search path, relations in the form that bind takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from slipher.base.errors import SqlError
from slipher.sql.names import Relation
from slipher.sql.statements.names import QName
from slipher.warehouse.catalog.draft import Draft
from slipher.warehouse.catalog.model import DatabaseRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.state import Snapshot
from slipher.warehouse.system.relations import system_relation, system_relation_by_oid

SYSTEM_SCHEMAS = ("pg_catalog", "information_schema")


class User(Protocol):
    """Who a session acts as."""

    @property
    def oid(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def superuser(self) -> bool: ...
    @property
    def joined(self) -> frozenset[int]: ...


class SessionNames:
    """Implements sql.names.Names. `search_path` is what is searched, in order: the temporary schema (once the session has
    one), pg_catalog unless it is named later, then the session's setting."""

    def __init__(
        self,
        catalog: Snapshot | Draft,
        *,
        database: str,
        user: User,
        search_path: Sequence[str],
        temp_namespace: str,
    ) -> None:
        self._catalog = catalog
        self.database = database
        self.user = user
        self.user_id = user.oid
        self.user_name = user.name
        self.temp_namespace = temp_namespace
        self.setting = tuple(search_path)
        temporary = self.state.namespace(database, temp_namespace)
        path = list(search_path)
        if "pg_catalog" not in path:
            path.insert(0, "pg_catalog")
        if temporary is not None and temp_namespace not in path:
            path.insert(0, temp_namespace)
        self.search_path = tuple(path)

    @property
    def state(self) -> Snapshot:
        """The catalog's rows."""
        return self._catalog.state if isinstance(self._catalog, Draft) else self._catalog

    @property
    def version(self) -> int:
        """Moves with every change that this session could see; other sessions' temporary tables do not count."""
        state = self.state
        temporary = state.namespace(self.database, self.temp_namespace)
        own = state.temp_versions.get(temporary.oid, 0) if temporary is not None else 0
        return (own << 40) | state.version

    def relation(self, name: QName) -> Relation | None:
        """The relation of that name; an unqualified one is searched along the path."""
        database = name.database or self.database
        if name.schema is not None:
            schema = self.temp_namespace if name.schema == "pg_temp" else name.schema
            return self._in_schema(database, schema, name.name)
        for schema in self.search_path:
            found = self._in_schema(database, schema, name.name)
            if found is not None:
                return found
        return None

    def relation_by_oid(self, oid: int) -> Relation | None:
        """The relation with that oid."""
        row = self.state.get(RelationRow, oid)
        return self.as_relation(row) if row is not None else system_relation_by_oid(oid)

    def has_schema(self, name: str, database: str | None = None) -> bool:
        """Whether a schema of that name exists."""
        return self.state.namespace(database or self.database, name) is not None

    def row(self, name: QName) -> RelationRow | None:
        """The user relation of that name, as the catalog's row."""
        found = self.relation(name)
        return self.state.get(RelationRow, found.oid) if found is not None else None

    def creation_schema(self, name: QName, temporary: bool = False) -> NamespaceRow:
        """Where a new relation of that name goes: its schema, or the first of the path that exists."""
        if name.database is not None and name.database != self.database:
            raise SqlError("0A000", f'cross-database reference to database "{name.database}" is not supported')
        if name.schema is not None:
            found = self.state.namespace(self.database, name.schema)
            if found is None:
                raise SqlError("3F000", f'schema "{name.schema}" does not exist')
            return found
        for schema in self.setting:
            found = self.state.namespace(self.database, schema)
            if found is not None and not found.temporary:
                return found
        raise SqlError("3F000", "no schema has been selected to create in")

    def as_relation(self, row: RelationRow) -> Relation:
        """A row of the catalog in the form that bind takes."""
        namespace = self.state.get(NamespaceRow, row.namespace)
        database = self.state.get(DatabaseRow, namespace.database) if namespace is not None else None
        return Relation(
            oid=row.oid,
            database=database.name if database is not None else self.database,
            schema=namespace.name if namespace is not None else "",
            name=row.name,
            kind=row.kind,
            columns=row.columns,
            owner=row.owner,
            engine_name=row.engine_name,
            temporary=row.temporary,
            view=row.view,
            late_binding=row.late_binding,
        )

    def _in_schema(self, database: str, schema: str, name: str) -> Relation | None:
        if schema in SYSTEM_SCHEMAS:
            return system_relation(schema, name)
        namespace = self.state.namespace(database, schema)
        if namespace is None or (namespace.temporary and schema != self.temp_namespace):
            return None
        row = self.state.relation(namespace.oid, name)
        return self.as_relation(row) if row is not None else None
