"""A line to the gateway that can be spoilt: a proxy, and a cluster's process that reaches the gateway through it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slipher.testing import Instance

KEY = re.compile("Credential=([A-Z0-9]+)/")


@dataclass
class Exchange:
    """A request on its way through, and its answer."""

    method: str
    path: str
    number: int  # among the requests of this method and path, from 0
    key: str  # the access key that signed it
    status: int
    body: bytes
    cut: int | None = None  # send only so many bytes, then drop the line
    pause: float = 0.0  # seconds in the middle of the body
    lost: bool = False  # the request arrived, the answer does not

    @property
    def data(self) -> bool:
        """Whether this is a file being read."""
        return self.method == "GET" and "/in/" in self.path and "?" not in self.path


Spoil = Callable[[Exchange], None]


@dataclass
class Proxy:
    """Forwards to the gateway; `spoil` may change an answer, or the world before it is given."""

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
                self.command,
                self.path,
                proxy.count(self.command, self.path),
                "".join(KEY.findall(self.headers.get("authorization", ""))),
                answer.status,
                answer.read(),
            )
            size = len(exchange.body)
            proxy.spoil(exchange)
            if exchange.lost:
                self.close_connection = True
                self.connection.close()
                return
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


@contextmanager
def proxying(instance: Instance) -> Iterator[Proxy]:
    """A proxy before an instance's gateway."""
    made = Proxy()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made, instance.endpoint))
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()


@contextmanager
def behind(proxy: Proxy, instance: Instance, directory: Path, **settings: Any) -> Iterator[Path]:
    """The socket of a cluster's process that reaches the gateway through the proxy, as the instance's first cluster; settings
    are those of its config.json."""
    (found,) = instance.data_dir.glob("clusters/*/redshift-cluster-1/config.json")
    own = {
        "data_dir": str(directory / "data"),
        "socket": str(directory / "s"),
        "port": 0,
        "gateway_url": f"http://127.0.0.1:{proxy.port}",
        "gateway_socket": None,
    }
    (directory / "data").mkdir()
    path = directory / "data" / "config.json"
    path.write_text(json.dumps(json.loads(found.read_bytes()) | own | settings))
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
