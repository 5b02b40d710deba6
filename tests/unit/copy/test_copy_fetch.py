"""Bytes on their way: gzip members, broken and resumed transfers, changed objects, cancelled waits."""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from copy_rules import statement
from hypothesis import given, settings, strategies as st

from slipher.aws.sigv4 import Credentials
from slipher.base.errors import SqlError
from slipher.warehouse.copy.chunks import CHUNK
from slipher.warehouse.copy.fetch import Fetcher, gunzip
from slipher.warehouse.copy.files import File
from slipher.warehouse.endpoint import Endpoint
from slipher.warehouse.s3 import S3, S3Request
from slipher.warehouse.statement import CancelToken


def pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4), st.integers(1, 500), st.integers(0, 20))
def test_gzip_members_in_whatever_pieces(members: list[bytes], step: int, padding: int) -> None:
    data = b"".join(gzip.compress(one) + b"\0" * padding for one in members)
    assert b"".join(gunzip(pieces(data, step), "u")) == b"".join(members)


@settings(max_examples=200)
@given(st.binary(min_size=1, max_size=2000), st.integers(1, 500), st.data())
def test_what_is_no_gzip_is_refused(content: bytes, step: int, data: st.DataObject) -> None:
    packed = gzip.compress(content)
    cut = data.draw(st.integers(1, len(packed) - 1))
    for wrong in (packed[:cut], b"1,plain\n" + content, packed + b"1,plain\n"):
        with pytest.raises(SqlError, match="failed to inflate with gzip") as caught:
            list(gunzip(pieces(wrong, step), "s3://b/k"))
        assert caught.value.engine is not None and caught.value.engine.code == 9001
        assert caught.value.engine.context == "S3 key being read : s3://b/k"


def test_what_packs_well_comes_in_bounded_pieces() -> None:
    found = [len(one) for one in gunzip(pieces(gzip.compress(b"0" * 50_000_000), 1 << 20), "u")]
    assert sum(found) == 50_000_000 and max(found) <= CHUNK


Answer = Callable[[BaseHTTPRequestHandler, int], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Serves GETs by a function of the request and its number, from 0; the endpoint."""
    servers = []

    def start(answer: Answer) -> str:
        count = iter(range(1_000_000))
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with lock:
                    number = next(count)
                answer(self, number)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def client(endpoint: str, cancel: CancelToken | None = None, seen: list[S3Request] | None = None) -> S3:
    note = seen.append if seen is not None else None
    return S3(
        Endpoint(endpoint), "us-east-1", lambda expired=None: Credentials("k", "s"), cancel or CancelToken(), note
    )


def give(request: BaseHTTPRequestHandler, data: bytes, *, status: int = 200, promise: int | None = None) -> None:
    """Answer; with a `promise` of more bytes than come, the connection breaks after them."""
    request.send_response(status)
    request.send_header("content-length", str(len(data) if promise is None else promise))
    request.send_header("etag", '"e"')
    request.end_headers()
    request.wfile.write(data)
    request.close_connection = promise is not None


def test_a_broken_transfer_is_resumed_where_it_stopped(serve: Callable[[Answer], str]) -> None:
    content = os.urandom(5_000_000)
    asked = []

    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        asked.append((request.headers.get("range"), request.headers.get("if-match")))
        start = int((request.headers.get("range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if number == 1:
            give(request, b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>", status=503)
        elif number < 4:
            give(
                request, content[start : start + 1_500_000], status=206 if start else 200, promise=len(content) - start
            )
        else:
            give(request, content[start:], status=206)

    seen: list[S3Request] = []
    with client(serve(answer), seen=seen).open("b", "k") as chunks:
        assert b"".join(chunks) == content
    assert asked[0] == (None, None)
    assert asked[1] == asked[2] and asked[1][1] == '"e"'
    assert len({place for place, _ in asked}) == 4
    assert [one.error for one in seen].count("SlowDown: slow") == 1


def test_an_object_that_changed_is_not_mixed(serve: Callable[[Answer], str]) -> None:
    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        if number == 0:
            give(request, b"x" * 1000, promise=2000)
        else:
            give(request, b"<Error><Code>PreconditionFailed</Code><Message>changed</Message></Error>", status=412)

    with (
        pytest.raises(SqlError, match="Status 412,Error PreconditionFailed"),
        client(serve(answer)).open("b", "k") as chunks,
    ):
        list(chunks)


def test_it_gives_up_after_several_tries(serve: Callable[[Answer], str]) -> None:
    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        give(request, b"<Error><Code>InternalError</Code><Message>broken</Message></Error>", status=500)

    with (
        pytest.raises(SqlError, match="Status 500,Error InternalError") as caught,
        client(serve(answer)).open("b", "k") as chunks,
    ):
        list(chunks)
    assert caught.value.engine is not None and caught.value.engine.context == "S3 key being read : s3://b/k"


def test_files_come_in_order_and_cancel_ends_the_threads(serve: Callable[[Answer], str]) -> None:
    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        key = request.path.rpartition("/")[2]
        time.sleep(0.05 if key in "02" else 0)
        if key == "9":
            give(request, b"9\n" * 10, promise=10**9)
            time.sleep(0.1)
        else:
            give(request, key.encode() + b"\n")

    cancel = CancelToken()
    files = [File(f"s3://b/{n}", n % 2, "b", str(n), 2, '"e"') for n in range(10)]
    fetcher = Fetcher(client(serve(answer), cancel), statement(""), files, cancel, lambda: datetime.now(UTC))
    found = []
    with pytest.raises(SqlError, match="stop"):
        for _, chunk in fetcher:
            found.append(chunk.data)
            if len(found) == 9:
                threading.Timer(0.2, cancel.cancel, (SqlError("57014", "stop"),)).start()
    began = time.monotonic()
    fetcher.close()
    assert time.monotonic() - began < 5
    assert found[:9] == [b"%d\n" % n for n in range(9)]
    assert all(file.scanned and file.lines == 1 for file in files[:9]) and not files[9].scanned
    assert not any(thread.name == "copy-fetch" and thread.is_alive() for thread in threading.enumerate())
