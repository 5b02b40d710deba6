"""A file's bytes cut into chunks of whole records, without looking into more than quotes, escapes and newlines.

A chunk begins where a record begins. A CSV chunk is plain when each of its quotes stands where RFC 4180 has them: then its end
is the end of a record beyond doubt. From a quote that stands elsewhere on, the exact splitter takes over until it is
past the place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from slipher.base.errors import engine_error
from slipher.sql.statements.copy import Copy
from slipher.warehouse.copy.errors import FieldError
from slipher.warehouse.copy.records import MAX_RECORD, splitter

CHUNK = 4 * 1024 * 1024
RESYNC = 64 * 1024  # how much the exact splitter takes over at least
NEWLINE = 0x0A
BLOCK = 64 * 1024  # bytes looked at together: a processor's cache holds what is in between


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records; the last of a file may lack its newline. `quotes`: there are some; `plain`: all stand where they belong."""

    data: bytes
    first_line: int
    quotes: bool = False
    plain: bool = True
    error: FieldError | None = None  # what is wrong with the file from here on


class Cutter:
    """Cuts one file: feed() its bytes, then finish()."""

    def __init__(self, statement: Copy, size: int = CHUNK) -> None:
        self._size = size
        self._skip = statement.ignore_header
        self._escape = statement.has("escape")
        csv = statement.format == "csv"
        self._quote = statement.quote.encode() if csv else None
        self._around = np.frombuffer(f"{statement.delimiter}\n".encode(), np.uint8) if csv else None
        self._split = splitter(statement)
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
        chunk = self._plain()
        if chunk is not None:
            yield chunk
        else:
            yield from self._cut(False)

    def finish(self) -> Iterator[Chunk]:
        """The rest. `line` is then the number of lines, and one."""
        yield from self._cut(True)

    def _plain(self) -> Chunk | None:
        """What is there up to the last newline of the last piece, copied once; None where more than that must be looked at."""
        last = self._pieces[-1]
        end = last.rfind(b"\n") + 1
        if self._skip or self._escape or not end:
            return None
        if self._quote is not None and any(self._quote in piece for piece in self._pieces):
            return None
        data = b"".join([*self._pieces[:-1], memoryview(last)[:end]])
        chunk = Chunk(data, self.line)
        self.line += newlines(data)
        self._pieces, self._waiting, self._wanted = [last[end:]], len(last) - end, self._size
        return chunk

    def _cut(self, final: bool) -> Iterator[Chunk]:
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = []
        at = self._skipped(data, final)
        while at < len(data):
            end = len(data) if final else at + self._boundary(data, at)
            if self._quote is not None and data.find(self._quote, at, end) >= 0:
                end, plain = self._quoted(data, at, final)
                chunk = Chunk(data[at:end], self.line, True, plain)
            else:
                chunk = Chunk(data[at:end], self.line)
            if end == at:
                break
            self.line += newlines(chunk.data)
            if final and end == len(data) and not chunk.data.endswith(b"\n"):
                self.line += 1
            yield chunk
            at = end
            if not final and len(data) - at < self._size:
                break
        if not final and len(data) - at > MAX_RECORD:
            raise engine_error(f"Input record is larger than {MAX_RECORD} bytes", code=1216, process="query")
        self._pieces, self._waiting = [data[at:]], len(data) - at
        self._wanted = max(self._size, 2 * self._waiting)

    def _skipped(self, data: bytes, final: bool) -> int:
        """IGNOREHEADER: how much of the file's beginning goes."""
        at = 0
        while self._skip and at < len(data):
            end = data.find(b"\n", at)
            if end < 0 and not final:
                return at
            at = end + 1 if end >= 0 else len(data)
            self._skip -= 1
            self.line += 1
        return at

    def _boundary(self, data: bytes, at: int) -> int:
        """Where the last record ends, of data without quotes: after its last newline that is not escaped."""
        end = data.rfind(b"\n", at)
        while self._escape and end > at and data[end - 1] == 0x5C:
            run = end
            while run > at and data[run - 1] == 0x5C:
                run -= 1
            if (end - run) % 2 == 0:
                break
            end = data.rfind(b"\n", at, end)
        return end + 1 - at if end >= at else 0

    def _quoted(self, data: bytes, at: int, final: bool) -> tuple[int, bool]:
        """Where a chunk of CSV with quotes ends, and whether it is plain."""
        assert self._quote is not None and self._around is not None
        view = np.frombuffer(data, np.uint8)[at:]
        quotes = np.flatnonzero(view == self._quote[0])
        newlines = np.flatnonzero(view == NEWLINE)
        outside = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        if final and len(quotes) % 2 == 0:
            end = len(view)
        else:
            end = int(outside[-1]) + 1 if len(outside) else 0
        wrong = self._misplaced(view, quotes[: np.searchsorted(quotes, end)])
        if wrong is None and end:
            return at + end, True
        # what precedes the record of the first wrong quote is plain
        place = wrong if wrong is not None else 0
        before = outside[outside < place]
        end = int(before[-1]) + 1 if len(before) else 0
        if end:
            return at + end, True
        return self._exactly(data, at, at + max(place, RESYNC), final), False

    def _misplaced(self, view: np.ndarray, quotes: np.ndarray) -> int | None:
        """Where the first quote stands that neither opens nor closes a field nor is one of a doubled pair; of evenly many."""
        assert self._quote is not None and self._around is not None
        opens, closes = quotes[0::2], quotes[1::2]
        allowed = np.zeros(256, bool)
        allowed[self._around] = True
        allowed[self._quote[0]] = True
        wrong = np.zeros(len(opens), bool)
        inner = opens > 0
        wrong[inner] = ~allowed[view[opens[inner] - 1]]
        allowed[0x0D] = True
        inner = closes + 1 < len(view)
        wrong[inner] |= ~allowed[view[closes[inner] + 1]]
        places = np.flatnonzero(wrong)
        return int(opens[places[0]]) if len(places) else None

    def _exactly(self, data: bytes, at: int, until: int, final: bool) -> int:
        """The end of a record at a place at least, by the exact splitter, or of the last whole one."""
        end = at
        while end < min(until, len(data)):
            split = self._split(data, end, final)
            if split is None:
                break
            end = split[0]
        return end


def newlines(data: bytes) -> int:
    """How many there are."""
    return count(data, NEWLINE)


def count(data: bytes, byte: int) -> int:
    """How often a byte is there; quicker than bytes count themselves where it is often."""
    view = np.frombuffer(data, np.uint8)
    return sum(int(np.count_nonzero(view[at : at + BLOCK] == byte)) for at in range(0, len(view), BLOCK))


def halves(chunk: Chunk, statement: Copy, parts: int) -> list[Chunk]:
    """A chunk as several smaller ones of whole records; the same one if it cannot be cut."""
    cutter = Cutter(statement, max(len(chunk.data) // parts, 1))
    cutter._skip, cutter.line = 0, chunk.first_line
    out: list[Chunk] = []
    step = max(len(chunk.data) // parts, 1)
    for at in range(0, len(chunk.data), step):
        out += cutter.feed(chunk.data[at : at + step])
    out += cutter.finish()
    return out
