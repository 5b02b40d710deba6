"""The log of loads and unloads: whose rows a user sees, and for how long they are kept.

A cluster's process whose clock is moved runs beside the instance's own: today, then just before and just after a week.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection, ServerError, connect

DAY = 86400
# What the process runs: everything that asks for the time gets a moved one.
MOVED = """
import sys
from datetime import timedelta
from slipher.base.clock import SystemClock
by, now = timedelta(seconds=float(sys.argv.pop(1))), SystemClock.now
SystemClock.now = lambda self: now(self) + by
from slipher.warehouse.listen import main
main()
"""
# Relation -> the column of its query id; what `work` does leaves rows in each.
LOGS = {
    "stl_load_errors": "query",
    "stl_loaderror_detail": "query",
    "stl_load_commits": "query",
    "stl_file_scan": "query",
    "stl_replacements": "query",
    "stl_s3client": "query",
    "stl_s3client_error": "query",
    "stl_unload_log": "query",
    "sys_load_history": "query_id",
    "sys_load_detail": "query_id",
    "sys_load_error_detail": "query_id",
    "sys_unload_history": "query_id",
    "sys_unload_detail": "query_id",
    "svl_s3log": "query",
}
PASSWORD = "Abcd1234"
USERS = {"loader": "", "stranger": "", "auditor": "syslog access unrestricted"}
Login = Callable[[str], Connection]


@contextmanager
def process(instance: Instance, directory: Path, moved: float) -> Iterator[Login]:
    """A cluster's process that lives so many seconds ahead; logs in by the user's name."""
    (found,) = instance.data_dir.glob("clusters/*/redshift-cluster-1/config.json")
    data = directory / "data"
    data.mkdir(exist_ok=True)
    (data / "run.json").unlink(missing_ok=True)
    config = json.loads(found.read_bytes())
    config |= {"data_dir": str(data), "socket": str(directory / "s"), "port": 0}
    (data / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-c", MOVED, str(moved), "--config", str(data / "config.json")]
    running = subprocess.Popen(command)
    try:
        until = time.monotonic() + 60
        while not (data / "run.json").exists():
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        port = json.loads((data / "run.json").read_bytes())["port"]

        def login(user: str) -> Connection:
            if user == "rdsdb":
                return connect(str(directory / "s"), 0, user=user)
            return connect(config["host"], port, user=user, password=PASSWORD)

        yield login
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def work(session: Connection, bucket: str, keys: str) -> None:
    """Loads and unloads that leave a row in each of the relations."""
    session.rows("create table loaded (a int, b varchar(9))")
    session.rows(f"copy loaded from 's3://{bucket}/in' {keys} acceptinvchars maxerror 9")
    session.rows(f"unload ('select * from loaded') to 's3://{bucket}/out/' {keys} allowoverwrite")
    for refused in (
        f"copy loaded from 's3://{bucket}/bad.parquet' {keys} parquet",
        f"copy loaded from 's3://{bucket}/in' access_key_id 'AKIAUNKNOWN000000000' secret_access_key 'no'",
    ):
        with pytest.raises(ServerError):
            session.rows(refused)


def counts(session: Connection) -> dict[str, int]:
    """How many rows of each relation the user sees."""
    return {name: int(session.rows(f"select count(*) from {name}")[0][0]) for name in LOGS}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def kept(slipher: Instance, directory: Path) -> dict[str, dict[str, int]]:
    """What each user sees of the logs after `loader` and the superuser have worked; the process has ended."""
    s3, bucket = slipher.client("s3"), "load-logs"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="in", Body=b"1|one\nx|bad\n2|tw\xff\n")
    s3.put_object(Bucket=bucket, Key="bad.parquet", Body=b"no parquet at all")
    key, secret = slipher.environment["AWS_ACCESS_KEY_ID"], slipher.environment["AWS_SECRET_ACCESS_KEY"]
    keys = f"access_key_id '{key}' secret_access_key '{secret}'"
    try:
        with process(slipher, directory, 0) as login, ExitStack() as open_sessions:
            admin = open_sessions.enter_context(login("rdsdb"))
            for user, options in USERS.items():
                admin.rows(f"create user {user} password '{PASSWORD}' {options}")
            sessions = {user: open_sessions.enter_context(login(user)) for user in USERS}
            work(sessions["loader"], bucket, keys)
            admin.rows("create schema own")
            admin.rows("set search_path to own")
            work(admin, bucket, keys)
            return {user: counts(one) for user, one in (sessions | {"admin": admin}).items()}
    finally:
        slipher.empty_bucket(bucket)
        s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("relation", LOGS)
def test_a_user_sees_his_own_rows_and_a_superuser_all(kept: dict[str, dict[str, int]], relation: str) -> None:
    own = kept["loader"][relation]
    assert own > 0
    assert kept["stranger"][relation] == 0
    assert kept["admin"][relation] == kept["auditor"][relation] == 2 * own


def test_they_are_kept_for_a_week(slipher: Instance, directory: Path, kept: dict[str, dict[str, int]]) -> None:
    """Also by a process that starts later, and on its first look."""
    with process(slipher, directory, 7 * DAY - 600) as login, login("rdsdb") as session:
        assert counts(session) == kept["admin"]
    with process(slipher, directory, 7 * DAY + 60) as login, login("rdsdb") as session:
        assert counts(session) == dict.fromkeys(LOGS, 0)
        # what is younger stays: a query of the week's last minutes
        assert int(session.rows("select count(*) from stl_query where starttime < sysdate - interval '5 minute'")[0][0])
