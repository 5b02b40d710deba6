"""COPY of the same rows as plain text, gzip'd CSV, JSON and Parquet; DuckDB alone loading the same files from disk."""

from __future__ import annotations

import duckdb

from bench import data, drain, measure
from bench.alone import alone, columns, names
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres

GOAL = 0.95
# name: the end of the files' names, COPY's options, DuckDB's reader
FORMATS = {
    "delimited text": ("tbl", "delimiter '|'", "read_csv({files}, columns = {columns}, delim = '|', header = false)"),
    "gzip'd CSV": ("csv.gz", "csv gzip", "read_csv({files}, columns = {columns}, header = false)"),
    "JSON": ("json", "json 'auto'", "read_json({files}, columns = {columns}, format = 'newline_delimited')"),
    "Parquet": ("parquet", "parquet", "read_parquet({files})"),
}


def formats_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table. Speeds are in text: the bytes that the rows have as CSV."""
    size = data.data(rows).text / 1e6
    session = ours.session()
    work = measure.Work(ours.processes())

    def show(taken: float) -> str:
        return f"{size / taken:.0f} MB/s"

    table = []
    for name, (ending, options, reader) in FORMATS.items():
        files = data.parts(rows, ending)
        prefix = ours.upload_files(files, f"formats/{rows}/{ending}/")
        query = f"insert into facts select * from {reader.format(files=names(files), columns=columns())}"
        spent: list[float] = []

        def slipher(prefix: str = prefix, options: str = options, spent: list[float] = spent) -> float:
            drain.run(session, "drop table if exists facts")
            drain.run(session, data.ddl("facts"))
            with work:
                taken = drain.run(session, f"copy facts from '{prefix}' iam_role '{ours.role}' {options}")
            spent.append(work.seconds["cluster"])
            return taken

        found = measure.rounds(rounds, {"Slipher": slipher, "DuckDB": lambda query=query: alone(query)})
        (count,) = session.rows("select count(*) from facts")
        assert count == (str(rows),), count
        bytes_ = sum(one.stat().st_size for one in files) / 1e6
        print(f"  {name}: {bytes_:.0f} MB of files, cluster's processor time {measure.median(spent):.2f} s, "
              f"wall {measure.median(found['Slipher']):.2f} s", flush=True)  # fmt: skip
        what = f"COPY, {size:.0f} MB of text as {name}, {len(files)} files"
        table.append(measure.compared(what, show, found, "DuckDB", GOAL, f" {duckdb.__version__} alone, local files"))
    return table
