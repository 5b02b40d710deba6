"""The written model of what UNLOAD and COPY lose, and random option sets for both (source: Redshift's documentation of both).

1. A file of text says NULL by a text: a value with that text comes back NULL. Without NULL AS it is the empty text, which COPY
   takes for an empty string in a character column; and without NULL AS COPY takes \\N for NULL. An empty VARBYTE is NULL.
2. Text protects nothing by itself: no delimiter, no line's end. ADDQUOTES protects delimiters, ESCAPE both and quotes too, in
   character columns; a delimiter inside SUPER's JSON is protected by ADDQUOTES only, and its quotes then by nothing.
3. FIXEDWIDTH pads with blanks; TRIMBLANKS takes them away, and what of a value is blank at its end with them.
4. JSON's numbers go through floating point, and it has no negative zero.
5. There is no VARBYTE and no SUPER in FIXEDWIDTH (JSON has no largest width). Parquet has no VARBYTE, no TIMETZ and no zone of
   TIMESTAMPTZ, and SUPER comes back as a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

CHARACTERS = ("varchar(100)", "char(10)")
WITHOUT = {"fixedwidth": ("varbyte(8)", "super"), "parquet": ("varbyte(8)", "timetz", "timestamptz", "super")}
WIDTH = 45  # characters: the longest text of a value that is drawn for FIXEDWIDTH


@dataclass(frozen=True)
class Options:
    """What UNLOAD is told, and COPY so that it reads the files back."""

    format: str
    delimiter: str = "|"
    null: str | None = None
    quotes: bool = False
    escape: bool = False
    header: bool = False
    compression: str = ""
    parallel: bool = True
    manifest: str = ""
    partition: bool = False
    more: str = ""

    def unload(self, columns: int) -> str:
        """UNLOAD's options; the first of the columns is a number, the second what partitions are named by."""
        words = [self._format(columns), self.compression, self.manifest, self.more]
        words += ["addquotes"] * self.quotes + ["escape"] * self.escape + ["header"] * self.header
        words += ["parallel off"] * (not self.parallel) + ["partition by (part) include"] * self.partition
        return " ".join([*words, *self._null()])

    def copy(self, columns: int) -> str:
        """COPY's."""
        words = [self._format(columns), self.compression, "manifest" if self.manifest else ""]
        words += ["removequotes"] * self.quotes + ["escape"] * self.escape + ["ignoreheader 1"] * self.header
        return " ".join([*words, *["trimblanks"] * (self.format == "fixedwidth"), *self._null()])

    def _format(self, columns: int) -> str:
        widths = ",".join(f"c{place}:{WIDTH}" for place in range(columns))
        words = {
            "text": f"delimiter '{self.delimiter}'",
            "csv": f"csv delimiter '{self.delimiter}'",
            "fixedwidth": f"fixedwidth '{widths}'",
        }
        return words.get(self.format, self.format)

    def _null(self) -> list[str]:
        return [] if self.null is None else [f"null as '{self.null}'".replace("\\", "\\\\")]


def options(format: str) -> st.SearchStrategy[Options]:
    """All sets that a format takes."""
    lines, text = format in ("text", "csv"), format == "text"
    no = st.just(False)
    return st.builds(
        Options,
        st.just(format),
        st.sampled_from(["|", ",", ";", "\\t", "~", "^"]) if lines else st.just("|"),
        st.sampled_from([None, "", "\\N", "@NULL@", "null", "x"]) if lines else st.none(),
        st.booleans() if text else no,
        st.booleans() if text else no,
        st.booleans() if lines else no,
        st.just("") if format == "parquet" else st.sampled_from(["", "gzip", "bzip2", "zstd"]),
        st.booleans(),
        st.sampled_from(["", "", "manifest", "manifest verbose"]),
        st.booleans(),
        st.sampled_from(["", "maxfilesize 5 mb", "encrypted", "allowoverwrite", "cleanpath", "extension 'data'"]),
    )


def survives(told: Options, kind: str, value: Any, text: str) -> bool:
    """Whether a value comes back; `text` is how UNLOAD writes it. None is NULL."""
    character = kind in CHARACTERS
    if kind == "char(10)":
        text = text.rstrip(" ")  # as it is written, and compared
    if value is None:
        return told.null is not None or not character or told.format in ("json", "parquet")
    if told.format == "parquet":
        return True
    if kind == "varbyte(8)" and not text:
        return False
    if told.format == "json":
        return text != "-0" and not (isinstance(value, Decimal) and Decimal(repr(float(value))) != value)
    if told.format == "fixedwidth":
        return not set(text) & {"\n", "\r"} and text == text.rstrip() and text != "\\N"
    if text == ("\\N" if told.null is None else told.null):
        return False
    if told.format == "csv":
        return True
    delimiter = told.delimiter.replace("\\t", "\t")
    if told.escape and character:
        return True
    if told.quotes and set(text) & {'"'}:
        return False
    if told.escape and "\\" in text:
        return False  # nothing escaped them, and COPY takes them away
    return not set(text) & {"\n", "\r", *([] if told.quotes else [delimiter])}
