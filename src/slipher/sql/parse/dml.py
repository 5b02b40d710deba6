"""SELECT, INSERT, UPDATE, DELETE, TRUNCATE: sqlglot's trees, checked for the syntax that Redshift has not."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import STRINGS, Cursor
from slipher.sql.parse.lexer import TokenType, fold, parse_tree, tokenize
from slipher.sql.parse.strict import DELETE_PARTS, UPDATE_PARTS, refuse_parts, refuse_syntax
from slipher.sql.statements.ddl import CreateTableAs
from slipher.sql.statements.dml import (
    Delete as Delete,
    Explain as Explain,
    Insert as Insert,
    Select as Select,
    Truncate as Truncate,
    Update as Update,
)
from slipher.sql.statements.names import QName

DEFAULT = object()  # the word in a row of VALUES
Rows = tuple[tuple[object, ...], ...]
CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}


def select(cursor: Cursor) -> object:
    """A query; SELECT ... INTO is CREATE TABLE AS; a leading WITH may belong to UPDATE or DELETE."""
    refuse_syntax(cursor)
    tree = cursor.tree()
    assert isinstance(tree, exp.Expr)
    if isinstance(tree, exp.Update):
        refuse_parts(tree, UPDATE_PARTS, cursor)
        return Update(table_name(fold(tree, cursor.case_sensitive).this), tree)
    if isinstance(tree, exp.Delete):
        refuse_parts(tree, DELETE_PARTS, cursor)
        return Delete(table_name(fold(tree, cursor.case_sensitive).this), tree)
    if not isinstance(tree, exp.Query):
        cursor.at = 0
        raise cursor.error()
    fold(tree, cursor.case_sensitive)
    into = tree.args.get("into") if isinstance(tree, exp.Select) else None
    if into is not None:
        tree.set("into", None)
        return CreateTableAs(table_name(into.this), tree, temporary=bool(into.args.get("temporary")))
    return Select(tree)


def table_name(node: object) -> QName:
    """The name of a table node, already folded."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        return QName(node.name, node.db or None, node.catalog or None)
    raise SqlError("42601", "a table's name was expected")


def insert(cursor: Cursor) -> Insert:
    """INSERT INTO table [(columns)] VALUES ... | query | DEFAULT VALUES."""
    cursor.expect("INSERT", "INTO")
    table = cursor.qname()
    columns: tuple[str, ...] = ()
    if cursor.peek() == "(" and cursor.peek(1) not in ("SELECT", "WITH", "("):
        columns = cursor.names()
    if cursor.accept("DEFAULT", "VALUES"):
        cursor.end()
        return Insert(table, columns)
    if cursor.peek() == "VALUES":
        start = cursor.at
        literals = _literals(cursor)
        given = _given(columns, literals) if literals is not None else None
        if given is not None:
            return Insert(table, given[0], literals=given[1])
        cursor.at = start
        return Insert(table, columns, rows=_rows(cursor))
    if cursor.peek() not in ("SELECT", "WITH", "("):
        raise cursor.error()
    refuse_syntax(cursor)
    tree = cursor.tree()
    if not isinstance(tree, exp.Query):
        raise cursor.error()
    return Insert(table, columns, query=fold(tree, cursor.case_sensitive))


def _literals(cursor: Cursor) -> tuple[tuple[object, ...], ...] | None:
    """The rows of VALUES if all are plain literals; else None and the cursor has not moved."""
    tokens, at, stop = cursor.tokens, cursor.at + 1, len(cursor.tokens)
    rows: list[tuple[object, ...]] = []
    while True:
        if at >= stop or tokens[at].token_type != TokenType.L_PAREN:
            return None
        at += 1
        row: list[object] = []
        while True:
            if at >= stop:
                return None
            token = tokens[at]
            kind = token.token_type
            if kind in STRINGS:
                row.append(str(token.text))
            elif kind == TokenType.NUMBER:
                row.append(_number(str(token.text)))
            elif kind == TokenType.DASH and at + 1 < stop and tokens[at + 1].token_type == TokenType.NUMBER:
                at += 1
                row.append(-_number(str(tokens[at].text)))
            elif kind == TokenType.DEFAULT:
                row.append(DEFAULT)
            elif kind in (TokenType.NULL, TokenType.TRUE, TokenType.FALSE):
                row.append(CONSTANTS[str(token.text).upper()])
            else:
                return None
            at += 1
            if at >= stop:
                return None
            if tokens[at].token_type == TokenType.R_PAREN:
                break
            if tokens[at].token_type != TokenType.COMMA:
                return None
            at += 1
        rows.append(tuple(row))
        at += 1
        if at >= stop:
            cursor.at = at
            return tuple(rows)
        if tokens[at].token_type != TokenType.COMMA:
            return None
        at += 1


def _given(columns: tuple[str, ...], rows: Rows) -> tuple[tuple[str, ...], Rows] | None:
    """Columns and rows without the columns that are DEFAULT in every row; None where DEFAULT stands elsewhere too."""
    if not any(value is DEFAULT for row in rows for value in row):
        return columns, rows
    if any(len(row) != len(columns) for row in rows):
        return None
    kept = [place for place in range(len(columns)) if any(row[place] is not DEFAULT for row in rows)]
    if not kept or any(row[place] is DEFAULT for row in rows for place in kept):
        return None
    return tuple(columns[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows)


def _number(text: str) -> int | Decimal:
    return int(text) if text.isdigit() else Decimal(text)


def _rows(cursor: Cursor) -> tuple[tuple[exp.Expr | None, ...], ...]:
    refuse_syntax(cursor)
    start = cursor.at
    # sqlglot reads a list of rows only inside FROM: the rows are what counts.
    tokens = [*tokenize("SELECT 1 FROM ("), *cursor.rest(), *tokenize(") AS v")]
    values = parse_tree(cursor.text, tokens).find(exp.Values)
    if values is None:
        cursor.at = start
        raise cursor.error()
    if values.find(exp.Query, exp.Subquery) and len(values.expressions) > 1:
        raise SqlError("0A000", "can't use subqueries in multi-row VALUES")
    fold(values, cursor.case_sensitive)
    rows = []
    for row in values.expressions:
        items = row.expressions if isinstance(row, exp.Tuple) else [row.this if isinstance(row, exp.Paren) else row]
        if not items:
            cursor.at = start + 2
            raise cursor.error()
        rows.append(tuple(None if _is_default(item) else item for item in items))
    return tuple(rows)


def _is_default(item: exp.Expr) -> bool:
    return isinstance(item, exp.Var) and item.name.lower() == "default"


def update(cursor: Cursor) -> Update:
    """UPDATE table SET ... [FROM ...] [WHERE ...]."""
    refuse_syntax(cursor)
    tree = cursor.tree()
    if not isinstance(tree, exp.Update):
        cursor.at = 0
        raise cursor.error()
    refuse_parts(tree, UPDATE_PARTS, cursor)
    fold(tree, cursor.case_sensitive)
    return Update(table_name(tree.this), tree)


def delete(cursor: Cursor) -> Delete:
    """DELETE [FROM] table [USING ...] [WHERE ...]."""
    refuse_syntax(cursor)
    if cursor.peek(1) != "FROM":
        if len(cursor.tokens) < 2:
            cursor.at = 1
            raise cursor.error()
        cursor.insert_after_first(tokenize("FROM")[0])
    tree = cursor.tree()
    if not isinstance(tree, exp.Delete):
        cursor.at = 0
        raise cursor.error()
    refuse_parts(tree, DELETE_PARTS, cursor)
    fold(tree, cursor.case_sensitive)
    return Delete(table_name(tree.this), tree)


def truncate(cursor: Cursor) -> Truncate:
    """TRUNCATE [TABLE] table."""
    cursor.expect("TRUNCATE")
    cursor.accept("TABLE")
    name = cursor.qname()
    cursor.end()
    return Truncate(name)
