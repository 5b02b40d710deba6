"""Public data sets in the files of installed packages, what their columns are, and how Python reads the values back."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from slipher.testing import Instance
from slipher.testing.wire import Connection

# A column's letter -> its type, and what its values are in Python.
DDL = {"v": "varchar(400)", "i": "int", "f": "float8", "n": "numeric(12, 4)", "d": "date", "m": "timestamp"}
READS: dict[str, Callable[[str], Any]] = {
    "v": str, "i": int, "f": float, "n": Decimal, "d": date.fromisoformat, "m": datetime.fromisoformat,
}  # fmt: skip


def files(package: str, pattern: str) -> list[bytes]:
    """What the files of a package hold, by their names. The package is not imported."""
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.origin is not None, f"{package} is not installed"
    found = sorted(Path(spec.origin).parent.glob(pattern))
    assert found, f"{package} has no {pattern}"
    return [one.read_bytes() for one in found]


@contextmanager
def bucket_with_keys(slipher: Instance, bucket: str) -> Iterator[str]:
    """COPY's words for the administrator's keys, while there is a bucket."""
    environment = slipher.environment
    s3 = slipher.client("s3")
    s3.create_bucket(Bucket=bucket)
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    yield f"access_key_id '{key}' secret_access_key '{secret}'"
    slipher.empty_bucket(bucket)
    s3.delete_bucket(Bucket=bucket)


def create(session: Connection, kinds: Sequence[str], names: Sequence[str] = ()) -> None:
    """Table real_file: a column for each letter, called c0, c1 ... or by its name."""
    called = names or [f"c{place}" for place in range(len(kinds))]
    columns = ", ".join(f"{name} {DDL[kind]}" for name, kind in zip(called, kinds, strict=True))
    session.rows("drop table if exists real_file")
    session.rows(f"create table real_file ({columns})")


def loaded(session: Connection, kinds: Sequence[str]) -> list[tuple[Any, ...]]:
    """Its rows as Python's values."""
    return [
        tuple(None if value is None else READS[kind](value) for value, kind in zip(row, kinds, strict=True))
        for row in session.rows("select * from real_file")
    ]


def in_order(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows have no order of their own."""
    return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row])
