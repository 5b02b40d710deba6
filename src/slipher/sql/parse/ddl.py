"""CREATE, ALTER and DROP of databases, schemas, tables and views; COMMENT."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from slipher.base.errors import SqlError, not_supported
from slipher.sql.parse.cursor import Cursor
from slipher.sql.parse.lexer import fold
from slipher.sql.parse.strict import refuse_syntax
from slipher.sql.statements import ddl
from slipher.sql.statements.names import QName
from slipher.sql.statements.utility import Unsupported

ENCODINGS = {
    "auto": "auto", "raw": "none", "az64": "az64", "bytedict": "bytedict", "delta": "delta", "delta32k": "delta32k",
    "lzo": "lzo", "mostly8": "mostly8", "mostly16": "mostly16", "mostly32": "mostly32", "runlength": "runlength",
    "text255": "text255", "text32k": "text32k", "zstd": "zstd", "none": "none",
}  # fmt: skip
UNITS = {"MB": 1, "GB": 1024, "TB": 1024 * 1024}  # of a schema's quota, in megabytes
TABLE_WORDS = {"DISTSTYLE", "DISTKEY", "SORTKEY", "COMPOUND", "INTERLEAVED", "BACKUP", "ENCODE"}


def if_exists(cursor: Cursor) -> bool:
    """Take IF EXISTS."""
    return cursor.accept("IF", "EXISTS")


def create(cursor: Cursor) -> object:
    """CREATE ..."""
    cursor.expect("CREATE")
    replace = cursor.accept("OR", "REPLACE")
    if cursor.accept("DATABASE"):
        return _database(cursor)
    if cursor.accept("SCHEMA"):
        return _schema(cursor)
    local = cursor.accept("LOCAL") or cursor.accept("GLOBAL")
    temporary = cursor.accept("TEMP") or cursor.accept("TEMPORARY") or local
    if cursor.accept("TABLE"):
        return _table(cursor, temporary)
    if cursor.accept("VIEW"):
        if temporary:
            raise SqlError("0A000", "temporary views are not supported")
        return _view(cursor, replace)
    raise cursor.error()


def _database(cursor: Cursor) -> ddl.CreateDatabase:
    name = cursor.identifier()
    owner, limit, isolation, collate = None, None, None, None
    cursor.accept("WITH")
    while not cursor.done:
        if cursor.accept("OWNER"):
            cursor.accept("=")
            owner = cursor.user_name()
        elif cursor.accept("CONNECTION", "LIMIT"):
            limit = None if cursor.accept("UNLIMITED") else connection_limit(cursor)
        elif cursor.accept("ISOLATION", "LEVEL"):
            isolation = cursor.identifier()
        elif cursor.accept("COLLATE"):
            collate = cursor.identifier()
        else:
            raise cursor.error()
    return ddl.CreateDatabase(name, owner, limit, isolation, collate)


def _schema(cursor: Cursor) -> ddl.CreateSchema:
    exists = cursor.accept("IF", "NOT", "EXISTS")
    owner: str | None = None
    if cursor.accept("AUTHORIZATION"):
        name = owner = cursor.user_name()
    else:
        name = cursor.identifier()
        owner = cursor.user_name() if cursor.accept("AUTHORIZATION") else None
    quota = _quota(cursor) if cursor.accept("QUOTA") else None
    if cursor.peek() in ("CREATE", "GRANT"):
        raise not_supported("CREATE SCHEMA with the objects of the schema")
    cursor.end()
    return ddl.CreateSchema(name, exists, owner, None, quota)


def _quota(cursor: Cursor) -> int:
    """A schema's quota in megabytes; -1 for none. Gigabytes are meant where no unit is said."""
    if cursor.accept("UNLIMITED"):
        return -1
    number = cursor.integer()
    unit = cursor.accept_any(tuple(UNITS)) or "GB"
    if number < 0:
        raise SqlError("22023", f"invalid schema quota: {number} {unit}")
    return number * UNITS[unit]


def _table(cursor: Cursor, temporary: bool) -> object:
    exists = cursor.accept("IF", "NOT", "EXISTS")
    name = cursor.qname()
    temporary = temporary or name.name.startswith("#")
    columns: list[ddl.ColumnDef] = []
    marks = _Marks()
    constraints: list[ddl.Constraint] = []
    like, like_defaults, names = None, False, tuple[str, ...]()
    if cursor.peek() == "(":
        if _is_name_list(cursor):
            names = cursor.names()
        else:
            cursor.expect("(")
            while True:
                if cursor.accept("LIKE"):
                    like = cursor.qname()
                    while how := cursor.accept_any(("INCLUDING", "EXCLUDING")):
                        cursor.expect("DEFAULTS")
                        like_defaults = how == "INCLUDING"
                elif (constraint := _table_constraint(cursor)) is not None:
                    constraints.append(constraint)
                else:
                    columns.append(_column(cursor, name.name, marks, constraints))
                if not cursor.accept(","):
                    break
            cursor.expect(")")
    backup = _attributes(cursor, marks)
    if cursor.accept("AS") or cursor.peek() in ("SELECT", "WITH") or (names and cursor.peek() == "("):
        if columns or like:
            raise cursor.error()
        query = query_of(cursor)
        return ddl.CreateTableAs(name, query, names, temporary, exists, marks.distribution(), backup)
    cursor.end()
    if not columns and like is None:
        raise cursor.error()
    return ddl.CreateTable(
        name, tuple(columns), tuple(constraints), temporary, exists, marks.distribution(), like, like_defaults, backup
    )


def query_of(cursor: Cursor) -> exp.Expr:
    """The rest as a query."""
    at = cursor.at
    refuse_syntax(cursor)
    tree = cursor.tree()
    assert isinstance(tree, exp.Expr)
    if not isinstance(tree, exp.Query):
        cursor.at = at
        raise cursor.error()
    return fold(tree, cursor.case_sensitive)


def _is_name_list(cursor: Cursor) -> bool:
    """Whether '(' name [, name] ')' comes: the columns of CREATE TABLE AS."""
    return cursor.peek(2) in (",", ")") and cursor.peek(1) not in ("LIKE",)


class _Marks:
    """What column and table attributes say of the layout."""

    def __init__(self) -> None:
        self.style: str | None = None
        self.distkey: str | None = None
        self.sortkey: tuple[str, ...] = ()
        self.sort_kind = "compound"
        self.encode_auto = True

    def set_distkey(self, name: str) -> None:
        if self.distkey is not None and self.distkey != name:
            raise SqlError("42P16", "multiple distkeys specified for the table")
        self.distkey = name

    def distribution(self) -> ddl.Distribution:
        style = self.style or ("KEY" if self.distkey else "AUTO")
        if style == "KEY" and self.distkey is None:
            raise SqlError("42601", "DISTSTYLE KEY needs a DISTKEY column")
        if style in ("ALL", "EVEN") and self.distkey is not None:
            raise SqlError("42601", f"DISTSTYLE {style} is incompatible with column attribute DISTKEY")
        return ddl.Distribution(style, self.distkey, self.sortkey, self.sort_kind, self.encode_auto)


def _table_constraint(cursor: Cursor) -> ddl.Constraint | None:
    at = cursor.at
    name = cursor.identifier() if cursor.accept("CONSTRAINT") else None
    if cursor.accept("PRIMARY", "KEY"):
        return ddl.Constraint("p", cursor.names(), name)
    if cursor.peek() == "UNIQUE" and cursor.peek(1) == "(":
        cursor.expect("UNIQUE")
        return ddl.Constraint("u", cursor.names(), name)
    if cursor.accept("FOREIGN", "KEY"):
        columns = cursor.names()
        cursor.expect("REFERENCES")
        table = cursor.qname()
        return ddl.Constraint("f", columns, name, table, cursor.names() if cursor.peek() == "(" else ())
    if cursor.peek() == "CHECK":
        raise SqlError("0A000", "CHECK constraints are not supported")
    cursor.at = at
    return None


def _column(cursor: Cursor, table: str, marks: _Marks, constraints: list[ddl.Constraint]) -> ddl.ColumnDef:
    name = cursor.identifier()
    kind = cursor.type(f"{table}.{name}")
    facts: dict[str, Any] = {}
    while True:
        if cursor.accept("DEFAULT"):
            facts["default"], facts["default_text"] = _default(cursor)
        elif cursor.accept("GENERATED", "BY", "DEFAULT", "AS", "IDENTITY"):
            facts["identity"], facts["by_default"] = _identity(cursor), True
        elif cursor.accept("IDENTITY"):
            facts["identity"] = _identity(cursor)
        elif cursor.accept("ENCODE"):
            facts["encode"] = _encoding(cursor)
            marks.encode_auto = marks.encode_auto and facts["encode"] == "auto"
        elif cursor.accept("DISTKEY"):
            marks.set_distkey(name)
        elif cursor.accept("SORTKEY"):
            if marks.sortkey:
                raise SqlError("42P16", "multiple sortkeys specified for the table")
            marks.sortkey = (name,)
        elif cursor.accept("COLLATE"):
            facts["collate"] = cursor.identifier()
        elif cursor.accept("NOT", "NULL"):
            _null(name, table, facts, True)
        elif cursor.accept("NULL"):
            _null(name, table, facts, False)
        elif cursor.accept("UNIQUE"):
            constraints.append(ddl.Constraint("u", (name,)))
        elif cursor.accept("PRIMARY", "KEY"):
            _null(name, table, facts, True)
            constraints.append(ddl.Constraint("p", (name,)))
        elif cursor.accept("REFERENCES"):
            other = cursor.qname()
            columns = cursor.names() if cursor.peek() == "(" else ()
            constraints.append(ddl.Constraint("f", (name,), None, other, columns))
        else:
            break
    if facts.get("collate") not in (None, "case_sensitive", "cs"):
        raise SqlError("0A000", "COLLATE CASE_INSENSITIVE is not supported by Slipher yet")
    return ddl.ColumnDef(name, kind, **facts)


def _null(name: str, table: str, facts: dict[str, Any], not_null: bool) -> None:
    if facts.get("not_null", not_null) != not_null:
        raise SqlError("42601", f'conflicting NULL/NOT NULL declarations for column "{name}" of table "{table}"')
    facts["not_null"] = not_null


def connection_limit(cursor: Cursor) -> int:
    """A number of connections; -1 is no limit."""
    limit = cursor.integer()
    if limit < -1:
        raise SqlError("22023", f"invalid connection limit: {limit}")
    return limit


def _identity(cursor: Cursor) -> tuple[int, int]:
    if not cursor.accept("("):
        return (1, 1)
    seed = cursor.integer()
    cursor.expect(",")
    step = cursor.integer()
    cursor.expect(")")
    if step == 0:
        raise SqlError("22023", "INCREMENT must not be zero")
    return seed, step


def _encoding(cursor: Cursor) -> str:
    word = cursor.identifier()
    if word not in ENCODINGS:
        raise SqlError("42704", f'encoding "{word}" does not exist')
    return ENCODINGS[word]


COLUMN_WORDS = {
    "GENERATED", "IDENTITY", "ENCODE", "DISTKEY", "SORTKEY", "COLLATE", "NOT", "NULL", "UNIQUE", "PRIMARY", "REFERENCES",
}  # fmt: skip


def _default(cursor: Cursor) -> tuple[exp.Expr, str]:
    """An expression up to the next column attribute, ',' or ')' outside of parentheses."""
    start, depth = cursor.at, 0
    while not cursor.done:
        word = cursor.peek()
        if depth == 0 and (word in (",", ")") or (word in COLUMN_WORDS and cursor.at > start)):
            break
        depth += {"(": 1, ")": -1}.get(word, 0)
        cursor.at += 1
    stop, cursor.at = cursor.at, start
    tokens = cursor.tokens[start:stop]
    if not tokens:
        raise cursor.error()
    tree = cursor.tree(stop)
    assert isinstance(tree, exp.Expr)
    return fold(tree, cursor.case_sensitive), cursor.text[tokens[0].start : tokens[-1].end + 1]


def _attributes(cursor: Cursor, marks: _Marks) -> bool:
    backup = True
    while cursor.peek() in TABLE_WORDS:
        if cursor.accept("BACKUP"):
            backup = cursor.accept_any(("YES", "NO")) != "NO"
        elif cursor.accept("DISTSTYLE"):
            style = cursor.accept_any(("AUTO", "EVEN", "KEY", "ALL"))
            if style is None:
                raise cursor.error()
            marks.style = style
        elif cursor.accept("DISTKEY"):
            cursor.expect("(")
            marks.set_distkey(cursor.identifier())
            cursor.expect(")")
        elif cursor.accept("ENCODE"):
            cursor.expect("AUTO")
        else:
            kind = cursor.accept_any(("COMPOUND", "INTERLEAVED"))
            cursor.expect("SORTKEY")
            if cursor.accept("AUTO"):
                marks.sort_kind = "auto"
            else:
                marks.sortkey = cursor.names()
                marks.sort_kind = (kind or "compound").lower()
    return backup


def _view(cursor: Cursor, replace: bool) -> ddl.CreateView:
    name = cursor.qname()
    columns = cursor.names() if cursor.peek() == "(" else ()
    cursor.expect("AS")
    start = cursor.at
    stop = len(cursor.tokens)
    late = [str(token.text).upper() for token in cursor.tokens[-4:]] == ["WITH", "NO", "SCHEMA", "BINDING"]
    if late:
        stop -= 4
    tokens = cursor.tokens[start:stop]
    text = cursor.text[tokens[0].start : tokens[-1].end + 1] if tokens else ""
    tree = cursor.tree(stop)
    if not isinstance(tree, exp.Query):
        cursor.at = start
        raise cursor.error()
    return ddl.CreateView(name, fold(tree, cursor.case_sensitive), text, columns, replace, late)


def drop(cursor: Cursor) -> object:
    """DROP DATABASE | SCHEMA | TABLE | VIEW."""
    cursor.expect("DROP")
    if cursor.accept("DATABASE"):
        name = cursor.identifier()
        cursor.accept("FORCE")
        cursor.end()
        return ddl.DropDatabase(name)
    kind = cursor.accept_any(("SCHEMA", "TABLE", "VIEW"))
    if kind is None:
        raise cursor.error()
    exists = if_exists(cursor)
    names = [cursor.qname()]
    while cursor.accept(","):
        names.append(cursor.qname())
    how = cursor.accept_any(("CASCADE", "RESTRICT"))
    cursor.end()
    if kind == "SCHEMA":
        return ddl.DropSchema(tuple(name.name for name in names), exists, how == "CASCADE")
    return ddl.DropRelation(kind.lower(), tuple(names), exists, how == "CASCADE")


def alter(cursor: Cursor) -> object:
    """ALTER TABLE | SCHEMA."""
    cursor.expect("ALTER")
    if cursor.accept("SCHEMA"):
        name = cursor.identifier()
        if cursor.accept("RENAME", "TO"):
            return ddl.AlterSchema(name, ddl.RenameTo(cursor.identifier()))
        if cursor.accept("OWNER", "TO"):
            return ddl.AlterSchema(name, ddl.SetOwner(cursor.user_name()))
        if cursor.accept("QUOTA"):
            quota = _quota(cursor)
            cursor.end()
            return ddl.AlterSchema(name, ddl.SetQuota(quota))
        return Unsupported("ALTER SCHEMA with this action")
    cursor.expect("TABLE")
    name_ = cursor.qname()
    action = _table_action(cursor, name_)
    if action is None:
        return Unsupported(f"ALTER TABLE {cursor.peek()}")
    cursor.end()
    return ddl.AlterTable(name_, action)


def _table_action(cursor: Cursor, table: QName) -> Any:
    if cursor.accept("RENAME", "TO"):
        return ddl.RenameTo(cursor.identifier())
    if cursor.accept("RENAME"):
        cursor.accept("COLUMN")
        name = cursor.identifier()
        cursor.expect("TO")
        return ddl.RenameColumn(name, cursor.identifier())
    if cursor.accept("OWNER", "TO"):
        return ddl.SetOwner(cursor.user_name())
    if cursor.accept("ADD"):
        constraint = _table_constraint(cursor)
        if constraint is not None:
            return ddl.AddConstraint(constraint)
        cursor.accept("COLUMN")
        constraints: list[ddl.Constraint] = []
        return ddl.AddColumn(_column(cursor, table.name, _Marks(), constraints))
    if cursor.accept("DROP", "CONSTRAINT"):
        name = cursor.identifier()
        return ddl.DropConstraint(name, cursor.accept_any(("CASCADE", "RESTRICT")) == "CASCADE")
    if cursor.accept("DROP"):
        cursor.accept("COLUMN")
        name = cursor.identifier()
        return ddl.DropColumn(name, cursor.accept_any(("CASCADE", "RESTRICT")) == "CASCADE")
    if cursor.accept("ALTER", "DISTSTYLE"):
        style = cursor.accept_any(("AUTO", "EVEN", "KEY", "ALL")) or "AUTO"
        cursor.accept("DISTKEY")
        return ddl.AlterDist(style, cursor.identifier() if style == "KEY" else None)
    if cursor.accept("ALTER", "DISTKEY"):
        return ddl.AlterDist("KEY", cursor.identifier())
    if cursor.accept("ALTER", "ENCODE", "AUTO"):
        return ddl.AlterColumnEncode(())
    kind = "COMPOUND" if cursor.accept("ALTER", "COMPOUND") else "ALTER" if cursor.peek(1) == "SORTKEY" else None
    if kind == "ALTER":
        cursor.expect("ALTER")
    if kind is not None:
        cursor.expect("SORTKEY")
        if word := cursor.accept_any(("AUTO", "NONE")):
            return ddl.AlterSort((), word.lower())
        return ddl.AlterSort(cursor.names())
    if cursor.accept("ALTER"):
        cursor.accept("COLUMN")
        name = cursor.identifier()
        if cursor.accept("TYPE"):
            return ddl.AlterColumnType(name, cursor.type(f"{table.name}.{name}"))
        if cursor.accept("ENCODE"):
            return ddl.AlterColumnEncode(((name, _encoding(cursor)),))
    return None


def comment(cursor: Cursor) -> object:
    """COMMENT ON object IS text."""
    cursor.expect("COMMENT", "ON")
    kind = cursor.accept_any(("TABLE", "COLUMN", "VIEW", "SCHEMA", "DATABASE"))
    if kind is None:
        return Unsupported(f"COMMENT ON {cursor.peek()}")
    column = None
    if kind == "COLUMN":
        parts = [cursor.identifier()]
        while cursor.accept("."):
            parts.append(cursor.identifier())
        if len(parts) < 2:
            raise cursor.error()
        column = parts.pop()
        name = QName(parts[-1], *reversed(parts[:-1]))
    else:
        name = cursor.qname()
    cursor.expect("IS")
    text = None if cursor.accept("NULL") else cursor.string()
    cursor.end()
    return ddl.Comment(kind.lower(), name, text, column)
