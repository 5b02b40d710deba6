"""Syntax that sqlglot lets pass and Redshift's grammar does not: found on tokens, so that errors name their place."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import Cursor

# What a list's comma, or SELECT, cannot be followed by.
CLAUSES = frozenset(
    "FROM WHERE GROUP HAVING QUALIFY ORDER LIMIT OFFSET UNION EXCEPT MINUS INTERSECT INTO THEN WHEN ELSE END AND OR".split()
)
# Where the joins of a FROM clause end.
JOINS_END = frozenset("WHERE GROUP HAVING QUALIFY ORDER LIMIT OFFSET UNION EXCEPT MINUS INTERSECT SET ) ;".split()) | {
    ""
}
UPDATE_PARTS = frozenset({"this", "expressions", "from_", "where", "with_"})
DELETE_PARTS = frozenset({"this", "using", "cluster", "where", "with_"})


def refuse_syntax(cursor: Cursor) -> None:
    """42601 at PostgreSQL's and other systems' clauses, at empty items of lists, at JOINs without a condition."""
    previous, start = "", cursor.at
    joins = [0]
    for index in range(start, len(cursor.tokens)):
        ahead = index - start
        word, following = cursor.peek(ahead), cursor.peek(ahead + 1)
        last = index + 1 == len(cursor.tokens)
        bad = _misplaced(word, following, previous, last)
        if bad is not None:
            cursor.at = index + bad
            raise cursor.error()
        if word == "DISTINCT" and following == "ON" and cursor.peek(ahead + 2) == "(":
            raise SqlError("0A000", "SELECT DISTINCT ON is not supported")
        if word == "WINDOW" and cursor.peek(ahead + 2) == "AS" and cursor.peek(ahead + 3) == "(":
            cursor.at = index
            raise cursor.error()
        if _joins(joins, word, word == "JOIN" and _is_free(cursor, start, ahead)):
            cursor.at = index
            raise cursor.error()
        previous = word
    if joins[-1] > 0:
        cursor.at = len(cursor.tokens)
        raise cursor.error()


def _misplaced(word: str, following: str, previous: str, last: bool) -> int | None:
    """How far behind this token the wrong one stands; None if nothing is wrong."""
    if word in ("RETURNING", "TABLESAMPLE"):
        return 0
    if word == "CONFLICT" and previous == "ON":
        return -1
    if word == "FILTER" and previous == ")" and following == "(":
        return 1
    if (word == "LATERAL" and following == "(") or (word == "FETCH" and following in ("FIRST", "NEXT")):
        return 0
    if word == "," and (last or following in CLAUSES or following in (",", ")")):
        return 1
    if word == "(" and following == ",":
        return 1
    if word == "SELECT" and (last or following in CLAUSES or following in (",", ")")):
        return 1
    if word in ("ORDER", "GROUP") and following != "BY" and not (previous == "WITHIN" and following == "("):
        return 1
    return None


def _joins(joins: list[int], word: str, free: bool) -> bool:
    """Count a FROM clause's JOINs against its conditions, one count a depth of parentheses; whether one has none."""
    if word == "(":
        joins.append(0)
    elif word == "JOIN" and not free:
        joins[-1] += 1
    elif word in ("ON", "USING") and joins[-1] > 0:
        joins[-1] -= 1
    elif word in JOINS_END:
        missing = joins[-1] > 0
        joins[-1] = 0
        if word == ")" and len(joins) > 1:
            joins.pop()
        return missing
    return False


def _is_free(cursor: Cursor, start: int, ahead: int) -> bool:
    """Whether the JOIN there is a CROSS or a NATURAL one."""
    while ahead > 0:
        ahead -= 1
        word = str(cursor.tokens[start + ahead].text).upper()
        if word not in ("LEFT", "RIGHT", "FULL", "INNER", "OUTER"):
            return word in ("CROSS", "NATURAL")
    return False


def refuse_parts(tree: exp.Expr, known: frozenset[str], cursor: Cursor) -> None:
    """42601 at a clause of an UPDATE or DELETE that Redshift's has not, such as LIMIT."""
    arguments: Mapping[str, object] = tree.args
    for key, value in arguments.items():
        if value and key not in known:
            words = [
                one
                for one in range(len(cursor.tokens))
                if str(cursor.tokens[one].text).upper() == key.strip("_").upper()
            ]
            cursor.at = words[-1] if words else len(cursor.tokens)
            raise cursor.error()
