"""UNLOAD: a query, where its rows go, under whose authority, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass

from slipher.sql.statements.authorization import Authorization

MB = 1 << 20
GB = 1 << 30
MAX_FILE_SIZE = int(6.2 * GB)
MIN_FILE_SIZE = 5 * MB
MIN_ROW_GROUP, MAX_ROW_GROUP = 32 * MB, 128 * MB


@dataclass(frozen=True, slots=True)
class Unload:
    """UNLOAD ('query') TO 's3://bucket/prefix'. Sizes are in bytes.

    `format` is text, csv, fixedwidth, json or parquet; `compression` gzip, bzip2, zstd or None. `extension` None means the
    format's and the compression's own; `null_as` None that the option was not given ('' is written). `widths` are
    FIXEDWIDTH's, in characters. `encrypted` is key (KMS_KEY_ID), auto (as the bucket's default
    says), or None: by S3 itself. `include` keeps the columns of `partition_by` in the files.
    """

    query: str
    bucket: str
    prefix: str
    authorization: Authorization
    format: str = "text"
    delimiter: str = "|"
    null_as: str | None = None
    header: bool = False
    compression: str | None = None
    add_quotes: bool = False
    escape: bool = False
    parallel: bool = True
    allow_overwrite: bool = False
    clean_path: bool = False
    manifest: bool = False
    verbose: bool = False
    max_file_size: int = MAX_FILE_SIZE
    row_group_size: int = MIN_ROW_GROUP
    widths: tuple[int, ...] = ()
    partition_by: tuple[str, ...] = ()
    include: bool = False
    extension: str | None = None
    region: str | None = None
    encrypted: str | None = None
    kms_key: str | None = None

    @property
    def url(self) -> str:
        """The destination as it was written."""
        return f"s3://{self.bucket}/{self.prefix}"
