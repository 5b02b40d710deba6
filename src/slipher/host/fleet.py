"""Cluster processes: those that rows ask for are started, others stopped; what runs is written back."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from slipher.base.ports import keep
from slipher.cloud.context import TABLES, GatewaySettings
from slipher.cloud.redshift import fleet
from slipher.cloud.redshift.common import cluster_arn
from slipher.cloud.redshift.fleet import CLUSTER, DesiredCluster
from slipher.cloud.state.base import open_database
from slipher.host.child import Child
from slipher.host.datadir import DataDirectory, StartError
from slipher.host.ports import check_cluster_port
from slipher.host.spare import Spare
from slipher.host.tls import Authority

assert TABLES  # the database must know every service's tables


class Member:
    """One cluster's process, and the generation of its settings that it runs with."""

    def __init__(self, wanted: DesiredCluster, log_file: Any, spare: Spare | None) -> None:
        self.wanted = wanted
        self.generation = wanted.generation
        arguments = ["slipher.warehouse.listen", "--config", str(wanted.config_file)]
        self.child = Child(wanted.id, arguments, log_file, self._listens, spare)
        self.kept_port = keep(wanted.host, wanted.port)
        self.recorded: tuple[Any, ...] | None = None

    def _listens(self) -> bool:
        """Whether the process has said that it listens."""
        try:
            found = json.loads((self.wanted.directory / "run.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return bool(found.get("pid") == self.child.pid)

    def close(self) -> None:
        """Let the port go."""
        if self.kept_port is not None:
            self.kept_port.close()


class Fleet:
    """All cluster processes of an instance."""

    def __init__(
        self, directory: DataDirectory, authority: Authority, settings: GatewaySettings, spare: Spare | None = None
    ) -> None:
        self._spare = spare
        self._directory = directory
        self._settings = settings
        self._authority = authority
        self._members: dict[str, Member] = {}
        self._engine: Engine | None = None
        self._trouble = ""
        self._resting: dict[str, DesiredCluster] = {}  # those that shall not run: paused
        self.synced = False  # whether the rows have been read since the gateway made the first ones

    def _database(self) -> Engine | None:
        path = self._directory.root / "gateway.db"
        if self._engine is None and (self._directory.root / "credentials.json").exists() and path.exists():
            self._engine = open_database(path)
        return self._engine

    def before_start(self, moved: tuple[str, int | None] | None) -> None:
        """What the rows of an earlier run need before anything starts: the first cluster moved to another address, if so asked;
        every cluster's settings brought up to date. Raises StartError: no such cluster, or the port of a cluster is busy.
        """
        try:
            engine = self._database()
        except DatabaseError as error:
            raise StartError(f"{self._directory.root / 'gateway.db'} cannot be used: {error.orig}") from error
        except SystemExit as error:  # of another version of ours
            raise StartError(f"{self._directory.root} cannot be used: {error}") from error
        if engine is None:
            return
        settings = self._settings
        if moved is not None:
            arn = cluster_arn(settings.account, settings.region, CLUSTER)
            if not fleet.move(engine, arn, *moved):
                raise StartError(
                    f"--sql-port is the port of cluster {CLUSTER}, which was deleted: leave the option out"
                )
        for wanted in fleet.desired(engine, self._directory.root):
            if wanted.state == "run":
                check_cluster_port(wanted.id, wanted.host, wanted.port)
            fleet.record_stopped(engine, wanted.arn)
        fleet.rewrite_configs(engine, settings)

    def reconcile(self) -> None:
        """Make what runs like what the rows say; quick, called several times a second.

        What hinders it (a full disk) is told in the log and tried again: what runs must run on.
        """
        try:
            self._reconcile()
            self._trouble = ""
        except (OSError, SQLAlchemyError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                print(f"cannot do what is desired, and will try again: {error}", file=sys.stderr, flush=True)

    def _reconcile(self) -> None:
        engine = self._database()
        if engine is None:
            return
        begun = self.synced or fleet.begun(engine)
        now = time.time()
        settle = False
        self._resting = {}
        for wanted in fleet.desired(engine, self._directory.root):
            member = self._members.get(wanted.arn)
            if wanted.state != "run":
                settle |= self._rest(engine, wanted, member)
            elif member is None:
                self._authority.issue(wanted.host, wanted.directory / "server.pem", wanted.directory / "server.key")
                log_file = self._directory.logs / f"{wanted.region}-{wanted.id}.log"
                spare, self._spare = self._spare, None
                self._members[wanted.arn] = Member(wanted, log_file, spare)
            else:
                self._restart_if_asked(member, wanted)
        for member in self._members.values():
            if member.wanted.state == "run" and member.generation == member.wanted.generation:
                member.child.poll()
            self._record(engine, member)
            ready = member.child.serving or member.child.given_up
            settle |= ready and member.wanted.transition is not None and member.wanted.due <= now
        if settle:
            fleet.settle_due(engine, now)
        self.synced = begun
        if begun and self._spare is not None:
            self._spare.dismiss()
            self._spare = None

    def _restart_if_asked(self, member: Member, wanted: DesiredCluster) -> None:
        """A higher generation: stop the process; once it has stopped, the next poll starts it with the new settings."""
        before, member.wanted = member.wanted, wanted
        if wanted.generation == member.generation:
            return
        member.child.stop()
        if (before.host, before.port) != (wanted.host, wanted.port):
            member.wanted = before
            if member.child.stopped():  # it starts as a new one, at the other address
                member.close()
                del self._members[wanted.arn]
        elif member.child.stopped():
            member.generation = wanted.generation
            member.child.forgive()

    def _rest(self, engine: Engine, wanted: DesiredCluster, member: Member | None) -> bool:
        """Stop a process, then do what shall be done with its files; whether a transition may now end."""
        if member is not None:
            member.wanted = wanted
            member.child.stop()
            if not member.child.stopped() or (time.time() < wanted.due and wanted.state != "wait"):
                return False
            member.close()
            del self._members[wanted.arn]
            fleet.record_stopped(engine, wanted.arn)
        if wanted.state in ("stop", "wait"):
            self._resting[wanted.arn] = wanted
            return wanted.transition == "pausing"
        if wanted.state == "rename":
            fleet.rename(engine, self._settings, wanted)
        else:
            shutil.rmtree(wanted.directory, ignore_errors=True)
            fleet.forget(engine, wanted.arn)
        fleet.socket_of(self._directory.root, wanted.arn).unlink(missing_ok=True)
        return False

    def _record(self, engine: Engine, member: Member) -> None:
        child = member.child
        error = child.error if child.given_up else None
        now = (child.pid, child.serving, member.generation, child.failures, error)
        if now != member.recorded:
            pid, listening, generation, failures, error = now
            fleet.record(
                engine,
                member.wanted.arn,
                pid=pid,
                listening=listening,
                generation=generation,
                failures=failures,
                error=error,
            )
            member.recorded = now

    def rows(self) -> list[dict[str, Any]]:
        """For state.json."""
        rows = []
        for member in self._members.values():
            wanted, child = member.wanted, member.child
            status = "failed" if child.given_up else "available" if child.serving else "starting"
            due = wanted.transition is not None and wanted.due <= time.time()
            rows.append(
                {
                    "id": wanted.id,
                    "region": wanted.region,
                    "pid": child.pid,
                    "status": wanted.transition or status if child.serving else status,
                    "endpoint": f"{wanted.host}:{wanted.port}",
                    "user": wanted.user,
                    "database": wanted.database,
                    "settled": child.given_up or (child.serving and not due),
                    "error": child.error if child.given_up else None,
                }
            )
        for wanted in self._resting.values():
            if not wanted.port:  # data without compute: a namespace that has no workgroup
                continue
            rows.append(
                {
                    "id": wanted.id,
                    "region": wanted.region,
                    "pid": None,
                    "status": wanted.transition or "stopped",
                    "endpoint": f"{wanted.host}:{wanted.port}",
                    "user": wanted.user,
                    "database": wanted.database,
                    "settled": wanted.state == "stop",
                    "error": None,
                }
            )
        return rows

    def stop(self) -> None:
        """Ask all processes to stop."""
        if self._spare is not None:
            self._spare.dismiss()
        for member in self._members.values():
            member.child.stop()

    def stopped(self) -> bool:
        """Whether all have."""
        running = [member for member in self._members.values() if not member.child.stopped()]
        return not running
