"""SHOW of what the catalog holds: listings for drivers and people, and the DDL that would make a table or view again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError
from slipher.sql.bound import OutputColumn
from slipher.sql.names import Column, Relation
from slipher.sql.reserved import RESERVED
from slipher.sql.statements.names import QName
from slipher.sql.statements.show import ShowDefinition, ShowObjects
from slipher.types.sqltype import VARCHAR, SqlType
from slipher.warehouse.catalog.model import ConstraintRow, NamespaceRow, RelationRow
from slipher.warehouse.catalog.privileges import denied, has
from slipher.warehouse.run.select import give_rows, set_variables
from slipher.warehouse.system.listings import LISTINGS

if TYPE_CHECKING:
    from slipher.warehouse.catalog import Snapshot
    from slipher.warehouse.run.run import Run

MAX_ROWS = 10_000
PLAIN = re.compile("[a-z_][a-z0-9_]*")


def objects_columns(statement: ShowObjects | ShowDefinition) -> list[tuple[str, SqlType]]:
    """What the statement answers with."""
    if isinstance(statement, ShowDefinition):
        return [(f"Show {statement.kind.title()} DDL statement", VARCHAR)]
    return [(name, kind) for name, kind, _ in LISTINGS[statement.what].columns]


def run_show_objects(run: Run) -> None:
    """A listing."""
    statement = run.parsed.statement
    assert isinstance(statement, ShowObjects)
    database, schema, table = _place(run, statement)
    limit = MAX_ROWS + 1 if statement.limit is None else statement.limit
    run.transaction.begin_engine()
    set_variables(run.session)
    text = f"{LISTINGS[statement.what].query()} LIMIT {limit}"
    _, batches = run.session.engine.stream(text, [database, schema, table, statement.like])
    found = list(batches)
    if sum(batch.num_rows for batch in found) > MAX_ROWS:
        raise SqlError(
            "54000", f"SHOW {statement.what.upper()} has more than {MAX_ROWS} rows: narrow it by LIKE or LIMIT"
        )
    run.output.columns([OutputColumn(name, kind) for name, kind in objects_columns(statement)])
    for batch in found:
        run.output.batch(batch)
    run.output.complete("SHOW")


def _place(run: Run, statement: ShowObjects) -> tuple[str, str | None, str | None]:
    """Database, schema and table that a listing looks into; an error if they do not exist."""
    place, state = statement.place, run.names.state
    if statement.what in ("databases", "schemas"):
        database = place.name if place is not None else run.session.database
        _require_database(state, database)
        return database, None, None
    assert place is not None
    if statement.what == "tables":
        database = place.schema or run.session.database
        _require_database(state, database)
        if not run.names.has_schema(place.name, database):
            raise SqlError("3F000", f'schema "{place.name}" does not exist')
        return database, place.name, None
    relation = _relation(run, place)
    database = place.database or run.session.database
    return database, relation.schema, relation.name


def _require_database(state: Snapshot, name: str) -> None:
    if state.database(name) is None:
        raise SqlError("3D000", f'database "{name}" does not exist')


def _relation(run: Run, name: QName) -> Relation:
    if name.database is not None:
        _require_database(run.names.state, name.database)
    found = run.names.relation(name)
    if found is None:
        if name.schema is not None and not run.names.has_schema(name.schema, name.database):
            raise SqlError("3F000", f'schema "{name.schema}" does not exist')
        raise SqlError("42P01", f'relation "{name}" does not exist')
    return found


def run_show_definition(run: Run) -> None:
    """SHOW TABLE, SHOW VIEW: for who has a privilege on it."""
    statement = run.parsed.statement
    assert isinstance(statement, ShowDefinition)
    relation = _relation(run, statement.name)
    row = run.names.state.get(RelationRow, relation.oid)
    if row is None or row.kind != statement.kind:
        raise SqlError("42809", f'"{relation.name}" is not a {statement.kind}')
    if not any(has(run.names.state, run.session.user, row.owner, row.acl, letter) for letter in "rawdxDAP"):
        raise denied("relation", relation.name)
    text = _table(run.names.state, row, relation.schema) if row.kind == "table" else _view(row, relation.schema)
    give_rows(run, objects_columns(statement), [(text,)], "SHOW")


def _view(row: RelationRow, schema: str) -> str:
    text = (row.definition or row.view or "").rstrip("; \n")
    if row.late_binding:
        return f"create view {quoted(schema)}.{quoted(row.name)} as {text} with no schema binding;"
    return f"{text};"


def _table(state: Snapshot, row: RelationRow, schema: str) -> str:
    lines = [_column(one, row) for one in row.columns]
    lines += [_constraint(state, one, row) for one in state.constraints_of(row.oid)]
    words = "CREATE TEMPORARY TABLE" if row.temporary else "CREATE TABLE"
    name = quoted(row.name) if row.temporary else f"{quoted(schema)}.{quoted(row.name)}"
    text = f"{words} {name} (\n    " + ",\n    ".join(lines) + "\n)\n" + ("" if row.backup else "BACKUP NO\n")
    text += f"DISTSTYLE {row.diststyle}"
    sorted_by = [quoted(one.name) for one in sorted(row.columns, key=lambda one: abs(one.sortkey)) if one.sortkey]
    if sorted_by:
        kind = "INTERLEAVED SORTKEY" if row.sort_kind == "interleaved" else "SORTKEY"
        text += f"\n{kind} ( {', '.join(sorted_by)} )"
    elif row.sort_kind == "auto":
        text += "\nSORTKEY AUTO"
    return text + ";"


def _column(column: Column, row: RelationRow) -> str:
    text = f"{quoted(column.name)} {column.type}"
    if column.identity is not None:
        words = "GENERATED BY DEFAULT AS IDENTITY" if column.by_default else "IDENTITY"
        text += f" {words}({column.identity[0]},{column.identity[1]})"
    elif column.default is not None:
        text += f" DEFAULT {column.default}"
    if column.not_null:
        text += " NOT NULL"
    if not row.encode_auto:
        text += f" ENCODE {'raw' if column.encode == 'none' else column.encode}"
    return text + (" distkey" if column.distkey else "")


def _constraint(state: Snapshot, one: ConstraintRow, row: RelationRow) -> str:
    text = f"CONSTRAINT {quoted(one.name)} "
    text += {"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY"}[one.kind] + f" ({_columns(row, one.columns)})"
    other = state.get(RelationRow, one.references) if one.kind == "f" else None
    if other is not None:
        namespace = state.get(NamespaceRow, other.namespace)
        schema = quoted(namespace.name) if namespace is not None else "public"
        text += f" REFERENCES {schema}.{quoted(other.name)}({_columns(other, one.referenced_columns)})"
    return text


def _columns(row: RelationRow, numbers: tuple[int, ...]) -> str:
    names = {one.number: one.name for one in row.columns}
    return ", ".join(quoted(names[number]) for number in numbers)


def quoted(name: str) -> str:
    """A name as DDL writes it: in quotes if it could be taken for something else."""
    if PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'
