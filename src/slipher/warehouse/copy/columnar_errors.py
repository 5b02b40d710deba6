"""Errors of PARQUET and ORC loads: Spectrum's, code 15007, with the values of the file that are at fault where there are some.

Such values stand in svl_spectrum_scan_error, and the first in stl_load_errors too (source: Redshift's guide, COPY from columnar
data formats; SVL_SPECTRUM_SCAN_ERROR). What is wrong with a file as a whole, its schema, is told to the client and svl_s3log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipher.base.errors import EngineFacts, SqlError
from slipher.warehouse.copy.errors import LoadError, visible
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.values import text_of

CODE = 15007
SHOWN_CELLS = 10  # rows of a query that svl_spectrum_scan_error keeps (source: Redshift's guide)
# code of a load error -> code of a scan error, as the guide's example has them; others are CODE
SCAN_CODES = {1204: 156}


@dataclass(frozen=True, slots=True)
class BadCell:
    """A value at fault: its row's place in the file, its text."""

    row: int
    value: str


class ScanError(SqlError):
    """The error that ends the load of a columnar file."""

    def __init__(self, context: str) -> None:
        facts = EngineFacts(CODE, context, "dory_util.cpp:1119", "query")
        super().__init__("XX000", "Spectrum Scan Error", engine=facts)
        self.file: File | None = None
        self.column, self.code = -1, 0
        self.cells: tuple[BadCell, ...] = ()

    @property
    def scan_code(self) -> int:
        """The error code in svl_spectrum_scan_error."""
        return SCAN_CODES.get(self.code, CODE)

    def load_error(self) -> LoadError:
        """The first value as stl_load_errors has it: columns have no lines."""
        assert self.engine is not None
        value = self.cells[0].value
        return LoadError(-1, self.column, 0, "", value, self.code, self.engine.context)


def scan_error(context: str) -> ScanError:
    """What is wrong with a file as a whole."""
    return ScanError(context)


def cells_error(context: str, file: File, column: int, code: int, bad: Sequence[tuple[int, Any]]) -> ScanError:
    """What is wrong with values: rows and values, of the column in that place of the column list."""
    error = ScanError(context)
    error.file, error.column, error.code = file, column, code
    error.cells = tuple(BadCell(row, _shown(value)) for row, value in bad[:SHOWN_CELLS])
    return error


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return visible(value)
    return "" if value is None else visible(text_of(value).encode("utf-8", "surrogateescape"))
