"""Batches as lines of fixed width: every field padded with blanks to its width in characters, none truncated."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from slipher.base.errors import engine_error
from slipher.types.sqltype import SqlType
from slipher.types.text import as_text
from slipher.warehouse.unload.lines import joined


@dataclass(frozen=True, slots=True)
class FixedWidthFormat:
    """FIXEDWIDTH 'label:width,...'; `null` is NULL AS.

    Where `null` is longer than a field: blanks for what is not character data, else an error (source: Redshift's
    documentation of UNLOAD).
    """

    kinds: tuple[SqlType, ...]
    widths: tuple[int, ...]
    null: str = ""
    float_digits: int = 0

    def lines(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        """A line, with its line feed, for each row."""
        fields = zip(batch.columns, self.kinds, self.widths, strict=True)
        return joined([self._field(array, kind, width) for array, kind, width in fields], "")

    def _field(self, array: pa.Array, kind: SqlType, width: int) -> pa.LargeStringArray:
        text = as_text(array, kind, float_digits=self.float_digits, pad=False)
        null = self.null if len(self.null) <= width or kind.row.family == "text" else ""
        text = text.fill_null(pa.scalar(null, pa.large_string()))
        longest = pc.max(pc.utf8_length(text)).as_py() or 0
        if longest > width and kind.name == "bpchar":
            text = pc.utf8_rtrim(text, " ")
            longest = pc.max(pc.utf8_length(text)).as_py() or 0
        if longest > width:
            raise engine_error(
                f"A value of {longest} characters is longer than its FIXEDWIDTH of {width}", process="query"
            )
        return pc.utf8_rpad(text, width, " ")
