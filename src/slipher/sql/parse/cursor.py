"""A cursor over one statement's tokens, for the small recursive-descent parsers."""

from __future__ import annotations

from collections.abc import Sequence

from slipher.base.errors import SqlError
from slipher.sql.parse.lexer import Token, TokenType, ascii_lower, parse_tree, syntax_error
from slipher.sql.statements.names import QName
from slipher.types.sqltype import (
    DEFAULT_VARBYTE,
    MAX_CHAR,
    MAX_VARBYTE,
    MAX_VARCHAR,
    SqlType,
    char,
    numeric,
    varbyte,
    varchar,
)
from slipher.types.table import BY_ALIAS

STRINGS = {TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING}
QUOTED = {
    TokenType.IDENTIFIER,
    TokenType.NATIONAL_STRING,
    TokenType.BYTE_STRING,
    TokenType.BIT_STRING,
    TokenType.HEX_STRING,
}


class Cursor:
    """Where a parser is in a statement. Keywords are compared in upper case; names come out folded."""

    def __init__(self, text: str, tokens: Sequence[Token], case_sensitive: bool = False) -> None:
        self.text = text
        self._raw = list(tokens)
        self.tokens = [one for token in tokens for one in _words(token)]
        self.at = 0
        self.case_sensitive = case_sensitive

    @property
    def done(self) -> bool:
        """Whether all tokens are taken."""
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The token at the cursor in upper case; '' at the end, and for string literals and quoted names."""
        index = self.at + ahead
        if index >= len(self.tokens):
            return ""
        token = self.tokens[index]
        if token.token_type in STRINGS or token.token_type == TokenType.IDENTIFIER:
            return ""
        return str(token.text).upper()

    def error(self) -> SqlError:
        """The syntax error at the cursor."""
        return syntax_error(self.text, self.tokens, self.at)

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        if all(self._word(ahead) == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def _word(self, ahead: int) -> str:
        return self.peek(ahead)

    def accept_any(self, words: Sequence[str]) -> str | None:
        """Take one of these words if it comes next."""
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return None

    def expect(self, *words: str) -> None:
        """Take these words; a syntax error if something else comes."""
        for word in words:
            if self.peek() != word:
                raise self.error()
            self.at += 1

    def end(self) -> None:
        """A syntax error unless all is taken."""
        if not self.done:
            raise self.error()

    def is_string(self) -> bool:
        """Whether a string literal comes next."""
        return not self.done and self.tokens[self.at].token_type in STRINGS

    def string(self) -> str:
        """Take a string literal's value; adjacent literals on different lines are one."""
        if not self.is_string():
            raise self.error()
        value = str(self.tokens[self.at].text)
        self.at += 1
        return value

    def is_number(self) -> bool:
        """Whether a number comes next."""
        return not self.done and self.tokens[self.at].token_type == TokenType.NUMBER

    def number(self) -> str:
        """Take a number, with its sign, as text."""
        sign = "-" if self.accept("-") else ""
        if not self.is_number():
            raise self.error()
        self.at += 1
        return sign + str(self.tokens[self.at - 1].text)

    def integer(self) -> int:
        """Take an integer."""
        text = self.number()
        try:
            return int(text)
        except ValueError:
            self.at -= 1
            raise self.error() from None

    def identifier(self) -> str:
        """Take a name."""
        if self.done:
            raise self.error()
        token = self.tokens[self.at]
        text = str(token.text)
        if token.token_type == TokenType.IDENTIFIER:
            if not text:
                raise SqlError("42601", 'zero-length delimited identifier at or near """"', position=token.start + 1)
            self.at += 1
            return text if self.case_sensitive else ascii_lower(text)
        if token.token_type in STRINGS or not (text[:1].isalpha() or text[:1] in "_#"):
            raise self.error()
        self.at += 1
        return ascii_lower(text)

    def user_name(self) -> str:
        """Take a user's name: quoted ones keep their case."""
        if not self.done and self.tokens[self.at].token_type == TokenType.IDENTIFIER:
            self.at += 1
            return str(self.tokens[self.at - 1].text)
        return self.identifier()

    def qname(self) -> QName:
        """Take a name of up to three parts."""
        parts = [self.identifier()]
        while len(parts) < 3 and self.accept("."):
            parts.append(self.identifier())
        return QName(parts[-1], *reversed(parts[:-1]))

    def names(self) -> tuple[str, ...]:
        """Take '(' name, ... ')'."""
        self.expect("(")
        found = [self.identifier()]
        while self.accept(","):
            found.append(self.identifier())
        self.expect(")")
        return tuple(found)

    def type(self, owner: str = "") -> SqlType:
        """Take a data type. `owner` is 'table.column', for Redshift's text about types that columns cannot have."""
        start = self.at
        name = self._type_name()
        row = BY_ALIAS.get(name)
        if row is None or not row.column:
            self.at = start
            raise unsupported_type(name, owner)
        arguments: list[str] = []
        if self.accept("("):
            while not self.accept(")"):
                arguments.append("MAX" if self.accept("MAX") else self.number())
                self.accept(",")
        if name in ("time", "timestamp") and (zone := self.accept_any(("WITH", "WITHOUT"))):
            self.expect("TIME", "ZONE")
            row = BY_ALIAS[f"{name} {zone.lower()} time zone"]
        if self.accept("[") or self.peek() == "ARRAY":
            raise unsupported_type(f"{row.sql_name}[]", owner)
        return settle_type(row.name, name, arguments)

    def _type_name(self) -> str:
        first = ascii_lower(str(self.tokens[self.at].text)) if not self.done else ""
        if not first or self.tokens[self.at].token_type in STRINGS:
            raise self.error()
        self.at += 1
        for words in (("double", "precision"), ("character", "varying"), ("binary", "varying")):
            if first == words[0] and self.accept(words[1].upper()):
                return " ".join(words)
        if first == "national":
            self.accept("CHARACTER")
            self.accept("VARYING")
            return "nvarchar"
        return first

    def rest(self) -> list[Token]:
        """The tokens from the cursor on, as sqlglot takes them."""
        start = self.tokens[self.at].start if not self.done else len(self.text)
        return [token for token in self._raw if token.start >= start]

    def insert_after_first(self, word: Token) -> None:
        """Put a word that may be left out after the first token."""
        first = self._raw[0]
        made = Token(word.token_type, word.text, first.line, first.col, first.end, first.end)
        self._raw.insert(1, made)

    def tree(self, stop_at: int | None = None) -> object:
        """The rest of the tokens (up to an index) as sqlglot's tree."""
        if self.at >= len(self.tokens) or (stop_at is not None and stop_at <= self.at):
            raise self.error()
        start = self.tokens[self.at].start
        stop = self.tokens[stop_at].start if stop_at is not None and stop_at < len(self.tokens) else len(self.text) + 1
        tokens = [token for token in self._raw if start <= token.start < stop]
        self.at = len(self.tokens) if stop_at is None else stop_at
        return parse_tree(self.text, tokens)


def _words(token: Token) -> list[Token]:
    """A keyword of several words as one token a word."""
    text = str(token.text)
    if " " not in text or token.token_type in STRINGS or token.token_type in QUOTED:
        return [token]
    found, at = [], token.start
    for word in text.split():
        place = at
        found.append(Token(TokenType.VAR, word, token.line, token.col, place, place + len(word) - 1))
        at = place + len(word) + 1
    return found


def unsupported_type(name: str, owner: str) -> SqlError:
    """Redshift's answer to a type that it knows from PostgreSQL but has not, or does not know at all."""
    known = {
        "serial",
        "bigserial",
        "bytea",
        "inet",
        "money",
        "bit",
        "cidr",
        "point",
        "xml",
        "oid",
        "name",
        "smallserial",
    }
    if owner and (name in known or name.endswith("[]")):
        return SqlError("0A000", f'Column "{owner}" has unsupported type "{name}".')
    return SqlError("42704", f'type "{name}" does not exist')


def settle_type(internal: str, written: str, arguments: Sequence[str]) -> SqlType:
    """A type with its modifiers, defaults and limits as Redshift has them (source: reference on strings and numerics)."""
    if internal in ("hllsketch", "geometry", "geography", "interval"):
        raise SqlError("0A000", f"The data type {written.upper()} is not supported by Slipher yet")
    if internal == "numeric":
        numbers = [int(one) for one in arguments] or [18, 0]
        precision, scale = numbers[0], numbers[1] if len(numbers) > 1 else 0
        if not 1 <= precision <= 38:
            raise SqlError("22023", f"NUMERIC precision {precision} must be between 1 and 38")
        if not 0 <= scale <= min(precision, 37):
            raise SqlError("22023", f"NUMERIC scale {scale} must be between 0 and precision {precision}")
        return numeric(precision, scale)
    if internal in ("varchar", "bpchar"):
        wide = internal == "varchar"
        limit = MAX_VARCHAR if wide else MAX_CHAR
        default = 256 if wide or written == "bpchar" else 1
        text = arguments[0] if arguments else str(default)
        length = limit if text == "MAX" else int(text)
        if length < 1:
            raise SqlError("22023", f"length for type {'varchar' if wide else 'char'} must be at least 1")
        if length > limit:
            raise SqlError("22023", f"length for type {'varchar' if wide else 'char'} cannot exceed {limit}")
        return varchar(length) if wide else char(length)
    if internal == "varbyte":
        length = int(arguments[0]) if arguments and arguments[0] != "MAX" else DEFAULT_VARBYTE
        if length < 1:
            raise SqlError("22023", "length for type binary varying must be at least 1")
        if length > MAX_VARBYTE:
            raise SqlError("22023", f"length for type binary varying cannot exceed {MAX_VARBYTE}")
        return varbyte(length)
    return SqlType(internal)
