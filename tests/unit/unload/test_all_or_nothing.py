"""UNLOAD against a running instance: large results, size limits, and what is left after a failure: nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from slipher.testing import Instance
from slipher.testing.wire import Connection, Report, ServerError

ROWS = 1 << 19
DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.decompress,
    "bz2": bz2.decompress,
    "zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.fixture(scope="module")
def keys(slipher: Instance) -> str:
    environment = slipher.environment
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return f"access_key_id '{key}' secret_access_key '{secret}'"


@pytest.fixture(scope="module")
def session(slipher: Instance) -> Iterator[Connection]:
    """A session whose temporary table big has ROWS rows: a from 0, and a text of 100 bytes."""
    with slipher.cluster.connect() as connection:
        connection.rows("create temp table big (a int, b varchar(200))")
        connection.rows(f"insert into big values (0, '{'x' * 100}')")
        count = 1
        while count < ROWS:
            connection.rows(f"insert into big select a + {count}, b from big")
            count *= 2
        yield connection


def listed(slipher: Instance, bucket: str) -> dict[str, int]:
    pages = slipher.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}


def uploads(slipher: Instance, bucket: str) -> list[Any]:
    found: list[Any] = slipher.client("s3").list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return found


def content(slipher: Instance, bucket: str, key: str) -> bytes:
    data: bytes = slipher.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return DECOMPRESS.get(key.rpartition(".")[2], bytes)(data)


def numbers(data: bytes) -> list[int]:
    return [int(line.split(b"|", 1)[0]) for line in data.splitlines()]


def test_large_objects_in_parts(slipher: Instance, slipher_bucket: str, session: Connection, keys: str) -> None:
    session.rows(f"unload ('select * from big order by a') to 's3://{slipher_bucket}/p_' {keys} manifest")
    sizes = listed(slipher, slipher_bucket)
    names = [name for name in sizes if name != "p_manifest"]
    assert names == ["p_0000_part_00", "p_0001_part_00"]
    assert min(sizes[name] for name in names) > 16 << 20, "the parts of several uploads"
    found = [numbers(content(slipher, slipher_bucket, name)) for name in names]
    assert all(one == sorted(one) for one in found), "each slice keeps the order"
    assert sorted(found[0] + found[1]) == list(range(ROWS))
    entries = json.loads(content(slipher, slipher_bucket, "p_manifest"))["entries"]
    assert [entry["meta"]["content_length"] for entry in entries] == [sizes[name] for name in names]
    assert session.rows("select pg_last_unload_count()") == [(str(ROWS),)]
    assert uploads(slipher, slipher_bucket) == []


@pytest.mark.parametrize("options", ["gzip", "bzip2", "zstd"])
def test_every_compression_reads_back(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str, options: str
) -> None:
    session.rows(f"unload ('select * from big where a < 50000') to 's3://{slipher_bucket}/p_' {keys} {options}")
    found = [
        number for name in listed(slipher, slipher_bucket) for number in numbers(content(slipher, slipher_bucket, name))
    ]
    assert sorted(found) == list(range(50_000))


def test_parquet_in_row_groups(slipher: Instance, slipher_bucket: str, session: Connection, keys: str) -> None:
    session.rows(
        f"unload ('select a, b || md5(a) b from big order by a') to 's3://{slipher_bucket}/p_' {keys} "
        "parquet manifest verbose parallel off maxfilesize 5 mb"
    )
    names = [name for name in listed(slipher, slipher_bucket) if name != "p_manifest"]
    assert names[0] == "p_000.parquet"
    files = [pq.ParquetFile(io.BytesIO(content(slipher, slipher_bucket, name))) for name in names]
    assert sum(file.num_row_groups for file in files) > 1, "rows are not kept until the end"
    assert [number for file in files for number in file.read(["a"]).column("a").to_pylist()] == list(range(ROWS))
    found = json.loads(content(slipher, slipher_bucket, "p_manifest"))
    assert found["meta"]["record_count"] == ROWS
    assert found["schema"]["elements"][0] == {"name": "a", "type": {"base": "integer"}}


def test_many_partitions(slipher: Instance, slipher_bucket: str, session: Connection, keys: str) -> None:
    session.rows(
        f"unload ('select a % 60 p, a from big where a < 6000 order by a desc') to 's3://{slipher_bucket}/p' {keys} "
        "csv partition by (p)"
    )
    found: dict[str, list[int]] = {}
    for name in listed(slipher, slipher_bucket):
        found.setdefault(name.split("/")[1], []).extend(map(int, content(slipher, slipher_bucket, name).split()))
    assert len(found) == 60
    for folder, values in found.items():
        first = int(folder.removeprefix("p="))
        assert sorted(values) == list(range(first, 6_000, 60))
        assert values == sorted(values, reverse=True) or len(values) == 100


@pytest.mark.parametrize("options", ["", "gzip", "header csv delimiter '|'"])
def test_maxfilesize_bounds_every_object(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str, options: str
) -> None:
    # texts that hardly compress: gzip's objects must split too
    query = "select a, md5(a::varchar) || md5((a + 1)::varchar) || md5((a + 2)::varchar) as b from big order by a"
    session.rows(f"unload ('{query}') to 's3://{slipher_bucket}/' {keys} parallel off maxfilesize 5 mb {options}")
    sizes = listed(slipher, slipher_bucket)
    end = ".gz" if options == "gzip" else ""
    assert list(sizes) == [f"{number:03d}{end}" for number in range(len(sizes))]
    assert len(sizes) >= 3
    assert all(size <= 5 << 20 for size in sizes.values())
    assert all(size > 3 << 20 for size in list(sizes.values())[:-1]), "and they are filled"
    parts = [content(slipher, slipher_bucket, name) for name in sizes]
    if options.startswith("header"):
        assert all(part.startswith(b"a|b\n") for part in parts)
        parts = [part.removeprefix(b"a|b\n") for part in parts]
    assert [number for part in parts for number in numbers(part)] == list(range(ROWS))


def test_an_error_in_the_middle_leaves_nothing(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str
) -> None:
    query = f"select a, b, 1 / (a - {ROWS - 1}) from big order by a"
    with pytest.raises(ServerError, match="zero"):
        session.rows(f"unload ('{query}') to 's3://{slipher_bucket}/' {keys}")
    assert listed(slipher, slipher_bucket) == {}
    assert uploads(slipher, slipher_bucket) == []
    assert session.rows("select pg_last_unload_count()") == [("0",)]


def test_cancel_leaves_nothing_and_is_prompt(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str
) -> None:
    began = threading.Event()

    def cancel_when_uploading() -> None:
        deadline = time.monotonic() + 60
        while not uploads(slipher, slipher_bucket) and time.monotonic() < deadline:
            time.sleep(0.02)
        began.set()
        session.cancel()

    watcher = threading.Thread(target=cancel_when_uploading)
    watcher.start()
    query = "select x.a, x.b from big x join big y on x.a % 1024 = y.a % 1024"  # 268 million rows
    session.send_simple(f"unload ('{query}') to 's3://{slipher_bucket}/' {keys}")
    messages = session.until_ready()
    watcher.join()
    assert began.is_set()
    (error,) = [one for one in messages if isinstance(one, Report) and one.error]
    assert error.code == "57014"
    assert listed(slipher, slipher_bucket) == {}
    assert uploads(slipher, slipher_bucket) == []
    assert session.rows("select count(*) from big") == [(str(ROWS),)]


def test_what_was_there_survives_a_refused_overwrite(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str
) -> None:
    s3 = slipher.client("s3")
    s3.put_object(Bucket=slipher_bucket, Key="k000", Body=b"old")
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{slipher_bucket}/*",
        },
    }
    s3.put_bucket_policy(Bucket=slipher_bucket, Policy=json.dumps(policy))
    with pytest.raises(ServerError, match="Access Denied"):
        session.rows(f"unload ('select 1') to 's3://{slipher_bucket}/k' {keys} parallel off allowoverwrite")
    assert content(slipher, slipher_bucket, "k000") == b"old"
    s3.delete_bucket_policy(Bucket=slipher_bucket)
    session.rows(f"unload ('select 1') to 's3://{slipher_bucket}/k' {keys} parallel off allowoverwrite")
    assert content(slipher, slipher_bucket, "k000") == b"1\n"


def test_an_open_transaction_unloads_its_own_rows(
    slipher: Instance, slipher_bucket: str, session: Connection, keys: str
) -> None:
    session.rows("begin")
    session.rows("create temp table mine (a int)")
    session.rows("insert into mine values (7)")
    session.rows(f"unload ('select * from mine') to 's3://{slipher_bucket}/k' {keys} parallel off")
    session.rows("rollback")
    assert content(slipher, slipher_bucket, "k000") == b"7\n", "an object is not undone"
