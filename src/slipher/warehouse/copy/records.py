"""Bytes as records of raw fields, exactly: one splitter for delimited text, one for CSV.

A splitter takes the data and where a record begins, and gives where the next one begins with the fields, or with what is
wrong with the record. It gives None for a record that needs more data than there is; at the end of a file nothing does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy import fixedwidth

MAX_RECORD = 64 * 1024 * 1024  # source: Redshift's quotas, an unparsed record
QUOTING = "Invalid quote formatting for CSV"
NEWLINE = "Missing newline: Unexpected character 0x{:02x} found at location {}"
Fields = list[bytes | None]  # None: NULL as written with ESCAPE


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be taken apart: the fields before the fault, code, reason, where in the record."""

    fields: Fields
    code: int
    reason: str
    position: int = 0


Split = tuple[int, "Fields | Broken"]
Splitter = Callable[[bytes, int, bool], "Split | None"]


def splitter(statement: Copy) -> Splitter:
    """The splitter for a COPY's format and options."""
    delimiter = statement.delimiter.encode()
    if statement.format == "csv":
        return _csv(delimiter, statement.quote.encode())
    if statement.widths:
        return _lines(lambda line: fixedwidth.fields(line, statement.widths), False)
    if statement.has("escape") or statement.has("removequotes"):
        escape = statement.has("escape")
        scan = _scanner(delimiter, escape, statement.has("removequotes"), statement.null_as == "\\N")
        return _lines(scan, escape)

    def plain(line: bytes) -> Fields:
        return [*line.split(delimiter)]

    return _lines(plain, False)


def _lines(fields: Callable[[bytes], Fields | Broken], escape: bool) -> Splitter:
    """Records that end with a newline; with ESCAPE one that no backslash precedes."""
    whole = re.compile(rb"(?:[^\\\n]+|\\.)*", re.DOTALL)
    alone = re.compile(rb"(?:[^\\\r]+|\\.)*", re.DOTALL)

    def split(data: bytes, at: int, final: bool) -> Split | None:
        if escape:
            match = whole.match(data, at)
            end = match.end() if match else at
            found = end < len(data) and data[end : end + 1] == b"\n"
            end = end if found else len(data)
        else:
            end = data.find(b"\n", at)
            found = end >= 0
            end = end if found else len(data)
        if not found and not final:
            return None
        line = data[at:end]
        if line.endswith(b"\r") and not (escape and _escaped(line, len(line) - 1)):
            line = line[:-1]
        if b"\r" in line:
            match = alone.match(line) if escape else None
            place = match.end() if match else line.index(b"\r")
            if place < len(line) and line[place : place + 1] == b"\r":
                following = data[at + place + 1] if at + place + 1 < len(data) else 0
                return end + found, Broken([], 1216, NEWLINE.format(following, place + 1), place)
        if escape and b"\0" in line:
            line = line[: line.index(b"\0")]  # a NUL ends the record (source: Redshift's guide, ESCAPE)
        return end + found, fields(line)

    return split


def _escaped(line: bytes, place: int) -> bool:
    before = line[:place]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1


def _scanner(delimiter: bytes, escape: bool, quotes: bool, default_null: bool) -> Callable[[bytes], Fields | Broken]:
    """Fields of a line under ESCAPE and REMOVEQUOTES."""
    mark = re.escape(delimiter)
    plain = re.compile(rb"(?:[^\\" + mark + rb"]+|\\.|\\\Z)*" if escape else rb"[^" + mark + rb"]*", re.DOTALL)
    inner = rb"((?:[^\\]|\\.)*?)" if escape else rb"(.*?)"
    quoted = {q: re.compile(q + inner + q + rb"(?=" + mark + rb"|\Z)", re.DOTALL) for q in (b'"', b"'")}
    unescape = re.compile(rb"\\(.)", re.DOTALL)

    def value(raw: bytes) -> bytes | None:
        if not escape:
            return raw
        if default_null and raw in (b"\\N", b"\\\\N"):
            return None
        return unescape.sub(rb"\1", raw)

    def fields(line: bytes) -> Fields | Broken:
        out: Fields = []
        at = 0
        while True:
            pattern = quoted.get(line[at : at + 1]) if quotes else None
            if pattern is not None:
                match = pattern.match(line, at)
                if match is None:
                    return Broken([*out, line[at:]], 1214, "Delimiter not found", at)
                out.append(value(match.group(1)))
            else:
                match = plain.match(line, at)
                assert match is not None
                out.append(value(match.group()))
            at = match.end()
            if at >= len(line):
                return out
            at += len(delimiter)

    return fields


def _csv(delimiter: bytes, quote: bytes) -> Splitter:
    """CSV as RFC 4180 has it; white space between a delimiter and a quote is ignored, unless it is the delimiter."""
    mark, q = re.escape(delimiter), re.escape(quote)
    blanks = rb"" if delimiter in b" \t" else rb"[ \t]*"
    opening = re.compile(blanks + q)
    inside = rb"([^" + q + rb"]*+(?:" + q + q + rb"[^" + q + rb"]*+)*+)"
    quoted = re.compile(blanks + q + inside + q + blanks)
    plain = re.compile(rb"[^" + mark + q + rb"\r\n]*")
    double = quote + quote

    def split(data: bytes, at: int, final: bool) -> Split | None:
        out: Fields = []
        place = at
        while True:
            if opening.match(data, place):
                match = quoted.match(data, place)
                if match is None or (match.end() == len(data) and not final):
                    if not final and len(data) - at < MAX_RECORD:
                        return None
                    return _broken(data, at, place, out, QUOTING, final)
                out.append(match.group(1).replace(double, quote))
            else:
                match = plain.match(data, place)
                assert match is not None
                out.append(match.group())
            place = match.end()
            following = data[place : place + 1]
            if following == delimiter:
                place += 1
            elif following == b"\n":
                return place + 1, out
            elif following == b"\r" and data[place + 1 : place + 2] == b"\n":
                return place + 2, out
            elif not following or (following == b"\r" and place + 1 == len(data)):
                return (len(data), out) if final else None
            elif following == b"\r":
                text = NEWLINE.format(data[place + 1], place - at + 1)
                return _broken(data, at, place, out[:-1], text, final)
            else:
                return _broken(data, at, place, out[:-1], QUOTING, final)

    def _broken(data: bytes, at: int, place: int, out: Fields, reason: str, final: bool) -> Split | None:
        """What follows begins after the next newline."""
        end = data.find(b"\n", place)
        if end < 0 and not final:
            return None
        return (end + 1 if end >= 0 else len(data)), Broken(out, 1216, reason, place - at)

    return split
