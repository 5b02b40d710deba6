"""COPY: what the statement says, checked; options that are not there yet have been refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from slipher.sql.statements.authorization import Authorization
from slipher.sql.statements.names import QName


@dataclass(frozen=True, slots=True)
class Copy:
    """`format` is delimited, csv, fixedwidth, json, avro, parquet or orc. `null_as` is the text of NULL. `compression`: '', gzip,
    bzip2, zstd, lzop. `encoding`: utf8, utf16, utf16le, utf16be, iso88591. `max_error` as given; `all_errors` is IGNOREALLERRORS.
    `date_format` and `time_format` None for the default. `widths` are those of FIXEDWIDTH, in characters. `paths` is what JSON
    or AVRO was given. `replacement` is ACCEPTINVCHARS's character, '' without it. `comp_update` is preset, on or off, '' where
    nothing was said, `comp_rows` COMPROWS; `stat_update` is STATUPDATE ON. `job` is the copy job that runs it, and `only` the
    keys that it loads then."""

    table: QName
    source: str
    authorization: Authorization
    columns: tuple[str, ...] = ()
    format: str = "delimited"
    delimiter: str = "|"
    quote: str = '"'
    compression: str = ""
    region: str | None = None
    read_ratio: int | None = None
    ignore_header: int = 0
    null_as: str | None = "\\N"
    max_error: int = 0
    all_errors: bool = False
    date_format: str | None = None
    time_format: str | None = None
    stat_update: bool = False
    encoding: str = "utf8"
    widths: tuple[int, ...] = ()
    paths: str = "auto"
    replacement: str = ""
    comp_update: str = ""
    comp_rows: int = 0
    switches: frozenset[str] = field(default_factory=frozenset)
    job: int = 0
    only: frozenset[str] | None = None

    def has(self, switch: str) -> bool:
        """Whether an option without a value was given, such as 'escape'."""
        return switch in self.switches
