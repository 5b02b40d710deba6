"""Secrets taken out of a statement's text, on its tokens, before anything else sees the text."""

from __future__ import annotations

import re

from sqlglot.errors import TokenError

from slipher.sql.parse.lexer import TokenType, scan

HIDDEN = "***"
KEYWORDS = {
    "ACCESS_KEY_ID",
    "SECRET_ACCESS_KEY",
    "SESSION_TOKEN",
    "TOKEN",
    "MASTER_SYMMETRIC_KEY",
    "PASSWORD",
}
NOISE = {"AS", "="}
INSIDE = re.compile(
    r"(aws_access_key_id|aws_secret_access_key|token|master_symmetric_key)(\s*=\s*)[^;'\"\s]*", re.IGNORECASE
)
ANYWHERE = re.compile(
    r"((?:access_key_id|secret_access_key|session_token|token|master_symmetric_key|password)\s*(?:as\s*)?)'(?:[^'\\]|\\.|'')*('|$)",
    re.IGNORECASE,
)
ECHO = re.compile(
    r"""(?P<what>syntax error|unterminated .*?) at or near "(?P<word>.*?)"(?: in context .*?)?(?P<place>, at line \d+.*)?$""",
    re.DOTALL,
)
WORD = re.compile(r"[A-Za-z_]\w*|[^\w\s'\"]")
STRINGS = {TokenType.STRING, TokenType.HEREDOC_STRING}


def without_secrets(text: str, message: str) -> str:
    """An error's message about `text`: it may echo a part of the text, cut anywhere, so of a text with secrets nothing is
    echoed but a word that is no literal, and the place."""
    if redact(text) == text:
        return message
    echo = ECHO.match(message)
    if echo is None:
        return redact(ANYWHERE.sub(rf"\1'{HIDDEN}'", INSIDE.sub(rf"\1\2{HIDDEN}", message)))
    word = echo["word"] if WORD.fullmatch(echo["word"]) and echo["word"] in redact(text) else HIDDEN
    return f'{echo["what"]} at or near "{word}"{echo["place"] or ""}'


def redact(text: str) -> str:
    """The text with keys, tokens and passwords replaced by ***; also of texts that do not parse. Role ARNs stay."""
    lower = text.lower()
    if not any(word in lower for word in ("key", "token", "password", "credentials")):
        return text
    try:
        tokens = scan(text)
    except TokenError:
        return INSIDE.sub(rf"\1\2{HIDDEN}", ANYWHERE.sub(rf"\1'{HIDDEN}'", text))
    out, last = [], 0
    for index, token in enumerate(tokens):
        if token.token_type not in STRINGS:
            continue
        literal = text[token.start : token.end + 1]
        before = index - 1
        while before >= 0 and str(tokens[before].text).upper() in NOISE:
            before -= 1
        word = str(tokens[before].text).upper() if before >= 0 else ""
        replaced = f"'{HIDDEN}'" if word in KEYWORDS else INSIDE.sub(rf"\1\2{HIDDEN}", literal)
        if replaced != literal:
            out.append(text[last : token.start])
            out.append(replaced)
            last = token.end + 1
    return "".join(out) + text[last:]
