"""Wildcards of policies, compiled and cached, and the variables that stand in for values of the request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

Values = Mapping[str, "str | Sequence[str]"]
VARIABLE = re.compile(r"\$\{([^}]*)\}")
LITERALS = {"*": "*", "?": "?", "$": "$"}


@lru_cache(maxsize=65536)
def wildcard(pattern: str, ignore_case: bool = False) -> Callable[[str], object]:
    """A function that tells whether a text matches a pattern of `*` and `?`. Escaped literals are written \\x00*, see expand."""
    parts = []
    literal = False
    for char in pattern:
        if literal:
            parts.append(re.escape(char))
            literal = False
        elif char == "\0":
            literal = True
        elif char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        else:
            parts.append(re.escape(char))
    return re.compile("".join(parts), re.S | (re.I if ignore_case else 0)).fullmatch


def expand(text: str, context: Values) -> str | None:
    """Variables replaced by the request's values; None if one has no value (or several) and no default: nothing matches."""
    if "${" not in text:
        return text
    missing = False

    def replace(match: re.Match[str]) -> str:
        nonlocal missing
        name, comma, default = match.group(1).partition(",")
        name = name.strip()
        if name in LITERALS and not comma:
            return "\0" + LITERALS[name]
        value = context.get(name.lower())
        if isinstance(value, str):
            return "".join("\0" + char if char in "*?" else char for char in value)
        if comma:
            return default.strip().strip("'")
        missing = True
        return ""

    found = VARIABLE.sub(replace, text)
    return None if missing else found


def plain(text: str) -> str:
    """A text from expand() for comparisons without wildcards."""
    return text.replace("\0", "")


@lru_cache(maxsize=65536)
def arn_pattern(pattern: str) -> tuple[Callable[[str], object], ...] | None:
    """The six segments of an ARN pattern, each compiled; None if it is no ARN."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return None
    return tuple(wildcard(part) for part in parts)


def arn_like(pattern: str, arn: str) -> bool:
    """ArnLike: every segment matches its pattern; a wildcard does not cross the colon between the first five."""
    if pattern == "*":
        return True
    compiled = arn_pattern(pattern)
    parts = arn.split(":", 5)
    if compiled is None or len(parts) < 6:
        return False
    return all(match(part) for match, part in zip(compiled, parts, strict=True))
