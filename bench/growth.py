"""Whether the time grows as the rows do: COPY and SELECT at 1, 4 and 16 times the rows."""

from __future__ import annotations

from bench import data, drain
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres

FACTORS = (1, 4, 16)


def growth_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table; `rows` are those of the largest."""
    session, local = ours.session(), ours.local()
    buffer = bytearray(1 << 20)
    copied: dict[int, float] = {}
    selected: dict[int, float] = {}
    memory: dict[int, int] = {}
    names = ", ".join(one[0] for one in data.COLUMNS)
    for factor in FACTORS:
        files = data.data(rows // FACTORS[-1] * factor)
        prefix = ours.upload(files)
        for _ in range(max(1, rounds // 2)):
            drain.run(session, "drop table if exists grown")
            drain.run(session, data.ddl("grown"))
            taken = drain.run(session, f"copy grown from '{prefix}' iam_role '{ours.role}' csv gzip")
            copied[factor] = min(taken, copied.get(factor, taken))
            taken = drain.drain(local, drain.simple(f"select {names} from grown"), buffer).seconds
            selected[factor] = min(taken, selected.get(factor, taken))
        memory[factor] = ours.processes()["cluster"].memory_info().rss
    table = []
    for what, found in (("COPY", copied), ("SELECT in text", selected)):
        times = ", ".join(f"{factor}x {one:.2f} s" for factor, one in found.items())
        unit = found[FACTORS[-1]] / found[FACTORS[0]]
        met = "yes" if unit <= FACTORS[-1] * 1.25 else "no"
        label = f"{what} at {rows // FACTORS[-1]:,} rows and {', '.join(map(str, FACTORS[1:]))} times as many"
        table.append(Row(label, times, "", "", f"16x the rows take {unit:.1f}x the time", "linear", met))
    sizes = ", ".join(f"{factor}x {one / 2**20:.0f} MiB" for factor, one in memory.items())
    table.append(Row("the cluster's memory after these", sizes))
    return table
