"""Whether the time grows as the rows do: COPY and SELECT at 1, 4 and 16 times the rows."""

from __future__ import annotations

from collections.abc import Callable

from bench import data, drain, measure
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres

FACTORS = (1, 4, 16)


def growth_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table; `rows` are those of the largest."""
    session, local = ours.session(), ours.local()
    buffer = bytearray(1 << 20)
    names = ", ".join(one[0] for one in data.COLUMNS)
    seconds: dict[tuple[str, int], list[float]] = {}
    work: dict[tuple[str, int], list[float]] = {}
    memory: dict[int, int] = {}
    cluster = ours.processes()["cluster"]

    def timed(what: str, factor: int, run: Callable[[], float]) -> None:
        with measure.Work({"cluster": cluster}) as spent:
            seconds.setdefault((what, factor), []).append(run())
        work.setdefault((what, factor), []).append(spent.seconds["cluster"])

    for _ in range(rounds):
        for factor in FACTORS:
            prefix = ours.upload(data.data(rows // FACTORS[-1] * factor))
            drain.run(session, "drop table if exists grown")
            drain.run(session, data.ddl("grown"))
            statement = f"copy grown from '{prefix}' iam_role '{ours.role}' csv gzip"
            timed("COPY", factor, lambda statement=statement: drain.run(session, statement))
            request = drain.simple(f"select {names} from grown")
            timed("SELECT in text", factor, lambda request=request: drain.drain(local, request, buffer).seconds)
            memory[factor] = max(memory.get(factor, 0), cluster.memory_info().rss)
    table = []
    for what in ("COPY", "SELECT in text"):
        times = ", ".join(
            f"{factor}x {measure.median(seconds[what, factor]):.2f} s ({measure.median(work[what, factor]):.2f} s)"
            for factor in FACTORS
        )
        grown = measure.median(work[what, FACTORS[-1]]) / measure.median(work[what, FACTORS[0]])
        met = "yes" if grown <= FACTORS[-1] * 1.25 else "no"
        label = f"{what} of {rows // FACTORS[-1]:,} rows and {', '.join(map(str, FACTORS[1:]))} times as many"
        ratio = f"{FACTORS[-1]}x the rows take {grown:.1f}x the processor time"
        table.append(Row(f"{label} (processor time)", times, "", "", ratio, "linear", met))
    sizes = ", ".join(f"{factor}x {one / 2**20:.0f} MiB" for factor, one in memory.items())
    table.append(Row("the cluster's memory after these", sizes))
    return table
