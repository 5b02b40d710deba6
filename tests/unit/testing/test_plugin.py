"""The pytest plugin, in a project of its own: fixtures without any set-up, and nothing left running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

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
