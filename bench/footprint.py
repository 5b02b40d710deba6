"""Start to ready, and the memory of a running instance that does nothing."""

from __future__ import annotations

import time

from bench import measure
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres
from slipher.testing import start


def footprint_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table, from instances of their own."""
    starts, sizes = [], {}
    for _ in range(max(1, rounds)):
        begin = time.perf_counter()
        with start() as instance:
            starts.append(time.perf_counter() - begin)
            time.sleep(1)
            sizes = {}
            for name, process in measure.processes(instance._process.pid).items():
                memory = process.memory_full_info()
                sizes[name] = (memory.rss, getattr(memory, "pss", memory.rss))
    seconds = measure.median(starts)
    each = ", ".join(f"{name} {rss / 2**20:.0f} MiB" for name, (rss, _) in sizes.items())
    total = sum(pss for _, pss in sizes.values()) / 2**20
    met = "yes" if seconds < 2 else f"no: {seconds:.1f} s"
    return [
        Row("a new instance, from start to ready", f"{seconds:.2f} s", goal="< 2 s", met=met),
        Row("memory of an idle instance", f"{each}; together {total:.0f} MiB (shared pages once)"),
    ]
