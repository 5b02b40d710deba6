"""`slipher up`, `env`, `status`, `down`: what they say and do on one data directory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from host_tools import alive, environment, pids, refused, running, slipher, start, status, until, variables


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("slipher") / "data"
    start(directory)
    yield directory
    slipher("down", "--data-dir", directory)


def dsn(values: dict[str, str]) -> str:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    return " ".join(f"{name}={values[variable]}" for name, variable in names.items())


def test_ready_means_available(tmp_path: Path) -> None:
    """Also where changes of clusters are made to last: what `up` itself starts is not one."""
    done = slipher(
        "up", "--detach", "--data-dir", tmp_path, "--aws-port", "0", "--sql-port", "0", "--transition-seconds", "600"
    )
    assert done.stdout.splitlines()[0] == "ready"
    report = status(tmp_path)
    assert [row["status"] for row in report["clusters"]] == ["available"]
    assert report["gateway"]["endpoint"] in done.stdout
    assert report["clusters"][0]["endpoint"] in done.stdout
    described = slipher("aws", "--data-dir", tmp_path, "redshift", "describe-clusters", "--output", "json")
    assert [row["ClusterStatus"] for row in json.loads(described.stdout)["Clusters"]] == ["available"]
    with psycopg.connect(dsn(variables(tmp_path))) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    slipher("down", "--data-dir", tmp_path)
    assert not any(map(alive, pids(report)))


def test_status_names_every_process(home: Path) -> None:
    report = status(home)
    assert set(report) == {"gateway", "supervisor", "clusters"}
    assert all(map(alive, pids(report)))
    (cluster,) = report["clusters"]
    assert (cluster["id"], cluster["status"], cluster["error"]) == ("redshift-cluster-1", "available", None)
    text = slipher("status", "--data-dir", home).stdout
    for row in (f"supervisor  pid {report['supervisor']['pid']}", report["gateway"]["endpoint"], cluster["endpoint"]):
        assert row in text


def test_env_says_the_same_in_every_format(home: Path) -> None:
    values = variables(home)
    wanted = (
        "AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_REGION PGHOST PGPORT PGUSER PGPASSWORD "
        "PGDATABASE PGSSLMODE PGSSLROOTCERT SSL_CERT_DIR AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS "
        "SLIPHER_ACCOUNT_ID"
    )
    assert set(values) == set(wanted.split())
    script = slipher("env", "--data-dir", home).stdout
    dump = f"{script}\n{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    before = environment() | {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "old"}
    done = subprocess.run(["sh", "-c", dump], capture_output=True, text=True, env=before, check=True)
    shell = json.loads(done.stdout)
    assert {name: shell.get(name) for name in values} == values
    assert "AWS_PROFILE" not in shell and "AWS_SESSION_TOKEN" not in shell
    lines = slipher("env", "--data-dir", home, "--format", "dotenv").stdout.splitlines()
    assert dict(line.split("=", 1) for line in lines) == values
    assert "yaml" in refused("env", "--data-dir", home, "--format", "yaml")


def test_env_of_another_cluster(home: Path) -> None:
    make = ("redshift", "create-cluster", "--node-type", "ra3.large", "--cluster-type", "single-node")
    login = ("--master-username", "other", "--master-user-password", "Password1", "--db-name", "wares")
    slipher("aws", "--data-dir", home, *make, "--cluster-identifier", "second", *login)
    until(lambda: [row["status"] for row in running(home)["clusters"]] == ["available", "available"])
    values = variables(home, "--cluster", "second")
    assert (values["PGUSER"], values["PGDATABASE"], values["PGPASSWORD"]) == ("other", "wares", "")
    assert variables(home, "--cluster", "us-east-1/second") == values
    with psycopg.connect(dsn(values | {"PGPASSWORD": "Password1"})) as connection:
        assert connection.execute("select current_user").fetchone() == ("other",)
    assert refused("env", "--data-dir", home, "--cluster", "third") == (
        "there is no cluster third (clusters: redshift-cluster-1, second)"
    )
    shown = slipher(
        "aws",
        "--data-dir",
        home,
        "redshift",
        "delete-cluster",
        "--cluster-identifier",
        "second",
        "--skip-final-cluster-snapshot",
    )
    assert '"second"' in shown.stdout
    until(lambda: [row["id"] for row in running(home)["clusters"]] == ["redshift-cluster-1"])
    assert not (home / "clusters" / "us-east-1" / "second").exists()


def test_the_clients_commands(home: Path) -> None:
    """The region and keys of the shell do not matter."""
    other = {
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "AKIAX",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_SESSION_TOKEN": "t",
    }
    done = slipher("aws", "--data-dir", home, "sts", "get-caller-identity", "--output", "text", **other)
    assert done.stdout.split()[1] == "arn:aws:iam::123456789012:user/admin"
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    done = slipher("sql", "--data-dir", home, "-XAtc", "select current_user || 1")
    assert done.stdout == "awsuser1\n"


def test_a_second_start_is_told_who_runs(home: Path) -> None:
    pid = status(home)["supervisor"]["pid"]
    assert refused("up", "--detach", "--data-dir", home) == (
        f"Slipher already runs on {home} (supervisor pid {pid}): "
        f"`slipher status --data-dir {home}` shows it, `slipher down --data-dir {home}` stops it"
    )
    assert status(home)["supervisor"]["pid"] == pid


def test_a_busy_port(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        for option, other in (("--aws-port", "--sql-port"), ("--sql-port", "--aws-port")):
            assert refused("up", "--detach", "--data-dir", tmp_path / option, option, str(port), other, "0") == (
                f"port {port} on 127.0.0.1 cannot be used (Address already in use): "
                f"stop what listens there, or choose another with {option} (0 = any free one)"
            )
            assert not (tmp_path / option / "run" / "state.json").exists()


def test_memory_is_a_size(tmp_path: Path) -> None:
    for text in ("lots", "12", "1MB"):
        assert f"not {text}" in refused("up", "--data-dir", tmp_path / "d", "--memory", text)
    assert not (tmp_path / "d").exists()


def test_where_nothing_runs(tmp_path: Path) -> None:
    told = f"no Slipher runs on {tmp_path}: start it with `slipher up`"
    assert refused("env", "--data-dir", tmp_path) == told
    assert refused("status", "--data-dir", tmp_path) == told
    assert refused("sql", "--data-dir", tmp_path) == told
    assert slipher("down", "--data-dir", tmp_path).stdout == f"nothing runs on {tmp_path}\n"


def test_the_next_start_keeps_everything_but_what_is_asked_anew(tmp_path: Path) -> None:
    first = start(tmp_path, "--account", "210987654321", "--region", "eu-west-1", "--memory", "300MB")
    before = variables(tmp_path)
    assert (before["SLIPHER_ACCOUNT_ID"], before["AWS_REGION"]) == ("210987654321", "eu-west-1")
    with psycopg.connect(dsn(before), autocommit=True) as connection:
        connection.execute("create table kept (a int)")
    os.kill(first["supervisor"]["pid"], signal.SIGTERM)
    until(lambda: not any(map(alive, pids(first))))
    # a port of the last time is busy
    with socket.create_server((before["PGHOST"], int(before["PGPORT"]))):
        assert refused("up", "--detach", "--data-dir", tmp_path) == (
            f"port {before['PGPORT']} on 127.0.0.1, of cluster redshift-cluster-1, cannot be used (Address already in use): "
            "stop what listens there"
        )
        slipher("up", "--detach", "--data-dir", tmp_path, "--sql-port", "0", "--aws-port", "0", "--memory", "256MB")
    after = variables(tmp_path)
    assert {name for name in after if after[name] != before[name]} == {"AWS_ENDPOINT_URL", "PGPORT"}
    config = json.loads((tmp_path / "clusters/eu-west-1/redshift-cluster-1/config.json").read_bytes())
    assert (config["memory_limit"], config["gateway_url"]) == ("256MB", after["AWS_ENDPOINT_URL"])
    with psycopg.connect(dsn(after), autocommit=True) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    slipher("down", "--data-dir", tmp_path)
    assert "belongs to account 210987654321" in refused(
        "up", "--detach", "--data-dir", tmp_path, "--account", "123456789012"
    )


def test_files_are_private(home: Path) -> None:
    paths = [home, *home.rglob("*")]
    assert len(paths) > 20
    assert [path for path in paths if stat.S_IMODE(path.lstat().st_mode) & 0o077] == []


def test_only_loopback_is_bound(home: Path) -> None:
    wanted = {f"socket:[{inode}]" for inode in _sockets(pids(status(home)))}
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [row[1] for row in listening if row[3] == "0A" and f"socket:[{row[9]}]" in wanted]
    assert len(ours) == 2
    assert all(address.endswith("7F:" + address.rpartition(":")[2]) for address in ours), ours
    six = [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    assert [row for row in six if row[3] == "0A" and f"socket:[{row[9]}]" in wanted] == []


def _sockets(processes: list[int]) -> set[str]:
    found = set()
    for pid in processes:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                link = str(entry.readlink())
            except OSError:
                continue
            if link.startswith("socket:["):
                found.add(link[8:-1])
    return found


def test_help_reads_well() -> None:
    text = slipher("--help").stdout
    for command in ("up", "env", "status", "down", "aws", "sql"):
        assert command in text
    up = slipher("up", "--help").stdout
    for option in ("--data-dir", "--bind", "--aws-port", "--sql-port", "--detach", "--ephemeral", "--memory"):
        assert option in up
