"""COPY of gzip'd CSV parts from S3 under a role; DuckDB alone on the same files on disk; PostgreSQL's COPY of the plain text."""

from __future__ import annotations

import duckdb

from bench import data, drain, measure
from bench.alone import alone, columns, names
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres


def copy_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table."""
    files = data.data(rows)
    prefix = ours.upload(files)
    session = ours.session()
    work = measure.Work(ours.processes())
    seconds: dict[str, float] = {}

    def slipher() -> float:
        drain.run(session, "drop table if exists facts")
        drain.run(session, data.ddl("facts"))
        statement = f"copy facts from '{prefix}' iam_role '{ours.role}' csv gzip"
        with work:
            taken = drain.run(session, statement)
        for name, one in work.seconds.items():
            seconds[name] = seconds.get(name, 0) + one
        return taken

    reader = f"read_csv({names(files.parts)}, columns = {columns()}, header = false)"
    load = f"insert into facts select * from {reader}"
    contestants = {"Slipher": slipher, "DuckDB": lambda: alone(load)}
    if peer is not None:
        plain = peer.readable(files.plain)
        other = drain.by_socket(peer.socket, "postgres", "postgres")

        def postgres() -> float:
            drain.run(other, "drop table if exists facts")
            drain.run(other, data.ddl("facts"))
            return drain.run(other, f"copy facts from '{plain}' (format csv)")

        contestants["PostgreSQL"] = postgres
    found = measure.rounds(rounds, contestants)
    (count,) = session.rows("select count(*) from facts")
    assert count == (str(rows),), count
    size = files.text / 1e6
    what = f"COPY, {size:.0f} MB of CSV in {data.PARTS} gzip'd parts"

    def show(taken: float) -> str:
        return f"{size / taken:.0f} MB/s"

    table = [measure.compared(what, show, found, "DuckDB", 0.8, f" {duckdb.__version__} alone, local files")]
    if peer is not None:
        table.append(measure.compared(what, show, found, "PostgreSQL", 1.8, f" {peer.version}, plain file"))
    each = ", ".join(f"{name} {one / (rounds + 1):.2f} s" for name, one in seconds.items())
    print(f"  COPY's processor time: {each}; wall {measure.median(found['Slipher']):.2f} s", flush=True)
    return table
