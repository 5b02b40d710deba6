"""A query's rows to a socket: 1M rows of 8 columns, in text and in binary, drained by a client that does nothing with them."""

from __future__ import annotations

from bench import data, drain, measure
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres

QUERY = f"select {', '.join(one[0] for one in data.COLUMNS)} from facts_out"


def select_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table."""
    files = data.data(rows)
    prefix = ours.upload(files)
    with ours.session() as loader:
        drain.run(loader, "drop table if exists facts_out")
        drain.run(loader, data.ddl("facts_out"))
        drain.run(loader, f"copy facts_out from '{prefix}' iam_role '{ours.role}' csv gzip")
    local, tls = ours.local(), ours.session()
    if peer is not None:
        plain = peer.readable(files.plain)
        other = drain.by_socket(peer.socket, "postgres", "postgres")
        drain.run(other, "drop table if exists facts_out")
        drain.run(other, data.ddl("facts_out"))
        drain.run(other, f"copy facts_out from '{plain}' (format csv)")
        drain.run(other, "vacuum analyze facts_out")
    work = measure.Work(ours.processes())
    buffer = bytearray(1 << 20)
    text, binary = drain.simple(QUERY), drain.extended(QUERY, binary=True)

    def show(taken: float) -> str:
        return f"{rows / taken / 1e6:.2f} M rows/s"

    table = []
    for form, request, goal in (("text", text, 1.0), ("binary", binary, 1.2)):
        sizes: dict[str, int] = {}
        firsts: list[float] = []

        def slipher(request: bytes = request, sizes: dict[str, int] = sizes, firsts: list[float] = firsts) -> float:
            got = drain.drain(local, request, buffer)
            sizes["Slipher"] = got.size
            firsts.append(got.first)
            return got.seconds

        contestants = {"Slipher": slipher, "TLS": lambda request=request: drain.drain(tls, request, buffer).seconds}
        if peer is not None:

            def postgres(request: bytes = request, sizes: dict[str, int] = sizes) -> float:
                got = drain.drain(other, request, buffer)
                sizes["PostgreSQL"] = got.size
                return got.seconds

            contestants["PostgreSQL"] = postgres
        with work:
            found = measure.rounds(rounds, contestants)
        cluster = work.seconds["cluster"] / (rounds + 1) / 2
        print(f"  SELECT in {form}: bytes {sizes}, first after {measure.median(firsts) * 1000:.0f} ms, "
              f"cluster's processor time {cluster:.2f} s a query", flush=True)  # fmt: skip
        what = f"SELECT of {rows / 1e6:g}M rows x {len(data.COLUMNS)} columns in {form}, unix socket"
        if peer is not None:
            table.append(measure.compared(what, show, found, "PostgreSQL", goal, f" {peer.version}"))
        else:
            table.append(Row(what, show(measure.median(found["Slipher"]))))
        table.append(Row(f"the same over TCP and TLS, {form}", show(measure.median(found["TLS"]))))
    return table
