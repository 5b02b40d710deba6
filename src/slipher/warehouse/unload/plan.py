"""From the statement's options and the query's columns to the files that its rows go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.bound import OutputColumn
from slipher.sql.statements.unload import Unload
from slipher.warehouse.unload.compress import COMPRESSIONS
from slipher.warehouse.unload.files import LineFiles, Lines, Make, ParquetFiles, PartitionedFiles, Partitioning
from slipher.warehouse.unload.fixedwidth import FixedWidthFormat
from slipher.warehouse.unload.jsonlines import JsonFormat
from slipher.warehouse.unload.lines import LineFormat
from slipher.warehouse.unload.parquet import ParquetFormat

PARTITION_TYPES = frozenset("int2 int4 int8 numeric float4 bool bpchar varchar date timestamp".split())


@dataclass(frozen=True, slots=True)
class Plan:
    """How a slice's files are made, and what they are partitioned by."""

    files: Make
    partitioning: Partitioning | None


def plan(statement: Unload, columns: Sequence[OutputColumn], float_digits: int) -> Plan:
    """Check the options against the query's columns; raises what Redshift refuses."""
    if not statement.partition_by:
        return Plan(_maker(statement, columns, float_digits), None)
    by = _partitioning(statement, columns)
    inner = _maker(statement, [columns[place] for place in by.kept], float_digits)
    return Plan(lambda writer, _: PartitionedFiles(writer, by, inner), by)


def ordered(tree: exp.Expr, by: Partitioning) -> exp.Expr:
    """The query with the rows of a partition together, otherwise in the order that it asks for."""
    order = [exp.Ordered(this=exp.Literal.number(place + 1)) for place in by.places]
    rows = exp.select("*").from_(tree.copy().subquery("rows_of_query"))  # type: ignore[attr-defined]
    if tree.args.get("order") is None:
        return rows.order_by(*order)
    numbered = rows.select(exp.Window(this=exp.RowNumber()).as_("row_of_query"))
    last = exp.Ordered(this=exp.column("row_of_query"))
    return exp.select("*").from_(numbered.subquery("numbered")).order_by(*order, last)


def _partitioning(statement: Unload, columns: Sequence[OutputColumn]) -> Partitioning:
    places = []
    for name in statement.partition_by:
        found = [place for place, column in enumerate(columns) if column.name == name]
        if len(found) != 1:
            problem = "does not exist in" if not found else "is ambiguous in"
            raise SqlError("42703" if not found else "42702", f'partition column "{name}" {problem} the UNLOAD query')
        places.append(found[0])
    kinds = tuple(columns[place].type for place in places)
    for name, kind in zip(statement.partition_by, kinds, strict=True):
        if kind.name not in PARTITION_TYPES:
            raise SqlError("0A000", f'partition column "{name}" has the unsupported type {kind.row.sql_name}')
    others = tuple(place for place in range(len(columns)) if place not in places)
    if not others:
        raise SqlError("0A000", "UNLOAD with PARTITION BY needs at least one column that is not a partition column")
    kept = tuple(range(len(columns))) if statement.include else others
    return Partitioning(statement.partition_by, tuple(places), kinds, kept)


def _maker(statement: Unload, columns: Sequence[OutputColumn], float_digits: int) -> Make:
    names, kinds = tuple(column.name for column in columns), tuple(column.type for column in columns)
    header, empty = b"", not statement.partition_by
    form: Lines
    if statement.format == "parquet":
        _check_names(statement, names)
        table = ParquetFormat(names, kinds, statement.row_group_size)
        _ = table.schema  # a type that cannot be written is refused before anything is
        return lambda writer, folder: ParquetFiles(writer, folder, table)
    if statement.format == "json":
        _check_names(statement, names)
        form, empty = JsonFormat(names, kinds, float_digits), False
    elif statement.format == "fixedwidth":
        if len(statement.widths) != len(columns):
            raise SqlError("22023", f"FIXEDWIDTH has {len(statement.widths)} fields, the query {len(columns)} columns")
        form = FixedWidthFormat(kinds, statement.widths, statement.null_as or "", float_digits)
    else:
        text = LineFormat(
            kinds=kinds,
            delimiter=statement.delimiter,
            csv=statement.format == "csv",
            null=statement.null_as or "",
            quotes=statement.add_quotes,
            escape=statement.escape,
            float_digits=float_digits,
        )
        form, header = text, text.header(names) if statement.header else b""
    compression = COMPRESSIONS[statement.compression]
    return lambda writer, folder: LineFiles(writer, folder, form, compression, header, empty=empty)


def _check_names(statement: Unload, names: Sequence[str]) -> None:
    what = f"UNLOAD with {statement.format.upper()}"
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise SqlError("42701", f'{what} needs a unique name for each column: "{twice[0]}" stands twice')
    if "?column?" in names:
        raise not_supported(f"{what} of a column without a name", hint="Give the expression a name with AS.")
