"""COPY and UNLOAD over a line to S3 that breaks, stalls, lies and refuses: retried within a bound, or a clean error.
Never a wrong row.

A proxy stands between a cluster's process and the gateway; it spoils what a test tells it to.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from faulty_line import Exchange, Proxy, Spoil, behind, proxying

from slipher.testing import Instance
from slipher.testing.wire import Connection, ServerError, connect

FILES, LINES = 4, 60_000
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


@pytest.fixture(scope="module")
def proxy(slipher: Instance) -> Iterator[Proxy]:
    with proxying(slipher) as made:
        yield made


@pytest.fixture(scope="module")
def socket_path(slipher: Instance, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with behind(proxy, slipher, tmp_path_factory.mktemp("proxied")) as path:
        yield path


@pytest.fixture
def session(socket_path: Path, proxy: Proxy) -> Iterator[Connection]:
    proxy.counts.clear()
    with connect(str(socket_path), 0, user="rdsdb", database="dev", password="") as connection:
        connection.rows("create temp table t (a int, b varchar(60))")
        yield connection
    proxy.spoil = lambda exchange: None


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> str:
    environment = slipher.environment
    return (
        f"access_key_id '{environment['AWS_ACCESS_KEY_ID']}' secret_access_key '{environment['AWS_SECRET_ACCESS_KEY']}'"
    )


def parquet(first: int) -> bytes:
    """The same rows, with checksums of the pages, as UNLOAD writes them."""
    numbers = range(first, first + LINES)
    table = pa.table({"a": pa.array(numbers, pa.int32()), "b": [f"text of line {one}" for one in numbers]})
    out = pa.BufferOutputStream()
    pq.write_table(table, out, row_group_size=LINES // 3, compression="none", write_page_checksum=True)
    return out.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def bucket(slipher: Instance) -> Iterator[str]:
    s3, name = slipher.client("s3"), "faulty-line"
    s3.create_bucket(Bucket=name)
    for number in range(FILES):
        first = number * LINES
        lines = b"".join(b"%d|text of line %d\n" % (one, one) for one in range(first, first + LINES))
        s3.put_object(Bucket=name, Key=f"in/plain/{number}", Body=lines)
        s3.put_object(Bucket=name, Key=f"in/gz/{number}", Body=gzip.compress(lines, 1))
        s3.put_object(Bucket=name, Key=f"in/parquet/{number}", Body=parquet(first))
    yield name
    slipher.empty_bucket(name)
    s3.delete_bucket(Bucket=name)


def whole(session: Connection) -> bool:
    """All rows are there and right, or none is."""
    rows = session.rows(
        "select count(*), count(distinct a), sum(case when b = 'text of line ' || a then 1 else 0 end) from t"
    )
    assert rows in ([(str(FILES * LINES),) * 3], [("0", "0", None)])
    return rows[0][0] != "0"


def reset(exchange: Exchange) -> None:
    if exchange.data and exchange.number == 0:
        exchange.cut = len(exchange.body) // 3


def reset_often(exchange: Exchange) -> None:
    if exchange.data and exchange.number < 4:
        exchange.cut = len(exchange.body) // 2


def slow_down(exchange: Exchange) -> None:
    if exchange.number < 3 and "/_slipher" not in exchange.path:
        exchange.status, exchange.body = 503, SLOW_DOWN


def slow(exchange: Exchange) -> None:
    if exchange.data and exchange.number == 0:
        exchange.pause = 2.0


def lose(exchange: Exchange) -> None:
    """The first answer to each request is lost, whatever it asked for."""
    exchange.lost = exchange.number == 0 and "/_slipher" not in exchange.path


@pytest.mark.parametrize("spoil", [reset, reset_often, slow_down, slow, lose])
@pytest.mark.parametrize(("prefix", "options"), [("plain", ""), ("gz", "gzip"), ("parquet", "parquet")])
def test_what_passes_is_retried(
    session: Connection, proxy: Proxy, bucket: str, keys: str, spoil: Spoil, prefix: str, options: str
) -> None:
    proxy.spoil = spoil
    session.rows(f"copy t from 's3://{bucket}/in/{prefix}/' {keys} {options}")
    assert whole(session)


def corrupt(exchange: Exchange) -> None:
    """One digit becomes another: the text parses as well as before. Of Parquet, a bit of the values changes."""
    if exchange.data and exchange.path.endswith("/2") and len(exchange.body) > 50_000:
        place = exchange.body.index(b"1") if "/plain/" in exchange.path else len(exchange.body) // 2
        exchange.body = exchange.body[:place] + bytes([exchange.body[place] ^ 1]) + exchange.body[place + 1 :]


def always_cut(exchange: Exchange) -> None:
    if exchange.data and exchange.path.endswith("/1"):
        exchange.cut = 10 if exchange.number == 0 else 0


def always_busy(exchange: Exchange) -> None:
    if exchange.data and exchange.path.endswith("/1"):
        exchange.status, exchange.body = 503, SLOW_DOWN


@pytest.mark.parametrize(
    ("spoil", "text"), [(corrupt, ""), (always_cut, "Connection to endpoint was lost"), (always_busy, "Error SlowDown")]
)
@pytest.mark.parametrize(("prefix", "options"), [("plain", ""), ("gz", "gzip"), ("parquet", "parquet")])
def test_what_stays_wrong_fails_whole(
    session: Connection, proxy: Proxy, bucket: str, keys: str, spoil: Spoil, text: str, prefix: str, options: str
) -> None:
    proxy.spoil = spoil
    began = time.monotonic()
    with pytest.raises(ServerError) as caught:
        session.rows(f"copy t from 's3://{bucket}/in/{prefix}/' {keys} {options}")
    assert caught.value.report.code == "XX000"
    assert text in str(caught.value)
    assert time.monotonic() - began < 60
    assert not whole(session)
    proxy.spoil = lambda exchange: None
    session.rows(f"copy t from 's3://{bucket}/in/{prefix}/' {keys} {options}")
    assert whole(session)


def test_an_object_that_changes_under_the_load(
    slipher: Instance, session: Connection, proxy: Proxy, keys: str, slipher_bucket: str
) -> None:
    s3 = slipher.client("s3")
    old = b"".join(b"%d|old\n" % one for one in range(50_000))
    s3.put_object(Bucket=slipher_bucket, Key="in/x", Body=old)

    def change(exchange: Exchange) -> None:
        if exchange.method == "GET" and "list-type" in exchange.path:
            s3.put_object(Bucket=slipher_bucket, Key="in/x", Body=old.replace(b"old", b"new"))

    proxy.spoil = change
    with pytest.raises(ServerError, match="PreconditionFailed"):
        session.rows(f"copy t from 's3://{slipher_bucket}/in/' {keys}")
    assert session.rows("select count(*) from t") == [("0",)]


@pytest.mark.parametrize("spoil", [slow_down, slow])
def test_unload_over_a_bad_line(
    slipher: Instance, session: Connection, proxy: Proxy, bucket: str, keys: str, slipher_bucket: str, spoil: Spoil
) -> None:
    session.rows(f"copy t from 's3://{bucket}/in/plain/' {keys}")
    proxy.counts.clear()
    proxy.spoil = spoil
    session.rows(f"unload ('select * from t') to 's3://{slipher_bucket}/out/' {keys}")
    proxy.spoil = lambda exchange: None
    session.rows("truncate t")
    session.rows(f"copy t from 's3://{slipher_bucket}/out/' {keys}")
    assert whole(session)


def test_unload_that_fails_leaves_nothing(
    slipher: Instance, session: Connection, proxy: Proxy, bucket: str, keys: str, slipher_bucket: str
) -> None:
    session.rows(f"copy t from 's3://{bucket}/in/plain/' {keys}")

    def refuse(exchange: Exchange) -> None:
        if exchange.method == "PUT" and "0001_part" in exchange.path:
            exchange.status, exchange.body = 503, SLOW_DOWN

    proxy.spoil = refuse
    with pytest.raises(ServerError, match="SlowDown"):
        session.rows(f"unload ('select * from t') to 's3://{slipher_bucket}/out/' {keys}")
    assert slipher.client("s3").list_objects_v2(Bucket=slipher_bucket)["KeyCount"] == 0


@pytest.mark.parametrize("more", ["", "manifest", "allowoverwrite parallel off", "parquet"])
def test_answers_that_are_lost_to_an_unload(
    slipher: Instance, session: Connection, proxy: Proxy, bucket: str, keys: str, slipher_bucket: str, more: str
) -> None:
    """S3 has taken parts, completions and objects, and the cluster cannot know: nothing is there twice, missing, or left open."""
    session.rows(f"copy t from 's3://{bucket}/in/plain/' {keys}")
    proxy.counts.clear()
    proxy.spoil = lose
    query = " union all ".join(["select a, b || repeat('.', 40) as b from t"] * 3)  # of several parts a slice
    session.rows(f"unload ('{query.replace(chr(39), chr(39) * 2)}') to 's3://{slipher_bucket}/out/' {keys} {more}")
    asked = {(method, "uploadId" in path) for method, path in proxy.counts}
    assert ("POST", True) in asked or more == "parquet"
    proxy.spoil = lambda exchange: None
    session.rows("create temp table back (a int, b varchar(120))")
    source = f"s3://{slipher_bucket}/out/" + ("manifest" if more == "manifest" else "")
    session.rows(f"copy back from '{source}' {keys} {more if more in ('manifest', 'parquet') else ''}")
    assert session.rows("select count(*), count(distinct a), count(distinct b), min(len(b)) > 40 from back") == [
        (str(3 * FILES * LINES), str(FILES * LINES), str(FILES * LINES), "t")
    ]
    assert "Uploads" not in slipher.client("s3").list_multipart_uploads(Bucket=slipher_bucket)


def test_an_upload_whose_beginning_is_never_answered(
    slipher: Instance, session: Connection, proxy: Proxy, bucket: str, keys: str, slipher_bucket: str
) -> None:
    """S3 has begun one at each try, and told no id: all are given up."""
    session.rows(f"copy t from 's3://{bucket}/in/plain/' {keys}")

    def deaf(exchange: Exchange) -> None:
        exchange.lost = exchange.method == "POST" and exchange.path.endswith("?uploads=")

    proxy.spoil = deaf
    query = " union all ".join(["select a, b || repeat(''.'', 40) as b from t"] * 3)
    with pytest.raises(ServerError, match="Unable to connect to endpoint"):
        session.rows(f"unload ('{query}') to 's3://{slipher_bucket}/out/' {keys}")
    s3 = slipher.client("s3")
    assert s3.list_objects_v2(Bucket=slipher_bucket)["KeyCount"] == 0
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=slipher_bucket)
    assert any("?uploads=" in path for _, path in proxy.counts)
