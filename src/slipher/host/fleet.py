"""Cluster processes: those that rows ask for are started, others stopped; what runs is written back."""

from __future__ import annotations

import json
import shutil
from typing import Any

from sqlalchemy import Engine

from slipher.cloud.context import TABLES
from slipher.cloud.redshift import fleet
from slipher.cloud.redshift.fleet import DesiredCluster
from slipher.cloud.state.base import open_database
from slipher.host.child import Child
from slipher.host.datadir import DataDirectory
from slipher.host.tls import Authority

assert TABLES  # the database must know every service's tables


class Member:
    """One cluster's process, and the generation of its settings that it runs with."""

    def __init__(self, wanted: DesiredCluster, log_file: Any) -> None:
        self.wanted = wanted
        self.generation = wanted.generation
        self.child = Child(wanted.id, ["slipher.warehouse.listen", "--config", str(wanted.config_file)], log_file)
        self.recorded: tuple[Any, ...] | None = None

    @property
    def listening(self) -> bool:
        """Whether the process has said that it listens."""
        if self.child.pid is None:
            return False
        try:
            found = json.loads((self.wanted.directory / "run.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return bool(found.get("pid") == self.child.pid)


class Fleet:
    """All cluster processes of an instance."""

    def __init__(self, directory: DataDirectory, authority: Authority) -> None:
        self._directory = directory
        self._authority = authority
        self._members: dict[str, Member] = {}
        self._engine: Engine | None = None
        self.synced = False  # whether the rows have been read since the gateway made the first ones

    def _database(self) -> Engine | None:
        path = self._directory.root / "gateway.db"
        if self._engine is None and (self._directory.root / "credentials.json").exists() and path.exists():
            self._engine = open_database(path)
        return self._engine

    def reconcile(self) -> None:
        """Make what runs like what the rows say; quick, called several times a second."""
        engine = self._database()
        if engine is None:
            return
        begun = self.synced or fleet.begun(engine)
        for wanted in fleet.desired(engine, self._directory.root):
            member = self._members.get(wanted.arn)
            if not wanted.run:
                self._remove(engine, wanted, member)
            elif member is None:
                self._authority.issue(wanted.host, wanted.directory / "server.pem", wanted.directory / "server.key")
                self._members[wanted.arn] = Member(wanted, self._directory.logs / f"{wanted.region}-{wanted.id}.log")
            else:
                self._restart_if_asked(member, wanted)
        for member in self._members.values():
            if member.generation == member.wanted.generation:
                member.child.poll()
            self._record(engine, member)
        self.synced = begun

    def _restart_if_asked(self, member: Member, wanted: DesiredCluster) -> None:
        """A higher generation: stop the process; once it has stopped, the next poll starts it with the new settings."""
        member.wanted = wanted
        if wanted.generation == member.generation:
            return
        member.child.stop()
        if member.child.stopped():
            member.generation = wanted.generation
            member.child.failures = 0
            member.child.error = None

    def _remove(self, engine: Engine, wanted: DesiredCluster, member: Member | None) -> None:
        if member is not None:
            member.child.stop()
            if not member.child.stopped():
                return
            del self._members[wanted.arn]
        shutil.rmtree(wanted.directory, ignore_errors=True)
        fleet.forget(engine, wanted.arn)

    def _record(self, engine: Engine, member: Member) -> None:
        child = member.child
        error = child.error if child.failures else None
        now = (child.pid, member.listening, member.generation, child.failures, error)
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
            listening = member.listening
            status = "failed" if child.given_up else "available" if listening else "starting"
            rows.append(
                {
                    "id": wanted.id,
                    "region": wanted.region,
                    "pid": child.pid,
                    "status": wanted.transition or status if listening else status,
                    "endpoint": f"{wanted.host}:{wanted.port}",
                    "user": wanted.user,
                    "database": wanted.database,
                    "settled": listening or child.given_up,
                    "error": child.error if child.given_up else None,
                }
            )
        return rows

    def stop(self) -> None:
        """Ask all processes to stop."""
        for member in self._members.values():
            member.child.stop()

    def stopped(self) -> bool:
        """Whether all have."""
        running = [member for member in self._members.values() if not member.child.stopped()]
        return not running
