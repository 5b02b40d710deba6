"""CREATE TABLE: columns from definitions, from another table, or from a query's result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bound import Need
from slipher.sql.names import Column
from slipher.sql.statements import CreateTable, CreateTableAs, Distribution, QName
from slipher.sql.statements.ddl import ColumnDef
from slipher.types.sqltype import MAX_VARCHAR, SqlType
from slipher.warehouse.catalog.ddl.constraints import add_constraint
from slipher.warehouse.catalog.ddl.context import Ddl, exists, missing, wrong_kind
from slipher.warehouse.catalog.encodings import check_encoding, default_encoding
from slipher.warehouse.catalog.model import NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import check, require_database, require_schema
from slipher.warehouse.engine.base import EngineSession
from slipher.warehouse.engine.duckdb.types import engine_type

MAX_COLUMNS = 1600
MAX_NAME_BYTES = 127
# Names of system columns, which no user column may take.
RESERVED_COLUMNS = frozenset({"oid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


def create_table(ddl: Ddl, statement: CreateTable) -> RelationRow | None:
    """CREATE TABLE; None if it existed and IF NOT EXISTS was given."""
    columns = list(statement.columns)
    copied: list[Column] = []
    distribution = statement.distribution
    if statement.like is not None:
        source = ddl.names.row(statement.like)
        if source is None:
            raise missing(statement.like)
        if source.kind != "table":
            raise wrong_kind(source.name, "table")
        check(ddl.state, ddl.user, [Need("select", ddl.names.as_relation(source))])
        copied = _columns_like(source, statement.like_defaults)
        distribution = _layout_like(source)
    made = [*copied, *(column_of_definition(definition, 0) for definition in columns)]
    row = _create(
        ddl,
        statement.name,
        made,
        distribution,
        statement.temporary,
        statement.if_not_exists,
        statement.backup,
    )
    if row is not None:
        for constraint in statement.constraints:
            add_constraint(ddl, row.oid, constraint)
        row = ddl.state.get(RelationRow, row.oid)
    return row


def create_table_from(ddl: Ddl, statement: CreateTableAs, columns: Sequence[tuple[str, SqlType]]) -> RelationRow | None:
    """The empty table of a CREATE TABLE AS whose query gives these columns; None as in create_table.

    Constraints, defaults and identity are not inherited (source: Redshift's CREATE TABLE AS).
    """
    names = [name for name, _ in columns]
    if statement.columns:
        if len(statement.columns) > len(columns):
            raise SqlError("42601", "CREATE TABLE AS specifies too many column names")
        names[: len(statement.columns)] = statement.columns
    made = [
        column_of_definition(ColumnDef(name, _storable(type_)), 0)
        for name, (_, type_) in zip(names, columns, strict=True)
    ]
    return _create(
        ddl,
        statement.name,
        made,
        statement.distribution,
        statement.temporary,
        statement.if_not_exists,
        statement.backup,
    )


def _create(
    ddl: Ddl,
    name: QName,
    columns: list[Column],
    distribution: Distribution,
    temporary: bool,
    if_not_exists: bool,
    backup: bool,
) -> RelationRow | None:
    temporary = temporary or name.name.startswith("#")
    namespace = _namespace(ddl, name, temporary)
    _check_name(name.name)
    if not namespace.temporary:
        ddl.reserve(namespace.oid, name.name)
    if ddl.state.relation(namespace.oid, name.name) is not None:
        if not if_not_exists:
            raise exists(name.name)
        ddl.notice("INFO", f'Relation "{name.name}" already exists and will be skipped', sqlstate="42P07")
        return None
    row = RelationRow(
        oid=ddl.draft.next_oid(),
        namespace=namespace.oid,
        name=name.name,
        kind="table",
        owner=ddl.user.oid,
        acl=None,
        temporary=namespace.temporary,
        columns=lay_out(columns, distribution),
        next_column=len(columns) + 1,
        diststyle=distribution.style if distribution.distkey is None else "KEY",
        sort_kind=distribution.sort_kind if distribution.sortkey or distribution.sort_kind == "auto" else "none",
        encode_auto=distribution.encode_auto,
        backup=backup,
        late_binding=False,
        view=None,
        definition=None,
        location="engine",
        format="duckdb",
        created=datetime.now(UTC),
    )
    make_engine_table(ddl.engine, row)
    ddl.draft.put(row)
    return row


def make_engine_table(engine: EngineSession, row: RelationRow, begin: Mapping[int, int] | None = None) -> None:
    """The engine's table of a new relation, and a sequence for each identity column. `begin`: where those go on, by column."""
    temporary = "TEMP " if row.temporary else ""
    for column in row.columns:
        if column.identity is not None:
            seed, step = column.identity
            seed = (begin or {}).get(column.number, seed)
            limit = "MINVALUE -9223372036854775808" if step < 0 or seed < 0 else ""
            engine.execute(
                f"CREATE {temporary}SEQUENCE {sequence_name(row, column)} START WITH {seed} INCREMENT BY {step} {limit}"
            )
    definitions = ", ".join(engine_column(column) for column in row.columns)
    engine.execute(f"CREATE {temporary}TABLE {row.engine_name} ({definitions})")


def engine_column(column: Column) -> str:
    """A column's definition in the engine: number, type, NOT NULL; everything else is the catalog's."""
    return f"{column.engine_name} {engine_type(column.type)}{' NOT NULL' if column.not_null else ''}"


def sequence_name(row: RelationRow, column: Column) -> str:
    """The engine's sequence behind an identity column, as ready SQL text."""
    schema = "temp.main" if row.temporary else "data"
    return f'{schema}."s{row.oid}_{column.number}"'


def identity_default(row_oid: int, number: int, identity: tuple[int, int]) -> str:
    """An identity column's default as pg_attrdef shows it (source: catalogs of Redshift clusters)."""
    return f"\"identity\"({row_oid}, {number - 1}, '{identity[0]},{identity[1]}'::text)"


def _namespace(ddl: Ddl, name: QName, temporary: bool) -> NamespaceRow:
    if temporary or name.schema in ("pg_temp", ddl.temp_namespace):
        if name.schema is not None and name.schema not in ("pg_temp", ddl.temp_namespace):
            raise SqlError("42P16", "temporary tables may not specify a schema name")
        require_database(ddl.state, ddl.user, ddl.names.database, "temporary")
        return temporary_namespace(ddl)
    namespace = ddl.names.creation_schema(name)
    if namespace.database == 0:
        raise SqlError("42501", f"permission denied for schema {namespace.name}")
    require_schema(ddl.state, ddl.user, namespace, "create")
    return namespace


def temporary_namespace(ddl: Ddl) -> NamespaceRow:
    """The session's temporary schema, made when first needed."""
    found = ddl.state.namespace(ddl.names.database, ddl.temp_namespace)
    if found is None:
        found = NamespaceRow(ddl.draft.next_oid(), ddl.database.oid, ddl.temp_namespace, ddl.user.oid, None, True, None)
        ddl.draft.put(found)
    return found


def _layout_like(source: RelationRow) -> Distribution:
    """The distribution and sort keys that CREATE TABLE (LIKE ...) copies (source: Redshift's CREATE TABLE)."""
    sorting = sorted((one for one in source.columns if one.sortkey), key=lambda one: abs(one.sortkey))
    return Distribution(
        style=source.diststyle,
        distkey=next((one.name for one in source.columns if one.distkey), None),
        sortkey=tuple(one.name for one in sorting),
        sort_kind="compound" if source.sort_kind == "none" else source.sort_kind,
        encode_auto=source.encode_auto,
    )


def _columns_like(source: RelationRow, defaults: bool) -> list[Column]:
    """The columns that CREATE TABLE (LIKE ...) copies: names, types, NOT NULL, encodings; defaults if asked for."""
    return [
        dataclasses.replace(
            column,
            default=column.default if defaults and column.identity is None else None,
            identity=None,
            by_default=False,
        )
        for column in source.columns
    ]


def column_of_definition(definition: ColumnDef, number: int) -> Column:
    """A column from its definition, checked."""
    _check_name(definition.name)
    if definition.name in RESERVED_COLUMNS:
        raise SqlError("42701", f'column name "{definition.name}" conflicts with a system column name')
    if definition.collate not in (None, "case_sensitive"):
        raise not_supported("COLLATE CASE_INSENSITIVE")
    if not definition.type.row.column:
        raise SqlError("0A000", f'Column "{definition.name}" has unsupported type "{definition.type}".')
    engine_type(definition.type)
    if definition.identity is not None and definition.type.name not in ("int4", "int8"):
        raise SqlError("42601", f'identity column "{definition.name}" must be of type integer or bigint')
    encode = definition.encode
    if encode is not None and encode != "auto":
        check_encoding(definition.name, definition.type, encode)
    return Column(
        name=definition.name,
        type=definition.type,
        number=number,
        not_null=definition.not_null or definition.identity is not None,
        default=definition.default_text,
        identity=definition.identity,
        by_default=definition.by_default,
        encode="none" if encode == "raw" else encode if encode not in (None, "auto") else "",
    )


def lay_out(columns: Sequence[Column], distribution: Distribution) -> tuple[Column, ...]:
    """Columns with their numbers, distribution and sort keys, and default encodings."""
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise SqlError("42701", f'column "{column.name}" specified more than once')
        seen.add(column.name)
    if not columns:
        raise SqlError("42601", "a table must have at least one column")
    if len(columns) > MAX_COLUMNS:
        raise SqlError("54011", f"tables can have at most {MAX_COLUMNS} columns")
    keys = [*distribution.sortkey, *([distribution.distkey] if distribution.distkey else [])]
    for key in keys:
        if key not in seen:
            raise SqlError("42703", f'column "{key}" named in key does not exist')
        if any(column.name == key and column.type.name == "super" for column in columns):
            raise SqlError("0A000", f'column "{key}" of type super cannot be a distribution or sort key')
    made = []
    for number, column in enumerate(columns, 1):
        sortkey = sort_position(column.name, distribution.sortkey, distribution.sort_kind)
        made.append(
            dataclasses.replace(
                column,
                number=number,
                encode=column.encode or default_encoding(column.type, sortkey != 0),
                distkey=column.name == distribution.distkey,
                sortkey=sortkey,
            )
        )
    return tuple(made)


def sort_position(name: str, sortkey: Sequence[str], kind: str) -> int:
    """A column's place in the sort key, from 1; the signs of an interleaved one alternate; 0 for others."""
    if name not in sortkey:
        return 0
    place = list(sortkey).index(name) + 1
    return -place if kind == "interleaved" and place % 2 == 0 else place


def _storable(type_: SqlType) -> SqlType:
    """The type of a table's column made from a query's column of this type."""
    if type_.name in ("text", "unknown", "name"):
        return SqlType("varchar", MAX_VARCHAR + 4 if type_.name != "name" else 64 + 4)
    if type_.name == "varchar" and type_.typmod < 0:
        return SqlType("varchar", MAX_VARCHAR + 4)
    if type_.name == "bpchar" and type_.typmod < 0:
        return SqlType("bpchar", 1 + 4)
    if type_.name == "numeric" and type_.typmod < 0:
        return SqlType("numeric", (18 << 16) + 4)
    if type_.name in ("oid", "xid"):
        return SqlType("int8")
    return type_


def _check_name(name: str) -> None:
    if len(name.encode()) > MAX_NAME_BYTES:
        raise SqlError("42622", f'identifier "{name[:40]}..." is longer than {MAX_NAME_BYTES} bytes')
    if not name:
        raise SqlError("42601", "zero-length delimited identifier")
