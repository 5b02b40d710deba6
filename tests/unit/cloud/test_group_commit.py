"""Writes that share a commit: all that were answered are there, one that fails takes none with it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from slipher.cloud.state.base import meta, open_database, reading
from slipher.cloud.state.group import Group


def test_writes_in_groups(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "gateway.db")
    group = Group(engine)
    first, held = threading.Event(), threading.Event()

    def write(number: int) -> int:
        def work(db: Connection) -> int:
            if number == 0:  # the first leads alone, and the others gather behind it
                first.set()
                held.wait(10)
            db.execute(insert(meta).values(key=f"k{number}", value="v"))
            if number % 10 == 5:
                raise ValueError(number)
            return number

        return group.run(work)

    with ThreadPoolExecutor(40) as pool:
        futures = [pool.submit(write, 0)]
        assert first.wait(10)
        futures += [pool.submit(write, number) for number in range(1, 40)]
        held.set()
        for number, future in enumerate(futures):
            if number % 10 == 5:
                with pytest.raises(ValueError, match=str(number)):
                    future.result(20)
            else:
                assert future.result(20) == number
    with reading(engine) as db:
        kept = set(db.scalars(select(meta.c.key).where(meta.c.key.like("k%"))))
    assert kept == {f"k{number}" for number in range(40) if number % 10 != 5}
    engine.dispose()
