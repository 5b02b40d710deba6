"""Making the schema `sys` in the engine: facts as tables, then macros and views, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from slipher.sql.functions import BY_NAME as FUNCTIONS
from slipher.types.sqltype import SqlType
from slipher.types.table import BY_NAME as TYPES_BY_NAME, TYPES
from slipher.warehouse.catalog.encodings import NAMES as ENCODINGS
from slipher.warehouse.catalog.privileges import LETTERS
from slipher.warehouse.system.base import FACTS, VIEWS
from slipher.warehouse.system.macros import MACROS
from slipher.warehouse.system.relations import DEFINITIONS
from slipher.warehouse.system.spec import FUNCTION

NAMESPACES = {"pg_catalog": 11, "information_schema": 12}
FIRST_FUNCTION = 7000
STORED = frozenset(
    {"int2", "int4", "int8", "oid", "text", "bool", "date", "timestamp", "timestamptz", "float8", "name"}
)


class Installer(Protocol):
    """The part of the engine that this needs."""

    def install(self, script: str) -> None:
        """Run definitions."""
        ...


def install(engine: Installer, *, slices: int = 2) -> None:
    """Make the schema anew, so that what an earlier version left is gone. The catalog's tables must exist.

    `slices` is the cluster's number of slices, from which a table's size in blocks is told.
    """
    engine.install("BEGIN")
    try:
        for script in _scripts(slices):
            engine.install(script)
    except BaseException:
        engine.install("ROLLBACK")
        raise
    engine.install("COMMIT")


def _scripts(slices: int) -> Iterable[str]:
    yield "DROP SCHEMA IF EXISTS sys CASCADE; CREATE SCHEMA sys"
    yield _table("$cluster", "slices INTEGER", [(slices,)])
    yield _table(
        "$types",
        "name VARCHAR, oid BIGINT, size INTEGER, category VARCHAR, sql_name VARCHAR, element BIGINT",
        [(t.name, t.oid, t.size, t.category, t.sql_name, _element(t.name)) for t in TYPES],
    )
    yield _table("$encodings", "number INTEGER, name VARCHAR", ENCODINGS.items())
    yield _table(
        "$system",
        "oid BIGINT, namespace BIGINT, schema VARCHAR, name VARCHAR, relkind VARCHAR, natts INTEGER, superuser BOOLEAN",
        [
            (
                d.oid,
                NAMESPACES[d.schema],
                d.schema,
                d.name,
                d.relkind,
                sum(c.number > 0 for c in d.columns),
                d.superuser,
            )
            for d in DEFINITIONS
            if d.relkind != FUNCTION
        ],
    )
    yield _table(
        "$system_columns",
        "relation BIGINT, number INTEGER, name VARCHAR, type VARCHAR, typmod INTEGER",
        [
            (d.oid, c.number, c.name, c.type.name, c.type.typmod)
            for d in DEFINITIONS
            if d.relkind != FUNCTION
            for c in d.columns
            if c.number > 0
        ],
    )
    yield _table(
        "$functions",
        "oid BIGINT, name VARCHAR, nargs INTEGER, result BIGINT, arguments VARCHAR",
        list(_functions()),
    )
    yield _map("$type_names", {t.oid: t.sql_name for t in TYPES})
    yield _map("$type_oids", {alias: t.oid for t in TYPES for alias in (t.name, t.sql_name, *t.aliases)})
    yield _map("$encoding_names", ENCODINGS)
    kinds = {"table": "relation", "schema": "namespace", "database": "database"}
    pairs = {f"{kinds[kind]} {name}": letter for kind, letters in LETTERS.items() for name, letter in letters.items()}
    pairs["database connect"] = "c"  # nobody can be kept from connecting by a grant
    yield _map("$privilege_letters", pairs)
    yield FACTS
    # A view is bound when it is made, a macro when it is used: views that call fn_* come after them.
    yield VIEWS
    yield MACROS
    for definition in DEFINITIONS:
        if definition.kind == "catalog":
            yield definition.view()


def _element(name: str) -> int:
    element = TYPES_BY_NAME.get(name[1:]) if name.startswith("_") else None
    return element.oid if element is not None else 0


def _functions() -> Iterable[tuple[Any, ...]]:
    """The overloads whose types are fixed, as pg_proc lists functions."""
    oid = FIRST_FUNCTION
    for name in sorted(FUNCTIONS):
        for row in FUNCTIONS[name]:
            kinds = [SqlType(one).oid for one in row.arguments if one in STORED]
            if not isinstance(row.result, str) or row.result not in STORED or len(kinds) != len(row.arguments):
                continue
            yield (oid, name, len(kinds), SqlType(row.result).oid, " ".join(str(kind) for kind in kinds))
            oid += 1


def _table(name: str, columns: str, rows: Iterable[Sequence[Any]]) -> str:
    values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
    return f'CREATE TABLE sys."{name}" ({columns}); INSERT INTO sys."{name}" VALUES {values}'


def _map(name: str, pairs: dict[Any, Any]) -> str:
    keys = ", ".join(_literal(key) for key in pairs)
    values = ", ".join(_literal(value) for value in pairs.values())
    kind = "BIGINT" if isinstance(next(iter(pairs)), int) else "VARCHAR"
    return f'CREATE MACRO sys."{name}"() AS map(CAST([{keys}] AS {kind}[]), [{values}])'


def _literal(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
