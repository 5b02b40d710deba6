"""Batches as Parquet: the columns as other readers expect them, in row groups of bounded size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from slipher.base.errors import not_supported
from slipher.types.sqltype import SqlType

STEP = 32 << 20  # MAXFILESIZE counts in these (source: Redshift's documentation of UNLOAD)
PROBES, PROBE = 16, 1024  # how many places of a row group are looked at, and how many rows there
SHARE = 0.6  # of a sample's values are different: no dictionary
# Arrow's types by Redshift's, where they do not depend on the column.
ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us"),  # its value in UTC; the zone is lost
}


@dataclass(frozen=True, slots=True)
class ParquetFormat:
    """FORMAT PARQUET. `row_group_size` is in bytes before encoding."""

    names: tuple[str, ...]
    kinds: tuple[SqlType, ...]
    row_group_size: int

    @property
    def schema(self) -> pa.Schema:
        """The file's schema; raises 0A000 for a type that UNLOAD cannot write as Parquet."""
        return pa.schema([(name, _arrow(kind)) for name, kind in zip(self.names, self.kinds, strict=True)])

    def table(self, batch: pa.RecordBatch) -> pa.Table:
        """The batch in the file's types."""
        arrays = [
            _column(array, kind, field.type)
            for array, kind, field in zip(batch.columns, self.kinds, self.schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def file(self, write: Callable[[bytes], None], rows: pa.Table) -> pq.ParquetWriter:
        """A writer of one file (source: Redshift's documentation: version 1.0, SNAPPY), whose first rows are given."""
        return pq.ParquetWriter(
            pa.PythonFile(_Sink(write), mode="w"),
            self.schema,
            use_dictionary=repeated(rows),
            version="1.0",
            compression="snappy",
            store_decimal_as_integer=True,
            coerce_timestamps="us",
            store_schema=False,
            write_page_checksum=True,
        )


def repeated(rows: pa.Table) -> list[str]:
    """The columns with values that come again often, by a sample from all over the rows: only they gain by a dictionary, and
    making one that is then thrown away costs twice what the rest of the encoding does (measured)."""
    step = -(-rows.num_rows // PROBES)
    probes = [rows.slice(at, PROBE) for at in range(0, rows.num_rows, max(step, 1))]
    sample = pa.concat_tables(probes)
    most = SHARE * sample.num_rows
    return [
        name
        for name, column in zip(sample.column_names, sample.columns, strict=True)
        if pc.count_distinct(column, mode="all").as_py() <= most
    ]


class _Sink:
    """What Arrow writes a file to."""

    closed = False

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def _arrow(kind: SqlType) -> pa.DataType:
    if kind.name == "numeric":
        return pa.decimal128(kind.precision or 18, kind.scale or 0)
    if kind.row.family == "text" or kind.name == "super":
        return pa.string()
    found = ARROW.get(kind.name)
    if found is None:
        raise not_supported(f"UNLOAD of a column of type {kind.row.sql_name} as PARQUET")
    return found


def _column(array: pa.Array, kind: SqlType, wanted: pa.DataType) -> pa.Array:
    if kind.name == "timestamptz":
        return array.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(wanted)
    if kind.name == "bpchar":
        array = pc.ascii_rtrim(array.cast(pa.string()), " ")
    return array.cast(wanted)
