"""Transactions, session parameters, cursors, prepared statements and the other small statements."""

from __future__ import annotations

from sqlglot import exp

from slipher.sql.parse.cursor import Cursor
from slipher.sql.parse.ddl import query_of
from slipher.sql.parse.lexer import fold, parse_tree, tokenize
from slipher.sql.parse.show import show_objects
from slipher.sql.statements import utility
from slipher.sql.statements.names import QName

LEVELS = (("SERIALIZABLE",), ("SNAPSHOT",), ("READ", "COMMITTED"), ("READ", "UNCOMMITTED"), ("REPEATABLE", "READ"))


def begin(cursor: Cursor) -> utility.Begin:
    """BEGIN | START TRANSACTION with modes."""
    cursor.at += 1
    cursor.accept_any(("WORK", "TRANSACTION"))
    return _modes(cursor)


def _modes(cursor: Cursor) -> utility.Begin:
    isolation: str | None = None
    read_only: bool | None = None
    while not cursor.done:
        if cursor.accept("ISOLATION", "LEVEL"):
            isolation = next((" ".join(level) for level in LEVELS if cursor.accept(*level)), None)
            if isolation is None:
                raise cursor.error()
        elif cursor.accept("READ", "ONLY"):
            read_only = True
        elif cursor.accept("READ", "WRITE"):
            read_only = False
        else:
            raise cursor.error()
        cursor.accept(",")
    return utility.Begin(isolation, read_only)


def commit(cursor: Cursor) -> utility.Commit:
    """COMMIT | END."""
    cursor.at += 1
    cursor.accept_any(("WORK", "TRANSACTION"))
    cursor.end()
    return utility.Commit()


def rollback(cursor: Cursor) -> utility.Rollback:
    """ROLLBACK | ABORT."""
    cursor.at += 1
    cursor.accept_any(("WORK", "TRANSACTION"))
    cursor.end()
    return utility.Rollback()


def set_(cursor: Cursor) -> object:
    """SET parameter, SET SESSION AUTHORIZATION, SET TIME ZONE, SET TRANSACTION."""
    cursor.expect("SET")
    if cursor.accept("SESSION", "AUTHORIZATION"):
        user = None if cursor.accept("DEFAULT") else cursor.string() if cursor.is_string() else cursor.user_name()
        cursor.end()
        return utility.SetSessionAuthorization(user)
    session = cursor.accept("SESSION", "CHARACTERISTICS", "AS", "TRANSACTION")
    if session or cursor.accept("TRANSACTION"):
        modes = _modes(cursor)
        if modes.read_only is None:
            return utility.SetParameter("transaction_isolation", None)
        return utility.SetParameter("transaction_read_only", "on" if modes.read_only else "off", local=not session)
    local = cursor.accept("LOCAL")
    if not local:
        cursor.accept("SESSION")
    if cursor.accept("TIME", "ZONE"):
        return utility.SetParameter("timezone", _value(cursor), local)
    name = cursor.identifier()
    while cursor.accept("."):
        name += "." + cursor.identifier()
    if not cursor.accept("TO"):
        cursor.expect("=")
    return utility.SetParameter(name, _value(cursor), local)


def _value(cursor: Cursor) -> str | None:
    if cursor.accept("DEFAULT"):
        cursor.end()
        return None
    values = []
    while True:
        if cursor.is_string():
            values.append(cursor.string())
        elif cursor.is_number() or cursor.peek() == "-":
            values.append(cursor.number())
        elif cursor.accept("ON"):
            values.append("on")
        else:
            values.append(cursor.identifier())
        if not cursor.accept(","):
            break
    cursor.end()
    return ", ".join(values)


def reset(cursor: Cursor) -> object:
    """RESET parameter | ALL | SESSION AUTHORIZATION."""
    cursor.expect("RESET")
    if cursor.accept("SESSION", "AUTHORIZATION"):
        return utility.SetSessionAuthorization(None)
    if cursor.accept("ALL"):
        return utility.ResetParameter(None)
    return utility.ResetParameter(_name(cursor))


def show(cursor: Cursor) -> object:
    """SHOW parameter | ALL | objects."""
    cursor.expect("SHOW")
    if cursor.accept("ALL"):
        cursor.end()
        return utility.ShowParameter(None)
    objects = show_objects(cursor)
    if objects is not None:
        return objects
    if cursor.accept("TIME", "ZONE"):
        return utility.ShowParameter("timezone")
    if cursor.accept("TRANSACTION", "ISOLATION", "LEVEL"):
        return utility.ShowParameter("transaction_isolation")
    if cursor.accept("SESSION", "AUTHORIZATION"):
        return utility.ShowParameter("session_authorization")
    return utility.ShowParameter(_name(cursor))


def _name(cursor: Cursor) -> str:
    name = cursor.string() if cursor.is_string() else cursor.identifier()
    while cursor.accept("."):
        name += "." + cursor.identifier()
    cursor.end()
    return name


def declare(cursor: Cursor) -> utility.DeclareCursor:
    """DECLARE name CURSOR FOR query."""
    cursor.expect("DECLARE")
    name = cursor.identifier()
    cursor.accept_any(("BINARY", "INSENSITIVE"))
    cursor.accept("NO", "SCROLL")
    cursor.expect("CURSOR")
    cursor.accept("WITH", "HOLD")
    cursor.accept("WITHOUT", "HOLD")
    cursor.expect("FOR")
    start = cursor.tokens[cursor.at].start if not cursor.done else 0
    query = query_of(cursor)
    return utility.DeclareCursor(name, query, cursor.text[start : cursor.tokens[-1].end + 1])


def fetch(cursor: Cursor) -> utility.Fetch:
    """FETCH [NEXT | ALL | FORWARD [n | ALL] | n] [FROM | IN] name."""
    cursor.expect("FETCH")
    forward = cursor.accept("FORWARD")
    count: int | None = 1
    if cursor.accept("ALL"):
        count = None
    elif cursor.is_number() or cursor.peek() == "-":
        count = cursor.integer()
    elif not forward:
        cursor.accept("NEXT")
    cursor.accept_any(("FROM", "IN"))
    name = cursor.identifier()
    cursor.end()
    return utility.Fetch(name, count)


def close(cursor: Cursor) -> utility.CloseCursor:
    """CLOSE name | ALL."""
    cursor.expect("CLOSE")
    name = None if cursor.accept("ALL") else cursor.identifier()
    cursor.end()
    return utility.CloseCursor(name)


def execute(cursor: Cursor) -> utility.Execute:
    """EXECUTE name [(arguments)]."""
    cursor.expect("EXECUTE")
    name = cursor.identifier()
    arguments: tuple[exp.Expr, ...] = ()
    if not cursor.done:
        cursor.expect("(")
        inside = cursor.rest()[:-1]
        if str(cursor.tokens[-1].text) != ")":
            raise cursor.error()
        if inside:
            head = tokenize("SELECT")
            tree = fold(parse_tree(cursor.text, [*head, *inside]), cursor.case_sensitive)
            arguments = tuple(tree.expressions)
    return utility.Execute(name, arguments)


def deallocate(cursor: Cursor) -> utility.Deallocate:
    """DEALLOCATE [PREPARE] name | ALL."""
    cursor.expect("DEALLOCATE")
    cursor.accept("PREPARE")
    name = None if cursor.accept("ALL") else cursor.identifier()
    cursor.end()
    return utility.Deallocate(name)


def analyze(cursor: Cursor) -> object:
    """ANALYZE [table [(columns)]] [PREDICATE | ALL COLUMNS]."""
    cursor.at += 1
    if cursor.peek() == "COMPRESSION":
        return utility.Unsupported("ANALYZE COMPRESSION")
    cursor.accept("VERBOSE")
    table, columns = None, tuple[str, ...]()
    if not cursor.done and cursor.peek() not in ("PREDICATE", "ALL"):
        table = cursor.qname()
        columns = cursor.names() if cursor.peek() == "(" else ()
    if cursor.accept_any(("PREDICATE", "ALL")):
        cursor.expect("COLUMNS")
    cursor.end()
    return utility.Analyze(table, columns)


def vacuum(cursor: Cursor) -> utility.Vacuum:
    """VACUUM [FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER] [table] [TO n PERCENT] [BOOST]."""
    cursor.expect("VACUUM")
    mode = "full"
    for words in (("FULL",), ("SORT", "ONLY"), ("DELETE", "ONLY"), ("REINDEX",), ("RECLUSTER",)):
        if cursor.accept(*words):
            mode = " ".join(words).lower()
            break
    table: QName | None = None
    if not cursor.done and cursor.peek() not in ("TO", "BOOST"):
        table = cursor.qname()
    if cursor.accept("TO"):
        cursor.number()
        cursor.expect("PERCENT")
    cursor.accept("BOOST")
    cursor.end()
    return utility.Vacuum(table, mode)


def lock(cursor: Cursor) -> utility.LockTables:
    """LOCK [TABLE] table, ... [IN ACCESS EXCLUSIVE MODE]."""
    cursor.expect("LOCK")
    cursor.accept("TABLE")
    tables = [cursor.qname()]
    while cursor.accept(","):
        tables.append(cursor.qname())
    if cursor.accept("IN"):
        cursor.expect("ACCESS", "EXCLUSIVE", "MODE")
    cursor.end()
    return utility.LockTables(tuple(tables))


def cancel(cursor: Cursor) -> utility.CancelQuery:
    """CANCEL pid ['message']."""
    cursor.expect("CANCEL")
    pid = cursor.integer()
    message = cursor.string() if cursor.is_string() else None
    cursor.end()
    return utility.CancelQuery(pid, message)
