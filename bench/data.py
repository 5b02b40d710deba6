"""The rows that every benchmark uses, the same in every run: made once by numpy's PCG64, kept in .bench/."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv

ROOT = Path(__file__).parent.parent / ".bench"
PARTS = 4
BLOCK = 100_000
VERSION = 1  # of the rows: other rows, other folder
# name, Redshift's and PostgreSQL's type, DuckDB's type
COLUMNS = (
    ("id", "integer", "INTEGER"),
    ("customer", "bigint", "BIGINT"),
    ("price", "decimal(12,2)", "DECIMAL(12,2)"),
    ("score", "double precision", "DOUBLE"),
    ("note", "varchar(64)", "VARCHAR"),
    ("day", "date", "DATE"),
    ("moment", "timestamp", "TIMESTAMP"),
    ("paid", "boolean", "BOOLEAN"),
)
WORDS = (
    "red shift line star far dust cloud spiral arm light year plate lens tower night sky slow fast blue green".split()
)

# the end of a file's name: how the engine writes it
WRITERS = {
    "csv": "format csv, header false",
    "csv.gz": "format csv, header false, compression gzip",
    "tbl": "format csv, header false, delimiter '|'",
    "json": "format json",
    "parquet": "format parquet, compression snappy",
}


def ddl(name: str, *, duckdb: bool = False) -> str:
    """CREATE TABLE for the rows."""
    return f"create table {name} ({', '.join(f'{one[0]} {one[2 if duckdb else 1]}' for one in COLUMNS)})"


@dataclass(frozen=True, slots=True)
class Data:
    """The files of one size: `plain` is one CSV file, `parts` the same rows in four, gzip'd. `text` is in bytes."""

    rows: int
    plain: Path
    parts: tuple[Path, ...]

    @property
    def text(self) -> int:
        """Bytes of CSV."""
        return self.plain.stat().st_size


def blocks(rows: int) -> Iterator[pa.RecordBatch]:
    """The rows, in batches."""
    words = np.array(WORDS)
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start)
        random = np.random.Generator(np.random.PCG64([VERSION, start]))
        notes = words[random.integers(0, len(words), (count, 3))]
        text = np.char.add(np.char.add(np.char.add(np.char.add(notes[:, 0], " "), notes[:, 1]), " "), notes[:, 2])
        cents = random.integers(-1_000_000, 100_000_000, count)
        moments = np.int64(1_600_000_000_000_000) + random.integers(0, 10**8, count) * 1_000_000
        moments += np.where(random.random(count) < 0.5, random.integers(0, 1000, count) * 1000, 0)
        price = pa.py_buffer(np.column_stack([cents, cents >> 63]).tobytes())  # 128-bit integers
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.arange(start, start + count, dtype=np.int32)),
                pa.array(random.integers(0, 10**12, count)),
                pa.Array.from_buffers(pa.decimal128(12, 2), count, [None, price]),
                pa.array(random.random(count) * 1000),
                pa.array(text.tolist(), pa.string(), mask=random.random(count) < 0.1),
                pa.array(random.integers(10_000, 20_000, count).astype(np.int32)).cast(pa.date32()),
                pa.array(moments).cast(pa.timestamp("us")),
                pa.array(random.random(count) < 0.7),
            ],
            names=[one[0] for one in COLUMNS],
        )


def data(rows: int) -> Data:
    """The files for so many rows; made if they are not there."""
    folder = ROOT / f"rows-{VERSION}-{rows}"
    found = Data(rows, folder / "all.csv", tuple(folder / f"part-{part}.csv.gz" for part in range(PARTS)))
    if folder.exists():
        return found
    making = folder.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with (making / "all.csv").open("wb") as plain:
        for batch in blocks(rows):
            pyarrow.csv.write_csv(batch, plain, options)
    _split(making)
    making.rename(folder)
    return found


def parts(rows: int, ending: str, count: int = PARTS) -> tuple[Path, ...]:
    """The rows in files of one format, named by the end of the name; made if they are not there."""
    folder = ROOT / f"rows-{VERSION}-{rows}-{count}-{ending}"
    found = tuple(folder / f"part-{part:02}.{ending}" for part in range(count))
    if folder.exists():
        return found
    making = folder.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    table = duckdb.from_arrow(pa.Table.from_batches(list(blocks(rows))))
    for part, path in enumerate(found):
        start, end = (rows * one // count for one in (part, part + 1))
        target, form = making / path.name, WRITERS[ending]
        table.filter(f"id >= {start} and id < {end}").query("part", f"copy part to '{target}' ({form})")
    making.rename(folder)
    return found


def _split(folder: Path) -> None:
    """all.csv in parts of whole lines, compressed as gzip -6 does."""
    with (folder / "all.csv").open("rb") as plain:
        size = plain.seek(0, 2)
        start = 0
        for part in range(PARTS):
            plain.seek(size * (part + 1) // PARTS)
            if part + 1 < PARTS:
                plain.readline()
            end = plain.tell()
            plain.seek(start)
            with gzip.GzipFile(folder / f"part-{part}.csv.gz", "wb", 6, mtime=0) as out:
                while start < end:
                    piece = plain.read(min(1 << 20, end - start))
                    out.write(piece)
                    start += len(piece)
