"""Tokens that sqlglot would read otherwise than Redshift does, made into those that it reads alike."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from slipher.base.errors import SqlError

# Token types that sqlglot's Redshift parser uses for nothing else; parse/lexer.py gives the first its meaning.
ABSOLUTE = TokenType.CARET_AT
OPERANDS = {TokenType.NUMBER, TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.STRING}
STRINGS = {TokenType.STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING}


def adjusted(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens as sqlglot is to see them.

    APPROXIMATE before a call goes (an exact count is a good estimate), and so does the schema of a cast's type. Two literals
    with a newline between them are one; on one line the second is a syntax error. @ is the absolute value, # exclusive or.
    """
    out: list[Token] = []
    skip = 0
    for index, token in enumerate(tokens):
        if skip:
            skip -= 1
            continue
        kind, word = token.token_type, str(token.text)
        following = str(tokens[index + 1].text).lower() if index + 1 < len(tokens) else ""
        if kind in STRINGS:
            if out and out[-1].token_type in STRINGS and tokens[index - 1].token_type in STRINGS:
                out[-1] = _joined(text, out[-1], tokens[index - 1], token)
            else:
                out.append(token)
        elif word == "@":
            out.append(_as(token, ABSOLUTE, word))
        elif word.startswith("#") and out and out[-1].token_type in OPERANDS and (word == "#" or word[1:].isdigit()):
            out.append(_as(token, TokenType.HASH, "#"))
            if word != "#":
                out.append(Token(TokenType.NUMBER, word[1:], token.line, token.col, token.start + 1, token.end))
        elif kind == TokenType.VAR and word.lower() == "approximate" and following in ("count", "percentile_disc"):
            continue
        elif kind == TokenType.CURRENT_USER_ID:
            out.append(_as(token, TokenType.VAR, word))
        else:
            out.append(token)
            if kind in (TokenType.DCOLON, TokenType.ALIAS) and following == "pg_catalog":
                skip = 2
    return out


def _as(token: Token, kind: TokenType, word: str) -> Token:
    return Token(kind, word, token.line, token.col, token.start, token.end)


def _joined(text: str, first: Token, before: Token, second: Token) -> Token:
    if "\n" not in text[before.end + 1 : second.start]:
        shown = text[second.start : second.end + 1]
        line = text.count("\n", 0, second.start) + 1
        column = second.start - (text.rfind("\n", 0, second.start) + 1) + 1
        context = text[first.start : second.end + 1]
        message = f'syntax error at or near "{shown}" in context "{context}", at line {line}, column {column}'
        raise SqlError("42601", message, position=second.start + 1)
    return Token(TokenType.STRING, str(first.text) + str(second.text), first.line, first.col, first.start, second.end)
