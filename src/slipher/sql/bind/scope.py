"""What names mean at a place of a query: the sources in FROM, merged join columns, and the queries around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql.bind.typed import Typed
from slipher.types.sqltype import SqlType


@dataclass(slots=True)
class SourceColumn:
    """A column that a source offers. `hidden` ones are not part of *: they are merged into another by USING."""

    name: str
    value: Typed
    hidden: bool = False


@dataclass(slots=True)
class Source:
    """A table, view, subquery or CTE in FROM, under its alias."""

    alias: str
    columns: list[SourceColumn]
    schema: str | None = None
    oid: int = 0

    def find(self, name: str) -> list[SourceColumn]:
        """The columns of that name: more than one only in subqueries that repeat a name."""
        return [column for column in self.columns if column.name == name]


@dataclass(slots=True)
class Scope:
    """The names of one SELECT. `parent` is the query around it, for correlated subqueries."""

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Typed] = field(default_factory=dict)
    aliases: dict[str, Typed] = field(default_factory=dict)  # earlier items of the select list
    written: dict[str, Any] = field(
        default_factory=dict
    )  # the select list's aliases, not bound yet: WHERE may use them
    grouping: Grouping | None = None

    def add(self, source: Source) -> None:
        """A further source; 42712 if its alias is taken."""
        if any(other.alias == source.alias and other.schema == source.schema for other in self.sources):
            raise SqlError("42712", f'table name "{source.alias}" specified more than once')
        self.sources.append(source)

    def lookup(self, name: str, table: str | None, schema: str | None) -> tuple[Typed, int] | None:
        """The column's value and how many queries out it was found; None if there is none."""
        scope: Scope | None = self
        depth = 0
        while scope is not None:
            found = scope._own(name, table, schema)
            if found is not None:
                return found, depth
            scope, depth = scope.parent, depth + 1
        return None

    def _own(self, name: str, table: str | None, schema: str | None) -> Typed | None:
        if table is None and name in self.merged:
            return self.merged[name]
        found: list[Typed] = []
        for source in self.sources:
            if table is not None and (
                source.alias != table or (schema is not None and source.schema not in (None, schema))
            ):
                continue
            found.extend(column.value for column in source.find(name))
        if len(found) > 1:
            raise SqlError("42702", f'column reference "{name}" is ambiguous')
        return found[0] if found else None

    def source(self, table: str) -> Source | None:
        """The source with that alias, here or further out."""
        scope: Scope | None = self
        while scope is not None:
            for source in scope.sources:
                if source.alias == table:
                    return source
            scope = scope.parent
        return None

    def missing(self, name: str, table: str | None) -> SqlError:
        """42703, or 42P01 for a table that FROM does not name."""
        if table is not None and self.source(table) is None:
            return SqlError("42P01", f'relation "{table}" does not exist')
        shown = [table] if table is not None else [source.alias or "unnamed_subquery" for source in self.sources]
        suffix = f" in {', '.join(str(one) for one in shown)}" if shown else ""
        return SqlError("42703", f'column "{name}" does not exist{suffix}')


@dataclass(slots=True)
class Grouping:
    """The keys of GROUP BY, and what was read outside of aggregates since the last check."""

    keys: list[Typed] = field(default_factory=list)
    ungrouped: list[str] = field(default_factory=list)
    inside: int = 0  # depth of aggregates around the place
    active: bool = True


def column_types(source: Source) -> list[tuple[str, SqlType]]:
    """Names and types of what * gives."""
    return [(column.name, column.value.type) for column in source.columns if not column.hidden]
