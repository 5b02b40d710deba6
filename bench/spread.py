"""Whether it matters how the bytes are cut: one file against 16 that hold the same; and 1, 2 and 4 COPYs at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench import data, drain, measure
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres

FILES = 16
AT_ONCE = (1, 2, 4)


def spread_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """One file and 16 of a sixteenth."""
    session = ours.session()
    size = data.data(rows).text / 1e6
    prefixes = {
        number: ours.upload_files(data.parts(rows, "csv", number), f"spread/{rows}/{number}/") for number in (1, FILES)
    }

    def load(number: int) -> float:
        drain.run(session, "drop table if exists facts")
        drain.run(session, data.ddl("facts"))
        return drain.run(session, f"copy facts from '{prefixes[number]}' iam_role '{ours.role}' csv")

    found = measure.rounds(rounds, {"Slipher": lambda: load(FILES), "one": lambda: load(1)})

    def show(taken: float) -> str:
        return f"{size / taken:.0f} MB/s"

    return [measure.compared(f"COPY, {size:.0f} MB of CSV in {FILES} files", show, found, "one", None, " file of all")]


def together_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """COPYs at once into tables of their own: what they load together in a second."""
    size = data.data(rows).text / 1e6
    prefix = ours.upload_files(data.parts(rows, "csv.gz"), f"formats/{rows}/csv.gz/")
    sessions = [ours.session() for _ in range(max(AT_ONCE))]

    def load(number: int) -> float:
        for index, session in enumerate(sessions[:number]):
            drain.run(session, f"drop table if exists together_{index}")
            drain.run(session, data.ddl(f"together_{index}"))
        text = "copy together_{} from '" + prefix + f"' iam_role '{ours.role}' csv gzip"
        begin = time.perf_counter()
        with ThreadPoolExecutor(number) as pool:
            for done in [pool.submit(drain.run, sessions[one], text.format(one)) for one in range(number)]:
                done.result()
        return (time.perf_counter() - begin) / number

    found = measure.rounds(rounds, {str(number): lambda number=number: load(number) for number in AT_ONCE})
    table = []
    for number in AT_ONCE:
        shown = f"{size / measure.median(found[str(number)]):.0f} MB/s together"
        ratio = measure.speedup(found[str(number)], found["1"])[1] if number > 1 else ""
        peer_name = "one alone" if number > 1 else ""
        table.append(Row(f"{number} COPYs at once, {size:.0f} MB of gzip'd CSV each", shown, peer_name, "", ratio))
    return table
