"""A logged-in session: takes the client's messages, runs their statements, answers.

The simple protocol runs a text's statements as one transaction unless BEGIN and COMMIT say otherwise; in the extended
protocol Sync ends what began without BEGIN. After an error in the extended protocol everything up to Sync is skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql import statements as s
from slipher.sql.bound import OutputColumn
from slipher.sql.parse import Parsed, parse
from slipher.sql.redact import redact
from slipher.types.sqltype import VARCHAR, SqlType
from slipher.types.table import BY_OID
from slipher.warehouse.run.execute import execute
from slipher.warehouse.run.run import Run, bind_parsed
from slipher.warehouse.run.select import titled
from slipher.warehouse.run.state import SessionState
from slipher.warehouse.run.utility import cursor_of, prepared_of, show_columns
from slipher.warehouse.session.output import RowLimit, WireOutput, expand, row_description
from slipher.warehouse.session.values import decode
from slipher.wire import connection as wire, messages

log = logging.getLogger(__name__)
CACHEABLE = (s.Select, s.Insert, s.Update, s.Delete, s.Begin, s.Commit, s.Rollback, s.ShowParameter)
MAX_CACHED_TEXT = 20_000


@dataclass(slots=True)
class Prepared:
    """A statement of the extended protocol; None where the text was empty."""

    parsed: Parsed | None
    types: tuple[SqlType, ...]
    columns: Sequence[OutputColumn] | None = None
    parameters: tuple[SqlType, ...] = ()
    described: bool = False


@dataclass(slots=True)
class Portal:
    """A bound statement, and what is left of its result."""

    prepared: Prepared
    values: list[str | None]
    formats: Sequence[int]
    rest: RowLimit | None = None
    done: bool = False
    at: int = 0
    columns: Sequence[OutputColumn] = field(default_factory=tuple)


class Session:
    """Handles one client's messages after login."""

    def __init__(self, state: SessionState, output: WireOutput) -> None:
        self.state = state
        self.output = output
        self._statements: dict[str, Prepared] = {}
        self._portals: dict[str, Portal] = {}
        self._skipping = False
        state.report = self._report

    def _report(self, name: str, value: str) -> None:
        self.output.send(messages.parameter_status(name, value))

    def handle(self, event: wire.Event) -> bool:
        """Answer one message; False when the session ends."""
        if isinstance(event, wire.Terminate):
            return False
        if isinstance(event, wire.Sync):
            self._sync()
            return True
        if self._skipping and not isinstance(event, wire.Query):
            return True
        if isinstance(event, wire.Query):
            self._skipping = False
            self._query(event.text)
            return True
        method = EXTENDED.get(type(event))
        if method is None:
            raise wire.ProtocolError("unexpected message")
        try:
            method(self, event)
        except SqlError as error:
            self._fail(error)
            self._skipping = True
        return True

    def _fail(self, error: SqlError) -> None:
        self.state.transaction.fail()
        self.output.error(error, self.state.pid)

    def _ready(self) -> None:
        self.output.send(messages.ready(self.state.transaction.status))
        self.output.flush()

    def _prepare_output(self, describe: bool, formats: Sequence[int]) -> None:
        self.output.describe = describe
        self.output.formats = formats
        self.output.float_digits = self.state.settings.integer("extra_float_digits")
        self.output.client_level = self.state.settings.get("client_min_messages").lower()

    def parse(self, text: str) -> list[Parsed]:
        """The statements of a text; from the cache shared by all sessions when the text can hold no secret."""
        sensitive = self.state.settings.boolean("enable_case_sensitive_identifier")
        key = (text, sensitive)
        cache = self.state.warehouse.parsed
        found: list[Parsed] | None = cache.get(key)
        if found is None:
            try:
                found = parse(text, case_sensitive=sensitive)
            except SqlError as error:
                raise without_secrets(text, error) from None
            if len(text) <= MAX_CACHED_TEXT and all(isinstance(one.statement, CACHEABLE) for one in found):
                cache.put(key, found)
        return found

    # Simple protocol

    def _query(self, text: str) -> None:
        transaction = self.state.transaction
        try:
            statements = self.parse(text)
            if not statements:
                self.output.send(messages.EMPTY_QUERY)
            for parsed in statements:
                self._prepare_output(True, ())
                execute(self.state, parsed, self.output)
            if transaction.block == "implicit":
                transaction.commit()
        except SqlError as error:
            self._fail(error)
        self._ready()

    # Extended protocol

    def _parse(self, event: wire.Parse) -> None:
        if event.name and event.name in self._statements:
            raise SqlError("42P05", f'prepared statement "{event.name}" already exists')
        statements = self.parse(event.text)
        if len(statements) > 1:
            raise SqlError("42601", "cannot insert multiple commands into a prepared statement")
        if statements and not isinstance(statements[0].statement, s.Commit | s.Rollback):
            self.state.transaction.require_usable()
        types = tuple(_type(oid) for oid in event.types)
        self._statements[event.name] = Prepared(statements[0] if statements else None, types)
        self.output.send(messages.PARSE_COMPLETE)

    def _settle(self, prepared: Prepared) -> None:
        """What the statement takes and gives."""
        if prepared.described:
            return
        prepared.columns, prepared.parameters = self._shape(prepared)
        prepared.described = not isinstance(prepared.parsed.statement if prepared.parsed else None, s.Fetch | s.Execute)

    def _shape(self, prepared: Prepared) -> tuple[Sequence[OutputColumn] | None, tuple[SqlType, ...]]:
        parsed = prepared.parsed
        if parsed is None:
            return None, ()
        statement = parsed.statement
        if isinstance(statement, s.Select | s.Insert | s.Update | s.Delete):
            was_idle = self.state.transaction.block is None
            if was_idle:
                self.state.transaction.open()
            bound = bind_parsed(self.state, parsed, prepared.types)
            columns = titled(self.state, bound.columns) if isinstance(statement, s.Select) else None
            return columns, bound.parameters
        run = Run(self.state, parsed, None, self.output)  # type: ignore[arg-type]
        if isinstance(statement, s.ShowParameter):
            return [OutputColumn(name, kind) for name, kind in show_columns(run, statement)], ()
        if isinstance(statement, s.Fetch):
            return cursor_of(run, statement.cursor).columns, ()
        if isinstance(statement, s.Explain):
            return [OutputColumn("QUERY PLAN", VARCHAR)], ()
        if isinstance(statement, s.Execute):
            inner, types = prepared_of(run, statement.name)
            return self._shape(Prepared(inner, types))[0], ()
        return None, ()

    def _bind(self, event: wire.Bind) -> None:
        prepared = self._statements.get(event.statement)
        if prepared is None:
            raise SqlError("26000", f'prepared statement "{event.statement}" does not exist')
        if prepared.parsed is not None and not isinstance(prepared.parsed.statement, s.Commit | s.Rollback):
            self.state.transaction.require_usable()
        self._settle(prepared)
        wanted = len(prepared.parameters)
        if len(event.values) < wanted:
            raise SqlError(
                "08P01",
                f"bind message supplies {len(event.values)} parameters, "
                f'but prepared statement "{event.statement}" requires {wanted}',
            )
        kinds = [*prepared.parameters, *[VARCHAR] * (len(event.values) - wanted)]
        values = decode(event.values, event.formats, kinds)
        self._portals[event.portal] = Portal(prepared, values, event.result_formats, columns=prepared.columns or ())
        self.output.send(messages.BIND_COMPLETE)

    def _describe(self, event: wire.Describe) -> None:
        if event.kind == "S":
            prepared = self._statements.get(event.name)
            if prepared is None:
                raise SqlError("26000", f'prepared statement "{event.name}" does not exist')
            self._settle(prepared)
            self.output.send(messages.parameter_description([kind.oid for kind in prepared.parameters]))
            formats: Sequence[int] = ()
        else:
            portal = self._portal(event.name)
            prepared, formats = portal.prepared, portal.formats
        if prepared.columns is None:
            self.output.send(messages.NO_DATA)
        else:
            self.output.send(row_description(prepared.columns, expand(formats, len(prepared.columns))))

    def _portal(self, name: str) -> Portal:
        portal = self._portals.get(name)
        if portal is None:
            raise SqlError("34000", f'portal "{name}" does not exist')
        return portal

    def _execute(self, event: wire.Execute) -> None:
        portal = self._portal(event.portal)
        parsed = portal.prepared.parsed
        if parsed is None:
            self.output.send(messages.EMPTY_QUERY)
            return
        self._prepare_output(False, portal.formats)
        if portal.rest is None and portal.done:
            raise SqlError("55000", f'portal "{event.portal}" cannot be run')
        if portal.rest is None and (event.limit <= 0 or portal.prepared.columns is None):
            portal.done = True
            execute(self.state, parsed, self.output, portal.values, portal.prepared.parameters or portal.prepared.types)
            return
        if portal.rest is None:
            portal.done = True
            portal.rest = RowLimit()
            execute(self.state, parsed, portal.rest, portal.values, portal.prepared.parameters or portal.prepared.types)
            for severity, message, sqlstate, detail, hint in portal.rest.notices:
                self.output.notice(severity, message, sqlstate=sqlstate, detail=detail, hint=hint)
        self._give(portal, event.limit)

    def _give(self, portal: Portal, limit: int) -> None:
        rest = portal.rest
        assert rest is not None
        self.output.columns(rest.columns_given)
        left = limit if limit > 0 else None
        while rest.batches and (left is None or left > 0):
            batch = rest.batches[0]
            take = batch.num_rows if left is None else min(left, batch.num_rows)
            self.output.batch(batch.slice(0, take))
            if take == batch.num_rows:
                rest.batches.pop(0)
            else:
                rest.batches[0] = batch.slice(take)
            left = None if left is None else left - take
        if rest.batches or left == 0:
            self.output.send(messages.PORTAL_SUSPENDED)
        else:
            self.output.complete(rest.tag)

    def _close(self, event: wire.Close) -> None:
        if event.kind == "S":
            self._statements.pop(event.name, None)
        else:
            self._portals.pop(event.name, None)
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
        if transaction.block is None:
            self._portals.clear()
        self._ready()


EXTENDED: dict[type[Any], Callable[[Session, Any], None]] = {
    wire.Parse: Session._parse,
    wire.Bind: Session._bind,
    wire.Describe: Session._describe,
    wire.Execute: Session._execute,
    wire.Close: Session._close,
    wire.Flush: Session._flush,
}


def _type(oid: int) -> SqlType:
    """A parameter's type as the client names it; open where it names none, or text, which says nothing."""
    row = BY_OID.get(oid)
    if row is None or row.name in ("unknown", "text"):
        return SqlType("unknown")
    return SqlType(row.name)


def without_secrets(text: str, error: SqlError) -> SqlError:
    """A syntax error echoes text: with secrets in it, it must not."""
    if redact(text) == text:
        return error
    return SqlError(error.sqlstate, redact(error.message), hint=error.hint, position=error.position)
