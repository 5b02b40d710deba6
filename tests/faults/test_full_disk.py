"""A disk that fills up while Slipher runs: what does not fit is refused, everything else lives on, and room makes all well."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.config
import botocore.exceptions
import botocore.session
import psycopg
import pytest

MEGABYTES = 96


def slipher(directory: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "slipher", arguments[0], "--data-dir", str(directory), *arguments[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def as_root(*command: str) -> bool:
    """Run a command that only root may; whether that worked."""
    ways = [[], ["sudo", "-n"]] if shutil.which("sudo") else [[]]
    return any(subprocess.run([*way, *command], capture_output=True).returncode == 0 for way in ways)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A running instance on a file system of its own, which is small."""
    place = tmp_path / "disk"
    place.mkdir()
    options = f"size={MEGABYTES}m,mode=700,uid={os.getuid()}"
    if not as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)):
        pytest.skip("no file system can be mounted: neither as this account nor by sudo")
    try:
        slipher(place, "up", "--detach", "--aws-port", "0", "--sql-port", "0", "--memory", "256MB")
        yield place
        slipher(place, "down")
    finally:
        assert as_root("umount", "-l", str(place))


def test_a_disk_fills_up(small: Path) -> None:
    values = json.loads(slipher(small, "env", "--format", "json"))
    state = json.loads((small / "run" / "state.json").read_bytes())
    s3 = botocore.session.Session().create_client(
        "s3",
        region_name=values["AWS_REGION"],
        endpoint_url=values["AWS_ENDPOINT_URL"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(retries={"max_attempts": 1}),
    )
    s3.create_bucket(Bucket="disk")
    line = b"%d," + os.urandom(40).hex().encode() + b"\n"
    rows = 100_000
    s3.put_object(Bucket="disk", Key="rows", Body=b"".join(line % number for number in range(rows)))
    key, secret = values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"]
    load = f"copy t from 's3://disk/rows' access_key_id '{key}' secret_access_key '{secret}' csv"
    session = connect(values)
    session.execute("create table t (a int, b varchar(80))")
    session.execute(load)
    filler = small / "filler"
    room = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
    filler.write_bytes(bytes(room - 1024 * 1024))
    # S3 refuses an object that does not fit, and nothing of it stays
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.put_object(Bucket="disk", Key="big", Body=os.urandom(4 * 1024 * 1024))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
    assert [row["Key"] for row in s3.list_objects_v2(Bucket="disk")["Contents"]] == ["rows"]
    # a load that does not fit fails, the rows of before are there
    with pytest.raises(psycopg.Error) as full:
        for _ in range(20):
            connect(values).execute("insert into t select a, md5(a || random()) || md5(random() || a) from t")
    assert (full.value.sqlstate, full.value.diag.message_primary) == ("XX000", "Disk Full"), full.value
    assert wait_for(lambda: count(values)) % rows == 0
    # with room again all is well, by itself
    filler.unlink()
    before = wait_for(lambda: count(values))
    wait_for(lambda: connect(values).execute(load))
    assert count(values) == before + rows
    s3.put_object(Bucket="disk", Key="big", Body=b"fits")
    after = json.loads((small / "run" / "state.json").read_bytes())
    assert after["gateway"]["pid"] == state["gateway"]["pid"], "the gateway has lived through it"
    assert after["supervisor"]["pid"] == state["supervisor"]["pid"]


def test_a_checkpoint_meets_a_full_disk(small: Path) -> None:
    """The engine's process ends then, and starts again by itself: what was acknowledged is there."""
    values = json.loads(slipher(small, "env", "--format", "json"))
    session = connect(values)
    session.execute("create table t (a int, b varchar(200))")
    session.execute("insert into t select 1, 'seed'")
    for _ in range(11):
        session.execute("insert into t select a, md5(random()) || md5(random()) || md5(random()) from t")
    filler = small / "filler"
    room = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
    filler.write_bytes(
        bytes(room - 17 * 1024 * 1024)
    )  # little more than the log of writes may be before it is worked in
    acknowledged = 0
    with pytest.raises(psycopg.Error):
        for number in range(2, 2000):
            session.execute(
                f"insert into t select {number}, md5(random()) || md5(random()) || md5(random()) from t where a = 1"
            )
            acknowledged = number
    filler.unlink()
    found = wait_for(lambda: connect(values).execute("select count(distinct a), max(a) from t").fetchone())
    assert found in ((acknowledged, acknowledged), (acknowledged + 1, acknowledged + 1))
    wait_for(lambda: connect(values).execute("insert into t select 0, 'as before'"))
    assert "must be started anew" in (small / "logs" / "us-east-1-redshift-cluster-1.log").read_text()


def connect(values: dict[str, str]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=values["PGHOST"],
        port=values["PGPORT"],
        user=values["PGUSER"],
        password=values["PGPASSWORD"],
        dbname=values["PGDATABASE"],
        sslmode="require",
        autocommit=True,
    )


def count(values: dict[str, str]) -> int:
    found = connect(values).execute("select count(*) from t").fetchone()
    assert found is not None
    return int(found[0])


def wait_for(what: Any, seconds: float = 60) -> Any:
    """What it gives, as soon as the cluster, which may be starting again, lets it."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return what()
        except psycopg.Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
