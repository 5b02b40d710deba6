"""Results on disk: a file of DataRow messages for each statement that has a result set, read a page at a time."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from slipher.base.errors import AwsError
from slipher.cloud.constraints import invalid
from slipher.cloud.data_api.columns import field_of
from slipher.cloud.pg import HEADER, rows_of

LARGEST = 500 * 1024 * 1024  # bytes of a result (source: guide, quotas; there it is the compressed size)
PAGE = 1024 * 1024  # bytes of rows in a page of records
CHUNKS = 4  # of CSV in an answer, each as large as a page; there may be 15


class TooLarge(Exception):
    """The result has more bytes than may be kept."""


@dataclass
class ResultFile:
    """Takes the rows of one statement; there is a file once the first row is there."""

    path: Path
    size: int = 0
    _file: BinaryIO | None = None

    def write(self, rows: bytes) -> None:
        """Whole DataRow messages."""
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(handle, "wb", 1024 * 1024)
        self.size += len(rows)
        if self.size > LARGEST:
            raise TooLarge
        self._file.write(rows)

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            if error is not None:
                self.path.unlink(missing_ok=True)


def path_of(data_dir: Path, identifier: str, number: int) -> Path:
    """The file of a statement's result; `number` from 1, within a batch."""
    return data_dir / "data-api" / f"{identifier}.{number}"


def records(path: Path, columns: Sequence[dict[str, Any]], token: str | None) -> tuple[list[Any], str | None]:
    """A page of records, and the token of the next."""
    makers = [field_of(column["typeName"]) for column in columns]
    null = {"isNull": True}
    rows, after = page(path, _place(token))
    found = [[null if value is None else make(value) for make, value in zip(makers, row, strict=True)] for row in rows]
    return found, _token(after)


def csv_chunks(path: Path, columns: Sequence[dict[str, Any]], token: str | None) -> tuple[list[Any], str | None]:
    """Chunks of CSV, and the token of what follows."""
    booleans = [number for number, column in enumerate(columns) if column["typeName"] == "bool"]
    words = {"t": "true", "f": "false"}
    found = list[Any]()
    at: int | None = _place(token)
    for _ in range(CHUNKS):
        rows, after = page(path, at or 0)
        for row in rows if booleans else ():
            for number in booleans:
                row[number] = words.get(row[number] or "")
        if rows:
            out = io.StringIO()
            csv.writer(out, lineterminator="\r\n").writerows(rows)
            found.append({"CSVRecords": out.getvalue()})
        at = after
        if after is None:
            break
    return found, _token(at)


def page(path: Path, at: int) -> tuple[list[list[str | None]], int | None]:
    """The rows from a place in the file, and the place that follows; None at the end."""
    if not path.exists():  # a result without rows
        return [], None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(at)
        data = file.read(PAGE)
        first = HEADER.unpack_from(data) if len(data) >= HEADER.size else None
        if first is not None and first[1] + 1 > len(data):  # one row alone is larger
            data += file.read(first[1] + 1 - len(data))
    try:
        found, used = rows_of(data)
    except (struct.error, ValueError):
        raise _bad_token() from None
    if not found:
        raise _bad_token()
    after = at + used
    return found, after if after < size else None


def _bad_token() -> AwsError:
    return invalid("Invalid NextToken.")


def _place(token: str | None) -> int:
    if not token:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError):
        raise _bad_token() from None
    if not 0 < place < LARGEST:
        raise _bad_token()
    return place


def _token(place: int | None) -> str | None:
    return base64.urlsafe_b64encode(str(place).encode()).decode() if place is not None else None
