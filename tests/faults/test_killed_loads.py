"""kill -9 of a cluster at random moments of a COPY of 5 million rows: it is back by itself, with all rows or none."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fault_tools import COLUMNS, Source, connect_again, pid_of, put_source, spooled, until

from slipher.host.child import STABLE_SECONDS
from slipher.testing import Cluster, Instance, start
from slipher.testing.wire import Connection, ServerError

FILES, ROWS = 8, 625_000
BACK_SECONDS = 60.0  # generous; a cluster is back in 2 or 3 on a machine that is idle else


@dataclass
class Scene:
    """A cluster to kill, another one whose session must never notice, and what to load."""

    instance: Instance
    cluster: Cluster
    bystander: Connection
    source: Source
    seconds: float  # that a load takes


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with start(memory="512MB") as instance:
        source = put_source(instance, FILES, ROWS)
        other = instance.create_cluster("bystander")
        with other.connect() as bystander:
            bystander.rows("create temp table mine as select 42 as a")
            with instance.cluster.connect() as session:
                session.rows(f"create table t {COLUMNS}")
                began = time.monotonic()
                session.rows(source.copy)
                seconds = time.monotonic() - began
                assert session.rows("select count(*), sum(a) from t") == [(str(source.total), str(source.sum))]
                session.rows("truncate t")
            yield Scene(instance, instance.cluster, bystander, source, seconds)


def kill_during_a_load(scene: Scene, moment: float) -> bool:
    """Kill the cluster's process so many seconds after the start of a COPY; check everything; whether the rows came in."""
    source, instance = scene.source, scene.instance
    pid = until(lambda: pid_of(instance, scene.cluster))
    time.sleep(STABLE_SECONDS)  # a process that dies sooner, again and again, counts as a crash loop
    done = threading.Event()

    def load() -> None:
        session = connect_again(scene.cluster)
        try:
            started.set()
            session.rows(source.copy)
            done.set()
        except (OSError, EOFError, ServerError):
            pass
        finally:
            session.abort()

    started = threading.Event()
    thread = threading.Thread(target=load)
    thread.start()
    assert started.wait(60)
    time.sleep(moment)
    acknowledged = done.is_set()
    os.kill(pid, signal.SIGKILL)
    thread.join(60)
    assert not thread.is_alive(), "the client of a killed cluster must be told"
    killed = time.monotonic()
    session = connect_again(scene.cluster, BACK_SECONDS)
    assert time.monotonic() - killed < BACK_SECONDS
    with session:
        ((count, total),) = session.rows("select count(*), sum(a) from t")
        came = count != "0"
        assert (count, total) == ((str(source.total), str(source.sum)) if came else ("0", None))
        assert came or not acknowledged, "what was acknowledged is there"
        assert spooled(instance) == []
        # the record of files: none twice, each with its lines, and no rows without one
        query = "select query, count(*), count(distinct filename), min(lines_scanned), max(lines_scanned) from stl_load_commits"
        logged = session.rows(f"{query} group by query order by query")
        assert all(number == distinct for _, number, distinct, _, _ in logged)
        assert {lines for row in logged for lines in row[3:]} <= {str(source.rows)}
        assert logged[0][1] == str(source.files)
        if came:
            assert logged[-1][1] == str(source.files)
        session.rows("truncate t")
        # and it works as before
        session.rows("insert into t values (1, 'x', 2.5, '2024-02-29')")
        assert session.rows("select * from t") == [("1", "x", "2.50", "2024-02-29")]
        session.rows("truncate t")
    assert scene.bystander.rows("select a from mine") == [("42",)], "another cluster's session has not noticed"
    return came


def campaign(scene: Scene, number: int) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    outcomes = []
    for index in range(number):
        moment = dice.uniform(0.02, scene.seconds * 1.05)
        try:
            outcomes.append(kill_during_a_load(scene, moment))
        except BaseException as error:
            error.add_note(f"seed {seed}, kill {index + 1} of {number}, {moment:.3f} s after the start of its COPY")
            raise
    assert not all(outcomes), "no load was hit: the moments are wrong"


def test_five_kills(scene: Scene) -> None:
    campaign(scene, 5)


@pytest.mark.faults
def test_a_hundred_kills(scene: Scene) -> None:
    campaign(scene, 100)
