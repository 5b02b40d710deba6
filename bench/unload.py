"""UNLOAD to our S3 as Parquet and gzip'd CSV; DuckDB's COPY TO of the same table to local files."""

from __future__ import annotations

import tempfile

import duckdb

from bench import data, drain, measure
from bench.alone import alone, names
from bench.measure import Row
from bench.ours import BUCKET, Ours
from bench.postgres import Postgres

GOAL = 0.95
# name: UNLOAD's options, the end of the file's name and COPY TO's options
FORMATS = {
    "Parquet": ("format parquet", "parquet", "format parquet"),
    "gzip'd CSV": ("format csv gzip", "csv.gz", "format csv, header false, compression gzip"),
}


def unload_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table. Speeds are in text: the bytes that the rows have as CSV."""
    size = data.data(rows).text / 1e6
    prefix = ours.upload_files(data.parts(rows, "parquet"), f"formats/{rows}/parquet/")
    session = ours.session()
    drain.run(session, "drop table if exists leaving")
    drain.run(session, data.ddl("leaving"))
    drain.run(session, f"copy leaving from '{prefix}' iam_role '{ours.role}' parquet")
    fill = f"insert into facts select * from read_parquet({names(data.parts(rows, 'parquet'))})"
    work = measure.Work(ours.processes())

    def show(taken: float) -> str:
        return f"{size / taken:.0f} MB/s"

    table = []
    for name, (options, ending, theirs) in FORMATS.items():
        spent: list[float] = []

        def slipher(options: str = options, spent: list[float] = spent) -> float:
            ours.empty("unload/")
            with work:
                taken = drain.run(
                    session,
                    f"unload ('select * from leaving') to 's3://{BUCKET}/unload/' iam_role '{ours.role}' {options}",
                )
            spent.append(work.seconds["cluster"])
            return taken

        with tempfile.TemporaryDirectory(prefix="bench-unload-") as folder:
            query = f"copy facts to '{folder}/out.{ending}' ({theirs})"
            # more files at a time are quicker for it: its best
            spread = f"copy facts to '{folder}/many' ({theirs}, per_thread_output true, overwrite true)"
            contestants = {
                "Slipher": slipher,
                "DuckDB": lambda query=query: alone(query, prepare=[fill, "checkpoint"]),
                "spread": lambda spread=spread: alone(spread, prepare=[fill, "checkpoint"]),
            }
            found = measure.rounds(rounds, contestants)
        print(f"  UNLOAD as {name}: cluster's processor time {measure.median(spent):.2f} s, "
              f"wall {measure.median(found['Slipher']):.2f} s", flush=True)  # fmt: skip
        what = f"UNLOAD, {size:.0f} MB of text as {name}"
        note = f" {duckdb.__version__}, COPY TO"
        table.append(measure.compared(what, show, found, "DuckDB", GOAL, f"{note} one local file"))
        several = {"Slipher": found["Slipher"], "DuckDB": found["spread"]}
        table.append(measure.compared(what, show, several, "DuckDB", GOAL, f"{note} a local file for each thread"))
    ours.empty("unload/")
    return table
