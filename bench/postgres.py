"""PostgreSQL as a peer: a server of its own in a temporary folder, never as root, reached by a unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def binaries() -> Path | None:
    """The folder of initdb and postgres, of the newest version there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).resolve().parent if other else None


class Postgres:
    """A running server. `socket` is its unix socket's path, `version` its number."""

    def __init__(self, folder: Path, port: int, version: str, account: int | None) -> None:
        self.folder, self.port, self.version, self.account = folder, port, version, account
        self.socket = str(folder / f".s.PGSQL.{port}")

    @property
    def pid(self) -> int:
        """The postmaster's process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def readable(self, path: Path) -> Path:
        """The same file where the server can read it: its own folder may be closed to others."""
        target = self.folder / f"{path.parent.name}-{path.name}"
        if not target.exists():
            os.link(path, target) if path.stat().st_dev == self.folder.stat().st_dev else shutil.copy(path, target)
            target.chmod(0o644)
        return target


@contextmanager
def postgres() -> Iterator[Postgres | None]:
    """Start a server; None, said aloud, where there is none or only root could run it."""
    bin_ = binaries()
    if bin_ is None:
        print("SKIPPED: PostgreSQL is not installed (Debian: apt-get install postgresql)", flush=True)
        yield None
        return
    account = None
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam(USER).pw_uid
        except KeyError:
            print(f"SKIPPED: PostgreSQL does not run as root, and there is no user {USER}", flush=True)
            yield None
            return
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    try:
        if account is not None:
            os.chown(folder, account, -1)
        data = folder / "data"

        def run(*words: str) -> str:
            done = subprocess.run(words, user=account, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{words[0]}: {done.stdout}{done.stderr}")
            return done.stdout

        run(str(bin_ / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-k {folder} -c listen_addresses='' -c port={port} -c max_wal_size=4GB"
        run(str(bin_ / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield Postgres(folder, port, run(str(bin_ / "postgres"), "--version").split()[2], account)
        finally:
            run(str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
