"""COPY and UNLOAD over a line to S3 that breaks, stalls, lies and refuses: retried within a bound, or a clean error.
Never a wrong row.

A proxy stands between a cluster's process and the gateway; it spoils what a test tells it to.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection, ServerError, connect

FILES, LINES = 4, 60_000
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


@dataclass
class Exchange:
    """A request on its way through, and its answer."""

    method: str
    path: str
    number: int  # among the requests of this method and path, from 0
    status: int
    body: bytes
    cut: int | None = None  # send only so many bytes, then drop the line
    pause: float = 0.0  # seconds in the middle of the body

    @property
    def data(self) -> bool:
        """Whether this is a file being read."""
        return self.method == "GET" and "/in/" in self.path and "?" not in self.path


Spoil = Callable[[Exchange], None]


@dataclass
class Proxy:
    """Forwards to the gateway; `spoil` may change an answer. `fail` closes the line before a request is sent on."""

    port: int = 0
    spoil: Spoil = field(default=lambda exchange: None)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, method: str, path: str) -> int:
        """How many such requests were seen before."""
        with self.lock:
            seen = self.counts.get((method, path), 0)
            self.counts[method, path] = seen + 1
            return seen


def handler(proxy: Proxy, upstream: str) -> type[BaseHTTPRequestHandler]:
    host = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            connection = http.client.HTTPConnection(host, timeout=60)
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            exchange = Exchange(
                self.command, self.path, proxy.count(self.command, self.path), answer.status, answer.read()
            )
            size = len(exchange.body)
            proxy.spoil(exchange)
            self.send_response(exchange.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            sent = size if exchange.status == answer.status else len(exchange.body)
            self.send_header("content-length", str(sent))
            self.end_headers()
            half = len(exchange.body) // 2
            try:
                self.wfile.write(exchange.body[:half] if exchange.cut is None else exchange.body[: exchange.cut])
                if exchange.cut is not None:
                    self.close_connection = True
                    self.connection.close()
                    return
                time.sleep(exchange.pause)
                self.wfile.write(exchange.body[half:])
            except OSError:
                self.close_connection = True

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

        def log_message(self, *_: object) -> None: ...

    return Handler


@pytest.fixture(scope="module")
def proxy(slipher: Instance) -> Iterator[Proxy]:
    made = Proxy()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made, slipher.endpoint))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()


@pytest.fixture(scope="module")
def socket_path(slipher: Instance, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster's process that reaches the gateway through the proxy, as the instance's first cluster."""
    (found,) = slipher.data_dir.glob("clusters/*/redshift-cluster-1/config.json")
    directory = tmp_path_factory.mktemp("proxied")
    config = json.loads(found.read_bytes())
    config |= {
        "data_dir": str(directory / "data"),
        "socket": str(directory / "s"),
        "port": 0,
        "gateway_url": f"http://127.0.0.1:{proxy.port}",
    }
    (directory / "data").mkdir()
    path = directory / "data" / "config.json"
    path.write_text(json.dumps(config))
    process = subprocess.Popen([sys.executable, "-m", "slipher.warehouse.listen", "--config", str(path)])
    try:
        until = time.monotonic() + 60
        while not (directory / "s").exists():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.1)
        yield directory / "s"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


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


@pytest.fixture(scope="module")
def bucket(slipher: Instance) -> Iterator[str]:
    s3, name = slipher.client("s3"), "faulty-line"
    s3.create_bucket(Bucket=name)
    for number in range(FILES):
        first = number * LINES
        lines = b"".join(b"%d|text of line %d\n" % (one, one) for one in range(first, first + LINES))
        s3.put_object(Bucket=name, Key=f"in/plain/{number}", Body=lines)
        s3.put_object(Bucket=name, Key=f"in/gz/{number}", Body=gzip.compress(lines, 1))
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


@pytest.mark.parametrize("spoil", [reset, reset_often, slow_down, slow])
@pytest.mark.parametrize(("prefix", "options"), [("plain", ""), ("gz", "gzip")])
def test_what_passes_is_retried(
    session: Connection, proxy: Proxy, bucket: str, keys: str, spoil: Spoil, prefix: str, options: str
) -> None:
    proxy.spoil = spoil
    session.rows(f"copy t from 's3://{bucket}/in/{prefix}/' {keys} {options}")
    assert whole(session)


def corrupt(exchange: Exchange) -> None:
    """One digit becomes another: the text parses as well as before."""
    if exchange.data and exchange.path.endswith("/2"):
        place = exchange.body.index(b"1") if b"gz" not in exchange.path.encode() else len(exchange.body) // 2
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
@pytest.mark.parametrize(("prefix", "options"), [("plain", ""), ("gz", "gzip")])
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


def test_keys_that_expire_in_a_long_load(slipher: Instance, session: Connection, proxy: Proxy, bucket: str) -> None:
    """The user's own keys fail cleanly (the gateway's answer to expired ones comes in the middle)."""
    environment = slipher.environment

    def expire(exchange: Exchange) -> None:
        if exchange.data and exchange.path.endswith(("/2", "/3")):
            exchange.status = 400
            exchange.body = (
                b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
            )

    proxy.spoil = expire
    given = slipher.client("sts").get_session_token()["Credentials"]
    keys = (
        f"access_key_id '{given['AccessKeyId']}' secret_access_key '{given['SecretAccessKey']}' "
        f"session_token '{given['SessionToken']}'"
    )
    with pytest.raises(ServerError, match="ExpiredToken"):
        session.rows(f"copy t from 's3://{bucket}/in/plain/' {keys}")
    assert not whole(session)
    assert environment


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
