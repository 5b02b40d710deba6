"""Running a file: its records in order, on sessions of a database of its own, and what differed from what it states."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import botocore.exceptions

from slipher.testing.instance import Cluster, Instance
from slipher.testing.slt.arrange import Arrangement
from slipher.testing.slt.commands import Commands
from slipher.testing.slt.records import Record, SltError, SltFile, read
from slipher.testing.slt.transcript import report, transcript
from slipher.testing.wire import Complete, Connection, Message, Report, RowDescription, ServerError, rows

DATABASE = "slt"
MAIN = "main"
TRAILING_NUMBER = re.compile(r"(\d+)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """What went otherwise than a file states."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass
class Seen:
    """What a record gave: its lines, the code of its error if it had one, and a count where the tag has one."""

    lines: list[str]
    error: str | None = None
    count: int | None = None
    has_rows: bool = False


class Runner:
    """Runs one file on an instance."""

    def __init__(self, instance: Instance) -> None:
        self._cluster = instance.cluster
        self._arrangement = Arrangement(instance)
        self._commands = Commands(instance)
        self._connections: dict[str, Connection] = {}

    def run(self, found: SltFile, *, rewrite: bool = False) -> list[Problem]:
        """Run all records; with `rewrite`, blocks become what came, but an outcome is never changed."""
        problems: list[Problem] = []
        users = self._begin()
        try:
            for record in found.records:
                text = self._check(record, rewrite)
                if text is not None:
                    problems.append(Problem(found.path, record.line, text))
        except (ConnectionError, TimeoutError) as error:
            problems.append(Problem(found.path, record.line, f"{record.head}\n  {type(error).__name__}: {error}"))
        finally:
            problems += [Problem(found.path, 1, text) for text in self._end(users)]
        return problems

    def _begin(self) -> set[str]:
        with self._cluster.connect() as admin:
            admin.rows(f"create database {DATABASE}")
            return _accounts(admin)

    def _end(self, before: set[str]) -> list[str]:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._commands.close()
        failures = self._arrangement.undo()
        try:
            with self._cluster.connect() as admin:
                admin.rows(f"drop database {DATABASE}")
                for account in sorted(_accounts(admin) - before, reverse=True):
                    admin.rows(f"drop {account}")
        except (ServerError, OSError) as error:
            failures.append(f"cannot clean up: {error}")
        return failures

    def _check(self, record: Record, rewrite: bool) -> str | None:
        """Run one record; None, or what is wrong."""
        try:
            seen = self._run(record)
        except (botocore.exceptions.ClientError, ServerError, ValueError, KeyError, IndexError) as error:
            return f"{record.head}\n  {type(error).__name__}: {error}"
        wrong = _outcome(record, seen)
        if wrong is None and rewrite and (seen.lines or record.expected is not None):
            record.expected = seen.lines
            return None
        if wrong is None and record.expected is None and record.directive in ("query", "objects"):
            wrong = "the record states no result: run it with --rewrite"
        elif wrong is None and record.expected is not None and record.expected != seen.lines:
            wrong = "\n".join(difflib.unified_diff(record.expected, seen.lines, "stated", "seen", lineterm="", n=2))
        elif wrong is not None:
            wrong = "\n  ".join([wrong, *seen.lines])
        return f"{record.head}\n  {' '.join(record.input)[:200]}\n{wrong}" if wrong else None

    def _run(self, record: Record) -> Seen:
        if record.directive in ("statement", "query"):
            return self._statement(record)
        if record.directive == "await":
            return _seen(self._connections[record.words[1]].until_ready(), False)
        if record.directive == "connect":
            return self._connect_record(record)
        if record.directive == "disconnect":
            self._connections.pop(record.words[1]).close()
            return Seen([])
        if record.directive == "aws":
            return Seen(*self._commands.run(record))
        if record.directive == "api":
            return Seen(*self._arrangement.api(record))
        if record.directive in ("bucket", "file", "item", "role", "objects"):
            lines: list[str] = getattr(self._arrangement, record.directive)(record)
            return Seen(lines)
        raise ValueError(f"there is no directive {record.directive}")

    def _statement(self, record: Record) -> Seen:
        connection = self._connection(record)
        text = "\n".join(record.input)
        parameters = record.option("params").split(",") if "params" in record.options else []
        binary = record.option("fmt") == "binary"
        if binary or record.option("mode") == "extended":
            connection.send_extended(text, parameters, binary=binary)
        else:
            connection.send_simple(text)
        if "background" in record.words:
            return Seen([])
        messages = connection.until_ready()
        seen = _seen(messages, "sort" in record.words)
        if record.directive == "query" and record.option("recheck") != "no" and seen.error is None:
            self._recheck(connection, text, parameters, messages)
        return seen

    def _recheck(
        self, connection: Connection, text: str, parameters: Sequence[str], messages: Sequence[Message]
    ) -> None:
        """The same query by the extended protocol, values in binary: the same rows must come."""
        again = rows(connection.extended(text, parameters, binary=True))
        if sorted(map(repr, again)) != sorted(map(repr, rows(messages))):
            raise ValueError(f"in binary, the rows are others: {again!r}")

    def _connection(self, record: Record) -> Connection:
        user = record.option("as")
        name = record.option("conn") or user or MAIN
        if name not in self._connections:
            self._connections[name] = _connect(self._cluster, user)
        return self._connections[name]

    def _connect_record(self, record: Record) -> Seen:
        name = record.words[1]
        password = record.options.get("password")
        try:
            found = _connect(self._cluster, record.option("as"), password, record.option("database") or DATABASE)
        except ServerError as error:
            return Seen(report(error.report), error.report.code)
        self._connections[name] = found
        return Seen([])


def _connect(cluster: Cluster, user: str, password: str | None = None, database: str = DATABASE) -> Connection:
    """A session: with the password given, else as the administrator, who then becomes the user."""
    if password is not None:
        return cluster.connect(user or cluster.user, password, database=database)
    connection = cluster.connect(database=database)
    if user:
        connection.rows(f"set session authorization '{user}'")
    return connection


def _accounts(admin: Connection) -> set[str]:
    """Users and groups, as DROP takes them: 'user a', 'group b'."""
    users = admin.rows("select usename from pg_user")
    groups = admin.rows("select groname from pg_group")
    return {f'user "{name}"' for (name,) in users} | {f'group "{name}"' for (name,) in groups}


def _seen(messages: Sequence[Message], sort: bool) -> Seen:
    errors = [message.code for message in messages if isinstance(message, Report) and message.error]
    tags = [message.tag for message in messages if isinstance(message, Complete)]
    number = TRAILING_NUMBER.search(tags[-1]) if tags else None
    return Seen(
        transcript(messages, sort=sort),
        errors[-1] if errors else None,
        int(number[1]) if number else None,
        any(isinstance(message, RowDescription) for message in messages),
    )


def _outcome(record: Record, seen: Seen) -> str | None:
    """None if the outcome is what the directive says, else what is wrong."""
    words = record.words
    if "error" in words[1:]:
        code = words[words.index("error", 1) + 1]
        return None if seen.error == code else f"error {code} was expected, {seen.error or 'none'} came"
    if seen.error is not None:
        return f"error {seen.error} came"
    if words[1:2] == ["count"] and seen.count != int(words[2]):
        return f"count {words[2]} was expected, {seen.count} came"
    if record.directive == "query" and not seen.has_rows:
        return "a query was expected, there was no row description"
    return None


def run_file(instance: Instance, path: Path, *, rewrite: bool = False) -> list[Problem]:
    """Run a file on an instance; with `rewrite`, write back what came."""
    try:
        found = read(path)
    except SltError as error:
        return [Problem(path, 1, str(error))]
    problems = Runner(instance).run(found, rewrite=rewrite)
    if rewrite:
        path.write_text(found.text())
    return problems
