"""The condition keys that a policy asks for, as it spells them: in conditions, and in the variables of its texts."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from slipher.policy.match import LITERALS, VARIABLE


@lru_cache(maxsize=1024)
def context_keys(text: str) -> tuple[str, ...]:
    """The keys in the order in which they appear, each once (case aside)."""
    found: dict[str, str] = {}
    statements = json.loads(text).get("Statement", ())
    for statement in [statements] if isinstance(statements, dict) else statements:
        for keys in (statement.get("Condition") or {}).values():
            for key in keys:
                found.setdefault(key.lower(), key)
        for value in _texts(statement):
            for match in VARIABLE.finditer(value):
                name = match.group(1).partition(",")[0].strip()
                if name not in LITERALS:
                    found.setdefault(name.lower(), name)
    return tuple(found.values())


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
