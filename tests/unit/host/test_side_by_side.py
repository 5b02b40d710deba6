"""Several instances at once never collide; ephemeral ones leave nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from host_tools import alive, environment, pids, running, slipher, until

from slipher.testing import Instance, start as start_instance


def test_parallel_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when each asks for a cluster on the same port."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with ThreadPoolExecutor() as pool:
        instances = list(pool.map(lambda _: start_instance(), range(3)))
        try:
            assert len({one.data_dir for one in instances}) == len({one.endpoint for one in instances}) == 3
            made = list(pool.map(lambda one: one.create_cluster("second", Port=28192), instances))
            places = {(one.host, one.port) for one in [*made, *(one.cluster for one in instances)]}
            assert len(places) == 6
            assert {one.port for one in made} == {28192}
            assert all(one.host.startswith("127.0.0.") for one in made)
            for number, cluster in enumerate(made):
                with cluster.connect() as session:
                    session.rows(f"create table n as select {number} as n")
            for number, cluster in enumerate(made):
                with cluster.connect() as session:
                    assert session.rows("select n from n") == [(str(number),)]
        finally:
            list(pool.map(Instance.stop, instances))
    assert list(tmp_path.iterdir()) == []


def test_clusters_that_ask_for_the_same_port(slipher: Instance) -> None:
    """The first has 127.0.0.1, the next ones .2, .3; the endpoint that is described is the one that answers."""
    made = [slipher.create_cluster(f"same-{number}", Port=28193) for number in range(3)]
    assert [(one.host, one.port) for one in made] == [("127.0.0.1", 28193), ("127.0.0.2", 28193), ("127.0.0.3", 28193)]
    redshift = slipher.client("redshift")
    for one in made:
        with one.connect() as session:
            assert session.rows("select current_user") == [("awsuser",)]
        redshift.delete_cluster(ClusterIdentifier=one.id, SkipFinalClusterSnapshot=True)
    until(lambda: len(redshift.describe_clusters()["Clusters"]) == 1)
    # the address is free again, whatever connections it had a moment ago
    assert slipher.create_cluster("same-again", Port=28193).host == "127.0.0.1"
    redshift.delete_cluster(ClusterIdentifier="same-again", SkipFinalClusterSnapshot=True)


def ephemeral(directory: Path) -> tuple[Path, dict[str, str]]:
    """Start one detached, with temporary files in a directory; its data directory."""
    more = {"TMPDIR": str(directory)}
    shown = slipher("up", "--detach", "--ephemeral", **more).stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("  data")]
    return Path(line.split()[1]), more


def test_ephemeral_leaves_nothing(tmp_path: Path) -> None:
    place, _ = ephemeral(tmp_path)
    assert place.parent == tmp_path
    slipher("down", "--data-dir", place)
    assert list(tmp_path.iterdir()) == []


def test_ephemeral_leaves_nothing_after_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "slipher", "up", "--ephemeral"]
    more = environment() | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=more)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_ephemeral_one_left_goes_at_the_next_start(tmp_path: Path) -> None:
    first, _ = ephemeral(tmp_path)
    second, _ = ephemeral(tmp_path)
    report = running(first)
    os.kill(report["supervisor"]["pid"], signal.SIGKILL)
    assert first.exists()
    last, _ = ephemeral(tmp_path)
    assert set(tmp_path.iterdir()) == {second, last}
    assert not any(map(alive, pids(report)))
    for place in (second, last):
        slipher("down", "--data-dir", place)
    assert list(tmp_path.iterdir()) == []
