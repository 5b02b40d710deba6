"""A big COPY with a small engine: every process stays below 1 GB, and the gateway answers meanwhile."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psycopg
import pytest
from fault_tools import COLUMNS, copy, processes, spooled, text
from isal import igzip

from slipher.testing import Instance, start

ROWS = 1_400_000  # of a part: 50 MB
PARTS_OF_AN_OBJECT = 4
GIGABYTE = 1024**3


def put(instance: Instance, objects: int, gzip: bool) -> tuple[int, int]:
    """Objects of several parts each, uploaded as such; their rows and bytes of text."""
    s3 = instance.client("s3")
    s3.create_bucket(Bucket="memory")
    plain = text(ROWS)
    # gzip'd parts one after the other are a gzip file of several members
    body = igzip.compress(plain, 1) if gzip else plain
    for number in range(objects):
        key = f"load/{number}.csv"
        upload = s3.create_multipart_upload(Bucket="memory", Key=key)["UploadId"]
        parts = []
        for part in range(1, PARTS_OF_AN_OBJECT + 1):
            done = s3.upload_part(Bucket="memory", Key=key, UploadId=upload, PartNumber=part, Body=body)
            parts.append({"PartNumber": part, "ETag": done["ETag"]})
        s3.complete_multipart_upload(Bucket="memory", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    count = objects * PARTS_OF_AN_OBJECT
    return count * ROWS, count * len(plain)


def peaks(instance: Instance) -> dict[str, int]:
    """The most memory that each process has had, in bytes."""
    state = processes(instance)
    pids = {"supervisor": state["supervisor"]["pid"], "gateway": state["gateway"]["pid"]}
    pids |= {row["id"]: row["pid"] for row in state["clusters"]}
    found = {}
    for name, pid in pids.items():
        (line,) = [row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmHWM")]
        found[name] = int(line.split()[1]) * 1024
    return found


def load(objects: int, gzip: bool = False) -> None:
    """Load and query with an engine of 512 MB."""
    with start(memory="512MB") as instance:
        rows, size = put(instance, objects, gzip)
        iam = instance.client("iam")
        slowest, answers = 0.0, 0
        done = threading.Event()

        def work() -> None:
            try:
                with psycopg.connect(instance.cluster.dsn, autocommit=True) as session:
                    session.execute(f"create table t {COLUMNS}")
                    session.execute(copy(instance, "s3://memory/load/", "csv gzip" if gzip else "csv"))
                    assert session.execute("select count(*), max(a) from t").fetchone() == (rows, ROWS - 1)
                    # spilling, where a query needs more than there is
                    groups = session.execute(
                        "select count(*) from (select b, c, d, count(*) from t group by 1, 2, 3) as g"
                    ).fetchone()
                    assert groups is not None and 0 < groups[0] <= ROWS
                    result.append(True)
            finally:
                done.set()

        result: list[bool] = []
        thread = threading.Thread(target=work)
        thread.start()
        while not done.is_set():
            began = time.monotonic()
            assert iam.list_roles()["Roles"] == []
            slowest, answers = max(slowest, time.monotonic() - began), answers + 1
            done.wait(0.1)
        thread.join()
        assert result == [True]
        found = peaks(instance)
        print(
            f"{size / 1e6:.0f} MB; peaks in MB: { {name: top // 10**6 for name, top in found.items()} }; "
            f"{answers} answers, the slowest in {slowest:.2f} s"
        )
        assert {name: top for name, top in found.items() if top >= GIGABYTE} == {}
        assert answers > 3 and slowest < 10
        assert spooled(instance) == []


def test_a_gigabyte() -> None:
    load(5)


@pytest.mark.faults
def test_three_gigabytes_of_gzip() -> None:
    load(15, gzip=True)
