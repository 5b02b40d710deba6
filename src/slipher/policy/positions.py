"""Where each statement of a policy stands in its text, as the policy simulator shows matched statements."""

from __future__ import annotations

import json
import re
from functools import lru_cache

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
Position = tuple[int, int]  # line and column, from 1


@lru_cache(maxsize=1024)
def statement_positions(text: str) -> tuple[tuple[Position, Position], ...]:
    """(start, end) of each statement: from behind the delimiter before it to behind its brace. `text` is a valid policy."""
    found: list[tuple[int, int]] = []
    path: list[str] = []  # open braces and brackets
    member, inside, start, at = "", False, 0, 0
    while at < len(text):
        char = text[at]
        if char == '"':
            match = STRING.match(text, at)
            assert match is not None, "the policy has been read before"
            at = match.end()
            if len(path) == 1 and text[at:].lstrip().startswith(":"):
                member = json.loads(match.group(), strict=False)
            continue
        at += 1
        if char in "{[":
            path.append(char)
            if len(path) == 2 and member == "Statement" and char == "[":
                start, inside = at, True
        elif char in "}]":
            path.pop()
            statement_ends = char == "}" and member == "Statement" and path == (["{", "["] if inside else ["{"])
            if statement_ends:
                found.append((start, at))
            if path == ["{"]:
                inside = False
        elif (char == "," and path == ["{", "["] and inside) or (char == ":" and path == ["{"]):
            start = at
    return tuple((_position(text, first), _position(text, last)) for first, last in found)


def _position(text: str, offset: int) -> Position:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
