"""Directories that cannot be used: one clear message each, exit status 1, and nothing started or left in them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from host_tools import environment, refused, slipher, start


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB, if this account may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", place], capture_output=True)
    yield place if done.returncode == 0 else tmp_path / "not-mounted"
    if done.returncode == 0:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk(mounted: Path) -> None:
    if mounted.exists():
        message = refused("up", "--detach", "--data-dir", mounted)
        assert message == f"the data directory {mounted} is on a full disk: 16 MB must be free at least"


def test_a_limit_of_file_sizes(tmp_path: Path) -> None:
    """What who may not mount has for a full disk."""
    place = tmp_path / "limited"
    program = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)); "
        "runpy.run_module('slipher', run_name='__main__')"
    )
    command = [sys.executable, "-c", program, "up", "--detach", "--data-dir", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert (
        done.stderr == f"slipher: the data directory {place} is under a limit of file sizes (ulimit -f) below 16 MB\n"
    )
    assert done.returncode == 1


def test_a_read_only_directory(mounted: Path, tmp_path: Path) -> None:
    if mounted.exists():
        subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
        assert (
            refused("up", "--detach", "--data-dir", mounted)
            == f"the data directory {mounted} is on a read-only file system"
        )
        inside = mounted / "deeper"
        assert refused("up", "--data-dir", inside) == f"the data directory {inside} is on a read-only file system"
        return
    place = tmp_path / "closed"
    place.mkdir(mode=0o500)
    assert os.geteuid() != 0
    assert refused("up", "--detach", "--data-dir", place) == f"the data directory {place} is not writable for you"


def test_another_format(tmp_path: Path) -> None:
    start(tmp_path)
    slipher("down", "--data-dir", tmp_path)
    assert (tmp_path / "format").read_text() == "1\n"
    (tmp_path / "format").write_text("999\n")
    before = sorted(tmp_path.rglob("*"))
    assert refused("up", "--detach", "--data-dir", tmp_path) == (
        f"{tmp_path} has data format 999, this Slipher reads and writes format 1"
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_somebody_elses_directory(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("a year's work")
    assert refused("up", "--detach", "--data-dir", tmp_path) == (
        f"{tmp_path} is neither empty nor a data directory of Slipher: choose another --data-dir"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert refused("up", "--data-dir", place) == f"the data directory {place} is not a directory"


def test_a_path_too_long_for_sockets(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 25)
    message = refused("up", "--detach", "--data-dir", place)
    assert message == f"the path {place}/run/supervisor.sock is too long for a unix socket: choose a shorter --data-dir"
    assert refused("status", "--data-dir", place).startswith("no Slipher runs")


def test_ephemeral_makes_its_own(tmp_path: Path) -> None:
    assert "leave --data-dir out" in refused("up", "--ephemeral", "--data-dir", tmp_path)


def test_a_database_of_another_version(tmp_path: Path) -> None:
    start(tmp_path)
    slipher("down", "--data-dir", tmp_path)
    with sqlite3.connect(tmp_path / "gateway.db") as database:
        database.execute("update meta set value = '999' where key = 'schema'")
    message = refused("up", "--detach", "--data-dir", tmp_path)
    assert message.startswith(f"{tmp_path} cannot be used: gateway.db has schema 999, this Slipher reads and writes ")
