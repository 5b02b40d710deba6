"""The gateway's doors: one TCP port that takes http and https, and a unix socket for the clusters of this instance.

The first byte that a client sends tells: 0x16 opens a TLS handshake, no method of HTTP begins so. It is looked at while it is
still in the socket, so that the connection can then be given to the event loop as what it is. What comes by the unix socket,
which only this account can open, never leaves the machine's kernel: it counts as secure transport, as a cluster's own calls
do on AWS.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from slipher.cloud.context import GatewaySettings

PRIVATE = "slipher.private"  # in the scope of a request that came by the unix socket
HANDSHAKE = b"\x16"
SILENT_SECONDS = 75.0  # that a new connection may say nothing
HANDSHAKE_SECONDS = 20.0
NO_FILES_SECONDS = 0.2  # to wait when no more files can be opened
BACKLOG = 2048
Factory = Callable[[], asyncio.Protocol]


class Certificate:
    """The TLS context of the port, read at the first handshake: the supervisor makes the certificate while we start."""

    def __init__(self, directory: Path) -> None:
        self._chain, self._key = directory / "gateway.pem", directory / "gateway.key"
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """OSError while there is no certificate."""
        if self._context is None:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.minimum_version = ssl.TLSVersion.TLSv1_2
            made.load_cert_chain(self._chain, self._key)
            self._context = made
        return self._context


class Port:
    """A listening TCP socket whose connections are told apart; what uvicorn asks of a server."""

    def __init__(self, listener: socket.socket, factory: Factory, certificate: Certificate) -> None:
        self._listener, self._factory, self._certificate = listener, factory, certificate
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._loop.add_reader(listener.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(64):
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError:  # too many open files: those who wait, wait
                self._loop.remove_reader(self._listener.fileno())
                self._loop.call_later(NO_FILES_SECONDS, self._again)
                return
            task = self._loop.create_task(self._open(accepted))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _again(self) -> None:
        if self._listener.fileno() >= 0:
            self._loop.add_reader(self._listener.fileno(), self._accept)

    async def _open(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            first = await asyncio.wait_for(self._first(accepted), SILENT_SECONDS)
            if first == HANDSHAKE:
                await self._loop.connect_accepted_socket(
                    self._factory,
                    accepted,
                    ssl=self._certificate.context(),
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                )
            elif first:
                await self._loop.connect_accepted_socket(self._factory, accepted)
            else:
                accepted.close()
        except (OSError, TimeoutError):  # a client that left, was silent, or does not trust us
            accepted.close()
        except asyncio.CancelledError:
            accepted.close()
            raise

    async def _first(self, accepted: socket.socket) -> bytes:
        """The first byte, left where it is; nothing if the client has gone."""
        with contextlib.suppress(BlockingIOError):
            return accepted.recv(1, socket.MSG_PEEK)
        readable = self._loop.create_future()
        self._loop.add_reader(accepted.fileno(), lambda: None if readable.done() else readable.set_result(None))
        try:
            await readable
        finally:
            self._loop.remove_reader(accepted.fileno())
        return accepted.recv(1, socket.MSG_PEEK)

    def close(self) -> None:
        """Take no more."""
        if self._listener.fileno() >= 0:
            self._loop.remove_reader(self._listener.fileno())
            self._listener.close()
        for task in self._opening:
            task.cancel()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""


class Private:
    """The application as the unix socket shows it: the transport is secure, and the client is this machine."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "scheme": "https", "client": ("127.0.0.1", 0), PRIVATE: True}
        await self._application(scope, receive, send)


class Doors(uvicorn.Server):
    """uvicorn with these doors: it parses HTTP and stops in order."""

    def __init__(self, application: Any, settings: GatewaySettings) -> None:
        options: dict[str, Any] = {
            "log_config": None,
            "access_log": False,
            "lifespan": "off",
            "timeout_keep_alive": 75,
            "timeout_graceful_shutdown": 5,
            "server_header": False,
            "proxy_headers": False,  # whoever may connect could else say where from, and that it was by https
        }
        super().__init__(uvicorn.Config(application, host=settings.host, port=settings.port, **options))
        self._private = uvicorn.Config(Private(application), **options)
        self._certificate = Certificate(settings.data_dir / "tls")
        self.path = settings.socket

    def _factory(self, config: uvicorn.Config) -> Factory:
        if not config.loaded:
            config.load()

        def protocol() -> asyncio.Protocol:
            kind: Any = config.http_protocol_class
            made: asyncio.Protocol = kind(config=config, server_state=self.server_state, app_state={})
            return made

        return protocol

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open both doors."""
        await self.lifespan.startup()
        loop = asyncio.get_running_loop()
        host, port = self.config.host, self.config.port
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        self.path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            private: Any = await loop.create_unix_server(self._factory(self._private), str(self.path), backlog=BACKLOG)
        finally:
            os.umask(before)
        door: Any = Port(listener, self._factory(self.config), self._certificate)
        self.servers = [door, private]
        self.started = True
