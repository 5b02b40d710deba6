"""SHOW DATABASES, SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, TABLE, VIEW (source: reference on the system catalog, section 5)."""

from __future__ import annotations

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import Cursor
from slipher.sql.statements.names import QName
from slipher.sql.statements.show import ShowDefinition, ShowObjects
from slipher.sql.statements.utility import Unsupported

# Words after SHOW, the listing's name, and how many parts the place's name may have.
LISTINGS: tuple[tuple[tuple[str, ...], str, int], ...] = (
    (("SCHEMAS", "FROM", "DATABASE"), "schemas", 1),
    (("TABLES", "FROM", "SCHEMA"), "tables", 2),
    (("COLUMNS", "FROM", "TABLE"), "columns", 3),
    (("CONSTRAINTS", "PRIMARY", "KEYS", "FROM", "TABLE"), "primary keys", 3),
    (("CONSTRAINTS", "FOREIGN", "KEYS", "FROM", "TABLE"), "foreign keys", 3),
    (("CONSTRAINTS", "FOREIGN", "KEYS", "EXPORTED", "FROM", "TABLE"), "exported keys", 3),
)
MAX_LIMIT = 10_000
# What SHOW names and Slipher has not yet.
UNBUILT = frozenset(
    "GRANTS COLUMN FUNCTIONS PROCEDURES PARAMETERS POLICIES PROCEDURE EXTERNAL MODEL DATASHARES TEMPLATE TEMPLATES".split()
)


def show_objects(cursor: Cursor) -> object | None:
    """What follows SHOW, if it names objects; None if it names a parameter."""
    if cursor.accept("DATABASES"):
        if cursor.peek() == "FROM":
            return Unsupported("SHOW DATABASES FROM DATA CATALOG")
        return _listing(cursor, "databases", None)
    for words, what, parts in LISTINGS:
        if cursor.accept(*words):
            return _listing(cursor, what, _place(cursor, parts))
    if cursor.peek() in ("SCHEMAS", "TABLES", "COLUMNS") and cursor.peek(1) == "FROM":
        return Unsupported(f"SHOW {cursor.peek()} FROM {cursor.peek(2)}")
    if cursor.peek() in ("TABLE", "VIEW") and len(cursor.tokens) > 2:
        kind = cursor.peek().lower()
        cursor.at += 1
        name = cursor.qname()
        cursor.end()
        return ShowDefinition(kind, name)
    word = cursor.peek()
    if word in UNBUILT and (len(cursor.tokens) > 2 or word.endswith("S")):
        return Unsupported(f"SHOW {word}")
    if word in ("SCHEMAS", "TABLES", "COLUMNS", "CONSTRAINTS"):
        cursor.at += 1
        raise cursor.error()
    return None


def _place(cursor: Cursor, parts: int) -> QName:
    start = cursor.at
    name = cursor.qname()
    if sum(part is not None for part in (name.name, name.schema, name.database)) > parts:
        cursor.at = start + 2 * parts - 1
        raise cursor.error()
    return name


def _listing(cursor: Cursor, what: str, place: QName | None) -> ShowObjects:
    like = cursor.string() if cursor.accept("LIKE") else None
    limit = cursor.integer() if cursor.accept("LIMIT") else None
    cursor.end()
    if limit is not None and not 0 <= limit <= MAX_LIMIT:
        raise SqlError("22023", f"LIMIT must be between 0 and {MAX_LIMIT}")
    return ShowObjects(what, place, like, limit)
