"""The data directory: its layout, its format number, and the lock that keeps it to one supervisor."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path
from typing import Any

from slipher.base.secretfiles import write_secret

FORMAT = 1


class StartError(Exception):
    """Why Slipher cannot start, in words for the person who typed the command."""


def default_directory() -> Path:
    """$SLIPHER_DATA_DIR, else ~/.slipher."""
    return Path(os.environ.get("SLIPHER_DATA_DIR") or Path.home() / ".slipher").expanduser().resolve()


class DataDirectory:
    """Paths below one data directory, and what is written in them by the host."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.run = self.root / "run"
        self.logs = self.root / "logs"
        self.tls = self.root / "tls"
        self.settings_file = self.root / "gateway.json"
        self.lock_file = self.root / "lock"
        self.state_file = self.run / "state.json"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Create what is missing and check that the directory is ours to write, and of our format.

        Raises StartError: not writable, disk full, another format.
        """
        try:
            for directory in (self.root, self.run, self.logs):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_format()
            probe = self.run / "probe"
            with probe.open("wb") as file:
                file.write(b"\0" * 65536)
                file.flush()
                os.fsync(file.fileno())
            probe.unlink()
        except OSError as error:
            raise StartError(_explain(error, self.root)) from error

    def _check_format(self) -> None:
        file = self.root / "format"
        if not file.exists():
            if any(entry.name not in ("run", "logs", "lock") for entry in self.root.iterdir()):
                raise StartError(
                    f"{self.root} is neither empty nor a data directory of Slipher: choose another --data-dir"
                )
            write_secret(file, f"{FORMAT}\n".encode())
            return
        found = file.read_text().strip()
        if found != str(FORMAT):
            raise StartError(f"{self.root} has data format {found}, this Slipher reads and writes format {FORMAT}")

    def acquire(self) -> None:
        """Take the directory's lock for this process; raises StartError naming who holds it."""
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise StartError(
                f"Slipher already runs on {self.root} (supervisor pid {holder}); "
                f"`slipher status --data-dir {self.root}` shows it, `slipher down` stops it"
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        os.set_inheritable(descriptor, False)
        self._lock = descriptor

    def holder(self) -> int | None:
        """The pid of the supervisor that runs on this directory, None if none does."""
        try:
            descriptor = os.open(self.lock_file, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            text = os.read(descriptor, 32).decode(errors="replace").strip()
            return int(text) if text.isdigit() else None
        finally:
            os.close(descriptor)
        return None

    def settings(self) -> dict[str, Any]:
        """The instance's settings (gateway.json); empty before the first start."""
        try:
            found: dict[str, Any] = json.loads(self.settings_file.read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write gateway.json, 0600."""
        write_secret(self.settings_file, json.dumps(settings, indent=2).encode())

    def state(self) -> dict[str, Any]:
        """What the supervisor last wrote about its processes; empty if it never ran."""
        try:
            found: dict[str, Any] = json.loads(self.state_file.read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found


def _explain(error: OSError, root: Path) -> str:
    reasons = {
        errno.EROFS: "is on a read-only file system",
        errno.EACCES: "is not writable for you",
        errno.EPERM: "is not writable for you",
        errno.ENOSPC: "is on a full disk",
        errno.EDQUOT: "is over your disk quota",
        errno.ENOTDIR: "is not a directory",
        errno.EEXIST: "is not a directory",
    }
    return f"the data directory {root} {reasons.get(error.errno or 0, f'cannot be used: {error.strerror}')}"
