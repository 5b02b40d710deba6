"""What the client saw, as lines: [columns], rows, notices and errors, = tag. What differs from run to run is masked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from slipher.testing.wire import (
    Complete,
    DataRow,
    Field,
    Message,
    Other,
    ParameterStatus,
    Report,
    RowDescription,
)
from slipher.types.sqltype import SqlType
from slipher.types.table import BY_OID

MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(query: {5})\d+"), r"\1<n>"),
    (re.compile(r"(process: {3}\w+?0_0_)\d+"), r"\1<n>"),
    (re.compile(r"\[pid=\d+\]"), "[pid=<n>]"),
    (
        re.compile(r"(on table - )\d+(, transactions forming the cycle are: )\d+, \d+ \(pid:\d+\)"),
        r"\1<n>\2<n>, <n> (pid:<n>)",
    ),
    (re.compile(r"^(ERROR XX000: Transaction )\d+", re.M), r"\1<n>"),
    (re.compile(r"\bRid [^\s,]*,ExtRid [^\s,]*"), "Rid <id>,ExtRid <id>"),
)
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "|": "\\|"})
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def transcript(messages: Sequence[Message], *, sort: bool = False) -> list[str]:
    """The lines of what came; with `sort`, the rows of each result in order of their lines."""
    lines: list[str] = []
    rows: list[str] = []
    fields: tuple[Field, ...] = ()
    for message in messages:
        if isinstance(message, DataRow):
            rows.append("|".join(_value(text) for text in message.texts(fields)))
            continue
        lines += sorted(rows) if sort else rows
        rows.clear()
        if isinstance(message, RowDescription):
            fields = message.fields
            lines.append("[" + ", ".join(f"{_name(one.name)} {_type(one)}" for one in fields) + "]")
        elif isinstance(message, Report):
            lines += report(message)
        elif isinstance(message, Complete):
            lines.append(f"= {message.tag}")
        elif isinstance(message, ParameterStatus):
            lines.append(f"parameter {message.name} = {message.value}")
        elif isinstance(message, Other) and message.kind in OTHERS:
            lines.append(OTHERS[message.kind])
    return lines


OTHERS = {b"s": "= (portal suspended)", b"I": "= (empty query)"}


def report(found: Report) -> list[str]:
    """An error's or notice's lines: severity, code and text, then DETAIL and HINT, further lines of each behind '  |'."""
    first = f"{found.fields.get('S', '')} {found.code}: {found.message}"
    lines = _folded(first)
    for letter, word in (("D", "DETAIL"), ("H", "HINT"), ("P", "POSITION")):
        if letter in found.fields:
            lines += _folded(f"{word}: {found.fields[letter]}")
    return lines


def _folded(text: str) -> list[str]:
    first, *others = mask(text).split("\n")
    return [first.rstrip(), *(f"  |{other}".rstrip() for other in others)]


def mask(text: str) -> str:
    """The text with what differs from run to run replaced."""
    for pattern, shown in MASKS:
        text = pattern.sub(shown, text)
    return text


def _value(text: str | None) -> str:
    r"""\N for NULL, "" for an empty string; a blank at either end is \x20, so that no line ends with one."""
    if text is None:
        return r"\N"
    if text == "":
        return '""'
    if text == '""':
        return r"\"\""
    shown = CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.translate(ESCAPES))
    if shown.endswith(" "):
        shown = shown[:-1] + r"\x20"
    return r"\x20" + shown[1:] if shown.startswith(" ") else shown


def _name(name: str) -> str:
    return name if PLAIN_NAME.fullmatch(name) else f'"{name}"'


def _type(found: Field) -> str:
    row = BY_OID.get(found.type_oid)
    return str(SqlType(row.name, found.typmod)) if row else f"oid {found.type_oid}"
