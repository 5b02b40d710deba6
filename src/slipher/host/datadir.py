"""The data directory: its layout, its format number, and the lock that keeps it to one supervisor."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from slipher.base.secretfiles import write_secret

FORMAT = 1
OUR_FIRST = ("run", "logs", "lock", "format.new", "lost+found")  # may be there before the format number is
ROOM = 16 * 1024 * 1024  # bytes that must be free at a start


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
        self.ephemeral_file = self.run / "ephemeral"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Create what is missing and check that the directory is ours to write, and of our format.

        Raises StartError: not writable, disk full, another format.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_format()
            for directory in (self.run, self.logs):
                directory.mkdir(mode=0o700, exist_ok=True)
            probe = self.run / "probe"
            try:
                with probe.open("wb") as file:
                    _fill(file)
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise StartError(explain(error, self.root)) from error

    def _check_format(self) -> None:
        file = self.root / "format"
        if not file.exists():
            if any(entry.name not in OUR_FIRST for entry in self.root.iterdir()):
                raise StartError(
                    f"{self.root} is neither empty nor a data directory of Slipher: choose another --data-dir"
                )
            write_secret(file, f"{FORMAT}\n".encode())
            return
        found = file.read_text().strip()
        if found != str(FORMAT):
            raise StartError(f"{self.root} has data format {found}, this Slipher reads and writes format {FORMAT}")

    def mark_ephemeral(self) -> None:
        """Say that nobody wants the directory once its supervisor is gone."""
        self.ephemeral_file.touch()

    def acquire(self) -> None:
        """Take the directory's lock for this process; raises StartError naming who holds it."""
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise already_runs(self.root, holder) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        os.set_inheritable(descriptor, False)
        self._lock = descriptor

    def release(self) -> None:
        """Let the lock go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def holder(self) -> int | None:
        """The pid of the supervisor that runs on this directory, None if none does."""
        try:
            descriptor = os.open(self.lock_file, os.O_RDONLY)
        except OSError:  # not there, or not ours to read
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


def already_runs(root: Path, holder: int | str) -> StartError:
    """The error of a second start on one directory."""
    option = "" if root == default_directory() else f" --data-dir {root}"
    return StartError(
        f"Slipher already runs on {root} (supervisor pid {holder}): "
        f"`slipher status{option}` shows it, `slipher down{option}` stops it"
    )


def _fill(file: BinaryIO) -> None:
    """Take the room that a start needs at least, so that a disk without it is told of now."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, ROOM)
    else:
        file.write(bytes(ROOM))
        file.flush()
    os.fsync(file.fileno())


def explain(error: OSError, root: Path) -> str:
    """Why a data directory cannot be used."""
    reasons = {
        errno.EROFS: "is on a read-only file system",
        errno.EACCES: "is not writable for you",
        errno.EPERM: "is not writable for you",
        errno.ENOSPC: f"is on a full disk: {ROOM // 2**20} MB must be free at least",
        errno.EFBIG: f"is under a limit of file sizes (ulimit -f) below {ROOM // 2**20} MB",
        errno.EDQUOT: "is over your disk quota",
        errno.ENOTDIR: "is not a directory",
        errno.EEXIST: "is not a directory",
    }
    return f"the data directory {root} {reasons.get(error.errno or 0, f'cannot be used: {error.strerror}')}"
