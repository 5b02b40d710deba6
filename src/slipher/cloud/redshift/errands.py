"""Work that takes longer than a request: making a snapshot's file, putting it into a restored cluster's directory, a table of
it into a cluster.

What is to be done is rows; a thread does all of it that it finds, one piece after the other. The next start of the gateway takes
up what a crash left.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from slipher.cloud.context import Gateway
from slipher.cloud.redshift import fleet, link
from slipher.cloud.redshift.common import AUTOMATED
from slipher.cloud.redshift.events import note
from slipher.cloud.state.redshift import cluster_runtime, clusters, snapshots

log = logging.getLogger("slipher.gateway")
TABLES = "tablerestore"  # the kind of records of tables that are, or were, restored
UNDER_WAY = ("PENDING", "IN_PROGRESS")
SPARE = 2  # times the data's size must be free on the disk for an automated snapshot
PATIENCE = 60.0  # seconds for a cluster's process to come up
BACKUP_SECONDS = 6 * 3600.0
ENDINGS = (".duckdb", ".duckdb.wal")  # of the files of a database; the second is there if its process was killed


def directory(gateway: Gateway) -> Path:
    """Where snapshots' files are."""
    path = gateway.data_dir / "snapshots"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def begin(gateway: Gateway) -> None:
    """See to what the rows ask for, in the background."""
    threading.Thread(target=_all, args=(gateway,), name="errands", daemon=True).start()


def take_up(gateway: Gateway) -> None:
    """At the gateway's start: files that no row names go; what was begun is done."""
    with gateway.read() as db:
        known = {row.file for row in db.execute(select(snapshots.c.file))}
    for path in directory(gateway).iterdir():
        if path.name.partition(".")[0] not in known:
            path.unlink(missing_ok=True)
    begin(gateway)
    with gateway.read() as db:
        running = list(db.scalars(select(clusters.c.arn)))
    for arn in running:  # settings that were written, and of which the cluster was not told
        socket = fleet.socket_of(gateway.data_dir, arn)
        threading.Thread(target=link.reload, args=(socket,), name="reload", daemon=True).start()


def _all(gateway: Gateway) -> None:
    from slipher.cloud.redshift import table_restore  # which asks for errands

    with gateway.errands:
        try:
            while _make_one(gateway) or _restore_one(gateway) or table_restore.work(gateway):
                pass
        except Exception:
            log.exception("work in the background failed")


def _make_one(gateway: Gateway) -> bool:
    with gateway.read() as db:
        row = db.execute(select(snapshots).where(snapshots.c.status == "creating", ~snapshots.c.made)).first()
        cluster = row and db.execute(select(clusters).where(clusters.c.arn == row.cluster_arn)).first()
    if row is None:
        return False
    stamp: list[Any] = []
    try:
        if cluster is None:
            raise link.Refused("the cluster was deleted")
        stamp = _stamp(gateway, cluster)
        if not _link_unchanged(gateway, row, stamp):
            _backup(gateway, cluster, row)
        error = None
    except (link.NotRunning, link.Refused, OSError) as found:
        error = str(found) or "the cluster does not run"
        log.warning("snapshot %s could not be made: %s", row.arn, error)
    with gateway.transaction() as db:
        changes: dict[str, Any] = {"status": "failed", "facts": row.facts | {"Error": error}}
        if error is None:
            size = sum(path.stat().st_size for path in files(directory(gateway), row.file))
            facts = row.facts | {"Bytes": size, "Seconds": gateway.now() - row.created, "Stamp": stamp}
            changes = {"made": True, "facts": facts}
        db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(**changes))
        if cluster is not None and cluster.transition == "final-snapshot":
            # a cluster is never deleted without the last snapshot that was asked for
            before = "paused" if cluster.facts.get("Stopped") else None
            after = before if error is not None else "deleting"
            db.execute(update(clusters).where(clusters.c.arn == cluster.arn).values(transition=after))
        if error is not None:
            note(gateway, db, row, "snapshot-failed")
    gateway.wake_supervisor()
    return True


def _stamp(gateway: Gateway, cluster: Any) -> list[Any]:
    """What changes whenever a cluster's data do: it is looked at before they are copied."""
    home = fleet.directory_of(gateway.data_dir, cluster.region, cluster.id)
    found = [path.stat() for path in files(home, "warehouse")]
    return [[one.st_ino, one.st_size, one.st_mtime_ns] for one in found]


def _link_unchanged(gateway: Gateway, row: Any, stamp: list[Any]) -> bool:
    """An automated snapshot of data that are as they were at the last one has the same file; of others that would fill the disk
    there is none."""
    if not row.id.startswith(AUTOMATED):
        return False
    with gateway.read() as db:
        earlier = db.execute(
            select(snapshots)
            .where(snapshots.c.cluster_arn == row.cluster_arn, snapshots.c.status == "available")
            .order_by(snapshots.c.created.desc())
        ).all()
    same = next((one for one in earlier if one.facts.get("Stamp") == stamp), None)
    if same is not None:
        hard_link(gateway, same.file, row.file)
    elif shutil.disk_usage(directory(gateway)).free < SPARE * sum(size for _, size, _ in stamp):
        raise link.Refused("there is not enough room on the disk for an automated snapshot")
    return same is not None


def hard_link(gateway: Gateway, file: str, new: str) -> None:
    """The same data under another name: snapshots' files never change."""
    where = directory(gateway)
    found = files(where, file)
    if not found:
        raise FileNotFoundError("the snapshot's file is gone")
    for path in found:
        os.link(path, where / path.name.replace(file, new, 1))


def files(where: Path, name: str) -> list[Path]:
    return [path for ending in ENDINGS if (path := where / f"{name}{ending}").exists()]


def _backup(gateway: Gateway, cluster: Any, row: Any) -> None:
    name = row.file
    home = fleet.directory_of(gateway.data_dir, cluster.region, cluster.id)
    if cluster.facts.get("Stopped"):
        if not (home / "warehouse.duckdb").exists():
            raise link.Refused("it has no data yet")
        for ending, path in zip(ENDINGS, (home / "warehouse.duckdb", home / "warehouse.duckdb.wal"), strict=True):
            if path.exists():
                copy_file(path, directory(gateway) / f"{name}{ending}")
        return
    socket, deadline = fleet.socket_of(gateway.data_dir, cluster.arn), time.monotonic() + PATIENCE
    while True:
        try:
            link.tell(socket, f"ALTER SYSTEM BACKUP {name}", BACKUP_SECONDS)
            break
        except (link.NotRunning, ConnectionError):  # it is being started again
            if time.monotonic() > deadline:
                raise
            with gateway.read() as db:
                if db.execute(select(snapshots.c.arn).where(snapshots.c.arn == row.arn)).first() is None:
                    raise link.Refused("nobody wants it any more") from None
            time.sleep(0.2)
    shutil.move(home / "spool" / f"{name}.duckdb", directory(gateway) / f"{name}.duckdb")


def copy_file(source: Path, target: Path) -> None:
    """A file's copy, whole or not at all."""
    new = target.with_name(target.name + ".new")
    shutil.copyfile(source, new)
    new.chmod(0o600)
    descriptor = os.open(new, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(target)


def _restore_one(gateway: Gateway) -> bool:
    with gateway.read() as db:
        every = db.execute(select(clusters).where(clusters.c.transition.in_(fleet.RESTORED))).all()
    row = next((one for one in every if one.facts.get("Restore", {}).get("Status") == "restoring"), None)
    if row is None:
        return False
    home, name = fleet.directory_of(gateway.data_dir, row.region, row.id), row.facts["Restore"]["File"]
    state, transition = "completed", row.transition
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put_in_place(files(directory(gateway), name), home, name, lambda: _await_stopped(gateway, row.arn))
    except OSError as error:
        log.warning("cluster %s could not be restored: %s", row.id, error)
        state = "failed"
        if row.transition == "creating":  # another has its old data still, and goes on with them
            transition = "incompatible-restore"
    with gateway.transaction() as db:
        facts = row.facts | {"Restore": row.facts["Restore"] | {"Status": state, "Ended": gateway.now()}}
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts, transition=transition))
        note(gateway, db, row, "restored" if state == "completed" else "restore-failed")
    gateway.wake_supervisor()
    return True


def _put_in_place(found: list[Path], home: Path, name: str, stopped: Callable[[], None]) -> None:
    """Copy a snapshot's files into a cluster's directory; what is there goes only when all of them are there."""
    if not any(path.name == f"{name}.duckdb" for path in found):
        raise FileNotFoundError("the snapshot's file is gone")
    copies = [(home / path.name.replace(name, "restored", 1), path) for path in found]
    for copy, path in copies:
        copy_file(path, copy)
    stopped()
    for stale in ("warehouse.duckdb", "warehouse.duckdb.wal"):
        (home / stale).unlink(missing_ok=True)
    for copy, _ in reversed(copies):  # the log first: the file's being there says all is
        copy.replace(home / copy.name.replace("restored", "warehouse", 1))


def _await_stopped(gateway: Gateway, arn: str) -> None:
    """Until the supervisor has stopped a cluster's process; OSError if it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with gateway.read() as db:
            runtime = db.execute(select(cluster_runtime).where(cluster_runtime.c.cluster_arn == arn)).first()
        if runtime is None or runtime.pid is None:
            return
        time.sleep(0.05)
    raise OSError("its process did not stop")


def forget(gateway: Gateway, db: Any, row: Any) -> None:
    """Delete a snapshot's row and files."""
    db.execute(delete(snapshots).where(snapshots.c.arn == row.arn))
    for path in files(directory(gateway), row.file):
        with contextlib.suppress(OSError):
            path.unlink()
