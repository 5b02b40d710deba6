"""What a COPY reads: one record for each file, or for the table of DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class File:
    """An object to load, and what is known of it when it was read. `url` is how the system tables name it; `size` is as stored,
    `fetched` what came of it, `bytes` of text."""

    url: str
    slice: int = 0
    bucket: str = ""
    key: str = ""
    size: int = 0
    etag: str = ""
    modified: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    fetched: int = 0
    lines: int = 0
    errors: int = 0
    bytes: int = 0
    scanned: bool = False
