"""Fresh directories for instances that leave nothing: also those of supervisors that were killed go, at the next one's start."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from slipher.host.datadir import DataDirectory, StartError
from slipher.host.orphans import end_orphans

PREFIX = "slipher-"


def fresh_directory() -> Path:
    """A new directory for one run."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def sweep() -> None:
    """Remove the ephemeral directories of this user that no supervisor holds."""
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, StartError):
            directory = DataDirectory(root)
            if root.stat().st_uid != os.getuid() or not directory.ephemeral_file.exists():
                continue
            directory.acquire()
            try:
                end_orphans(directory)
                shutil.rmtree(root, ignore_errors=True)
            finally:
                directory.release()
