"""The supervisor: makes the desired state, which is rows, real; restarts what dies; stops all on SIGTERM.

One loop: look at what should run (rows that the gateway writes), start and stop processes, write what runs, sleep until woken
by a datagram from the gateway or a short time has passed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slipher.base import lifeline
from slipher.base.places import AWS, EMBEDDED
from slipher.base.ports import keep
from slipher.base.secretfiles import write_secret
from slipher.host.child import Child
from slipher.host.datadir import DataDirectory, StartError, explain
from slipher.host.orphans import end_orphans
from slipher.host.ports import answers, check_free, free_port
from slipher.host.spare import Spare

if TYPE_CHECKING:
    from slipher.host.fleet import Fleet

POLL_SECONDS = 0.2
START_POLL_SECONDS = 0.02  # while something starts


@dataclass(frozen=True, slots=True)
class Options:
    """What `slipher up` was asked for; None keeps what the data directory says, or the default."""

    data_dir: Path
    bind: str | None = None
    aws_port: int | None = None
    sql_port: int | None = None
    account: str | None = None
    region: str | None = None
    transition_seconds: float | None = None
    throttle: bool | None = None
    automated_snapshots: bool | None = None
    memory: str | None = None
    s3: str | None = None
    dynamodb: str | None = None
    sts: str | None = None
    aws_profile: str | None = None
    ephemeral: bool = False


DEFAULTS: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 4566,
    "sql_port": 5439,
    "account": "123456789012",
    "region": "us-east-1",
    "transition_seconds": 0.0,
    "throttle": False,
    "automated_snapshots": True,
    "memory": None,
    "s3": EMBEDDED,
    "dynamodb": EMBEDDED,
    "sts": AWS,
    "aws_profile": None,
}


OPTION_OF = {"host": "bind", "port": "aws_port"}  # settings that are not called as their options


def settle(directory: DataDirectory, options: Options) -> dict[str, Any]:
    """The instance's settings: what was asked now, else what it had, else the defaults. Ports 0 become free ports."""
    asked = {name: getattr(options, OPTION_OF.get(name, name)) for name in DEFAULTS}
    had = directory.settings()
    settings = {**DEFAULTS, **had, **{key: value for key, value in asked.items() if value is not None}}
    if had and (settings["account"], settings["region"]) != (had["account"], had["region"]):
        raise StartError(
            f"{directory.root} belongs to account {had['account']}, region {had['region']}: use another --data-dir"
        )
    if settings["port"] == 0:
        settings["port"] = free_port(settings["host"])
    else:
        check_free(settings["host"], settings["port"], "--aws-port")
    if settings["sql_port"] == 0:
        settings["sql_port"] = free_port(settings["host"])
    elif not had or options.sql_port is not None:
        check_free(settings["host"], settings["sql_port"], "--sql-port")
    if settings["memory"] == "auto":
        settings["memory"] = None
    settings["data_dir"] = str(directory.root)
    return settings


class Supervisor:
    """Runs one instance in this process until it is told to stop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.directory = DataDirectory(options.data_dir)
        self._stopping = False
        self._wake: socket.socket | None = None
        self._settled = False

    def start(self) -> None:
        """Everything that can fail with a message for the user: directory, lock, ports, certificates."""
        os.umask(0o077)  # whatever this process and its children write is for this account alone
        self.directory.prepare()
        self.directory.acquire()
        end_orphans(self.directory)
        if self._options.ephemeral:
            self.directory.mark_ephemeral()
        had = self.directory.settings()
        self.settings = settle(self.directory, self._options)
        self._kept_ports = [keep(self.settings["host"], self.settings["port"])]
        if not had:
            self._kept_ports.append(keep(self.settings["host"], self.settings["sql_port"]))
        self._wake = self._wake_socket()
        self.gateway = Child(
            "gateway",
            ["slipher.cloud.listen", "--config", str(self.directory.settings_file)],
            self.directory.logs / "gateway.log",
            lambda: answers(self.settings["host"], self.settings["port"]),
        )
        if not had:  # nothing of an earlier run needs care first: the gateway starts while we read our own modules
            self.directory.write_settings(self.settings)
            self.gateway.poll()
        spare = Spare()
        try:
            self.fleet = self._fleet(spare)
        except BaseException:
            spare.dismiss()
            raise
        moved: tuple[str, int | None] | None = None
        if had and (self._options.sql_port is not None or self.settings["host"] != had["host"]):
            moved = self.settings["host"], self.settings["sql_port"] if self._options.sql_port is not None else None
        self.fleet.before_start(moved)
        if had:
            self.directory.write_settings(self.settings)

    def _fleet(self, spare: Spare) -> Fleet:
        from slipher.cloud.context import GatewaySettings
        from slipher.host.fleet import Fleet
        from slipher.host.tls import Authority

        authority = Authority(self.directory.tls)
        authority.ensure()
        authority.issue_gateway(self.settings["host"])
        return Fleet(self.directory, authority, GatewaySettings.model_validate(self.settings), spare)

    def run(self) -> None:
        """The loop; returns when stopped."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self._stopping:
            self.gateway.poll()
            self.fleet.reconcile()
            self._write_state()
            self._sleep()
        self._shut_down()

    def _stop(self, *_: object) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"stop", str(self._wake_path()))

    def _shut_down(self) -> None:
        self.fleet.stop()
        while not self.fleet.stopped():
            time.sleep(0.02)
        self.gateway.stop()
        while not self.gateway.stopped():
            time.sleep(0.02)
        with contextlib.suppress(FileNotFoundError):
            self.directory.state_file.unlink()
        self._wake_path().unlink(missing_ok=True)
        if self._options.ephemeral:
            shutil.rmtree(self.directory.root, ignore_errors=True)

    def _wake_path(self) -> Path:
        return self.directory.run / "supervisor.sock"

    def _wake_socket(self) -> socket.socket:
        path = self._wake_path()
        path.unlink(missing_ok=True)
        wake = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            wake.bind(str(path))
        except OSError as error:
            raise StartError(f"the path {path} is too long for a unix socket: choose a shorter --data-dir") from error
        path.chmod(0o600)
        wake.settimeout(POLL_SECONDS)
        return wake

    def _sleep(self) -> None:
        assert self._wake is not None
        self._wake.settimeout(POLL_SECONDS if self._settled else START_POLL_SECONDS)
        with contextlib.suppress(TimeoutError, InterruptedError):
            self._wake.recv(64)

    def _write_state(self) -> None:
        """state.json: what `status`, `env` and `up --detach` read."""
        rows = self.fleet.rows()
        state = {
            "supervisor": {"pid": os.getpid()},
            "gateway": {
                "pid": self.gateway.pid,
                "status": "failed" if self.gateway.given_up else "available" if self.gateway.serving else "starting",
                "endpoint": f"http://{self.settings['host']}:{self.settings['port']}",
                "error": self.gateway.error if self.gateway.given_up else None,
            },
            "synced": self.fleet.synced,
            "clusters": rows,
        }
        text = json.dumps(state)
        if text != getattr(self, "_written", None):
            with contextlib.suppress(OSError):  # a disk that is full for a while must not end what runs
                write_secret(self.directory.state_file, text.encode())
                self._written = text
        self._settled = self.fleet.synced and all(row["settled"] for row in rows)


def main() -> None:
    """`python -m slipher.host.supervisor`: what `slipher up --detach` starts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--bind")
    parser.add_argument("--aws-port", type=int)
    parser.add_argument("--sql-port", type=int)
    parser.add_argument("--account")
    parser.add_argument("--region")
    parser.add_argument("--transition-seconds", type=float)
    for name in ("--throttle", "--automated-snapshots"):
        parser.add_argument(name, type=lambda text: text == "True")
    parser.add_argument("--memory")
    for service in ("s3", "dynamodb", "sts"):
        parser.add_argument(f"--{service}")
    parser.add_argument("--aws-profile")
    parser.add_argument("--ephemeral", action="store_true")
    os.umask(0o077)  # every file of ours and of our children is for this account alone
    supervisor = Supervisor(Options(**vars(parser.parse_args())))
    try:
        supervisor.start()
    except StartError as error:
        print(f"slipher: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"slipher: {explain(error, supervisor.directory.root)}", file=sys.stderr)
        sys.exit(1)
    lifeline.watch()  # one that was not detached does not outlive who started it
    supervisor.run()


if __name__ == "__main__":
    main()
