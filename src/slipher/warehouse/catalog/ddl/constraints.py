"""PRIMARY KEY, UNIQUE, FOREIGN KEY: kept in the catalog as facts, never enforced (source: Redshift's CREATE TABLE)."""

from __future__ import annotations

from slipher.base.errors import SqlError
from slipher.sql.statements.ddl import Constraint
from slipher.warehouse.catalog.ddl.context import Ddl, missing
from slipher.warehouse.catalog.model import ConstraintRow, RelationRow

SUFFIX = {"p": "pkey", "u": "key", "f": "fkey"}


def add_constraint(ddl: Ddl, relation: int, constraint: Constraint) -> ConstraintRow:
    """Add a constraint to a table of this transaction's catalog."""
    row = ddl.state.get(RelationRow, relation)
    assert row is not None
    numbers = _numbers(row, constraint.columns)
    existing = ddl.state.constraints_of(relation)
    if constraint.kind == "p" and any(one.kind == "p" for one in existing):
        raise SqlError("42P16", f'multiple primary keys for table "{row.name}" are not allowed')
    references, referenced = 0, tuple[int, ...]()
    if constraint.kind == "f":
        assert constraint.references is not None
        target = ddl.names.row(constraint.references)
        if target is None:
            raise missing(constraint.references)
        references = target.oid
        referenced = _numbers(target, constraint.referenced_columns) or _primary(ddl, target)
        if len(referenced) != len(numbers):
            raise SqlError("42830", "number of referencing and referenced columns for foreign key disagree")
    name = constraint.name or _name(row, constraint, {one.name for one in existing})
    if any(one.name == name for one in existing):
        raise SqlError("42710", f'constraint "{name}" for relation "{row.name}" already exists')
    made = ConstraintRow(ddl.draft.next_oid(), relation, name, constraint.kind, numbers, references, referenced)
    ddl.draft.put(made)
    return made


def _numbers(row: RelationRow, names: tuple[str, ...]) -> tuple[int, ...]:
    found = []
    for name in names:
        number = next((one.number for one in row.columns if one.name == name), None)
        if number is None:
            raise SqlError("42703", f'column "{name}" named in key does not exist')
        found.append(number)
    return tuple(found)


def _primary(ddl: Ddl, row: RelationRow) -> tuple[int, ...]:
    for one in ddl.state.constraints_of(row.oid):
        if one.kind == "p":
            return one.columns
    raise SqlError("42830", f'there is no primary key for referenced table "{row.name}"')


def _name(row: RelationRow, constraint: Constraint, taken: set[str]) -> str:
    middle = "" if constraint.kind == "p" else "_" + "_".join(constraint.columns)
    base = f"{row.name}{middle}_{SUFFIX[constraint.kind]}"
    name, count = base, 0
    while name in taken:
        count += 1
        name = f"{base}{count}"
    return name
