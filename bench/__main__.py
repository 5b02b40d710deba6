"""The command: which benchmarks, how many rows and rounds; prints a table in Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from bench import measure
from bench.cloud import cloud_bench
from bench.console import console_bench
from bench.copy import copy_bench
from bench.dynamodb import dynamodb_bench
from bench.footprint import footprint_bench
from bench.formats import formats_bench
from bench.growth import growth_bench
from bench.large import large_bench
from bench.latency import latency_bench
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres, postgres
from bench.select import select_bench
from bench.spread import spread_bench, together_bench
from bench.unload import unload_bench
from slipher.testing import start

Bench = Callable[[Ours, Postgres | None, int, int], list[Row]]
# name: what runs, how many rows it has unless told otherwise
BENCHES: dict[str, tuple[Bench, int]] = {
    "copy": (copy_bench, 2_000_000),
    "formats": (formats_bench, 2_000_000),
    "unload": (unload_bench, 2_000_000),
    "spread": (spread_bench, 8_000_000),
    "together": (together_bench, 1_000_000),
    "dynamodb": (dynamodb_bench, 100_000),
    "large": (large_bench, 9_600_000),
    "select": (select_bench, 1_000_000),
    "latency": (latency_bench, 0),
    "growth": (growth_bench, 4_000_000),
    "cloud": (cloud_bench, 0),
    "footprint": (footprint_bench, 0),
    "console": (console_bench, 0),
}


def main() -> None:
    """Run them one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHES)}; all by default")
    parser.add_argument("--rows", type=int, help="rows of the data instead of each benchmark's own number")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant runs, after one warm-up")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    print(measure.machine(), flush=True)
    rows: list[Row] = []
    with start() as instance, postgres() as peer:
        ours = Ours(instance)
        for name in options.names or BENCHES:
            bench, size = BENCHES[name]
            print(f"{name} ...", flush=True)
            rows += bench(ours, peer, options.rows or size, options.rounds)
    print("\n" + measure.table(rows))


if __name__ == "__main__":
    main()
