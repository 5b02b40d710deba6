"""A logged-in session: takes the client's messages, runs their statements, answers.

The simple protocol runs a text's statements as one transaction unless BEGIN and COMMIT say otherwise; in the extended
protocol Sync ends what began without BEGIN. After an error in the extended protocol everything up to Sync is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql import statements as s
from slipher.sql.bound import OutputColumn
from slipher.sql.parse import Parsed, parse
from slipher.sql.redact import without_secrets
from slipher.types.sqltype import VARCHAR, SqlType
from slipher.warehouse.run.execute import execute, too_deep
from slipher.warehouse.run.kept import Kept
from slipher.warehouse.run.prepared import Prepared
from slipher.warehouse.run.run import Run, bind_parsed, names_of
from slipher.warehouse.run.select import titled
from slipher.warehouse.run.show import objects_columns
from slipher.warehouse.run.state import SessionState
from slipher.warehouse.run.utility import cursor_of, prepared_of, show_columns
from slipher.warehouse.session.internal import command
from slipher.warehouse.session.output import Collected, WireOutput, expand, row_description
from slipher.warehouse.session.parameters import PARAMETERS
from slipher.warehouse.session.values import decode, parameter_type
from slipher.wire import connection as wire, messages

MAX_STATEMENT = 16 * 1024 * 1024
QUERIES = (s.Select, s.Insert, s.Update, s.Delete)
REPORTED = (
    ("server_version", "8.0.2"),
    ("server_encoding", "UNICODE"),
    ("integer_datetimes", "on"),
    ("padb_revision", "1.0.434008"),
    ("padb_version", "1.0.434008"),
)
REPORTS = [(one.name, one.report) for one in PARAMETERS if one.report is not None]
CACHEABLE = (s.Select, s.Insert, s.Update, s.Delete, s.Begin, s.Commit, s.Rollback, s.ShowParameter)
MAX_CACHED_TEXT = 20_000
LOCAL = "[local]"  # the other end of the unix socket


@dataclass(slots=True)
class Portal:
    """A bound statement, and what is left of its result once a part of it was fetched."""

    prepared: Prepared
    values: list[str | None]
    formats: Sequence[int]
    rest: Collected | None = None
    done: bool = False

    def close(self) -> None:
        """Give back what it keeps."""
        if self.rest is not None:
            self.rest.rows.close()


class Session:
    """Handles one client's messages after login."""

    def __init__(self, state: SessionState, output: WireOutput) -> None:
        self.state = state
        self.output = output
        self._portals: dict[str, Portal] = {}
        self._skipping = False
        self._told: dict[str, str] = {}
        output.stalled = lambda: state.yield_slot()

    def greet(self, key: int) -> None:
        """What the client is told first: parameters, the key that cancels, that we are ready."""
        self.output.send(messages.AUTHENTICATION_OK)
        for name, value in REPORTED:
            self.output.send(messages.parameter_status(name, value))
        self._report()
        self.output.send(messages.backend_key(self.state.pid, key))
        self.ready()

    def handle(self, event: wire.Event) -> bool:
        """Answer one message; False when the session ends."""
        if isinstance(event, wire.Terminate):
            return False
        if isinstance(event, wire.Sync):
            self._sync()
            return True
        if self._skipping:
            return True
        if isinstance(event, wire.Query):
            self._query(event.text)
            return True
        if isinstance(event, wire.Malformed) and event.simple:
            self._fail(SqlError(event.sqlstate, event.message))
            self.ready()
            return True
        try:
            method = EXTENDED.get(type(event))
            if method is None:
                raise wire.ProtocolError("unexpected message")
            method(self, event)
        except SqlError as error:
            self._skip(error)
        except RecursionError:
            self._skip(too_deep())
        return True

    def _skip(self, error: SqlError) -> None:
        self._fail(error)
        self._skipping = True

    def _fail(self, error: SqlError) -> None:
        self.state.transaction.fail()
        self.output.release(committed=False)
        self.output.error(error, self.state.pid)

    def ready(self) -> None:
        """ReadyForQuery, after news of the parameters that the client is told of."""
        self._report()
        self.output.send(messages.ready(self.state.transaction.status))
        self.output.flush()

    def _report(self) -> None:
        settings, user = self.state.settings, self.state.user
        now = {report: settings.get(name) for name, report in REPORTS}
        now["session_authorization"] = user.name
        now["is_superuser"] = "on" if user.superuser else "off"
        if self.state.remote == LOCAL:  # the Data API's statements tell their ids without another statement
            state = self.state
            now |= {"last_query_id": f"{state.last_query_id}", "last_copy_count": f"{state.last_copy_count}"}
            now["catalog_version"] = f"{os.getpid()}.{state.warehouse.catalog.snapshot.version}"
        if now != self._told:
            for name, value in now.items():
                if self._told.get(name) != value:
                    self.output.send(messages.parameter_status(name, value))
            self._told = now

    def _prepare_output(self, describe: bool, formats: Sequence[int]) -> None:
        settings = self.state.settings
        self.output.describe = describe
        self.output.formats = formats
        self.output.float_digits = settings.integer("extra_float_digits")
        self.output.zone = settings.get("timezone")
        self.output.client_level = settings.get("client_min_messages").lower()

    def parse(self, text: str) -> list[Parsed]:
        """The statements of a text; from the cache shared by all sessions when the text can hold no secret."""
        sensitive = self.state.settings.case_sensitive
        key = (text, sensitive)
        cache = self.state.warehouse.parsed
        found: list[Parsed] | None = cache.get(key)
        if found is None:
            require_readable(text)
            try:
                found = parse(text, case_sensitive=sensitive)
            except SqlError as error:
                raise echoing(text, error) from None
            if len(text) <= MAX_CACHED_TEXT and all(isinstance(one.statement, CACHEABLE) for one in found):
                cache.put(key, found)
        return found

    # Simple protocol

    def _query(self, text: str) -> None:
        transaction = self.state.transaction
        self._close_portal("")
        self.state.prepared.pop("", None)
        try:
            if (internal := command(self.state, text)) is not None:
                told = internal()
                self.output.send(
                    messages.command_complete(f"ALTER SYSTEM {told if isinstance(told, int) else ''}".rstrip())
                )
                return self.ready()
            statements = self.parse(text)
            if not statements:
                self.output.send(messages.EMPTY_QUERY)
            for number, parsed in enumerate(statements, 1):
                self._prepare_output(True, ())
                if number == len(statements):
                    self.output.hold()
                execute(self.state, parsed, self.output)
            if transaction.block == "implicit":
                transaction.commit()
            self.output.release(committed=True)
        except SqlError as error:
            self._fail(error)
        except RecursionError:
            self._fail(too_deep())
        self._drop_portals()
        self.ready()

    # Extended protocol

    def _malformed(self, event: wire.Malformed) -> None:
        raise SqlError(event.sqlstate, event.message)

    def _parse(self, event: wire.Parse) -> None:
        prepared = self.state.prepared
        if not event.name:
            prepared.pop("", None)
        elif event.name in prepared:
            raise SqlError("42P05", f'prepared statement "{event.name}" already exists')
        statements = self.parse(event.text)
        if len(statements) > 1:
            raise SqlError("42601", "cannot insert multiple commands into a prepared statement")
        parsed = statements[0] if statements else None
        self._require_usable(parsed)
        made = Prepared(parsed, tuple(parameter_type(oid) for oid in event.types))
        if parsed is not None and isinstance(parsed.statement, QUERIES):
            self._settle(made)  # what cannot be bound is not kept: drivers use the name again
        prepared[event.name] = made
        self.output.send(messages.PARSE_COMPLETE)

    def _require_usable(self, parsed: Parsed | None) -> None:
        if parsed is not None and not isinstance(parsed.statement, s.Commit | s.Rollback):
            self.state.transaction.require_usable()

    def _settle(self, prepared: Prepared) -> None:
        """What the statement takes and gives, as the catalog is now."""
        parsed = prepared.parsed
        version: object = None
        if parsed is not None and isinstance(parsed.statement, QUERIES):
            if self.state.transaction.block is None:
                self.state.transaction.open()
            version = None if self.state.transaction.draft is not None else names_of(self.state).version
            if prepared.version is not None and prepared.version == version:
                return
        columns, parameters = self._shape(prepared)
        if prepared.promised and _kinds(columns) != _kinds(prepared.columns):
            raise SqlError("0A000", "cached plan must not change result type")
        prepared.columns, prepared.version = columns, version
        prepared.parameters = (*parameters, *prepared.types[len(parameters) :])

    def _shape(self, prepared: Prepared) -> tuple[Sequence[OutputColumn] | None, tuple[SqlType, ...]]:
        parsed = prepared.parsed
        if parsed is None:
            return None, ()
        statement = parsed.statement
        if isinstance(statement, QUERIES):
            bound = bind_parsed(self.state, parsed, prepared.types)
            columns = titled(self.state, bound.columns) if isinstance(statement, s.Select) else None
            return columns, bound.parameters
        run = Run(self.state, parsed, None, self.output)  # type: ignore[arg-type]
        if isinstance(statement, s.ShowParameter):
            return [OutputColumn(name, kind) for name, kind in show_columns(run, statement)], ()
        if isinstance(statement, s.ShowObjects | s.ShowDefinition):
            return [OutputColumn(name, kind) for name, kind in objects_columns(statement)], ()
        if isinstance(statement, s.Fetch):
            return cursor_of(run, statement.cursor).columns, ()
        if isinstance(statement, s.Explain):
            return [OutputColumn("QUERY PLAN", VARCHAR)], ()
        if isinstance(statement, s.Execute):
            inner, types = prepared_of(run, statement.name)
            return self._shape(Prepared(inner, types))[0], ()
        return None, ()

    def _statement(self, name: str) -> Prepared:
        prepared = self.state.prepared.get(name)
        if prepared is None:
            raise SqlError("26000", f'prepared statement "{name}" does not exist')
        return prepared

    def _bind(self, event: wire.Bind) -> None:
        prepared = self._statement(event.statement)
        self._require_usable(prepared.parsed)
        if event.portal and event.portal in self._portals:
            raise SqlError("42P03", f'cursor "{event.portal}" already exists')
        self._settle(prepared)
        given, wanted = len(event.values), len(prepared.parameters)
        if len(event.formats) > 1 and len(event.formats) != given:
            raise SqlError("08P01", f"bind message has {len(event.formats)} parameter formats but {given} parameters")
        if given != wanted:
            text = f'bind message supplies {given} parameters, but prepared statement "{event.statement}" requires {wanted}'
            raise SqlError("08P01", text)
        values = decode(event.values, event.formats, prepared.parameters)
        if prepared.columns is not None:
            expand(event.result_formats, len(prepared.columns))
        self._close_portal(event.portal)
        self._portals[event.portal] = Portal(prepared, values, event.result_formats)
        self.output.send(messages.BIND_COMPLETE)

    def _describe(self, event: wire.Describe) -> None:
        formats: Sequence[int] = ()
        if event.kind == "S":
            prepared = self._statement(event.name)
            self._settle(prepared)
            prepared.promised = True
            columns = prepared.columns
            self.output.send(messages.parameter_description([kind.oid for kind in prepared.parameters]))
        elif event.name not in self._portals and event.name in self.state.cursors:
            columns = self.state.cursors[event.name].columns
        else:
            portal = self._portal(event.name)
            columns, formats = portal.prepared.columns, portal.formats
        if columns is None:
            self.output.send(messages.NO_DATA)
        else:
            self.output.send(row_description(columns, expand(formats, len(columns))))

    def _portal(self, name: str) -> Portal:
        portal = self._portals.get(name)
        if portal is None:
            raise SqlError("34000", f'portal "{name}" does not exist')
        return portal

    def _execute(self, event: wire.Execute) -> None:
        portal = self._portal(event.portal)
        prepared, parsed = portal.prepared, portal.prepared.parsed
        if parsed is None:
            self.output.send(messages.EMPTY_QUERY)
            return
        self._prepare_output(False, portal.formats)
        if portal.rest is not None:
            self._give(portal, event.limit)
            return
        if portal.done:
            if prepared.columns is None:
                raise SqlError("55000", f'portal "{event.portal}" cannot be run')
            self.output.complete("SELECT")
            return
        portal.done = True
        if event.limit <= 0 or prepared.columns is None:
            execute(self.state, parsed, self.output, portal.values, prepared.parameters)
            return
        rest = Collected(Kept(self.state.warehouse.config.spool_dir))
        execute(self.state, parsed, rest, portal.values, prepared.parameters)
        for severity, message, sqlstate, detail, hint in rest.notices:
            self.output.notice(severity, message, sqlstate=sqlstate, detail=detail, hint=hint)
        portal.rest = rest
        self._give(portal, event.limit)

    def _give(self, portal: Portal, limit: int) -> None:
        rest = portal.rest
        assert rest is not None
        self.output.columns(rest.columns_given)
        left = limit
        for batch in rest.rows.take(limit if limit > 0 else None):
            self.output.batch(batch)
            left -= batch.num_rows
        if limit > 0 and left == 0:
            self.output.send(messages.PORTAL_SUSPENDED)
        else:
            self.output.complete(rest.tag)

    def _close(self, event: wire.Close) -> None:
        if event.kind == "S":
            self.state.prepared.pop(event.name, None)
        elif event.name in self._portals:
            self._close_portal(event.name)
        elif event.name in self.state.cursors:
            self.state.cursors.pop(event.name).rows.close()
        self.output.send(messages.CLOSE_COMPLETE)

    def _flush(self, event: wire.Flush) -> None:
        self.output.flush()

    def _sync(self) -> None:
        self._skipping = False
        transaction = self.state.transaction
        try:
            if transaction.block == "implicit":
                transaction.commit()
        except SqlError as error:
            self._fail(error)
        self._drop_portals()
        self.ready()

    def _drop_portals(self) -> None:
        """Portals end with their transaction."""
        if self.state.transaction.block in (None, "failed"):
            for portal in self._portals.values():
                portal.close()
            self._portals.clear()

    def _close_portal(self, name: str) -> None:
        portal = self._portals.pop(name, None)
        if portal is not None:
            portal.close()

    def close(self) -> None:
        """The client has gone: nothing is kept."""
        for portal in self._portals.values():
            portal.close()
        self.state.close()


EXTENDED: dict[type[Any], Callable[[Session, Any], None]] = {
    wire.Parse: Session._parse,
    wire.Bind: Session._bind,
    wire.Describe: Session._describe,
    wire.Execute: Session._execute,
    wire.Close: Session._close,
    wire.Flush: Session._flush,
    wire.Malformed: Session._malformed,
}


def _kinds(columns: Sequence[OutputColumn] | None) -> list[SqlType] | None:
    return None if columns is None else [one.type for one in columns]


def require_readable(text: str) -> None:
    """Refuse what is too long, or nested deeper than the parser's stack can follow."""
    if len(text) > MAX_STATEMENT // 4:
        size = len(text.encode())
        if size > MAX_STATEMENT:
            message = f"Statement is too large. Statement Size: {size} bytes. Maximum Allowed: {MAX_STATEMENT} bytes"
            raise SqlError("42601", message)


def echoing(text: str, error: SqlError) -> SqlError:
    """A syntax error echoes text: of one with secrets it must not."""
    message = without_secrets(text, error.message)
    if message == error.message:
        return error
    return SqlError(error.sqlstate, message, hint=error.hint, position=error.position)
