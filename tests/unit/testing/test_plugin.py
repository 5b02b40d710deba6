"""The pytest plugin, in a project of its own: fixtures without any set-up, and nothing left running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slipher.testing

PROJECT = """
import json
import os
import pathlib

import psycopg


def test_bucket(slipher, slipher_bucket):
    s3 = slipher.client("s3")
    s3.put_object(Bucket=slipher_bucket, Key="k", Body=b"x")
    assert s3.get_object(Bucket=slipher_bucket, Key="k")["Body"].read() == b"x"
    pathlib.Path("facts.json").write_text(json.dumps(
        {"data_dir": str(slipher.data_dir), "pid": slipher._process.pid, "bucket": slipher_bucket}
    ))


def test_bucket_is_gone_after_its_test(slipher):
    before = json.loads(pathlib.Path("facts.json").read_text())
    assert before["data_dir"] == str(slipher.data_dir), "the session has one instance"
    assert slipher.client("s3").list_buckets()["Buckets"] == []


def test_cluster(slipher_cluster):
    with psycopg.connect(slipher_cluster.dsn) as connection:
        assert connection.execute("select 1 + 1").fetchone() == (2,)


def test_own_client_sees_everything_in_order(slipher_cluster):
    with slipher_cluster.connect() as session:
        kinds = [type(message).__name__ for message in session.simple("select 1; select 2")]
    assert kinds == ["RowDescription", "DataRow", "Complete"] * 2 + ["Ready"]
"""


def test_fixtures_work_in_a_project_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(PROJECT)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AWS_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert not Path(facts["data_dir"]).exists()
    assert not Path(f"/proc/{facts['pid']}").exists()


ENDINGS = """
import json
import pathlib
import time


def test_ending(slipher, slipher_bucket, slipher_cluster):
    state = json.loads((slipher.data_dir / "run" / "state.json").read_text())
    pids = [state["supervisor"]["pid"], state["gateway"]["pid"], *(row["pid"] for row in state["clusters"])]
    part = pathlib.Path("facts.part")
    part.write_text(json.dumps({"data_dir": str(slipher.data_dir), "pids": pids}))
    part.rename("facts.json")
    HOW
"""


def own_environment(directory: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AWS_"))}
    return environment | {"TMPDIR": str(directory)}


def all_gone(facts: dict[str, Any]) -> bool:
    return not Path(facts["data_dir"]).exists() and not any(alive(pid) for pid in facts["pids"])


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_nothing_stays_after_a_run_that_fails(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(ENDINGS.replace("HOW", "raise RuntimeError"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, env=own_environment(tmp_path), capture_output=True, timeout=120)
    assert done.returncode != 0
    facts = json.loads((tmp_path / "facts.json").read_text())
    wait(lambda: all_gone(facts))


def test_nothing_stays_after_a_killed_run(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(ENDINGS.replace("HOW", "time.sleep(600)"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    run = subprocess.Popen(
        command, cwd=tmp_path, env=own_environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait(lambda: (tmp_path / "facts.json").exists())
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert all(map(alive, facts["pids"]))
    run.kill()
    run.wait(60)
    wait(lambda: all_gone(facts))


def wait(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def test_workers_have_instances_of_their_own(tmp_path: Path) -> None:
    """pytest-xdist in a user's project: each worker's fixtures are its own instance's."""
    test = """
import pathlib

import pytest

@pytest.mark.parametrize("number", range(2))
def test_worker(slipher, slipher_cluster, number, worker_id):
    with slipher_cluster.connect() as session:
        session.rows("create table mine as select 1 as a")
    pathlib.Path(f"{worker_id}.txt").write_text(f"{slipher.data_dir} {slipher.endpoint}")
"""
    (tmp_path / "test_mine.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "test_mine.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=own_environment(tmp_path), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    facts = [path.read_text().split() for path in tmp_path.glob("gw*.txt")]
    assert len(facts) == 2 and not set(facts[0]) & set(facts[1])
    assert not any(Path(data_dir).exists() for data_dir, _ in facts)


def test_start_takes_what_an_instance_is_to_be() -> None:
    with slipher.testing.start(account="210987654321", region="eu-west-1", memory="256MB") as instance:
        assert (instance.account, instance.region) == ("210987654321", "eu-west-1")
        arn = instance.client("sts").get_caller_identity()["Arn"]
        assert arn == "arn:aws:iam::210987654321:user/admin"
        with instance.cluster.connect() as session:
            assert session.rows("select 1") == [("1",)]
    assert not instance.data_dir.exists()
    instance.stop()  # again: nothing happens


def test_an_instance_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import os, signal, slipher.testing as t; i = t.start(); "
        "print(i._process.pid, i.data_dir, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    pid, data_dir = done.stdout.split()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() or Path(data_dir).exists():
        assert time.monotonic() < deadline, "the supervisor outlives its tests"
        time.sleep(0.05)


def test_the_plugin_costs_nothing_until_it_is_used() -> None:
    program = "import sys, slipher.testing.plugin; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    heavy = {"duckdb", "pyarrow", "sqlglot", "botocore", "sqlalchemy", "typer", "slipher.host", "slipher.warehouse"}
    assert heavy.isdisjoint(done.stdout.split())
