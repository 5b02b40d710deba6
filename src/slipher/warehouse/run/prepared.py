"""Statements kept under a name: by Parse or by PREPARE, in one namespace, so that DEALLOCATE and EXECUTE find both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slipher.sql.bound import OutputColumn
from slipher.sql.parse import Parsed
from slipher.types.sqltype import SqlType


@dataclass(slots=True)
class Prepared:
    """A kept statement; `parsed` is None where the text was empty.

    `columns` and `parameters` are what it gives and takes as of `version` of the catalog, once that was asked for. `promised` is
    what a client was told that it gives.
    """

    parsed: Parsed | None
    types: tuple[SqlType, ...]
    columns: Sequence[OutputColumn] | None = None
    parameters: tuple[SqlType, ...] = ()
    version: object = None
    promised: bool = False
