"""Named parameters (:name) of a statement, made the numbered ones of the protocol.

What is in literals, quoted names and comments, and the colons of a cast, are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PIECES = re.compile(
    r"""
    (?P<skip> '(?:[^'\\]|\\.|'')*(?:'|\Z)
      | "(?:[^"]|"")*(?:"|\Z)
      | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$) .*? (?:(?P=dollar)|\Z)
      | --[^\n]*
      | ::
      | :=
    )
    | /\*
    | :(?P<name>[0-9A-Za-z_]+)
    """,
    re.S | re.X | re.A,
)
COMMENT = re.compile(r"/\*|\*/")


def numbered(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with $1, $2 ... for the parameters that have values, and the names in that order. Others stay as they are."""
    out, names, at = list[str](), list[str](), 0
    for start, end, name in _places(text):
        if name not in values:
            continue
        if name not in names:
            names.append(name)
        out += [text[at:start], f"${names.index(name) + 1}"]
        at = end
    return "".join([*out, text[at:]]), names


def unknown(text: str, values: Mapping[str, str]) -> list[str]:
    """The parameters of a text that have no value. A number alone may be an index (a[1:2])."""
    found = [name for _, _, name in _places(text) if name not in values and not name[0].isdigit()]
    return list(dict.fromkeys(found))


def _places(text: str) -> Iterable[tuple[int, int, str]]:
    at = 0
    while (match := PIECES.search(text, at)) is not None:
        at = match.end()
        if match["name"] is not None:
            yield match.start(), match.end(), match["name"]
        elif match[0] == "/*":
            at = _comment(text, at)


def _comment(text: str, at: int) -> int:
    """Where a comment ends; they nest."""
    depth = 1
    for match in COMMENT.finditer(text, at):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)
