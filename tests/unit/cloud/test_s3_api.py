"""Embedded S3 through boto3: keys of every kind, lists, ranges, conditions, copies, multipart uploads, policies."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from hypothesis import given, settings, strategies as st
from sqlalchemy import select

from slipher.cloud.s3.blobs import SMALL
from slipher.cloud.state.s3 import bodies

KEYS = [
    "a", "a/b", "a/b/c", "x//y", "//", "/lead", "trail/", "../up", "./here", "a b", "a+b", "a%20b", "a%2Fb", "ü/ö", "日本", "q?x=1",
    "h#f", "&<>\"'", "tab\there", "new\nline", "~t", "a=b;c", "\U0001f680", "e\u0301", "é", "A", "*", "nul\x00key", "x" * 1024,
]  # fmt: skip


@pytest.fixture
def s3(local: Any) -> Any:
    return local.client("s3")


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> str:
    name = "b-" + hashlib.md5(request.node.nodeid.encode()).hexdigest()[:16]
    s3.create_bucket(Bucket=name)
    return name


def code(refused: Any) -> str:
    return str(refused.value.response["Error"]["Code"])


def keys(answer: Any) -> list[str]:
    return [one["Key"] for one in answer.get("Contents", [])]


def test_keys_of_every_kind(s3: Any, bucket: str, local: Any) -> None:
    s3.create_bucket(Bucket=bucket + "copies")
    for number, key in enumerate(KEYS):
        s3.put_object(Bucket=bucket, Key=key, Body=str(number).encode())
    assert keys(s3.list_objects_v2(Bucket=bucket)) == sorted(KEYS, key=str.encode)
    assert keys(s3.list_objects(Bucket=bucket)) == sorted(KEYS, key=str.encode)
    for number, key in enumerate(KEYS):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == str(number).encode()
        assert keys(s3.list_objects_v2(Bucket=bucket, Prefix=key))[0] == key
        after = s3.list_objects_v2(Bucket=bucket, StartAfter=key)
        assert keys(after) == sorted((one for one in KEYS if one.encode() > key.encode()), key=str.encode)
        assert after["StartAfter"] == key
        s3.copy_object(Bucket=bucket + "copies", Key=key, CopySource={"Bucket": bucket, "Key": key})
        assert s3.get_object(Bucket=bucket + "copies", Key=key)["Body"].read() == str(number).encode()
    outside = [one for one in local.gateway.data_dir.parent.iterdir() if one != local.gateway.data_dir]
    assert outside == [], "nothing is written outside the data directory"
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in KEYS if "\0" not in key]})
    assert len(done["Deleted"]) == len(KEYS) - 1
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="ü" * 513, Body=b"")
    assert code(refused) == "KeyTooLongError"


@settings(max_examples=40)
@given(
    st.lists(st.text(st.sampled_from("ab/-é"), min_size=1, max_size=6), max_size=12, unique=True),
    st.text(st.sampled_from("ab/-"), max_size=3),
    st.sampled_from(["", "/", "-", "a/", "é"]),
    st.integers(1, 4),
    st.integers(0, 10**9),
)
def test_lists_agree_with_their_definition(
    shared_gateway: Any, names: list[str], prefix: str, delimiter: str, page: int, number: int
) -> None:
    """Rolled up by the delimiter, in byte order, and the same in pages of any size, in both versions."""
    from sqlalchemy import delete

    from slipher.cloud.state.s3 import objects

    client = shared_gateway.client("s3")
    client.create_bucket(Bucket="listed")
    with shared_gateway.gateway.transaction() as db:
        db.execute(delete(objects).where(objects.c.bucket == "listed"))
        for name in names:
            row = {
                "bucket": "listed",
                "key": name.encode(),
                "blob": "x",
                "size": 1,
                "etag": "e",
                "modified": 0.0,
                "facts": {},
            }
            db.execute(objects.insert().values(**row))
    expected: list[tuple[str, bool]] = []
    for name in sorted(names, key=str.encode):
        if name.startswith(prefix):
            head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name, "", "")
            entry = (prefix + head + delimiter, True) if found else (name, False)
            if entry not in expected:
                expected.append(entry)
    for operation in ("list_objects", "list_objects_v2"):
        got: list[tuple[str, bool]] = []
        for part in client.get_paginator(operation).paginate(
            Bucket="listed", Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": page}
        ):
            mixed = [(one["Key"], False) for one in part.get("Contents", [])]
            mixed += [(one["Prefix"], True) for one in part.get("CommonPrefixes", [])]
            assert len(mixed) <= page
            got += sorted(mixed, key=lambda pair: pair[0].encode())
        assert got == expected


def test_many_keys_below_one_prefix_are_skipped_by_seeking(s3: Any, bucket: str, local: Any) -> None:
    from slipher.cloud.state.s3 import objects

    rows = [
        {
            "bucket": bucket,
            "key": f"{folder:02}/{number:05}".encode(),
            "blob": "x",
            "size": 1,
            "etag": "e",
            "modified": 0.0,
            "facts": {},
        }
        for folder in range(30)
        for number in range(700)
    ]
    with local.gateway.transaction() as db:
        db.execute(objects.insert(), rows)
    answer = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == [f"{folder:02}/" for folder in range(30)]
    with local.gateway.transaction() as db:
        db.execute(objects.delete().where(objects.c.bucket == bucket))


@pytest.mark.parametrize(
    ("text", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=3-5", b"345", "bytes 3-5/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-3", b"0123456789", None),
        ("items=0-1", b"0123456789", None),
        ("bytes=10-", None, None),
        ("bytes=-0", None, None),
    ],
)
def test_ranges(s3: Any, bucket: str, text: str, expected: bytes | None, content_range: str | None) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    if expected is None:
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=bucket, Key="k", Range=text)
        assert code(refused) == "InvalidRange"
        return
    got = s3.get_object(Bucket=bucket, Key="k", Range=text)
    assert (got["Body"].read(), got.get("ContentRange")) == (expected, content_range)
    head = s3.head_object(Bucket=bucket, Key="k", Range=text)
    assert (head["ContentLength"], head.get("ContentRange")) == (len(expected), content_range)


def test_conditions(s3: Any, bucket: str) -> None:
    tag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
    for method in (s3.get_object, s3.head_object):
        for passes in (
            {"IfMatch": tag},
            {"IfNoneMatch": '"o"'},
            {"IfModifiedSince": past},
            {"IfUnmodifiedSince": future},
        ):
            method(Bucket=bucket, Key="k", **passes)
        for condition, status in (
            ({"IfMatch": '"o"'}, 412), ({"IfNoneMatch": tag}, 304), ({"IfModifiedSince": future}, 304), ({"IfUnmodifiedSince": past}, 412),
        ):  # fmt: skip
            with pytest.raises(ClientError) as refused:
                method(Bucket=bucket, Key="k", **condition)
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfMatch='"o"')
    assert code(refused) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"y", IfMatch=tag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"y"


def test_facts_are_kept_and_shown(s3: Any, bucket: str, local: Any) -> None:
    facts = {
        "ContentType": "text/csv", "ContentEncoding": "gzip", "ContentDisposition": "inline", "ContentLanguage": "de",
        "CacheControl": "no-cache", "Metadata": {"a": "1", "b-c": "zwei"}, "StorageClass": "STANDARD_IA",
    }  # fmt: skip
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Expires=datetime(2030, 1, 1, tzinfo=UTC), **facts)
    for method in (s3.get_object, s3.head_object):
        got = method(Bucket=bucket, Key="k")
        assert {name: got[name] for name in facts} == facts
        assert got["ExpiresString"] == "Tue, 01 Jan 2030 00:00:00 GMT"
        assert got["ContentLength"] == 1
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == "STANDARD_IA"
    changed = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/plain", ResponseCacheControl="max-age=1")
    assert (changed["ContentType"], changed["CacheControl"]) == ("text/plain", "max-age=1")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert s3.head_object(Bucket=bucket, Key="copy")["Metadata"] == facts["Metadata"]
    s3.copy_object(
        Bucket=bucket,
        Key="k",
        CopySource=f"{bucket}/k",
        MetadataDirective="REPLACE",
        Metadata={"n": "1"},
        ContentType="a/b",
    )
    got = s3.head_object(Bucket=bucket, Key="k")
    assert (got["Metadata"], got["ContentType"], got.get("CacheControl")) == ({"n": "1"}, "a/b", None)
    with pytest.raises(ClientError) as refused:
        s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")
    assert code(refused) == "InvalidRequest"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="big", Body=b"", Metadata={"a": "x" * 2048})
    assert code(refused) == "MetadataTooLarge"


def test_the_framing_of_a_chunked_upload_is_not_the_objects_encoding(s3: Any, bucket: str, local: Any) -> None:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    crc = base64.b64encode(zlib.crc32(b"abc").to_bytes(4, "big")).decode()
    body = f"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n".encode()
    headers = {
        "content-encoding": "aws-chunked,gzip", "x-amz-decoded-content-length": "3", "x-amz-trailer": "x-amz-checksum-crc32",
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }  # fmt: skip
    request = AWSRequest("PUT", f"{local.url}/{bucket}/k", headers=headers, data=body)
    auth = botocore.auth.S3SigV4Auth(Credentials(local.key, local.secret), "s3", "us-east-1")
    auth.payload = lambda request: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    auth.add_auth(request)
    answer = httpx.put(request.url, headers=dict(request.headers.items()), content=body)
    assert answer.status_code == 200, answer.text
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got["ContentEncoding"], got["ChecksumCRC32"]) == (b"abc", "gzip", crc)


def test_copy_across_buckets_and_its_conditions(s3: Any, bucket: str, local: Any) -> None:
    far = local.client("s3", region="eu-west-1")
    far.create_bucket(Bucket=bucket + "far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    tag = s3.put_object(Bucket=bucket, Key="k", Body=b"text")["ETag"]
    far.copy_object(Bucket=bucket + "far", Key="k", CopySource=f"/{bucket}/k", CopySourceIfMatch=tag)
    s3.delete_object(Bucket=bucket, Key="k")
    assert far.get_object(Bucket=bucket + "far", Key="k")["Body"].read() == b"text"
    for condition in ({"CopySourceIfNoneMatch": tag}, {"CopySourceIfMatch": '"o"'}):
        with pytest.raises(ClientError) as refused:
            far.copy_object(Bucket=bucket + "far", Key="k2", CopySource=f"{bucket}far/k", **condition)
        assert code(refused) == "PreconditionFailed"
    with pytest.raises(ClientError) as refused:
        s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/missing")
    assert code(refused) == "NoSuchKey"


@pytest.mark.parametrize("algorithm", [None, "CRC32", "CRC64NVME", "SHA256"])
def test_multipart(s3: Any, bucket: str, local: Any, algorithm: str | None) -> None:
    data = bytes(range(256)) * 4096 * 6 + b"tail"  # 6 MB and a bit
    extra = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    s3.upload_fileobj(
        io.BytesIO(data), bucket, "big", ExtraArgs={"Metadata": {"a": "b"}, **extra},
        Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20),
    )  # fmt: skip
    got = s3.get_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
    assert hashlib.sha256(got["Body"].read()).digest() == hashlib.sha256(data).digest()
    assert got["ETag"].endswith('-2"') and got["Metadata"] == {"a": "b"}
    if algorithm:
        assert got[f"Checksum{algorithm}"].endswith("-2") is (got["ChecksumType"] == "COMPOSITE")
    s3.copy(
        {"Bucket": bucket, "Key": "big"},
        bucket,
        "copy",
        Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20),
    )
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == data
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_multipart_step_by_step(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    first = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x" * (5 << 20))["ETag"]
    s3.upload_part(**where, UploadId=upload, PartNumber=3, Body=b"old")
    last = s3.upload_part(**where, UploadId=upload, PartNumber=3, Body=b"end")["ETag"]
    listed = s3.list_parts(**where, UploadId=upload, MaxParts=1)
    assert ([one["PartNumber"] for one in listed["Parts"]], listed["IsTruncated"], listed["NextPartNumberMarker"]) == (
        [1],
        True,
        1,
    )
    assert [one["PartNumber"] for one in s3.list_parts(**where, UploadId=upload, PartNumberMarker=1)["Parts"]] == [3]
    parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 3, "ETag": last}]
    for wrong, expected in (
        (parts[::-1], "InvalidPartOrder"), ([{"PartNumber": 2, "ETag": first}], "InvalidPart"), ([{"PartNumber": 1, "ETag": last}], "InvalidPart"),
    ):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": wrong})
        assert code(refused) == expected
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    done = s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    digests = hashlib.md5(b"x" * (5 << 20)).digest() + hashlib.md5(b"end").digest()
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    assert s3.head_object(**where)["ContentLength"] == (5 << 20) + 3
    for method in (s3.list_parts, s3.abort_multipart_upload):
        with pytest.raises(ClientError) as refused:
            method(**where, UploadId=upload)
        assert code(refused) == "NoSuchUpload"


def test_small_parts_and_aborted_uploads(s3: Any, bucket: str, local: Any) -> None:
    before = sum(1 for _ in local.gateway.blobs_dir.rglob("*") if _.is_file())
    where = {"Bucket": bucket, "Key": "d/k"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=b"x")["ETag"]}
        for number in (1, 2)
    ]
    with pytest.raises(ClientError) as refused:
        s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    assert code(refused) == "EntityTooSmall"
    listed = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert (listed.get("Uploads", []), [one["Prefix"] for one in listed["CommonPrefixes"]]) == ([], ["d/"])
    with pytest.raises(ClientError) as refused:
        s3.delete_bucket(Bucket=bucket)
    assert code(refused) == "BucketNotEmpty"
    s3.abort_multipart_upload(**where, UploadId=upload)
    assert sum(1 for _ in local.gateway.blobs_dir.rglob("*") if _.is_file()) == before
    s3.delete_bucket(Bucket=bucket)


def test_upload_lists_in_pages(s3: Any, bucket: str) -> None:
    made = [(key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in ("a", "b", "b", "b", "c")]
    got = [
        (one["Key"], one["UploadId"])
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        for one in page["Uploads"]
    ]
    assert sorted(got) == sorted(made) and [key for key, _ in got] == ["a", "b", "b", "b", "c"]


def test_buckets(s3: Any, local: Any) -> None:
    for name in ("Upper", "a", "1.2.3.4", "x..y"):
        with pytest.raises(Exception, match=r"InvalidBucketName|Invalid bucket name"):
            s3.create_bucket(Bucket=name)
    far = local.client("s3", region="eu-west-1")
    with pytest.raises(ClientError) as refused:
        far.create_bucket(Bucket="no-location")
    assert code(refused) == "IllegalLocationConstraintException"
    s3.create_bucket(Bucket="owned-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(ClientError) as refused:
        s3.create_bucket(Bucket="owned-far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert code(refused) == "BucketAlreadyOwnedByYou"
    assert s3.get_bucket_location(Bucket="owned-far")["LocationConstraint"] == "eu-west-1"
    listed = {one["Name"]: one["BucketRegion"] for one in s3.list_buckets(Prefix="owned-")["Buckets"]}
    assert listed == {"owned-far": "eu-west-1"}
    first = s3.list_buckets(MaxBuckets=1)
    assert len(first["Buckets"]) == 1
    assert (
        s3.list_buckets(ContinuationToken=first["ContinuationToken"])["Buckets"][0]["Name"]
        > first["Buckets"][0]["Name"]
    )
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket="owned-far", ExpectedBucketOwner="999999999999")
    assert code(refused) in ("AccessDenied", "403")
    with pytest.raises(ClientError) as refused:
        s3.head_bucket(Bucket="is-not-there")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def statement(effect: str, principal: Any, action: str, resource: str) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": f"arn:aws:s3:::{resource}"}


def test_bucket_policies(s3: Any, bucket: str, local: Any) -> None:
    s3.put_object(Bucket=bucket, Key="open/k", Body=b"text")
    s3.put_object(Bucket=bucket, Key="closed/k", Body=b"text")
    key = local.user(
        f"reader-{bucket}", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/closed/*"}
    )
    reader = local.client("s3", key)
    me = {"AWS": f"arn:aws:iam::123456789012:user/reader-{bucket}"}

    def read(key: str, client: Any = reader) -> str:
        try:
            return str(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    assert (read("open/k"), read("closed/k")) == ("AccessDenied", "text")
    policy = {"Statement": [
        statement("Allow", me, "s3:GetObject", f"{bucket}/open/*"), statement("Deny", me, "s3:*", f"{bucket}/closed/*"),
    ]}  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    assert (read("open/k"), read("closed/k")) == ("text", "AccessDenied")
    assert read("open/missing") == "AccessDenied", "who may not list learns nothing of missing keys"
    assert httpx.get(f"{local.url}/{bucket}/open/k").status_code == 403
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Statement": statement("Allow", "*", "s3:GetObject", f"{bucket}/open/*")})
    )
    assert httpx.get(f"{local.url}/{bucket}/open/k").text == "text"
    assert httpx.get(f"{local.url}/{bucket}/closed/k").status_code == 403
    assert httpx.put(f"{local.url}/{bucket}/open/k", content=b"x").status_code == 403
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Statement": statement("Deny", "*", "s3:GetObject", f"{bucket}/*")})
    )
    assert read("open/k", s3) == "AccessDenied", "an explicit deny beats AdministratorAccess"
    s3.delete_bucket_policy(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_policy(Bucket=bucket)
    assert code(refused) == "NoSuchBucketPolicy"
    for bad in (
        "{",
        json.dumps({"Statement": statement("Allow", "*", "s3:*", "another/*")}),
        json.dumps({"Statement": {}}),
    ):
        with pytest.raises(ClientError) as refused:
            s3.put_bucket_policy(Bucket=bucket, Policy=bad)
        assert code(refused) == "MalformedPolicy"


def test_readers_and_writers_of_one_key(s3: Any, bucket: str) -> None:
    """While a key is written again and again, each read is one of the bodies, whole."""
    bodies = [bytes([number]) * 50_000 for number in range(5)]
    s3.put_object(Bucket=bucket, Key="k", Body=bodies[0])
    stop, failures = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            for body in bodies:
                s3.put_object(Bucket=bucket, Key="k", Body=body)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(150):
            got = s3.get_object(Bucket=bucket, Key="k")["Body"].read()
            if got not in bodies:
                failures.append(len(got))
    finally:
        stop.set()
        thread.join()
    assert failures == []


def test_small_bodies_are_rows_and_leave_nothing(s3: Any, bucket: str, local: Any) -> None:
    """Either side of the size where a body becomes a file: written over, copied, deleted, refused."""

    def kept() -> tuple[int, int]:
        with local.gateway.read() as db:
            rows = len(db.scalars(select(bodies.c.id)).all())
        return rows, sum(1 for one in local.gateway.blobs_dir.rglob("*") if one.is_file())

    rows, files = kept()
    small, large = b"s" * SMALL, b"l" * (SMALL + 1)
    s3.put_object(Bucket=bucket, Key="k", Body=small)
    assert kept() == (rows + 1, files)
    s3.put_object(Bucket=bucket, Key="k", Body=large)
    assert kept() == (rows, files + 1)
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert kept() == (rows + 1, files)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b""
    s3.put_object(Bucket=bucket, Key="k", Body=small)
    s3.copy_object(Bucket=bucket, Key="again", CopySource={"Bucket": bucket, "Key": "k"})
    assert kept() == (rows + 2, files)
    s3.delete_object(Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="again", Range="bytes=1-3")["Body"].read() == b"sss"
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="again", Body=b"x", IfNoneMatch="*")
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="bad", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert kept() == (rows + 1, files)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "again"}]})
    assert kept() == (rows, files)
