"""COPY against a running instance: large loads, waiting and cancelling, what failures leave: nothing."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection, Report, ServerError

ROWS = 400_000
FILES = 3


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> str:
    environment = slipher.environment
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return f"access_key_id '{key}' secret_access_key '{secret}'"


@pytest.fixture(scope="module")
def source(slipher: Instance) -> Iterator[str]:
    """A bucket with FILES objects of ROWS rows below big/ (gzip'd CSV) and many/ (plain, more of it)."""
    s3 = slipher.client("s3")
    s3.create_bucket(Bucket="copy-source")
    for part in range(FILES):
        lines = (
            f'{n},"text ""{n}"", é",{n % 997}.{n % 100:02d}5,2024-01-{n % 28 + 1:02d} 10:00:00'
            for n in range(part * ROWS, (part + 1) * ROWS)
        )
        data = "\n".join(lines).encode()
        s3.put_object(Bucket="copy-source", Key=f"big/{part}.gz", Body=gzip.compress(data, 1))
        s3.put_object(Bucket="copy-source", Key=f"many/{part}", Body=(data + b"\n") * 4)
    yield "copy-source"
    slipher.empty_bucket("copy-source")
    s3.delete_bucket(Bucket="copy-source")


@pytest.fixture
def session(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        connection.rows("drop table if exists big")
        connection.rows("create table big (a int not null, b varchar(40), c numeric(8, 2), d timestamp)")
        yield connection
        connection.rows("drop table big")


def failed(messages: list[object]) -> Report:
    (error,) = [one for one in messages if isinstance(one, Report) and one.error]
    return error


def test_every_row_comes_once(session: Connection, source: str, keys: str) -> None:
    session.rows(f"copy big from 's3://{source}/big/' {keys} csv gzip")
    total = ROWS * FILES
    ((count, distinct, low, high),) = session.rows("select count(*), count(distinct a), min(a), max(a) from big")
    assert (count, distinct, low, high) == (str(total), str(total), "0", str(total - 1))
    wrong = session.rows(
        "select count(*) from big where b <> 'text \"' || a || '\", é' or d <> dateadd(day, a % 28, '2024-01-01 10:00:00') "
        "or c <> (a % 997) + (a % 100) / 100.00"
    )
    assert wrong == [("0",)]
    assert session.rows("select pg_last_copy_count()") == [(str(total),)]
    scanned = session.rows("select sum(lines_scanned), count(*) from stl_load_commits where query = pg_last_copy_id()")
    assert scanned == [(str(total), str(FILES))]


def in_the_middle(watcher: Connection) -> None:
    """Wait until the COPY that runs has read something of its files."""
    limit = time.monotonic() + 30
    while not watcher.rows("select 1 from stv_load_state where bytes_loaded > 0 and bytes_loaded < bytes_to_load"):
        assert time.monotonic() < limit, "no COPY was seen at work"


def spooled(slipher: Instance) -> list[Path]:
    """Files in the clusters' spool directories."""
    places = list(slipher.data_dir.rglob("spool"))
    assert places
    return [path for place in places for path in place.rglob("*") if path.is_file()]


def test_cancel_is_prompt_and_leaves_nothing(slipher: Instance, session: Connection, source: str, keys: str) -> None:
    session.send_simple(f"copy big from 's3://{source}/many/' {keys} csv")
    with slipher.cluster.connect() as watcher:
        in_the_middle(watcher)
    began = time.monotonic()
    session.cancel()
    error = failed(session.until_ready())
    assert error.code == "57014"
    assert time.monotonic() - began < 5
    assert spooled(slipher) == []
    assert session.rows("select count(*) from big") == [("0",)]
    assert session.rows("select count(*) from stl_load_errors where query = pg_last_copy_id()") == [("0",)]


def test_control_c_of_psql_ends_it(slipher: Instance, session: Connection, source: str, keys: str) -> None:
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    psql = subprocess.Popen(
        ["psql", "-X", "-v", "VERBOSITY=verbose", "-c", f"copy big from 's3://{source}/many/' {keys} csv"],
        env={**os.environ, **slipher.environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    in_the_middle(session)
    began = time.monotonic()
    psql.send_signal(signal.SIGINT)
    _, said = psql.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert psql.returncode == 1
    assert "57014" in said and "cancelled on user's request" in said
    assert spooled(slipher) == []
    assert session.rows("select count(*) from big") == [("0",)]


def test_statement_timeout_ends_it(slipher: Instance, session: Connection, source: str, keys: str) -> None:
    session.rows("set statement_timeout to 300")
    began = time.monotonic()
    with pytest.raises(ServerError, match="cancelled") as caught:
        session.rows(f"copy big from 's3://{source}/many/' {keys} csv")
    assert caught.value.report.code == "57014"
    assert time.monotonic() - began < 5
    assert spooled(slipher) == []
    session.rows("set statement_timeout to 0")
    assert session.rows("select count(*) from big") == [("0",)]


def test_a_second_writer_waits_and_readers_do_not(
    slipher: Instance, session: Connection, source: str, keys: str
) -> None:
    with slipher.cluster.connect() as other:
        other.rows("begin")
        other.rows("insert into big values (-1, null, null, null)")
        done = threading.Event()

        def load() -> None:
            session.rows(f"copy big from 's3://{source}/big/0' {keys} csv gzip")
            done.set()

        thread = threading.Thread(target=load)
        thread.start()
        assert not done.wait(1)
        with slipher.cluster.connect() as reader:
            assert reader.rows("select count(*) from big") == [("0",)]
        other.rows("commit")
        thread.join(60)
        assert done.is_set()
    assert session.rows("select count(*) from big") == [(str(ROWS + 1),)]


def test_a_late_error_takes_all_rows_back(slipher: Instance, session: Connection, source: str, keys: str) -> None:
    s3 = slipher.client("s3")
    s3.put_object(Bucket=source, Key="late/0", Body=b"1,a,1,2024-01-01\n" * 300_000)
    s3.put_object(Bucket=source, Key="late/1", Body=b"2,b,1,2024-01-01\n" * 300_000 + b"x,c,1,2024-01-01")
    with pytest.raises(ServerError, match="Load into table 'big' failed"):
        session.rows(f"copy big from 's3://{source}/late/' {keys} csv")
    assert session.rows("select count(*) from big") == [("0",)]
    found = session.rows(
        "select trim(filename), line_number, trim(raw_line) from stl_load_errors where query = pg_last_copy_id()"
    )
    assert found == [(f"s3://{source}/late/1", "300001", "x,c,1,2024-01-01")]
    session.rows(f"copy big from 's3://{source}/late/' {keys} csv maxerror 2")
    assert session.rows("select count(*) from big") == [("600000",)]


def test_secrets_are_nowhere(slipher: Instance, session: Connection, source: str) -> None:
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYSECRET"
    with pytest.raises(ServerError) as caught:
        session.rows(
            f"copy big from 's3://{source}/big/' credentials 'aws_access_key_id=AKIASECRETID;aws_secret_access_key={secret}' csv"
        )
    assert secret not in str(caught.value.__dict__)
    shown = session.rows("select querytxt from stl_query where querytxt like 'copy big%'")
    assert shown and not any(secret in (text or "") or "AKIASECRETID" in (text or "") for (text,) in shown)
    kept = [path for path in slipher.data_dir.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert kept == []


def test_nothing_is_spooled(slipher: Instance, session: Connection, source: str, keys: str) -> None:
    session.rows(f"copy big from 's3://{source}/big/' {keys} csv gzip")
    assert [path for spool in slipher.data_dir.rglob("spool") for path in spool.iterdir()] == []


@pytest.fixture(scope="module")
def items(slipher: Instance) -> Iterator[str]:
    """A table of DynamoDB with 100 read units a second and 3 MB of items."""
    dynamodb = slipher.client("dynamodb")
    dynamodb.create_table(
        TableName="CopyItems",
        AttributeDefinitions=[{"AttributeName": "A", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "A", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 100, "WriteCapacityUnits": 100},
    )
    for start in range(0, 100, 10):
        puts = [
            {"PutRequest": {"Item": {"A": {"N": str(n)}, "B": {"S": f"b{n}"}, "fill": {"S": "x" * 30_000}}}}
            for n in range(start, start + 10)
        ]
        dynamodb.batch_write_item(RequestItems={"CopyItems": puts})
    yield "CopyItems"
    dynamodb.delete_table(TableName="CopyItems")


def test_readratio_is_a_share_of_the_capacity(session: Connection, items: str, keys: str) -> None:
    began = time.monotonic()
    session.rows(f"copy big from 'dynamodb://{items}' {keys} readratio 100")
    assert time.monotonic() - began > 1, "at least 1 MB, 128 units, was read before the last page"
    assert session.rows("select count(*), count(distinct b), max(a) from big where b = 'b' || a") == [
        ("100", "100", "99")
    ]


def test_waiting_for_capacity_ends_with_cancel(session: Connection, items: str, keys: str) -> None:
    session.send_simple(f"copy big from 'dynamodb://{items}' {keys} readratio 1")
    time.sleep(0.5)
    began = time.monotonic()
    session.cancel()
    assert failed(session.until_ready()).code == "57014"
    assert time.monotonic() - began < 5
    assert session.rows("select count(*) from big") == [("0",)]
