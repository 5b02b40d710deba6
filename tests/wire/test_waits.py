"""Sessions that wait for each other: who waits, who ends a wait, what a vanished client leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slipher.testing.instance import Cluster, Instance
from slipher.testing.wire import Connection, DataRow, Ready, Report, ServerError, rows

LONG = 30.0


@pytest.fixture(scope="module")
def cluster(slipher: Instance) -> Cluster:
    return slipher.cluster


@pytest.fixture
def table(cluster: Cluster) -> Iterator[str]:
    name = f"waits_{time.monotonic_ns()}"
    with cluster.connect() as admin:
        admin.rows(f"create table {name} (a int)")
        yield name
        admin.simple(f"drop table {name}")


def until(true: Callable[[], Any]) -> Any:
    """Wait for something that must come."""
    limit = time.monotonic() + LONG
    while not (found := true()):
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.02)
    return found


def waiting(watcher: Connection, pid: int) -> bool:
    return bool(watcher.rows(f"select 1 from stv_locks where lock_owner_pid = {pid} and lock_status like 'Waiting%'"))


def the_error(messages: Any) -> Report:
    (found,) = [one for one in messages if isinstance(one, Report) and one.error]
    return found


def test_the_second_writer_waits_and_proceeds(cluster: Cluster, table: str) -> None:
    with cluster.connect() as one, cluster.connect() as two, cluster.connect() as three:
        one.rows("begin")
        one.rows(f"insert into {table} values (1)")
        two.send_simple(f"insert into {table} select count(*) from {table}")
        until(lambda: waiting(three, two.pid))
        assert three.rows(f"select count(*) from {table}") == [("0",)]
        one.rows("commit")
        rows(two.until_ready())
        assert three.rows(f"select a from {table} order by 1") == [("1",), ("1",)]


@pytest.mark.parametrize("how", ["timeout", "cancel", "function", "CANCEL", "terminate"])
def test_what_ends_a_wait(cluster: Cluster, table: str, how: str) -> None:
    with cluster.connect() as one, cluster.connect() as three:
        two = cluster.connect()
        one.rows("begin")
        one.rows(f"insert into {table} values (1)")
        if how == "timeout":
            two.rows("set statement_timeout to 300")
        two.send_simple(f"insert into {table} values (2)")
        if how != "timeout":
            until(lambda: waiting(three, two.pid))
        if how == "cancel":
            two.cancel()
        elif how == "function":
            assert three.rows(f"select pg_cancel_backend({two.pid})") == [("1",)]
        elif how == "CANCEL":
            three.rows(f"cancel {two.pid}")
        elif how == "terminate":
            assert three.rows(f"select pg_terminate_backend({two.pid})") == [("1",)]
            with pytest.raises(OSError):
                two.until_ready()
            until(lambda: not three.rows(f"select 1 from stv_sessions where process = {two.pid}"))
            one.rows("commit")
            return
        error = the_error(two.until_ready())
        assert error.code == "57014"
        assert error.message.startswith("Query (") and error.message.endswith(") cancelled on user's request")
        assert two.rows("select 1") == [("1",)]
        one.rows("commit")
        assert three.rows(f"select a from {table}") == [("1",)]
        two.close()


def test_a_deadlock_is_found(cluster: Cluster, table: str) -> None:
    with cluster.connect() as one, cluster.connect() as two, cluster.connect() as three:
        three.rows(f"create table {table}_b (a int)")
        for session, name in ((one, table), (two, f"{table}_b")):
            session.rows("begin")
            session.rows(f"insert into {name} values (1)")
        one.send_simple(f"insert into {table}_b values (2)")
        until(lambda: waiting(three, one.pid))
        error = the_error(two.simple(f"insert into {table} values (2)"))
        assert (error.code, error.message) == ("40P01", "deadlock detected")
        assert f"Process {two.pid} waits for" in error.fields["D"]
        rows(one.until_ready())
        one.rows("commit")
        assert two.status == "E"
        two.rows("rollback")
        three.rows(f"drop table {table}_b")


def test_a_client_that_vanishes_leaves_no_lock(cluster: Cluster, table: str) -> None:
    idle, busy = cluster.connect(), cluster.connect()
    with cluster.connect() as three:
        idle.rows("begin")
        idle.rows(f"insert into {table} values (1)")
        busy.send_simple(f"begin; insert into {table} values (2)")
        until(lambda: waiting(three, busy.pid))
        busy.abort()
        until(lambda: not three.rows(f"select 1 from stv_sessions where process = {busy.pid}"))
        idle.abort()
        three.rows(f"insert into {table} values (3)")
        assert three.rows(f"select a from {table}") == [("3",)]


def test_a_client_that_vanishes_inside_a_result(cluster: Cluster) -> None:
    digits = "(" + " union all ".join(f"select {n} n" for n in range(10)) + ")"
    wide = f"select lpad('x', 1000) from {digits} a, {digits} b, {digits} c, {digits} d, {digits} e, {digits} f"
    gone = cluster.connect()
    gone.send_simple(wide)
    gone.receive()
    with cluster.connect() as three:
        gone.abort()
        until(lambda: not three.rows(f"select 1 from stv_sessions where process = {gone.pid}"))


def test_who_does_not_read_holds_nobody_back(cluster: Cluster, slipher: Instance) -> None:
    """Ten clients ask for a gigabyte each and read nothing: others work, the process does not grow by it."""
    import json

    import psutil

    status = subprocess.run(
        [sys.executable, "-m", "slipher", "status", "--data-dir", str(slipher.data_dir), "--format", "json"],
        capture_output=True,
        check=True,
    )
    process = psutil.Process(json.loads(status.stdout)["clusters"][0]["pid"])
    digits = "(" + " union all ".join(f"select {n} n" for n in range(10)) + ")"
    wide = f"select lpad('x', 1000) from {digits} a, {digits} b, {digits} c, {digits} d, {digits} e, {digits} f"
    with cluster.connect() as three:
        before = process.memory_info().rss
        lazy = [cluster.connect() for _ in range(10)]
        for one in lazy:
            one.send_simple(wide)
        for _ in range(5):
            assert three.rows("select count(*) from pg_class where relname = 'pg_class'") == [("1",)]
            time.sleep(0.5)
        assert process.memory_info().rss - before < 1_500_000_000
        for one in lazy:
            one.abort()


def test_a_slow_reader_costs_little_memory(cluster: Cluster, slipher: Instance) -> None:
    """One client asks for 300 MB, reads nothing for a while, then all of it: the process holds a part of it at a time."""
    import json

    import psutil

    state = json.loads((slipher.data_dir / "run" / "state.json").read_bytes())
    (pid,) = [one["pid"] for one in state["clusters"] if one["id"] == cluster.id]
    process = psutil.Process(pid)
    digits = "(" + " union all ".join(f"select {n} n" for n in range(10)) + ")"
    wide = (
        f"select lpad('x', 1000) from {digits} a, {digits} b, {digits} c, {digits} d, {digits} e, "
        "(select 1 union all select 2 union all select 3) f"
    )
    with cluster.connect() as one:
        one.rows("select lpad('x', 1000)")
        before = most = process.memory_info().rss
        one.send_simple(wide)
        for _ in range(15):
            time.sleep(0.1)
            most = max(most, process.memory_info().rss)
        count = 0
        while not isinstance(message := one.receive(), Ready):
            count += isinstance(message, DataRow)
            if count % 50_000 == 0:
                most = max(most, process.memory_info().rss)
        assert count == 300_000
        assert most - before < 150_000_000


def test_only_ones_own_sessions(cluster: Cluster) -> None:
    with cluster.connect() as admin:
        admin.simple("drop user waits_user")
        admin.rows("create user waits_user password 'Abcdefg1'")
        with cluster.connect("waits_user", "Abcdefg1") as one:
            for text in (
                f"select pg_terminate_backend({admin.pid})",
                f"select pg_cancel_backend({admin.pid})",
                f"cancel {admin.pid}",
            ):
                with pytest.raises(ServerError) as caught:
                    one.rows(text)
                assert caught.value.report.code == "42501"
        until(lambda: not admin.rows("select 1 from stv_sessions where user_name like 'waits_user%'"))
        admin.rows("drop user waits_user")


def test_control_c_in_psql(cluster: Cluster, slipher: Instance, table: str) -> None:
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    with cluster.connect() as one, cluster.connect() as three:
        one.rows("begin")
        one.rows(f"insert into {table} values (1)")
        psql = subprocess.Popen(
            ["psql", "-X", "-c", f"insert into {table} values (2)"], env={**os.environ, **slipher.environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(lambda: three.rows(f"select 1 from stv_locks where lock_status like 'Waiting%' and table_id = "
                                 f"(select oid from pg_class where relname = '{table}')"))  # fmt: skip
        psql.send_signal(signal.SIGINT)
        _, said = psql.communicate(timeout=LONG)
        assert "cancelled on user's request" in said
        one.rows("rollback")


def psql_run(slipher: Instance, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    return subprocess.run(
        ["psql", "-X", "-At", *words], input=text, env={**os.environ, **slipher.environment}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


def test_psql_scripts(slipher: Instance) -> None:
    failed = psql_run(slipher, "select 1;\nselect nope;\nselect 2;\n", "-v", "ON_ERROR_STOP=1")
    assert (failed.returncode, failed.stdout) == (3, "1\n")
    assert psql_run(slipher, "select 1;\nselect nope;\nselect 2;\n").stdout == "1\n2\n"
    bound = psql_run(slipher, "select :'word', :number + 1;\n", "-v", "word=it's", "-v", "number=41")
    assert bound.stdout == "it's|42\n", bound.stderr
    assert psql_run(slipher, "", "-c", "select nope").returncode == 1
