"""What comes malformed is answered in AWS's form, and the process lives; what was acknowledged survives kill -9; memory is bounded."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from slipher.cloud.s3.blobs import SMALL

FORM = "application/x-www-form-urlencoded"
JSON = "application/x-amz-json-1.0"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>'
DEEP = b"<Delete>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</Delete>"
PUT_ITEM = {"x-amz-target": "DynamoDB_20120810.PutItem", "content-type": JSON}
# (service, method, path, headers, body) -> codes that may come
MALFORMED: list[tuple[str, str, str, dict[str, str], bytes, set[str]]] = [
    ("s3", "POST", "/robust?delete=", {}, b"<Delete><Obj", {"MalformedXML"}),
    ("s3", "POST", "/robust?delete=", {}, BOMB, {"MalformedXML"}),
    ("s3", "POST", "/robust?delete=", {}, DEEP, {"MalformedXML"}),
    ("s3", "POST", "/robust?delete=", {}, b"\xff\xfe\x00", {"MalformedXML"}),
    ("s3", "POST", "/robust?delete=", {}, b"", {"InvalidRequest", "MalformedXML"}),
    ("s3", "POST", "/robust?delete=", {}, b"<Delete><Object></Object></Delete>", {"MalformedXML"}),
    ("s3", "PUT", "/robust?policy=", {}, b"\xff", {"MalformedXML"}),
    ("s3", "GET", "/robust?list-type=2&max-keys=many", {}, b"", {"MalformedXML", "InvalidArgument"}),
    ("s3", "GET", "/robust?list-type=2&max-keys=-1", {}, b"", {"InvalidArgument"}),
    ("s3", "GET", "/robust?list-type=2&continuation-token=%21", {}, b"", {"InvalidArgument"}),
    ("s3", "GET", "/robust?list-type=2&encoding-type=gzip", {}, b"", {"InvalidArgument"}),
    ("s3", "GET", "/robust/k", {"if-modified-since": "yesterday"}, b"", {"MalformedXML", "NoSuchKey"}),
    ("s3", "PUT", "/robust/k?partNumber=x&uploadId=y", {}, b"", {"MalformedXML"}),
    ("s3", "PATCH", "/robust/k", {}, b"", {"MethodNotAllowed"}),
    ("s3", "POST", "/robust", {}, b"", {"MethodNotAllowed"}),
    ("s3", "PUT", "/robust/" + "k" * 2000, {}, b"", {"KeyTooLongError"}),
    ("iam", "POST", "/", {"content-type": FORM}, b"", {"MissingAction"}),
    ("iam", "POST", "/", {"content-type": FORM}, b"Action=NoSuch", {"InvalidAction"}),
    ("iam", "POST", "/", {"content-type": FORM}, b"Action=CreateRole&RoleName=%00%ff", {"ValidationError"}),
    ("iam", "POST", "/", {"content-type": FORM}, b"Action=ListRoles&MaxItems=many", {"MalformedInput"}),
    ("iam", "POST", "/", {"content-type": FORM}, b"Action=ListRoles&Marker=***", {"ValidationError"}),
    ("redshift", "POST", "/", {"content-type": FORM}, b"Action=DescribeClusters&Marker=***", {"ValidationError", "InvalidParameterValue"}),
    ("redshift", "POST", "/", {"content-type": FORM}, b"Action=CreateCluster", {"MissingParameter"}),
    ("sts", "POST", "/", {"content-type": FORM}, b"Action=AssumeRole&DurationSeconds=1e99", {"MalformedInput"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b"{", {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b"[]", {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b"\xff", {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b'{"TableName": 5}', {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b'{"TableName": "t", "Item": {"k": {"M": 5}}}', {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b'{"TableName": "t", "Item": {"k": {"B": "***"}}}', {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b'{"a":' * 5000 + b"1" + b"}" * 5000, {"SerializationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b'{"TableName": "t", "Item": ' + b'{"k": {"M": ' * 300 + b"{}" + b"}}" * 300 + b"}", {"SerializationException", "ValidationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM, b"{}", {"ValidationException"}),
    ("dynamodb", "POST", "/", PUT_ITEM | {"x-amz-target": "DynamoDB_20120810.NoSuch"}, b"{}", {"UnknownOperationException"}),
    ("dynamodb", "POST", "/", {"content-type": JSON, "x-amz-target": ""}, b"{}", {"UnknownOperationException"}),
]  # fmt: skip


def code_of(answer: httpx.Response) -> str:
    if answer.text.startswith("{"):
        return str(json.loads(answer.text)["__type"]).rpartition("#")[2]
    return answer.text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.fixture
def robust(local: Any) -> Any:
    local.client("s3").create_bucket(Bucket="robust")
    return local


@pytest.mark.parametrize(("service", "method", "path", "headers", "body", "codes"), MALFORMED)
def test_malformed(
    robust: Any, service: str, method: str, path: str, headers: dict[str, str], body: bytes, codes: set[str]
) -> None:
    request = AWSRequest(method, robust.url + path, headers=dict(headers), data=body)
    (S3SigV4Auth if service == "s3" else SigV4Auth)(
        Credentials(robust.key, robust.secret), service, "us-east-1"
    ).add_auth(request)
    answer = httpx.request(method, request.url, headers=dict(request.headers.items()), content=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert code_of(answer) in codes
    robust.client("sts").get_caller_identity()


AUTHORIZATIONS = [
    "", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a", "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, SignedHeaders=host, Signature=x",
    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x", "Basic abc", "Bearer x",
    "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;, Signature=;", "AWS AKIA:sig", "\xff\xfe", "AWS4-HMAC-SHA256 " + "a" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("text", AUTHORIZATIONS)
def test_authorizations_of_every_kind(robust: Any, text: str) -> None:
    headers = {"authorization": text.encode("latin-1"), "x-amz-date": b"20260101T000000Z"}
    answer = httpx.get(f"{robust.url}/robust", headers=headers)
    assert 400 <= answer.status_code < 500
    robust.client("sts").get_caller_identity()


def test_bytes_that_are_no_http(robust: Any) -> None:
    dice = random.Random(7)
    for data in (b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n", dice.randbytes(5000), b"GET /%zz%f HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"):  # fmt: skip
        with socket.create_connection(("127.0.0.1", robust.port), timeout=10) as wire:
            try:
                wire.sendall(data)
                wire.settimeout(2)
                wire.recv(100)
            except (TimeoutError, OSError):
                pass
    robust.client("sts").get_caller_identity()


def test_a_blob_that_is_missing_or_short(own: Any) -> None:
    s3 = own.client("s3")
    s3.create_bucket(Bucket="damaged")
    for size in (SMALL + 1, 4):
        for key in ("missing", "short", "good"):
            s3.put_object(Bucket="damaged", Key=f"{key}-{size}", Body=b"t" * size)
    from sqlalchemy import delete, select, update

    from slipher.cloud.s3.blobs import path_of
    from slipher.cloud.state.s3 import bodies, objects

    with own.gateway.read() as db:
        blobs = {row.key.decode(): row.blob for row in db.execute(select(objects.c.key, objects.c.blob))}
    path_of(own.gateway, blobs[f"missing-{SMALL + 1}"]).unlink()
    path_of(own.gateway, blobs[f"short-{SMALL + 1}"]).write_bytes(b"te")
    with own.gateway.transaction() as db:
        db.execute(delete(bodies).where(bodies.c.id == blobs["missing-4"]))
        db.execute(update(bodies).where(bodies.c.id == blobs["short-4"]).values(body=b"te"))
    for size in (SMALL + 1, 4):
        for key in ("missing", "short"):
            with pytest.raises(ClientError, match="InternalError"):
                s3.get_object(Bucket="damaged", Key=f"{key}-{size}")
        assert s3.get_object(Bucket="damaged", Key=f"good-{size}")["Body"].read() == b"t" * size


def test_a_full_disk(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in words, and what was there stays."""
    import errno

    from slipher.cloud.s3 import blobs

    s3 = own.client("s3")
    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="k", Body=b"old" * SMALL)

    def write(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(blobs.os, "write", write)
    with pytest.raises(ClientError, match="There is no room left on Slipher's disk"):
        s3.put_object(Bucket="full", Key="k", Body=b"new" * SMALL)
    monkeypatch.undo()
    assert s3.get_object(Bucket="full", Key="k")["Body"].read() == b"old" * SMALL
    assert sum(1 for file in own.gateway.blobs_dir.rglob("*") if file.is_file()) == 1


class Process:
    """A gateway in a process of its own, which can be killed and started again on the same directory and port."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "run").mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.directory = directory
        (directory / "gateway.json").write_text(
            json.dumps({"data_dir": str(directory), "port": self.port, "sql_port": 15439})
        )
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "slipher.cloud.listen", "--config", str(self.directory / "gateway.json")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/_slipher/health").status_code == 200:
                    return
            except httpx.HTTPError:
                assert time.monotonic() < deadline and self.process.poll() is None, "the gateway does not start"
                time.sleep(0.05)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def client(self, service: str) -> Any:
        keys = json.loads((self.directory / "credentials.json").read_text())
        return boto3.client(
            service, region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"], config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
        )  # fmt: skip


@pytest.fixture
def process(tmp_path: Path) -> Any:
    found = Process(tmp_path / "data")
    yield found
    found.kill()
    shutil.rmtree(found.directory)


def test_what_was_acknowledged_survives_a_kill(process: Process) -> None:
    """Writers of objects, multipart uploads, items and users, killed at random moments; afterwards index and blobs agree."""
    process.client("s3").create_bucket(Bucket="bulk")
    process.client("dynamodb").create_table(
        TableName="table", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    dice = random.Random(11)
    objects: dict[str, set[bytes]] = {}
    items: set[str] = set()
    for round_ in range(3):
        stop = threading.Event()

        def put_objects(writer: int, round_: int = round_, stop: threading.Event = stop) -> None:
            s3 = process.client("s3")
            for number in range(10_000):
                key, body = f"{writer}/{number % 5}", f"{round_} {number} ".encode() * (5000 if number % 3 else 30_000)
                possible = objects.setdefault(key, set())
                before = set(possible)
                possible.add(body)  # while it is not acknowledged, the old one or the new one may be there
                try:
                    s3.put_object(Bucket="bulk", Key=key, Body=body)
                except (BotoCoreError, ClientError):
                    if not before:
                        possible.add(b"")
                    return
                possible.clear()
                possible.add(body)
                if stop.is_set():
                    return

        def put_items(round_: int = round_, stop: threading.Event = stop) -> None:
            ddb = process.client("dynamodb")
            for number in range(10_000):
                try:
                    ddb.put_item(TableName="table", Item={"k": {"S": f"{round_}-{number}"}})
                except (BotoCoreError, ClientError):
                    return
                items.add(f"{round_}-{number}")
                if stop.is_set():
                    return

        threads = [threading.Thread(target=put_objects, args=(writer,)) for writer in range(3)] + [
            threading.Thread(target=put_items)
        ]
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.3, 1.0))
        process.kill()
        stop.set()
        for thread in threads:
            thread.join()
        process.start()
        s3 = process.client("s3")
        stored = {one["Key"] for one in s3.list_objects_v2(Bucket="bulk").get("Contents", [])}
        for key, possible in objects.items():
            got = s3.get_object(Bucket="bulk", Key=key)["Body"].read() if key in stored else b""
            assert got in possible, f"{key} is neither what was acknowledged nor what was being written"
            objects[key] = {got}
        kept = {
            item["k"]["S"]
            for page in process.client("dynamodb").get_paginator("scan").paginate(TableName="table")
            for item in page["Items"]
        }
        assert items <= kept
        files = [file for file in (process.directory / "s3").rglob("*") if file.is_file()]
        with closing(sqlite3.connect(process.directory / "gateway.db")) as db:
            (rows,) = db.execute("select count(*) from s3_bodies").fetchone()
        assert len(files) + rows == len(stored), "no orphan survives the sweep at start"
    assert objects and items


def test_big_objects_in_little_memory(process: Process) -> None:
    s3 = process.client("s3")
    s3.create_bucket(Bucket="bulk")
    gateway = psutil.Process(process.process.pid)
    s3.put_object(Bucket="bulk", Key="warm", Body=b"x" * 1000)
    peaks = [gateway.memory_info().rss]
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            peaks.append(gateway.memory_info().rss)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    size = 150 * 1024 * 1024

    class Zeros:
        """A body that is not in the client's memory either."""

        def __init__(self) -> None:
            self.at = 0

        def read(self, count: int = -1) -> bytes:
            count = min(count if count >= 0 else size, size - self.at)
            self.at += count
            return bytes(count)

        def seek(self, to: int, whence: int = 0) -> int:
            self.at = size + to if whence == 2 else to
            return self.at

        def tell(self) -> int:
            return self.at

    s3.put_object(Bucket="bulk", Key="big", Body=Zeros(), ContentLength=size)
    read = sum(len(piece) for piece in s3.get_object(Bucket="bulk", Key="big")["Body"].iter_chunks(1 << 20))
    stop.set()
    watcher.join()
    assert read == size
    assert max(peaks) - peaks[0] < 48 * 1024 * 1024
