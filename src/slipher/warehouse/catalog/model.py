"""The rows of the catalog, and how each kind lies in the engine's tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from slipher.sql.names import Column
from slipher.types.sqltype import SqlType

PUBLIC = 0  # the grantee oid of PUBLIC


@dataclass(frozen=True, slots=True)
class AclItem:
    """What one grantee got from one grantor: letters as in PostgreSQL's aclitem; `options` are those held with grant option."""

    kind: str  # user | group | public
    grantee: int
    privileges: str
    grantor: int
    options: str = ""


Acl = tuple[AclItem, ...] | None  # None: the default, the owner alone


@dataclass(frozen=True, slots=True)
class DatabaseRow:
    oid: int
    name: str
    owner: int
    acl: Acl
    connection_limit: int | None
    isolation: str
    case_insensitive: bool
    created: datetime

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """A schema. `database` is 0 for the system's, which every database shows."""

    oid: int
    database: int
    name: str
    owner: int
    acl: Acl
    temporary: bool
    quota: str | None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.database, self.name)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A database user. `password` is `md5...` or `sha256|...`; None: cannot log in by password. `settings` are `name=value`."""

    oid: int
    name: str
    password: str | None = field(repr=False)
    createdb: bool
    superuser: bool
    unrestricted: bool
    valid_until: datetime | None
    connection_limit: int | None
    session_timeout: int | None
    external_id: str | None
    settings: tuple[str, ...]

    @property
    def joined(self) -> frozenset[int]:
        """A user alone is in no group but those that say so; a session may have joined others."""
        return frozenset()

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class GroupRow:
    oid: int
    name: str
    members: tuple[int, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A table or view of a user. `next_column` is the next column number: numbers are never given twice.

    `view` is the bound query text of a view, `definition` what was written. `location` and `format` are facts about where the
    data is: the engine's own file for now.
    """

    oid: int
    namespace: int
    name: str
    kind: str  # table | view
    owner: int
    acl: Acl
    temporary: bool
    columns: tuple[Column, ...]
    next_column: int
    diststyle: str  # EVEN | KEY | ALL | AUTO
    sort_kind: str  # compound | interleaved | auto | none
    encode_auto: bool
    backup: bool
    late_binding: bool
    view: str | None
    definition: str | None
    location: str
    format: str
    created: datetime

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.namespace, self.name)

    @property
    def engine_name(self) -> str:
        """The engine's table, as ready SQL text."""
        return f'temp.main."t{self.oid}"' if self.temporary else f'data."t{self.oid}"'


@dataclass(frozen=True, slots=True)
class ConstraintRow:
    """An informational constraint: p primary key, u unique, f foreign key; columns by number."""

    oid: int
    relation: int
    name: str
    kind: str
    columns: tuple[int, ...]
    references: int
    referenced_columns: tuple[int, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.relation, self.name)


@dataclass(frozen=True, slots=True)
class DependencyRow:
    """A view needs a relation, or with `number` one of its columns."""

    view: int
    relation: int
    number: int

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.view, self.relation, self.number)

    @property
    def unique(self) -> tuple[Any, ...]:
        return self.key


@dataclass(frozen=True, slots=True)
class DescriptionRow:
    """A comment. `kind` is relation | namespace | database | constraint; `number` a column's, else 0."""

    kind: str
    oid: int
    number: int
    text: str

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.kind, self.oid, self.number)

    @property
    def unique(self) -> tuple[Any, ...]:
        return self.key


@dataclass(frozen=True, slots=True)
class CopyJobRow:
    """A copy job: its COPY as text, without keys (it has a role). What files it knows is in JOB_FILE_TABLE."""

    oid: int
    database: int
    name: str
    owner: int
    role: str
    text: str
    auto: bool
    search_path: str
    created: datetime

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.oid,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return (self.database, self.name)


@dataclass(frozen=True, slots=True)
class MetaRow:
    """A fact about the catalog itself, such as its format number."""

    name: str
    value: str

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.name,)

    @property
    def unique(self) -> tuple[Any, ...]:
        return self.key


Row = (
    DatabaseRow
    | NamespaceRow
    | UserRow
    | GroupRow
    | RelationRow
    | ConstraintRow
    | DependencyRow
    | DescriptionRow
    | CopyJobRow
    | MetaRow
)


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind's table in the engine's schema `catalog`: name, key columns, all columns with engine types.

    `acl` and `columns` of a row lie in tables of their own (ACL_TABLE, COLUMN_TABLE), under `object_kind` and the oid.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    object_kind: str = ""

    OWN_TABLES: ClassVar[frozenset[str]] = frozenset({"acl", "columns"})


def _layout(table: str, key: str, columns: str, object_kind: str = "") -> Layout:
    pairs = tuple(tuple(item.strip().rsplit(" ", 1)) for item in columns.split(","))
    return Layout(table, tuple(key.split()), pairs, object_kind)  # type: ignore[arg-type]


LAYOUTS: dict[type[Any], Layout] = {
    DatabaseRow: _layout(
        "databases",
        "oid",
        "oid BIGINT, name VARCHAR, owner BIGINT, connection_limit INTEGER, isolation VARCHAR, case_insensitive BOOLEAN, "
        "created TIMESTAMP",
        "database",
    ),
    NamespaceRow: _layout(
        "namespaces",
        "oid",
        "oid BIGINT, database BIGINT, name VARCHAR, owner BIGINT, temporary BOOLEAN, quota VARCHAR",
        "namespace",
    ),
    UserRow: _layout(
        "users",
        "oid",
        "oid BIGINT, name VARCHAR, password VARCHAR, createdb BOOLEAN, superuser BOOLEAN, unrestricted BOOLEAN, "
        "valid_until TIMESTAMP, connection_limit INTEGER, session_timeout INTEGER, external_id VARCHAR, settings VARCHAR[]",
    ),
    GroupRow: _layout("groups", "oid", "oid BIGINT, name VARCHAR, members BIGINT[]"),
    RelationRow: _layout(
        "relations",
        "oid",
        "oid BIGINT, namespace BIGINT, name VARCHAR, kind VARCHAR, owner BIGINT, temporary BOOLEAN, next_column INTEGER, "
        "diststyle VARCHAR, sort_kind VARCHAR, encode_auto BOOLEAN, backup BOOLEAN, late_binding BOOLEAN, view VARCHAR, "
        "definition VARCHAR, location VARCHAR, format VARCHAR, created TIMESTAMP",
        "relation",
    ),
    ConstraintRow: _layout(
        "constraints",
        "oid",
        "oid BIGINT, relation BIGINT, name VARCHAR, kind VARCHAR, columns INTEGER[], references BIGINT, "
        "referenced_columns INTEGER[]",
    ),
    DependencyRow: _layout("dependencies", "view relation number", "view BIGINT, relation BIGINT, number INTEGER"),
    DescriptionRow: _layout(
        "descriptions", "kind oid number", "kind VARCHAR, oid BIGINT, number INTEGER, text VARCHAR"
    ),
    CopyJobRow: _layout(
        "copy_jobs",
        "oid",
        "oid BIGINT, database BIGINT, name VARCHAR, owner BIGINT, role VARCHAR, text VARCHAR, auto BOOLEAN, "
        "search_path VARCHAR, created TIMESTAMP",
    ),
    MetaRow: _layout("meta", "name", "name VARCHAR, value VARCHAR"),
}
BY_TABLE: dict[str, type[Any]] = {layout.table: kind for kind, layout in LAYOUTS.items()}

ACL_TABLE = (
    "object_kind VARCHAR, oid BIGINT, position INTEGER, kind VARCHAR, grantee BIGINT, privileges VARCHAR, grantor BIGINT, "
    "options VARCHAR"
)
JOB_FILE_TABLE = (
    "job BIGINT, bucket VARCHAR, key VARCHAR, size BIGINT, etag VARCHAR, modified TIMESTAMP, enqueued TIMESTAMP, status VARCHAR, "
    "query BIGINT"
)
COLUMN_TABLE = (
    "relation BIGINT, number INTEGER, position INTEGER, name VARCHAR, type VARCHAR, typmod INTEGER, not_null BOOLEAN, "
    '"default" VARCHAR, identity_seed BIGINT, identity_step BIGINT, by_default BOOLEAN, encode VARCHAR, distkey BOOLEAN, '
    "sortkey INTEGER"
)


def column_values(relation: int, position: int, column: Column) -> tuple[Any, ...]:
    """A column as a row of the engine's table."""
    seed, step = column.identity or (None, None)
    return (
        relation,
        column.number,
        position,
        column.name,
        column.type.name,
        column.type.typmod,
        column.not_null,
        column.default,
        seed,
        step,
        column.by_default,
        column.encode,
        column.distkey,
        column.sortkey,
    )


def column_of(values: tuple[Any, ...]) -> Column:
    """The column of such a row, without its relation and position."""
    number, name, type_, typmod, not_null, default, seed, step, by_default, encode, distkey, sortkey = values
    identity = None if seed is None else (seed, step)
    return Column(
        name, SqlType(type_, typmod), number, not_null, default, identity, by_default, encode, distkey, sortkey
    )
