"""Who may log in and who may not, and what the door does with nonsense."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import subprocess
import time
from typing import Any

import psycopg
import pytest
import redshift_connector
from hypothesis import given, settings, strategies as st

from slipher.testing.instance import Cluster, Instance
from slipher.testing.wire import Report, ServerError

PASSWORD = "Right1Word"


@pytest.fixture(scope="module")
def cluster(slipher: Instance) -> Cluster:
    return slipher.cluster


@pytest.fixture(scope="module")
def users(cluster: Cluster) -> Any:
    salted = hashlib.sha256((PASSWORD + "pepper").encode()).hexdigest()
    made = {
        "login_md5": f"password '{PASSWORD}'",
        "login_stored": "password 'md5{}'".format(hashlib.md5((PASSWORD + "login_stored").encode()).hexdigest()),
        "login_sha": f"password 'sha256|{PASSWORD}'",
        "login_salted": f"password 'sha256|{salted}|pepper'",
        "login_off": "password disable",
        "login_old": f"password '{PASSWORD}' valid until '2001-01-01'",
        "login_one": f"password '{PASSWORD}' connection limit 1",
    }
    with cluster.connect() as admin:
        for name, words in made.items():
            admin.rows(f"create user {name} {words}")
        yield
        for name in made:
            admin.simple(f"drop user {name}")


@pytest.mark.parametrize("name", ["login_md5", "login_stored", "login_sha", "login_salted"])
def test_the_right_password(cluster: Cluster, users: Any, name: str) -> None:
    with cluster.connect(name, PASSWORD) as one:
        assert one.rows("select current_user") == [(name,)]


@pytest.mark.parametrize(
    "name", ["login_md5", "login_stored", "login_sha", "login_salted", "login_off", "login_old", "nobody", "rdsdb"]
)
def test_a_wrong_one(cluster: Cluster, users: Any, name: str) -> None:
    password = PASSWORD if name in ("login_off", "login_old", "nobody") else "Wrong1Word"
    with pytest.raises(ServerError) as caught:
        cluster.connect(name, password)
    report = caught.value.report
    assert (report.fields["S"], report.code, report.message) == (
        "FATAL",
        "28000",
        f'password authentication failed for user "{name}"',
    )


def test_amazons_driver_speaks_sha256(
    cluster: Cluster, users: Any, slipher: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", slipher.environment["SSL_CERT_DIR"])
    for name in ("login_sha", "login_salted", "login_md5"):
        redshift_connector.connect(
            host=cluster.host, port=cluster.port, user=name, password=PASSWORD, database="dev"
        ).close()


def test_a_driver_without_sha256_says_so(cluster: Cluster, users: Any) -> None:
    dsn = cluster.dsn.replace(cluster.user, "login_sha").replace(cluster.password, PASSWORD)
    with pytest.raises(psycopg.OperationalError, match="authentication method 13 not supported"):
        psycopg.connect(dsn)


def test_unknown_database(cluster: Cluster) -> None:
    with pytest.raises(ServerError) as caught:
        cluster.connect(database="nowhere")
    assert (caught.value.report.code, caught.value.report.message) == ("3D000", 'database "nowhere" does not exist')


def test_connection_limit(cluster: Cluster, users: Any) -> None:
    with cluster.connect("login_one", PASSWORD):
        with pytest.raises(ServerError) as caught:
            cluster.connect("login_one", PASSWORD)
        assert caught.value.report.code == "53300"
    with cluster.connect("login_one", PASSWORD) as again:
        assert again.rows("select 1") == [("1",)]


def test_without_tls(cluster: Cluster) -> None:
    with pytest.raises(ServerError) as caught:
        cluster.connect(tls=False)
    assert caught.value.report.code == "28000"
    assert caught.value.report.message.endswith('database "dev", SSL off')


def test_settings_at_startup(cluster: Cluster) -> None:
    options = {
        "options": "-c statement_timeout=1234 --query_group=mine",
        "TimeZone": "Asia/Tokyo",
        "some_driver_word": "x",
    }
    with cluster.connect(options=options) as one:
        assert one.rows("show statement_timeout") == [("1234",)]
        assert one.rows("show query_group") == [("mine",)]
        assert one.parameters["TimeZone"] == "Asia/Tokyo"
    with pytest.raises(ServerError) as caught:
        cluster.connect(options={"options": "-c nonsense=1"})
    assert caught.value.report.code == "42704"


def test_what_the_client_is_told(cluster: Cluster) -> None:
    with cluster.connect() as one:
        told = one.parameters
    assert told["server_version"] == "8.0.2"
    assert told["client_encoding"] == "UTF8"
    assert told["DateStyle"].startswith("ISO")
    assert told["integer_datetimes"] == "on"
    assert told["is_superuser"] == "on"
    assert told["session_authorization"] == cluster.user
    assert "padb_revision" in told


def test_requests_before_startup(cluster: Cluster) -> None:
    with socket.create_connection((cluster.host, cluster.port), 20) as sock:
        sock.sendall(struct.pack("!ii", 8, 80877104))
        assert sock.recv(1) == b"N"
        sock.sendall(struct.pack("!ii", 8, 80877103))
        assert sock.recv(1) == b"S"


def test_a_cancel_with_a_wrong_key_does_nothing(cluster: Cluster) -> None:
    with cluster.connect() as holder, cluster.connect() as one, cluster.connect() as watcher:
        holder.rows("create table cancel_key (a int)")
        holder.rows("begin")
        holder.rows("insert into cancel_key values (1)")
        one.send_simple("insert into cancel_key values (2)")  # runs until the holder ends its transaction
        waiting = f"select 1 from stv_locks where lock_owner_pid = {one.pid} and lock_status like 'Waiting%'"
        limit = time.monotonic() + 30
        while not watcher.rows(waiting):
            assert time.monotonic() < limit
        key, pid = one.key, one.pid
        for one.pid, one.key in ((pid, key ^ 1), (pid, 0), (pid + 1, key)):
            one.cancel()
        one.pid, one.key = pid, key
        time.sleep(0.3)
        assert watcher.rows(waiting) == [("1",)]
        one.cancel()
        (error,) = [found for found in one.until_ready() if isinstance(found, Report) and found.error]
        assert error.code == "57014"
        one.cancel()  # nothing runs
        assert one.rows("select 1") == [("1",)]
        holder.rows("rollback")
        holder.rows("drop table cancel_key")


def startup(**words: str) -> bytes:
    body = struct.pack("!i", 196608) + b"".join(f"{k}\0{v}\0".encode() for k, v in words.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


NONSENSE = [
    b"GET / HTTP/1.1\r\n\r\n",
    struct.pack("!ii", 2**31 - 1, 196608),
    struct.pack("!ii", 4, 196608),
    struct.pack("!ii", -1, 0),
    struct.pack("!ii", 8, 131072),
    struct.pack("!ii", 9, 196608) + b"x",
    struct.pack("!iiii", 16, 80877102, 1, 1),
    startup(user="x")[:-1] + b"y",
    startup(),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"",
]


@pytest.mark.parametrize("data", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_at_the_door(cluster: Cluster, data: bytes) -> None:
    knock(cluster, data)
    with cluster.connect() as one:
        assert one.rows("select 1") == [("1",)]


def knock(cluster: Cluster, data: bytes) -> bytes:
    """Send bytes, say that there are no more, take all that comes."""
    with socket.create_connection((cluster.host, cluster.port), 20) as sock:
        heard = b""
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while part := sock.recv(4096):
                heard += part
        except OSError:
            pass
        return heard


@settings(max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.builds(lambda rest: startup(user="awsuser", database="dev") + rest, st.binary(max_size=200)),
    )
)
def test_random_bytes_at_the_door(cluster: Cluster, data: bytes) -> None:
    knock(cluster, data)


def test_the_door_still_opens(cluster: Cluster) -> None:
    with cluster.connect() as one:
        assert one.rows("select 1") == [("1",)]


def test_psql_conninfo(cluster: Cluster, slipher: Instance) -> None:
    import shutil

    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    done = subprocess.run(
        ["psql", "-X", "-At", "-c", "select 1"], env={**os.environ, **slipher.environment, "PGCLIENTENCODING": "SQL_ASCII"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
