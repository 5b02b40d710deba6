"""The .slt format: a file is records, comments and blank lines, and can be written back as it was read.

A file begins with `# source: <page or issue>` and `# basis: documented | observed | guess`. A record is

    directive words option=value ...
    input
    ----
    everything that the client saw, in order

and ends with a blank line. Input that holds blank lines is written as a here-document: `directive ... <<END`. Directives:

    statement ok | count N | error SQLSTATE     options conn= as= mode=simple|extended fmt=text|binary params=a,b
    statement background conn=NAME              sends only; `await NAME` sees the answer
    query [sort]                                a statement that gives rows; read again in binary unless recheck=no
    connect NAME [as=USER] [password=] [database=] [error SQLSTATE];  disconnect NAME
    objects s3://bucket/prefix [content=no]     keys and contents
    api SERVICE OPERATION [error CODE] [select=JMESPATH] [region=]      input: JSON
    aws [error CODE] [keep=NAME:JMESPATH,...] [as=NAME] [text=]     input: a command of the aws CLI; $NAME is what one
                                                kept, $dir a directory, $dir/text and stdin the text; as= whose keys one kept
    bucket NAME [region=]
    file s3://bucket/key [gzip] [hex] [eol=no]  input: the object's content
    item dynamodb://table key=ATTRIBUTE         input: an item a line, as JSON
    role NAME [alone]                           input: lines `trust SERVICE`, `managed POLICY`, `inline {json}`

What a file arranges (buckets, roles, tables of DynamoDB, its own database, users) is gone after it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

SEPARATOR = "----"
BASES = ("documented", "observed", "guess")


class SltError(Exception):
    """A file that is not well-formed: path, line and what is wrong."""


@dataclass
class Record:
    """One record. `expected` is None where the file has no block; `line` is the directive's, from 1."""

    line: int
    head: str
    words: list[str]
    options: dict[str, str]
    input: list[str]
    heredoc: str | None = None
    expected: list[str] | None = None

    @property
    def directive(self) -> str:
        """The first word."""
        return self.words[0]

    def option(self, name: str, default: str = "") -> str:
        """An option's value."""
        return self.options.get(name, default)

    def lines(self) -> list[str]:
        """The record as a file has it."""
        out = [self.head, *self.input]
        if self.heredoc:
            out.append(self.heredoc)
        if self.expected is not None:
            out += [SEPARATOR, *self.expected]
        return out


@dataclass
class SltFile:
    """A file's parts in order: records, and other lines as they stand."""

    path: Path
    header: dict[str, str] = field(default_factory=dict)
    parts: list[Record | str] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """The records."""
        return [part for part in self.parts if isinstance(part, Record)]

    def text(self) -> str:
        """The file's text."""
        lines: list[str] = []
        for part in self.parts:
            lines += part.lines() if isinstance(part, Record) else [part]
        return "\n".join(lines) + "\n"


def read(path: Path) -> SltFile:
    """Read a file; SltError if it is not well-formed or its header is not whole."""
    return parse(path, path.read_text())


def parse(path: Path, text: str) -> SltFile:
    """The file with this text."""
    found = SltFile(path)
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.startswith("#"):
            _header(found, line)
            found.parts.append(line)
            at += 1
        else:
            record, at = _record(path, lines, at)
            found.parts.append(record)
    if "source" not in found.header or found.header.get("basis") not in BASES:
        raise SltError(f"{path}: needs a header '# source: ...' and '# basis: {' | '.join(BASES)}'")
    return found


def _header(found: SltFile, line: str) -> None:
    name, colon, value = line.lstrip("# ").partition(":")
    if colon and name in ("source", "basis") and not found.records:
        found.header[name] = value.strip()


def _record(path: Path, lines: list[str], start: int) -> tuple[Record, int]:
    head = lines[start]
    try:
        words = shlex.split(head)
    except ValueError as error:
        raise SltError(f"{path}:{start + 1}: {error}") from None
    heredoc = words.pop()[2:] if words[-1].startswith("<<") else None
    options = dict(word.split("=", 1) for word in words if "=" in word and "://" not in word.split("=", 1)[0])
    plain = [word for word in words if "=" not in word or "://" in word.split("=", 1)[0]]
    record = Record(start + 1, head, plain, options, [], heredoc)
    at = start + 1
    while at < len(lines) and (lines[at] != heredoc if heredoc else lines[at].strip() and lines[at] != SEPARATOR):
        record.input.append(lines[at])
        at += 1
    if heredoc:
        if at == len(lines):
            raise SltError(f"{path}:{start + 1}: the input does not end with {heredoc}")
        at += 1
    if at < len(lines) and lines[at] == SEPARATOR:
        record.expected = []
        at += 1
        while at < len(lines) and lines[at].strip():
            record.expected.append(lines[at])
            at += 1
    return record, at
