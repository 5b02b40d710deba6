"""JSON objects, or arrays, one after the other: cut into chunks of whole ones, and taken apart.

A root value begins where a line begins with { or [ behind a line that ended with } or ], wherever else it may begin: within valid
JSON no value does, because a comma or colon stands before it. Such a place is where files are cut, and where reading goes
on after something that is no JSON. Files that have no such place are cut behind the last value that is whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from slipher.base.errors import engine_error
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.chunks import CHUNK, Chunk, newlines
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.records import MAX_RECORD
from slipher.warehouse.copy.values import Record

SIZE = 2 * CHUNK  # of a chunk: starting a query of the engine costs as much as reading a tenth of it
BOUNDARY = re.compile(rb"[}\]][ \t\r]*\n(?=[{\[])")
NEXT = re.compile(r"\n(?=[{\[])")
BLANKS = re.compile(r"[ \t\r\n]*")
BLANK, CLOSING = b" \t\r", b"}]"
STRAY = re.compile(r"[^ \t\r\n{\[]+")
INVALID = "Invalid value."
LIMIT = 2**64
HEX = "0123456789abcdefABCDEF"


def _integer(text: str) -> int | float:
    """As the fast reader has it: what no 64 bits hold is a floating point number."""
    if len(text) < 19:
        return int(text)
    value = int(text)
    return value if -(2**63) <= value < LIMIT else float(text)


def _constant(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_constant)


class JsonCutter:
    """Cuts one file: feed() its bytes, then finish()."""

    def __init__(self, statement: Copy, size: int = SIZE) -> None:
        self._size, self._skip = size, statement.ignore_header
        self._held = b""
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._wanted = size
        self.line = 1
        self.bytes = 0

    def feed(self, data: bytes) -> Iterator[Chunk]:
        """Take more bytes; the chunks that are whole now."""
        self._pieces.append(data)
        self._waiting += len(data)
        self.bytes += len(data)
        if self._waiting < self._wanted:
            return
        end = 0 if self._skip else self._last_line(data)
        if end:
            yield from self._chunks(b"".join([*self._pieces[:-1], memoryview(data)[:end]]))
            self._hold(data[end:])
        else:
            data = self._join()
            end = self._boundary(data)
            yield from self._chunks(data[:end])
            self._hold(data[end:])

    def finish(self) -> Iterator[Chunk]:
        """The rest. `line` is then the number of lines, and one."""
        data = self._join()
        if data and not data.endswith(b"\n"):
            yield from self._chunks(data)
            self.line += 1
        else:
            yield from self._chunks(data)

    def _join(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces, self._waiting = [], 0
        while self._skip:
            end = data.find(b"\n")
            if end < 0:
                break
            data, self._skip, self.line = data[end + 1 :], self._skip - 1, self.line + 1
        return data if not self._skip else b""

    def _hold(self, data: bytes) -> None:
        if len(data) > MAX_RECORD:
            raise engine_error(f"Input record is larger than {MAX_RECORD} bytes", code=1216, process="query")
        self._pieces, self._waiting = [data], len(data)
        self._wanted = max(self._size, 2 * len(data))

    def _chunks(self, data: bytes) -> Iterator[Chunk]:
        if data:
            yield Chunk(data, self.line)
            self.line += newlines(data)

    def _last_line(self, data: bytes) -> int:
        """Where the last root value begins that begins a line, of those not far from the end; 0 if none does."""
        at = len(data)
        while (at := data.rfind(b"\n", 0, at)) > 0:
            before = at - 1
            while before > 0 and data[before] in BLANK:
                before -= 1
            if data[at + 1 : at + 2] in (b"{", b"[") and data[before] in CLOSING:
                return at + 1
            if len(data) - at > self._size:
                break
        return 0

    def _boundary(self, data: bytes) -> int:
        """Where the last root value begins that can be told from here; 0 if none can."""
        end = self._last_line(data)
        if end:
            return end
        places = [match.end() for match in BOUNDARY.finditer(data)]
        if places:
            return places[-1]
        return _last_whole(data) if len(data) >= 2 * self._size else 0


def _last_whole(data: bytes) -> int:
    """Behind the last value of some that follow each other without lines."""
    text = data.decode("utf-8", "surrogateescape")
    end = at = 0
    while True:
        match = BLANKS.match(text, at)
        at = match.end() if match else at
        if text[at : at + 1] not in ("{", "["):
            break
        try:
            _, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        end = at
    return len(text[:end].encode("utf-8", "surrogateescape"))


def records(data: bytes, first_line: int) -> list[Record]:
    """The root values of whole text, and what stands between them that is none: one error for each run of it."""
    text = data.decode("utf-8", "surrogateescape")
    found: list[Record] = []
    at, line, counted = 0, first_line, 0

    def take(start: int, end: int, value: Any, error: FieldError | None) -> None:
        nonlocal line, counted
        last = len(text[start:end].rstrip()) + start
        line += text.count("\n", counted, last)
        counted = last
        found.append(Record(value, line, text[start:end].encode("utf-8", "surrogateescape"), error))

    while True:
        match = BLANKS.match(text, at)
        at = match.end() if match else at
        if at >= len(text):
            return found
        stray = STRAY.match(text, at)
        if stray is not None:
            take(at, stray.end(), None, FieldError(1216, INVALID))
            at = stray.end()
            continue
        try:
            value, end = _DECODER.raw_decode(text, at)
            take(at, end, value, None)
        except (ValueError, RecursionError) as error:
            place = getattr(error, "pos", at)
            following = NEXT.search(text, max(place - 1, at))
            end = following.end() if following else len(text)
            take(at, end, None, _wrong(text, error, place, at))
        at = end


def _wrong(text: str, error: Exception, place: int, at: int) -> FieldError:
    """What is wrong with a value that begins at a place and is no JSON behind another."""
    if "\\uXXXX" in getattr(error, "msg", ""):
        place += text[place : place + 1] == "u"
        digits = text[place : place + 4]
        place += next((index for index, one in enumerate(digits) if one not in HEX), 0)
        return FieldError(1219, f"Invalid digit in UTF-8 hexadecimal: \\u{digits}", place - at)
    return FieldError(1216, INVALID, max(place - at, 0))
