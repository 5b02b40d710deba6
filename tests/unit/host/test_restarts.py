"""What dies comes back by itself, what will not stay is given up, and nothing outlives its supervisor for long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from host_tools import alive, environment, pids, running, slipher, start, status, until, variables

FIRST = "redshift-cluster-1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("slipher") / "data"
    start(directory)
    yield directory
    slipher("down", "--data-dir", directory)


def connect(directory: Path) -> psycopg.Connection[Any]:
    values = variables(directory)
    return psycopg.connect(
        host=values["PGHOST"],
        port=values["PGPORT"],
        user=values["PGUSER"],
        password=values["PGPASSWORD"],
        dbname=values["PGDATABASE"],
        sslmode="require",
        autocommit=True,
    )


def described(directory: Path) -> str:
    """The first cluster's status in the API."""
    found = slipher("aws", "--data-dir", directory, "redshift", "describe-clusters", "--output", "json").stdout
    return str(json.loads(found)["Clusters"][0]["ClusterStatus"])


def serving(directory: Path, not_pid: int) -> dict[str, Any] | None:
    """The report, once the gateway and the cluster run, neither with the pid."""
    report = running(directory)
    (cluster,) = report["clusters"]
    fresh = not_pid not in pids(report) and report["gateway"]["status"] == "available"
    return report if fresh and cluster["status"] == "available" else None


def test_a_killed_gateway_comes_back_and_sessions_stay(home: Path) -> None:
    before = status(home)
    with connect(home) as session:
        session.execute("create temp table mine as select 1 as a")
        os.kill(before["gateway"]["pid"], signal.SIGKILL)
        assert session.execute("select a from mine").fetchone() == (1,)
        after = until(lambda: serving(home, before["gateway"]["pid"]))
        assert described(home) == "available"
        assert session.execute("select a from mine").fetchone() == (1,)
    assert [row["pid"] for row in after["clusters"]] == [row["pid"] for row in before["clusters"]]
    assert after["gateway"]["endpoint"] == before["gateway"]["endpoint"]


def test_a_killed_cluster_comes_back_with_what_was_committed(home: Path) -> None:
    """However often: a process that had served for a moment is not in a crash loop."""
    with connect(home) as session:
        session.execute("create table kept (a int)")
    for number in range(6):
        (cluster,) = running(home)["clusters"]
        with connect(home) as session:
            session.execute(f"insert into kept values ({number})")
        time.sleep(2.5)
        os.kill(cluster["pid"], signal.SIGKILL)
        until(lambda pid=cluster["pid"]: serving(home, pid))  # type: ignore[misc]
        with connect(home) as session:
            assert session.execute("select count(*) from kept").fetchone() == (number + 1,)


def test_a_stopped_process_is_started_again(home: Path) -> None:
    """A cluster or gateway that somebody ends politely shall run all the same."""
    for name in ("gateway", "cluster"):
        report = running(home)
        pid = report["gateway"]["pid"] if name == "gateway" else report["clusters"][0]["pid"]
        os.kill(pid, signal.SIGTERM)
        until(lambda pid=pid: serving(home, pid))  # type: ignore[misc]


def test_a_crash_loop_ends_with_its_reason(tmp_path: Path) -> None:
    start(tmp_path)
    slipher("down", "--data-dir", tmp_path)
    file = tmp_path / "clusters" / "us-east-1" / FIRST / "warehouse.duckdb"
    good = file.read_bytes()
    file.write_bytes(b"\xff" * len(good))
    shown = slipher("up", "--detach", "--data-dir", tmp_path).stdout
    (cluster,) = status(tmp_path)["clusters"]
    assert (cluster["status"], cluster["pid"]) == ("failed", None)
    assert "warehouse.duckdb" in cluster["error"], "the reason is the engine's"
    assert cluster["error"] in shown and cluster["error"] in slipher("status", "--data-dir", tmp_path).stdout
    assert described(tmp_path) == "hardware-failure"
    assert status(tmp_path)["gateway"]["pid"], "the gateway serves on"
    # repaired and rebooted, it is back
    file.write_bytes(good)
    slipher("aws", "--data-dir", tmp_path, "redshift", "reboot-cluster", "--cluster-identifier", FIRST)
    until(lambda: running(tmp_path)["clusters"][0]["status"] == "available")
    assert described(tmp_path) == "available"
    with connect(tmp_path) as session:
        assert session.execute("select 1").fetchone() == (1,)
    slipher("down", "--data-dir", tmp_path)


def test_a_gateway_that_cannot_start_ends_the_start(tmp_path: Path) -> None:
    start(tmp_path)
    slipher("down", "--data-dir", tmp_path)
    (tmp_path / "gateway.db").write_bytes(b"\xff" * 65536)
    for leftover in ("gateway.db-wal", "gateway.db-shm"):
        (tmp_path / leftover).unlink(missing_ok=True)
    done = slipher("up", "--detach", "--data-dir", tmp_path, ok=False)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "file is not a database" in done.stderr
    assert slipher("down", "--data-dir", tmp_path).stdout.startswith("nothing runs")


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    report = start(tmp_path)
    with connect(tmp_path) as session:
        session.execute("create table kept as select 1 as a")
        os.kill(report["supervisor"]["pid"], signal.SIGKILL)
        until(lambda: not any(map(alive, pids(report))), seconds=30)
    # and the next start does not wait for that
    again = start(tmp_path)
    os.kill(again["supervisor"]["pid"], signal.SIGKILL)
    last = start(tmp_path)
    assert not set(pids(last)) & set(filter(alive, pids(again)))
    with connect(tmp_path) as session:
        assert session.execute("select a from kept").fetchone() == (1,)
    slipher("down", "--data-dir", tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_without_detach_it_ends_with_the_command(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "slipher", "up", "--data-dir", str(tmp_path), "--aws-port", "0", "--sql-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    report = status(tmp_path)
    process.send_signal(number)
    assert process.wait(60) == (-number if number == signal.SIGKILL else 0)
    until(lambda: not any(map(alive, pids(report))), seconds=30)
    process.stdout.close()


def test_the_command_tells_that_its_supervisor_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "slipher", "up", "--data-dir", str(tmp_path), "--aws-port", "0", "--sql-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    report = status(tmp_path)
    os.kill(report["supervisor"]["pid"], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == f"slipher: the supervisor ended unexpectedly; see {tmp_path / 'logs'}\n"
    until(lambda: not any(map(alive, pids(report))), seconds=30)
