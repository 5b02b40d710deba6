"""The gateway's process: `python -m slipher.cloud.listen --config gateway.json`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from slipher.base import lifeline
from slipher.cloud import assume, console, mounts
from slipher.cloud.bootstrap import bootstrap
from slipher.cloud.call import HttpFacts
from slipher.cloud.console.files import sandboxed
from slipher.cloud.context import Gateway, GatewaySettings
from slipher.cloud.doors import PRIVATE, Doors
from slipher.cloud.handle import Exchange, facts
from slipher.cloud.redshift import beat
from slipher.cloud.scheduler import deliver

THREADS = 24
MAX_ASKED = 65536  # of a cluster's question
MAX_DRAINED = 1024 * 1024  # of a body that nobody wants
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Application:
    """The ASGI application."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        # handlers wait for the disk, and reads of bodies must not wait behind all of them
        self._threads: ThreadPoolExecutor | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "gateway")
            asyncio.get_running_loop().set_default_executor(self._threads)
            self.gateway.running["scheduler"] = asyncio.create_task(deliver.run(self.gateway), name="scheduler")
            self.gateway.running["redshift"] = asyncio.create_task(beat.run(self.gateway), name="redshift")
        if scope["path"].startswith("/_slipher/"):
            await self._internal(scope, receive, send)
            return
        http, raw_query = facts(scope)
        body = Body(receive)
        if console.concerns(http):
            await self._console(http, body, send)
            return
        exchange = Exchange(self.gateway, http, raw_query, body.pieces())
        response, streamed = await exchange.answer()
        headers = {"server": "Slipher", **response.headers}
        if exchange.operation == "GetObject":
            headers |= sandboxed(headers)
        if not await body.settled(waiting="expect" in http.headers):
            headers["connection"] = "close"
        if streamed is None and http.method != "HEAD" and response.status not in (204, 304):
            headers["content-length"] = str(len(response.body))
        await _start(send, response.status, headers)
        if streamed is None or http.method == "HEAD":
            await send({"type": "http.response.body", "body": response.body})
            return
        async for chunk in streamed.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _console(self, http: HttpFacts, body: Body, send: Send) -> None:
        response = await asyncio.to_thread(console.answer, self.gateway, http, await body.beginning())
        headers = {"server": "Slipher", **response.headers, "content-length": str(len(response.body))}
        await _start(send, response.status, headers)
        await send({"type": "http.response.body", "body": b"" if http.method == "HEAD" else response.body})

    async def _internal(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, answer = 404, dict[str, Any]()
        if scope["path"] == "/_slipher/health":
            status, answer = 200, {"status": "ready"}
        elif scope["path"] == "/_slipher/assume-for-cluster" and scope["method"] == "POST":
            asked = await Body(receive).beginning()
            status, answer = await asyncio.to_thread(assume.handle, self.gateway, asked)
        elif scope["path"] == "/_slipher/mounts" and scope.get(PRIVATE):
            given = json.loads(b"".join([piece async for piece in Body(receive).pieces()]) or b"{}")
            status, answer = await asyncio.to_thread(mounts.control, self.gateway, scope["method"], given)
        payload = json.dumps(answer).encode()
        await _start(send, status, {"content-type": "application/json", "content-length": str(len(payload))})
        await send({"type": "http.response.body", "body": payload})


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    fields = [
        (name.lower().encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in headers.items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": fields})


class Body:
    """A request's body as it arrives."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """What arrives, until the end."""
        while not self._ended:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise asyncio.CancelledError
            self._ended = not message.get("more_body")
            if message.get("body"):
                yield message["body"]

    async def beginning(self) -> bytes:
        """What arrives, cut off where it is longer than anything that is asked for by it."""
        found = b""
        async for piece in self.pieces():
            found = (found + piece)[:MAX_ASKED]
        return found

    async def settled(self, *, waiting: bool) -> bool:
        """Whether the connection can be used again after an answer that did not need the whole body.

        A little that is left is read away. A client that waits for leave to send (Expect: 100-continue) will not send
        any more after an error, though it announced it: what comes next would be taken for the body.
        """
        left = MAX_DRAINED
        while not self._ended and not waiting and left > 0:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return False
            self._ended = not message.get("more_body")
            left -= len(message.get("body", b""))
        return self._ended


def main() -> None:
    """Start the gateway; returns after a clean stop."""
    os.umask(0o077)
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    settings = GatewaySettings.model_validate_json(parser.parse_args().config.read_bytes())
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    lifeline.watch()
    gateway = Gateway(settings)
    bootstrap(gateway)
    Doors(Application(gateway), settings).run()


if __name__ == "__main__":
    main()
