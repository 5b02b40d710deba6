"""What a COPY loads into: the fields in their order, the columns behind them, the rules that every row follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from slipher.base.errors import SqlError, not_supported
from slipher.sql.names import Column, Relation
from slipher.sql.statements.copy import Copy
from slipher.types.sqltype import SqlType

ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "varchar": pa.string(),
    "bpchar": pa.string(),
    "super": pa.string(),
    "varbyte": pa.binary(),
    "timetz": pa.string(),  # Arrow has no such type: the engine reads the text
}


def arrow_type(kind: SqlType) -> pa.DataType:
    """The Arrow type of a column's values while they are loaded."""
    if kind.name == "numeric":
        return pa.decimal128(kind.precision or 18, kind.scale or 0)
    found = ARROW.get(kind.name)
    if found is None:
        raise not_supported(f"COPY into a column of type {kind.row.sql_name}")
    return found


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` are the table's columns in the order of the fields. `schema` names them by their place: f0, f1, ..."""

    relation: Relation
    columns: tuple[Column, ...]
    schema: pa.Schema


def layout(relation: Relation, statement: Copy) -> Layout:
    """The columns that take values: those of the list, or all but identity columns (source: reference on COPY, section 9)."""
    explicit = statement.has("explicit_ids")
    identities = [one for one in relation.columns if one.identity is not None and not one.by_default]
    if statement.columns:
        columns = _listed(relation, statement.columns)
        if explicit and not any(one in columns for one in identities):
            raise SqlError("42601", "EXPLICIT_IDS needs the identity column in the column list")
        if not explicit and any(one in columns for one in identities):
            raise SqlError("42601", "cannot set an identity column to a value without EXPLICIT_IDS")
        for one in relation.columns:
            missing = one not in columns and one.not_null and one.default is None and one.identity is None
            if missing:
                raise SqlError("42601", "NOT NULL column without DEFAULT must be included in column list")
    else:
        columns = [one for one in relation.columns if explicit or one.identity is None]
        if explicit and not identities:
            raise SqlError("42601", f'EXPLICIT_IDS: relation "{relation.name}" has no identity column')
    if statement.widths and any(one.type.name == "varbyte" for one in columns):
        raise SqlError("0A000", "VARBYTE columns are not supported with FIXEDWIDTH")
    if statement.widths and len(statement.widths) != len(columns):
        text = f"FIXEDWIDTH names {len(statement.widths)} columns, but {len(columns)} are loaded"
        raise SqlError("42601", text)
    fields = [pa.field(f"f{index}", arrow_type(one.type)) for index, one in enumerate(columns)]
    return Layout(relation, tuple(columns), pa.schema(fields))


def _listed(relation: Relation, names: Sequence[str]) -> list[Column]:
    found: list[Column] = []
    for name in names:
        one = relation.column(name)
        if one is None:
            raise SqlError("42703", f'column "{name}" of relation "{relation.name}" does not exist')
        if one in found:
            raise SqlError("42701", f'column "{name}" specified more than once')
        found.append(one)
    return found
