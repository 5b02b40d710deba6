"""Memory and spool of a large COPY and a large UNLOAD: sampled while they run, and a failure when a stated bound is passed.

The text is made on the fly: one part of it, put under as many keys as the size asks for; what was loaded is unloaded again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench import data, drain, measure
from bench.measure import Row
from bench.ours import BUCKET, Ours
from bench.postgres import Postgres
from slipher.testing import start

MIB = 2**20
ENGINE = 2048  # MiB that the instance of this benchmark gives its engine (--memory)
# MiB that a process may have (docs/reference/benchmarks.md says the same), whatever the size of the load
BOUNDS = {"supervisor": 256, "gateway": 512, "cluster": ENGINE + 1024}
SPOOL = 256  # MiB that may lie in the spool directory
PART = 600_000  # rows of a part
EVERY = 0.2
PATIENCE = 3600.0  # seconds that a statement may take


class Watch:
    """The largest resident size of each process, and the largest size of the spool directories, while a block runs."""

    def __init__(self, processes: dict[str, psutil.Process], root: Path) -> None:
        self._processes, self._root = processes, root
        self.most: dict[str, int] = {}

    def _look(self) -> None:
        for name, process in self._processes.items():
            self._note(name, process.memory_info().rss)
        self._note("spool", sum(_size(one) for one in self._root.rglob("spool") if one.is_dir()) + self._unlinked())

    def _unlinked(self) -> int:
        """What the cluster has open below a spool directory and nobody can see: temporary files without a name."""
        found = 0
        for one in Path(f"/proc/{self._processes['cluster'].pid}/fd").glob("*"):
            try:
                if "/spool/" in str(one.readlink()) and str(one.readlink()).endswith("(deleted)"):
                    found += one.stat().st_blocks * 512
            except OSError:
                continue
        return found

    def _note(self, name: str, size: int) -> None:
        self.most[name] = max(self.most.get(name, 0), size)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.most = {}
        done = threading.Event()

        def watch() -> None:
            while not done.wait(EVERY):
                self._look()

        self._look()
        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _size(folder: Path) -> int:
    found = 0
    for one in folder.rglob("*"):
        try:
            found += one.stat().st_blocks * 512
        except OSError:  # gone since
            continue
    return found


def large_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table, from an instance whose engine has a fixed memory. AssertionError beyond a bound."""
    part = data.parts(min(PART, rows), "csv", 1)[0]
    body, count = part.read_bytes(), -(-rows // PART)
    size = len(body) * count / 1e6
    table = []
    with start(memory=f"{ENGINE}MiB") as instance:
        own = Ours(instance)
        for number in range(count):
            own.s3.put_object(Bucket=BUCKET, Key=f"large/{number:05}.csv", Body=body)
        session = instance.cluster.connect(timeout=PATIENCE)
        drain.run(session, data.ddl("large"))
        watch = Watch(own.processes(), Path(instance.data_dir))
        statements = {
            "COPY": f"copy large from 's3://{BUCKET}/large/' iam_role '{own.role}' csv",
            "UNLOAD": f"unload ('select * from large') to 's3://{BUCKET}/out/' iam_role '{own.role}' csv",
        }
        for name, statement in statements.items():
            with watch():
                taken = drain.run(session, statement)
            own.empty("large/")
            for what, bound in (*BOUNDS.items(), ("spool", SPOOL)):
                most = watch.most.get(what, 0) / MIB
                label = f"{name} of {size:.0f} MB of text: most of {what}"
                met = "yes" if most < bound else f"no: {most:.0f} MiB"
                table.append(Row(label, f"{most:.0f} MiB", goal=f"< {bound} MiB", met=met))
            table.append(Row(f"{name} of {size:.0f} MB of text, beside the sampling", f"{size / taken:.0f} MB/s"))
        ((loaded,),) = session.rows("select count(*) from large")
        assert int(loaded) == min(PART, rows) * count, loaded
    passed = [f"{row.what}: {row.ours}, bound {row.goal}" for row in table if row.met.startswith("no")]
    if passed:
        print("\n" + measure.table(table), flush=True)
    assert not passed, "; ".join(passed)
    return table
