"""Which value of a decoded record goes into which column: by name, or by the expressions of a JSONPaths file.

Source: reference on COPY, section 5; texts of the errors from public logs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from slipher.base.errors import SqlError, engine_error
from slipher.sql.names import Column
from slipher.warehouse.copy.errors import FieldError

NOT_AN_OBJECT = "Invalid JSONPath format: Member is not an object."
NOT_AN_ARRAY = "Invalid JSONPath format: Not an array or index out of range."

Pick = Callable[[Any], Any]  # a record -> a column's value, None where there is none; FieldError
_BRACKETS = re.compile(r"""\[\s*(?:'([^']*)'|"([^"]*)"|(\d+))\s*\]""")
_DOTS = re.compile(r"\.([^.\[\]'\"*?@()\s]+)|\[(\d+)\]")


class Selector:
    """A way from records to columns. `picks` has one function a column; `keys`, where all are plain keys, says which."""

    def __init__(self, picks: Sequence[Pick], keys: Sequence[str] | None = None, folded: bool = False) -> None:
        self.picks, self.keys, self.folded = tuple(picks), None if keys is None else tuple(keys), folded


def by_name(columns: Sequence[Column], ignore_case: bool) -> Selector:
    """'auto': a record's keys are the columns' names; unmatched keys are ignored."""
    if not ignore_case:
        return Selector([_key(one.name) for one in columns], [one.name for one in columns])
    return Selector([_folded_key(one.name.lower()) for one in columns], [one.name.lower() for one in columns], True)


def _key(name: str) -> Pick:
    def pick(record: Any) -> Any:
        if not isinstance(record, dict):
            raise FieldError(1216, NOT_AN_OBJECT)
        return record.get(name)

    return pick


def _folded_key(name: str) -> Pick:
    def pick(record: Any) -> Any:
        if not isinstance(record, dict):
            raise FieldError(1216, NOT_AN_OBJECT)
        return fold_keys(record).get(name)

    return pick


def fold_keys(record: dict[str, Any]) -> dict[str, Any]:
    """The same with keys in lower case."""
    return {key.lower(): value for key, value in record.items()}


def by_paths(data: bytes, url: str, columns: Sequence[Column]) -> Selector:
    """A JSONPaths file's expressions, one a column. A document with another key is as 'auto'; SqlError for a wrong one."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _wrong(url, f"not well-formed JSON: {error}") from None
    if not isinstance(document, dict):
        raise _wrong(url, "not a JSON object")
    if "jsonpaths" not in document:
        return by_name(columns, False)
    listed = document["jsonpaths"]
    if not isinstance(listed, list):
        raise _wrong(url, "jsonpaths is not an array")
    paths = [_steps(one, url) for one in listed]
    if len(paths) != len(columns):
        raise engine_error(
            "Number of jsonpaths and the number of columns should match. "
            f"JSONPath size: {len(paths)}, Number of columns in table or column list: {len(columns)}",
            location="s3_utility.cpp:670",
        )
    plain = [steps[0] for steps in paths if len(steps) == 1 and isinstance(steps[0], str)]
    return Selector([_walk(steps) for steps in paths], plain if len(plain) == len(paths) else None)


def _wrong(url: str, reason: str) -> SqlError:
    return engine_error(f"Invalid JSONPaths file: {reason}", context=url, location="s3_utility.cpp:670")


def _steps(text: Any, url: str) -> tuple[str | int, ...]:
    if not isinstance(text, str) or not text.strip():
        raise _wrong(url, "an element is empty or not a string")
    if not text.startswith("$"):
        raise _wrong(url, f"'{text}' does not begin with $")
    form = _BRACKETS if re.search(r"\[\s*['\"]", text) else _DOTS
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        match = form.match(text, at)
        if match is None:
            raise _wrong(url, f"'{text}': only brackets or only dots, names and indexes from 0, are supported")
        *names, index = match.groups()
        steps.append(int(index) if index is not None else next(name for name in names if name is not None))
        at = match.end()
    return tuple(steps)


def _walk(steps: tuple[str | int, ...]) -> Pick:
    def pick(record: Any) -> Any:
        value = record
        for step in steps:
            if isinstance(step, int):
                if not isinstance(value, list) or step >= len(value):
                    raise FieldError(1216, NOT_AN_ARRAY)
                value = value[step]
            elif isinstance(value, dict):
                value = value.get(step)
            elif value is None:
                return None
            else:
                raise FieldError(1216, NOT_AN_OBJECT)
        return value

    return pick
