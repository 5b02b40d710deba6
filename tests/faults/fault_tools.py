"""Big files to load, and waiting for what was killed."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from isal import igzip

from slipher.testing import Cluster, Instance
from slipher.testing.wire import Connection

T = TypeVar("T")
COLUMNS = "(a int, b varchar(40), c numeric(12, 2), d date)"


def text(rows: int) -> bytes:
    """CSV of so many rows, the same ones each time; some 36 bytes each."""
    random = np.random.default_rng(5)
    table = pa.table(
        {
            "a": np.arange(rows),
            "b": pa.array([f"name {number % 9973}" for number in range(rows)]),
            "c": random.integers(0, 10**6, rows) / 100,
            "d": np.array("2024-01-01", "datetime64[D]") + random.integers(0, 900, rows),
        }
    )
    out = io.BytesIO()
    pacsv.write_csv(table, out, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    return out.getvalue()


@dataclass(frozen=True)
class Source:
    """Objects below s3://BUCKET/load/, and the COPY that loads them all."""

    bucket: str
    files: int
    rows: int
    copy: str

    @property
    def total(self) -> int:
        """Rows of all files."""
        return self.files * self.rows

    @property
    def sum(self) -> int:
        """The sum of column a over all."""
        return self.files * self.rows * (self.rows - 1) // 2


def put_source(instance: Instance, files: int, rows: int) -> Source:
    """Make a bucket with so many gzip'd files of so many rows each."""
    s3 = instance.client("s3")
    s3.create_bucket(Bucket="faults-source")
    packed = igzip.compress(text(rows), 1)
    for number in range(files):
        s3.put_object(Bucket="faults-source", Key=f"load/{number}.gz", Body=packed)
    return Source("faults-source", files, rows, copy(instance, "s3://faults-source/load/", "csv gzip"))


def copy(instance: Instance, url: str, options: str) -> str:
    """COPY into table t with the administrator's keys."""
    key, secret = instance.environment["AWS_ACCESS_KEY_ID"], instance.environment["AWS_SECRET_ACCESS_KEY"]
    return f"copy t from '{url}' access_key_id '{key}' secret_access_key '{secret}' {options}"


def processes(instance: Instance) -> dict[str, Any]:
    """What the supervisor last wrote."""
    found: dict[str, Any] = json.loads((instance.data_dir / "run" / "state.json").read_bytes())
    return found


def pid_of(instance: Instance, cluster: Cluster) -> int | None:
    """The pid of a cluster's process, if it takes connections."""
    (row,) = [one for one in processes(instance)["clusters"] if one["id"] == cluster.id]
    return row["pid"] if row["status"] == "available" else None


def until(what: Callable[[], T], seconds: float = 60) -> T:
    """Wait for something to be true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
    return found


def connect_again(cluster: Cluster, seconds: float = 60) -> Connection:
    """A session, as soon as the cluster takes one."""

    def tried() -> Connection | None:
        try:
            return cluster.connect()
        except (OSError, EOFError):
            return None

    found = until(tried, seconds)
    assert found is not None
    return found


def spooled(instance: Instance) -> list[Path]:
    """Files in the clusters' spool and scratch directories."""
    places = [*instance.data_dir.rglob("spool"), *instance.data_dir.rglob("scratch")]
    assert places
    return [path for place in places for path in place.rglob("*") if path.is_file()]
