"""The table of statements by their first words, and the splitting of a text into statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slipher.base.errors import SqlError
from slipher.sql.parse import ddl, dml, users, utility
from slipher.sql.parse.copy import copy
from slipher.sql.parse.cursor import Cursor
from slipher.sql.parse.lexer import Token, TokenType, tokenize
from slipher.sql.parse.unload import unload
from slipher.sql.statements.utility import Prepare, Unsupported

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement with its own text and where that begins in the text that came (characters)."""

    statement: object
    text: str
    offset: int


Parser = Callable[[Cursor], object]

# By the first words, longest first: the order of the table decides.
STATEMENTS: tuple[tuple[tuple[str, ...], Parser], ...] = (
    (("SELECT",), dml.select),
    (("WITH",), dml.select),
    (("(",), dml.select),
    (("INSERT",), dml.insert),
    (("UPDATE",), dml.update),
    (("DELETE",), dml.delete),
    (("TRUNCATE",), dml.truncate),
    (("COPY",), copy),
    (("UNLOAD",), unload),
    (("BEGIN",), utility.begin),
    (("START", "TRANSACTION"), utility.begin),
    (("COMMIT",), utility.commit),
    (("END",), utility.commit),
    (("ROLLBACK",), utility.rollback),
    (("ABORT",), utility.rollback),
    (("SET",), utility.set_),
    (("RESET",), utility.reset),
    (("SHOW",), utility.show),
    (("DECLARE",), utility.declare),
    (("FETCH",), utility.fetch),
    (("CLOSE",), utility.close),
    (("EXECUTE",), utility.execute),
    (("DEALLOCATE",), utility.deallocate),
    (("ANALYZE",), utility.analyze),
    (("ANALYSE",), utility.analyze),
    (("VACUUM",), utility.vacuum),
    (("LOCK",), utility.lock),
    (("CANCEL",), utility.cancel),
    (("CREATE", "USER"), users.create_user),
    (("CREATE", "GROUP"), users.create_group),
    (("ALTER", "USER"), users.alter_user),
    (("ALTER", "GROUP"), users.alter_group),
    (("DROP", "USER"), users.drop_user),
    (("DROP", "GROUP"), users.drop_group),
    (("GRANT",), users.grant),
    (("REVOKE",), users.revoke),
    (("COMMENT",), ddl.comment),
)

# What Redshift has and Slipher has not yet: refused by name.
UNSUPPORTED: tuple[tuple[str, ...], ...] = (
    ("CREATE", "EXTERNAL"),
    ("CREATE", "FUNCTION"),
    ("CREATE", "OR", "REPLACE", "FUNCTION"),
    ("CREATE", "PROCEDURE"),
    ("CREATE", "OR", "REPLACE", "PROCEDURE"),
    ("CREATE", "MATERIALIZED", "VIEW"),
    ("CREATE", "ROLE"),
    ("CREATE", "LIBRARY"),
    ("CREATE", "OR", "REPLACE", "LIBRARY"),
    ("CREATE", "MODEL"),
    ("CREATE", "DATASHARE"),
    ("CREATE", "IDENTITY"),
    ("CREATE", "MASKING"),
    ("CREATE", "RLS"),
    ("CREATE", "TEMPLATE"),
    ("ALTER", "DATABASE"),
    ("ALTER", "DATASHARE"),
    ("ALTER", "DEFAULT", "PRIVILEGES"),
    ("ALTER", "EXTERNAL"),
    ("ALTER", "FUNCTION"),
    ("ALTER", "IDENTITY"),
    ("ALTER", "MASKING"),
    ("ALTER", "MATERIALIZED"),
    ("ALTER", "PROCEDURE"),
    ("ALTER", "RLS"),
    ("ALTER", "ROLE"),
    ("ALTER", "SYSTEM"),
    ("ALTER", "TEMPLATE"),
    ("ALTER", "VIEW"),
    ("ATTACH",),
    ("CALL",),
    ("DESC",),
    ("DETACH",),
    ("DROP", "DATASHARE"),
    ("DROP", "EXTERNAL"),
    ("DROP", "FUNCTION"),
    ("DROP", "IDENTITY"),
    ("DROP", "LIBRARY"),
    ("DROP", "MASKING"),
    ("DROP", "MATERIALIZED"),
    ("DROP", "MODEL"),
    ("DROP", "PROCEDURE"),
    ("DROP", "RLS"),
    ("DROP", "ROLE"),
    ("DROP", "TEMPLATE"),
    ("MERGE",),
    ("REFRESH",),
    ("USE",),
)

# PostgreSQL's commands that Redshift refuses by name.
REFUSED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("CREATE", "INDEX"), 'SQL command "CREATE INDEX" not supported on Redshift tables.'),
    (("CREATE", "UNIQUE", "INDEX"), 'SQL command "CREATE INDEX" not supported on Redshift tables.'),
    (("CREATE", "SEQUENCE"), 'SQL command "CREATE SEQUENCE" not supported on Redshift tables.'),
    (("CREATE", "TRIGGER"), 'SQL command "CREATE TRIGGER" not supported on Redshift tables.'),
    (("SAVEPOINT",), 'SQL command "SAVEPOINT" not supported on Redshift tables.'),
)


def parse(text: str, *, case_sensitive: bool = False) -> list[Parsed]:
    """The statements of a text; empty ones are left out. Raises SqlError with a position in `text`."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SqlError(
            "54000", "Statement is too large. Statement Size: over 16777216 bytes. Maximum Allowed: 16777216 bytes"
        )
    found = []
    for tokens in _split(tokenize(text)):
        start, stop = tokens[0].start, tokens[-1].end + 1
        found.append(Parsed(statement(text, tokens, case_sensitive), text[start:stop], start))
    return found


def _split(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def statement(text: str, tokens: list[Token], case_sensitive: bool) -> object:
    """One statement of its tokens."""
    cursor = Cursor(text, tokens, case_sensitive)
    first = tuple(cursor.peek(ahead) for ahead in range(4))
    for words, parser in STATEMENTS:
        if first[: len(words)] == words:
            return parser(cursor)
    if first[0] == "EXPLAIN":
        return _explain(cursor)
    if first[0] == "PREPARE":
        return _prepare(cursor)
    for words, message in REFUSED:
        if first[: len(words)] == words:
            raise SqlError("0A000", message)
    for words in UNSUPPORTED:
        if first[: len(words)] == words:
            return Unsupported(" ".join(words))
    if first[0] in ("CREATE", "DROP", "ALTER"):
        return {"CREATE": ddl.create, "DROP": ddl.drop, "ALTER": ddl.alter}[first[0]](cursor)
    raise cursor.error()


def _explain(cursor: Cursor) -> object:
    cursor.expect("EXPLAIN")
    verbose = cursor.accept("VERBOSE")
    if cursor.done:
        raise cursor.error()
    return dml.Explain(statement(cursor.text, cursor.rest(), cursor.case_sensitive), verbose)


def _prepare(cursor: Cursor) -> object:
    cursor.expect("PREPARE")
    name = cursor.identifier()
    types: list[str] = []
    if cursor.accept("("):
        while not cursor.accept(")"):
            types.append(str(cursor.type().name))
            cursor.accept(",")
    cursor.expect("AS")
    if cursor.done:
        raise cursor.error()
    rest = cursor.rest()
    inner = statement(cursor.text, rest, cursor.case_sensitive)
    return Prepare(name, tuple(types), inner, cursor.text[rest[0].start : rest[-1].end + 1])
