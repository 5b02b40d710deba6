"""Requests as bytes over kept connections: the client costs so little that the server is what is measured."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from slipher.aws.sigv4 import UNSIGNED, Credentials, sign

REGION = "us-east-1"
READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """Where a contestant listens, and the keys that it takes."""

    name: str
    url: str
    keys: Credentials

    def request(
        self, service: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """A signed request, whole. It is good for 15 minutes."""
        url = self.url + path
        digest = UNSIGNED if service == "s3" else hashlib.sha256(body).hexdigest()
        signed = sign(method, url, dict(headers or {}), digest, self.keys, service, REGION, datetime.now(UTC))
        fields = {"Host": urlsplit(url).netloc, **signed, "Content-Length": str(len(body))}
        head = "".join(
            f"{name}: {value}\r\n" for name, value in fields.items() if name.lower() != "host" or name == "Host"
        )
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def ask(self, request: bytes) -> bytes:
        """One request over a connection of its own; its answer."""
        with Line(self) as line:
            return line.exchange(request, keep=True)[1]


@dataclass(slots=True)
class Taken:
    """How long each request took, over all rounds."""

    seconds: list[float] = field(default_factory=list)
    broken: int = 0  # internal errors, after which the request was sent again

    def percentile(self, share: float) -> float:
        """Of the requests' times."""
        found = sorted(self.seconds)
        return found[min(int(len(found) * share), len(found) - 1)]


class Line:
    """A connection, made anew where the server closes it after an answer."""

    def __init__(self, server: Server) -> None:
        place = urlsplit(server.url)
        self._place = place.hostname or "", place.port or 80
        self._room = bytearray(READ)
        self._socket: socket.socket | None = None

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def exchange(self, request: bytes, *, keep: bool = False) -> tuple[bool, bytes]:
        """Send a request and read its answer: whether it is a success, and with `keep` its body.

        RuntimeError for an answer that is not, but for moto's internal errors.
        """
        if self._socket is None:
            self._socket = socket.create_connection(self._place, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one = self._socket
        one.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            piece = one.recv(65536)
            if not piece:
                raise RuntimeError(f"the connection was closed: {got[:300]!r}")
            got += piece
        head, _, rest = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if fields.get("transfer-encoding") == "chunked":
            while not rest.endswith(b"0\r\n\r\n"):
                rest += one.recv(65536)
        left = int(fields.get("content-length", len(rest))) - len(rest)
        kept = [rest]
        while left > 0:
            size = one.recv_into(self._room, min(left, READ))
            if not size:
                raise RuntimeError("the answer ended early")
            if keep:
                kept.append(bytes(self._room[:size]))
            left -= size
        if fields.get("connection") == "close":
            self._close()
        status = lines[0].split()[1]
        if not status.startswith("2") and (status[0] != "5" or "werkzeug" not in fields.get("server", "")):
            raise RuntimeError(f"{lines[0]} {kept[0][:500]!r}")
        return status[0] == "2", b"".join(kept)


def hammer(server: Server, make: Callable[[int], bytes], count: int, connections: int, taken: Taken) -> float:
    """Send `count` requests over so many connections at once; the seconds until all are answered."""
    requests = [[make(number) for number in range(one, count, connections)] for one in range(connections)]
    failures: list[BaseException] = []

    def run(mine: Sequence[bytes]) -> None:
        times = []
        try:
            with Line(server) as line:
                for request in mine:
                    begin = time.perf_counter()
                    while not line.exchange(request)[0]:  # moto breaks under writers of one bucket now and then
                        taken.broken += 1
                    times.append(time.perf_counter() - begin)
        except BaseException as error:
            failures.append(error)
        taken.seconds += times

    threads = [threading.Thread(target=run, args=(mine,)) for mine in requests]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - begin
    if failures:
        raise failures[0]
    return spent
