"""How long a small statement takes over the wire."""

from __future__ import annotations

import statistics

from bench import data, drain
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres
from slipher.testing.wire import Connection

POINTS = 100_000


def latency_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table; `rows` and `rounds` only say how often."""
    repeats = max(200, rounds * 100)
    files = data.data(POINTS)
    prefix = ours.upload(files)
    session = ours.session()
    drain.run(session, "drop table if exists points")
    drain.run(session, data.ddl("points"))
    drain.run(session, f"copy points from '{prefix}' iam_role '{ours.role}' csv gzip")
    other = None
    if peer is not None:
        plain = peer.readable(files.plain)
        other = drain.by_socket(peer.socket, "postgres", "postgres")
        drain.run(other, "drop table if exists points")
        drain.run(other, data.ddl("points"))
        drain.run(other, f"copy points from '{plain}' (format csv)")
    one = "select id, price, note from points where id = "
    cases = {
        "select 1, simple": (lambda number: drain.simple("select 1"), 1.0),
        "select 1, extended": (lambda number: drain.extended("select 1"), 1.0),
        "a row by its number, a new text each time": (lambda number: drain.simple(f"{one}{number}"), None),
        "a row by its number, with a parameter": (
            lambda number: drain.extended(f"{one}$1", parameter=str(number)),
            None,
        ),
    }
    table = []
    for what, (request, goal) in cases.items():
        mine, theirs = [], []
        for number in range(-20, repeats):
            asked = request(number % POINTS)
            taken = _once(session, asked)
            peers = _once(other, asked) if other is not None else 0.0
            if number >= 0:
                mine.append(taken)
                theirs.append(peers)
        p50, p99 = statistics.median(mine) * 1000, statistics.quantiles(mine, n=100)[98] * 1000
        peers = f"p50 {statistics.median(theirs) * 1000:.2f} ms" if other is not None else ""
        met = "" if goal is None else "yes" if p50 <= goal * 1.1 else f"no: {p50 / goal:.1f} times it"
        wanted = "" if goal is None else f"about {goal:g} ms"
        name = "PostgreSQL, no index, unix socket" if other is not None else ""
        table.append(Row(f"{what} (TLS)", f"p50 {p50:.2f} ms, p99 {p99:.2f} ms", name, peers, "", wanted, met))
    return table


BUFFER = bytearray(65536)


def _once(session: Connection, request: bytes) -> float:
    return drain.drain(session, request, BUFFER).seconds
