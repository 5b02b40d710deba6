"""Tokens of Redshift's SQL, by sqlglot's tokenizer, and its parser set up so that functions keep the names as written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from slipher.base.errors import SqlError
from slipher.sql.parse.adjust import ABSOLUTE, adjusted

# Every function parses to Anonymous, under its own name: sql/functions is what knows functions. Only those with a syntax of
# their own keep their parsers. (The tables are this process's own; the compiled parser's classes cannot be inherited.)
_KEEP = {"CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "POSITION"}
_parser = Redshift.Parser
_parser.FUNCTIONS.clear()
for _name in set(_parser.FUNCTION_PARSERS) - _KEEP:
    _parser.FUNCTION_PARSERS.pop(_name)
_parser.NO_PAREN_FUNCTIONS.clear()
for _name in set(_parser.NO_PAREN_FUNCTION_PARSERS) - {"CASE", "ANY"}:
    _parser.NO_PAREN_FUNCTION_PARSERS.pop(_name)
# Items of FROM that are columns of an item before them (t, t.items) are the binder's to know. sqlglot copies every subquery to
# look for them, which makes deep nesting quadratic.
_parser.SUPPORTS_IMPLICIT_UNNEST = False
_unary: dict[Any, Any] = _parser.UNARY_PARSERS
_unary[ABSOLUTE] = lambda parser: exp.Anonymous(this="abs", expressions=[parser._parse_unary()])


# The tokenizer takes `$1,$` for a dollar quote's tag: a parameter's dollar becomes a mark that means only that.
MARK = "\x01"
_PARAMETER = re.compile(
    r"""('(?:[^'\\]|\\.|'')*'|"[^"]*"|--[^\n]*|/\*.*?\*/|\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$)|(?<![\w$])\$(?=\d)""",
    re.DOTALL,
)


class Dialect(Redshift):
    """Redshift's dialect whose tokenizer takes every statement apart, also those that sqlglot leaves whole."""

    class Tokenizer(Redshift.Tokenizer):
        COMMANDS = set()
        SINGLE_TOKENS = {**Redshift.Tokenizer.SINGLE_TOKENS, MARK: TokenType.PARAMETER}


DIALECT = Dialect()


def tokenize(text: str) -> list[Token]:
    """The tokens of a text; 42601 for a literal, identifier or comment without end."""
    try:
        return scan(text)
    except TokenError as error:
        raise _open_ended(text, str(error)) from None


def scan(text: str) -> list[Token]:
    """The tokens of a text, at their places in it; sqlglot's TokenError for what has no end."""
    marked = _PARAMETER.sub(lambda found: found[1] or MARK, text) if "$" in text else text
    tokens: list[Token] = DIALECT.tokenize(marked)
    return tokens


def _open_ended(text: str, reason: str) -> SqlError:
    kind = "quoted string"
    if '"' in reason:
        kind = "quoted identifier"
    elif "comment" in reason.lower() or "*/" in reason:
        kind = "/* comment"
    elif "$" in reason:
        kind = "dollar-quoted string"
    near = text.rstrip()[-30:]
    return SqlError("42601", f'unterminated {kind} at or near "{near}"', position=max(len(text) - 30, 0) + 1)


def syntax_error(text: str, tokens: Sequence[Token], index: int) -> SqlError:
    """Redshift's syntax error at a token: the token, about three tokens before it, line and column (1-based)."""
    if index >= len(tokens):
        return SqlError("42601", "syntax error at end of input", position=len(text) + 1)
    token = tokens[index]
    shown = text[token.start : token.end + 1]
    first = tokens[max(index - 3, 0)]
    context = text[first.start : token.end + 1]
    column = token.start - (text.rfind("\n", 0, token.start) + 1) + 1
    line = text.count("\n", 0, token.start) + 1
    message = f'syntax error at or near "{shown}" in context "{context}", at line {line}, column {column}'
    return SqlError("42601", message, position=token.start + 1)


def parse_tree(text: str, tokens: list[Token]) -> exp.Expr:
    """sqlglot's tree of one statement, names folded; 42601 for what it cannot read."""
    tokens = adjusted(text, tokens)
    try:
        trees: list[Any] = DIALECT.parser().parse(tokens, text)
    except ParseError as error:
        raise _translate(text, tokens, error) from None
    tree = trees[0]
    if tree is None or len(trees) != 1:
        raise syntax_error(text, tokens, 0)
    found: exp.Expr = tree
    return found


def _translate(text: str, tokens: Sequence[Token], error: ParseError) -> SqlError:
    facts = error.errors[0] if error.errors else {}
    line, column = facts.get("line") or 1, facts.get("col") or 0
    for index, token in enumerate(tokens):
        if token.line == line and token.col == column:
            missing = str(facts.get("description", "")).startswith("Required keyword")
            return syntax_error(text, tokens, index + 1 if missing else index)
    return syntax_error(text, tokens, len(tokens))


def fold(tree: exp.Expr, case_sensitive: bool) -> exp.Expr:
    """Identifiers in the catalog's case: ASCII letters lower, quoted ones too unless the session says otherwise."""
    for node in tree.walk():
        if isinstance(node, exp.Identifier):
            if not (case_sensitive and node.args.get("quoted")):
                node.set("this", ascii_lower(str(node.this)))
        elif isinstance(node, exp.Anonymous):
            node.set("this", str(node.this).lower())
    return tree


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Lower case for ASCII letters only, as Redshift folds."""
    return text.translate(_LOWER)


__all__ = ["Token", "TokenType", "ascii_lower", "fold", "parse_tree", "syntax_error", "tokenize"]
