"""The live relations: who sees which rows, and rows from the activity log or from what the cluster does now.

A relation of the log shows a user his own rows; superusers, and users with SYSLOG ACCESS UNRESTRICTED, see everybody's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from slipher.base.errors import SqlError
from slipher.sql.names import Column
from slipher.types.sqltype import SqlType
from slipher.warehouse.activity.kinds import COMMON, KINDS
from slipher.warehouse.catalog.model import UserRow
from slipher.warehouse.system.arrow import arrow_type, constant, fit, from_rows
from slipher.warehouse.system.computed import COMPUTED, KINDS_SHOWN, split
from slipher.warehouse.system.logs import LIVE_DEFINITIONS
from slipher.warehouse.system.now import NOW, loading, running
from slipher.warehouse.system.spec import Definition

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse

Provider = Callable[["View", "Collection[str] | None", "Mapping[str, Any] | None"], pa.Table]
FILTERS = frozenset(name for name, _ in COMMON)
# Relations of the log that also show what has not ended.
GOING_ON = {"sys_query_history": running, "sys_load_history": loading}
WORDS: dict[str, Any] = {"null": None, "true": True, "false": False}


class Viewer(Protocol):
    """The user that a session acts as."""

    @property
    def oid(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def superuser(self) -> bool: ...


class View(Protocol):
    """The session that reads: a SessionState is one."""

    warehouse: Warehouse
    database: str
    pid: int

    @property
    def user(self) -> Viewer: ...
    @property
    def engine(self) -> Any: ...
    @property
    def settings(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class LiveRelation:
    """A relation and its rows. `provider(view, columns, where)` gives a table of the relation's columns (those named, or all).

    `where` holds wanted values by column name: rows that lack them may be left out. 42501 if the user may not read it.
    """

    definition: Definition
    provider: Provider


def sees_all(view: View) -> bool:
    """Whether the user sees other users' rows."""
    if view.user.superuser:
        return True
    row = view.warehouse.catalog.snapshot.get(UserRow, view.user.oid)
    return row is not None and row.unrestricted


def _require(view: View, definition: Definition) -> None:
    if definition.superuser and not view.user.superuser:
        raise SqlError("42501", f"permission denied for relation {definition.name}")


def _chosen(definition: Definition, columns: Collection[str] | None) -> list[tuple[Column, str]]:
    pairs = zip(definition.columns, definition.sources, strict=True)
    found = [(one, source or one.name) for one, source in pairs if columns is None or one.name in columns]
    return found or [(definition.columns[0], definition.sources[0] or definition.columns[0].name)]  # count(*) needs one


def _from_log(definition: Definition, kind: str) -> Provider:
    schema = KINDS[kind]
    length = next(
        (c.type.length for c, s in zip(definition.columns, definition.sources, strict=True) if s == "piece"), None
    )

    def provide(view: View, columns: Collection[str] | None, where: Mapping[str, Any] | None) -> pa.Table:
        _require(view, definition)
        chosen = _chosen(definition, columns)
        wanted = {field for _, source in chosen for field in _fields(source)} | {"userid"}
        if definition.name in KINDS_SHOWN:
            wanted.add("kind")
        if length is not None:
            wanted.add("text")
        order = [name for name in schema.names if name in wanted]
        table = view.warehouse.activity.read(kind, order, _filters(view, definition, where))
        going_on = GOING_ON.get(definition.name)
        if going_on is not None:
            table = pa.concat_tables([table, going_on(view, sees_all(view), order, schema)])
        shown = KINDS_SHOWN.get(definition.name)
        if shown is not None:
            table = table.filter(shown(table))
        if length is not None:
            table = split(table, length)
        return pa.table(
            [_column(table, source, column.type) for column, source in chosen],
            names=[column.name for column, _ in chosen],
        )

    def _fields(source: str) -> tuple[str, ...]:
        if source in COMPUTED:
            return COMPUTED[source][0]
        return (source,) if schema.get_field_index(source) >= 0 else ()

    return provide


def _filters(view: View, definition: Definition, where: Mapping[str, Any] | None) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    for column, source in zip(definition.columns, definition.sources, strict=True):
        field = source or column.name
        if field in FILTERS and where is not None and column.name in where:
            filters[field] = where[column.name]
    if not sees_all(view):
        filters["userid"] = view.user.oid
    return filters


def _column(table: pa.Table, source: str, kind: SqlType) -> Any:
    if source == "piece":
        return fit(table["text"], kind)
    if source in COMPUTED:
        return fit(COMPUTED[source][1](table), kind)
    if source in table.column_names:
        return fit(table[source], kind)
    return constant(_literal(source), table.num_rows, kind)


def _literal(source: str) -> Any:
    if source in WORDS:
        return WORDS[source]
    return source[1:-1] if source.startswith("'") else int(source)


def _from_now(definition: Definition) -> Provider:
    rows = NOW[definition.name]

    def provide(view: View, columns: Collection[str] | None, where: Mapping[str, Any] | None) -> pa.Table:
        _require(view, definition)
        chosen = [column for column, _ in _chosen(definition, columns)]
        return from_rows(chosen, rows(view, sees_all(view)))

    return provide


LIVE: dict[str, LiveRelation] = {
    definition.name: LiveRelation(definition, _from_log(definition, kind) if kind else _from_now(definition))
    for definition, kind in LIVE_DEFINITIONS
}

# Every source is a field, a computed column or a literal: a slip of the pen shows at import.
for _definition, _kind in LIVE_DEFINITIONS:
    for _one, _source in zip(_definition.columns, _definition.sources, strict=True):
        arrow_type(_one.type)
        if _kind and KINDS[_kind].get_field_index(_source or _one.name) < 0 and (_source or _one.name) not in COMPUTED:
            _literal(_source or _one.name)
