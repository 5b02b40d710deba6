"""The cluster's process: `python -m slipher.warehouse.listen --config FILE`.

TCP takes users; the unix socket, which only this account can open, the internal superuser rdsdb. What
happens on a connection is in session/client.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path

from slipher.base import lean, lifeline
from slipher.base.secretfiles import write_secret
from slipher.warehouse.config import ClusterConfig
from slipher.warehouse.context import Warehouse
from slipher.warehouse.copy.job_worker import CopyJobs
from slipher.warehouse.session.client import Client, Door
from slipher.warehouse.session.internal import reload
from slipher.warehouse.session.login import open_session
from slipher.warehouse.session.registry import Sessions, too_many
from slipher.warehouse.session.watch import Watcher
from slipher.warehouse.unload.journal import sweep
from slipher.wire import messages

log = logging.getLogger("slipher.warehouse")
KEEPALIVE = (
    ("TCP_KEEPIDLE", 60),
    ("TCP_KEEPINTVL", 15),
    ("TCP_KEEPCNT", 4),
)  # a vanished client is noticed in 2 minutes
STACK_BYTES, DEPTH = 128 * 1024 * 1024, 12_000  # address space only; a WHERE of a thousand terms nests a thousand deep
AT_THE_DOOR = 1000  # connections, those that have not logged in among them


class Server:
    """The listening cluster."""

    def __init__(self, config: ClusterConfig) -> None:
        self.config = config
        self.warehouse = Warehouse(config)
        self.warehouse.sessions = Sessions()
        tls = None
        if config.tls is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
            tls.load_cert_chain(config.tls.cert, config.tls.key)
        self._jobs = CopyJobs(
            self.warehouse,
            lambda user, database, path: open_session(self.warehouse, user, database, {"search_path": path}, ""),
        )
        self._door = Door(self.warehouse, Watcher(), tls)
        self._seats = threading.Semaphore(AT_THE_DOOR)
        self._sockets: list[socket.socket] = []
        self._stopping = threading.Event()

    def listen(self) -> None:
        """Open the sockets and take connections until stop()."""
        family = socket.AF_INET6 if ":" in self.config.host else socket.AF_INET
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((self.config.host, self.config.port))
        tcp.listen(256)
        path = self.config.socket
        path.unlink(missing_ok=True)
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            local.bind(str(path))
        finally:
            os.umask(before)
        local.listen(64)
        self._sockets = [tcp, local]
        for sock, internal in ((tcp, False), (local, True)):
            threading.Thread(target=self._accept, args=(sock, internal), name="accept", daemon=True).start()
        run = {"pid": os.getpid(), "port": tcp.getsockname()[1]}
        self._jobs.start()
        threading.Thread(target=sweep, args=(self.warehouse,), name="sweep", daemon=True).start()
        reload(self.warehouse)  # what was written after we had read it, and before one could tell us
        write_secret(self.config.data_dir / "run.json", json.dumps(run).encode())

    def _accept(self, sock: socket.socket, internal: bool) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = sock.accept()
            except OSError as error:
                if self._stopping.is_set():
                    return
                log.warning("a connection could not be taken: %s", error)
                self._stopping.wait(0.2)  # no descriptors left: those who leave give theirs back
                continue
            if not self._seats.acquire(blocking=False):
                _turn_away(connection)
                continue
            try:
                threading.Thread(target=self._run, args=(connection, internal), name="session", daemon=True).start()
            except RuntimeError:  # the machine has no thread left
                self._seats.release()
                _turn_away(connection)

    def _run(self, connection: socket.socket, internal: bool) -> None:
        try:
            with connection:
                if not internal:
                    _tune(connection)
                Client(self._door, connection, internal).run()
        except OSError:
            pass  # gone before it said a word
        finally:
            self._seats.release()

    def stop(self) -> None:
        """Close the sockets, end the sessions, close the warehouse."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self.warehouse.closing = True
        self._jobs.stop()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # who waits in accept() would keep the port
            sock.close()
        self.warehouse.sessions.close_all()
        limit = 50
        while len(self.warehouse.sessions) and limit:
            threading.Event().wait(0.1)
            limit -= 1
        self.warehouse.close()


def _tune(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _turn_away(connection: socket.socket) -> None:
    error = too_many()
    answer = [("S", "FATAL"), ("C", error.sqlstate), ("M", error.message)]
    with connection:
        try:
            connection.settimeout(0.2)
            connection.sendall(messages.fields(b"E", answer))
        except OSError:
            pass


def _told() -> Path | None:
    """A spare process waits for the line that says whose cluster it is, and where its log goes; None if it is not needed."""
    line = sys.stdin.buffer.readline()
    if not line:
        return None
    facts = json.loads(line)
    log_file = os.open(facts["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log_file, 1)
    os.dup2(log_file, 2)
    os.close(log_file)
    return Path(facts["config"])


def main() -> None:
    """Run a cluster until SIGTERM."""
    lean.do_without("pandas")
    os.umask(0o077)
    threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(DEPTH)
    options = argparse.ArgumentParser()
    options.add_argument("--config", type=Path, required=True)
    given: Path = options.parse_args().config
    path = _told() if given == Path("-") else given
    if path is None:
        return
    config = ClusterConfig.read(path)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline.watch()
    server = Server(config)
    server.listen()
    # What stands now stays: the collector need not look at it again. Loads make many short-lived rows at once, and with
    # Python's own thresholds a third of a load of JSON went into looking at them (measured).
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    log.info("cluster %s listens on %s:%s", config.cluster_id, config.host, config.port)
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
