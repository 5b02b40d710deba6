"""Where the cluster finds a service: a URL, and for our own gateway the unix socket by which it is reached.

The socket is one that only this account can open, so what goes through it is as secure as TLS, and quicker than TCP.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from slipher.base.places import filled

CONNECT_SECONDS, READ_SECONDS = 10, 60
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service's place. `url` is as base/places.py has it: it may hold {region}, {suffix} and {bucket}."""

    url: str
    path: Path | None = None  # of the gateway's socket

    def at(self, region: str) -> str:
        """The URL in a region, for services that have no buckets."""
        return filled(self.url, region)

    def of_bucket(self, region: str, bucket: str) -> str:
        """The URL of a bucket: in the host's name if it can be there, else in the path."""
        url = self.at(region)
        if "{bucket}." not in url:
            return f"{url}/{bucket}"
        if "." in bucket or bucket != bucket.lower() or "_" in bucket:  # no certificate, or no host, has such a name
            return f"{url.replace('{bucket}.', '')}/{bucket}"
        return url.replace("{bucket}", bucket)

    def request(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One request over a pooled connection; urllib3's own errors."""
        return _pool(self.path).request(method, url, redirect=False, **options)


@cache
def _pool(path: Path | None) -> urllib3.PoolManager:
    made = urllib3.PoolManager(
        maxsize=CONNECTIONS, retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    )
    if path is not None:

        class Connection(HTTPConnection):
            """A connection to the socket, whatever the host's name."""

            def _new_conn(self) -> socket.socket:
                made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    made.settimeout(CONNECT_SECONDS)
                    made.connect(str(path))
                except OSError as error:
                    made.close()
                    raise urllib3.exceptions.NewConnectionError(
                        self, f"the gateway does not answer: {error}"
                    ) from error
                return made

        class Pool(HTTPConnectionPool):
            """Pools such connections."""

            ConnectionCls = Connection

        made.pool_classes_by_scheme = {"http": Pool}
    return made
