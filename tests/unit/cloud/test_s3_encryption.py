"""SSE-KMS: S3 asks KMS under its caller's rights to write and to read; bytes lie encrypted; a bucket's default encryption."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given, strategies as st
from refusals import refused
from sqlalchemy import select

from slipher.cloud.s3.encryption import Run
from slipher.cloud.state.s3 import bodies

ACCOUNT = "123456789012"
MARK = b"plainly visible " * 8
PART = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def key(shared_gateway: Any) -> str:
    shared_gateway.client("s3").create_bucket(Bucket="sealed")
    return str(shared_gateway.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def s3(local: Any) -> Any:
    return local.client("s3")


def with_key(key: str) -> dict[str, str]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def on_disk(local: Any) -> bytes:
    with local.gateway.read() as db:
        rows = list(db.scalars(select(bodies.c.body)))
    return b"".join([*rows, *(file.read_bytes() for file in local.gateway.blobs_dir.rglob("*") if file.is_file())])


@given(sizes=st.lists(st.integers(1, 70), min_size=1, max_size=4), data=st.data())
def test_any_range_is_read(sizes: list[int], data: Any) -> None:
    key, plain = b"k" * 32, os.urandom(sum(sizes))
    parts, sealed, at = [[number, size] for number, size in enumerate(sizes, 1)], b"", 0
    for number, size in parts:
        sealed += Run(key, [[number, 0]]).update(plain[at : at + size])
        at += size
    start = data.draw(st.integers(0, len(plain) - 1))
    run, found, at = Run(key, parts, start), b"", start
    while at < len(plain):
        step = data.draw(st.integers(1, 100))
        found += run.update(sealed[at : at + step])
        at += step
    assert found == plain[start:]


def test_objects_under_a_key(s3: Any, local: Any, key: str) -> None:
    made = s3.put_object(Bucket="sealed", Key="a", Body=MARK, **with_key(key), ChecksumAlgorithm="SHA256")
    assert (made["ServerSideEncryption"], made["SSEKMSKeyId"]) == ("aws:kms", key)
    assert MARK not in on_disk(local)
    got = s3.get_object(Bucket="sealed", Key="a", ChecksumMode="ENABLED")
    assert (got["Body"].read(), got["SSEKMSKeyId"], got["ETag"]) == (MARK, key, made["ETag"])
    assert s3.get_object(Bucket="sealed", Key="a", Range="bytes=21-37")["Body"].read() == MARK[21:38]
    assert s3.head_object(Bucket="sealed", Key="a")["ServerSideEncryption"] == "aws:kms"
    s3.copy_object(Bucket="sealed", Key="b", CopySource="sealed/a")
    got = s3.get_object(Bucket="sealed", Key="b")
    assert (got["Body"].read(), got["ServerSideEncryption"]) == (MARK, "AES256")
    other = local.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.copy_object(Bucket="sealed", Key="c", CopySource="sealed/a", **with_key(other), BucketKeyEnabled=True)
    got = s3.get_object(Bucket="sealed", Key="c")
    assert (got["Body"].read(), got["SSEKMSKeyId"], got["BucketKeyEnabled"]) == (MARK, other, True)
    default = s3.put_object(Bucket="sealed", Key="d", Body=b"x", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
    assert default == local.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    assert s3.get_object(Bucket="sealed", Key="d")["Body"].read() == b"x"
    refused("KMS.NotFoundException", s3.put_object, Bucket="sealed", Key="e", Body=b"x", **with_key("alias/none"))
    refused("InvalidArgument", s3.put_object, Bucket="sealed", Key="e", Body=b"x", SSEKMSKeyId=key)
    refused("NotImplemented", s3.put_object, Bucket="sealed", Key="e", Body=b"x", ServerSideEncryption="aws:kms:dsse")
    local.client("kms").disable_key(KeyId=other)
    text = refused("KMS.DisabledException", s3.get_object, Bucket="sealed", Key="c")
    assert text == f"{other} is disabled."
    assert s3.head_object(Bucket="sealed", Key="c")["SSEKMSKeyId"] == other


def test_uploads_in_parts(s3: Any, key: str) -> None:
    body = os.urandom(PART + 1000)
    s3.put_object(Bucket="sealed", Key="source", Body=MARK, **with_key(key))
    upload = s3.create_multipart_upload(Bucket="sealed", Key="m", **with_key(key), ChecksumAlgorithm="CRC64NVME")
    of = {"Bucket": "sealed", "Key": "m", "UploadId": upload["UploadId"]}
    parts = [s3.upload_part(**of, PartNumber=3, Body=body[:PART]), s3.upload_part(**of, PartNumber=7, Body=body[PART:])]
    last = s3.upload_part_copy(**of, PartNumber=9, CopySource="sealed/source", CopySourceRange="bytes=5-20")
    assert last["SSEKMSKeyId"] == key
    etags = [parts[0]["ETag"], parts[1]["ETag"]]
    done = s3.complete_multipart_upload(
        **of, MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e} for n, e in zip((3, 7), etags, strict=True)]}
    )
    assert done["SSEKMSKeyId"] == key
    assert (
        s3.get_object(Bucket="sealed", Key="m", ChecksumMode="ENABLED")["Body"].read() == body
    )  # botocore checks CRC64NVME
    got = s3.get_object(Bucket="sealed", Key="m", Range=f"bytes={PART - 10}-{PART + 9}")["Body"].read()
    assert got == body[PART - 10 : PART + 10]


def test_kms_decides_who(s3: Any, local: Any, key: str) -> None:
    s3.put_object(Bucket="sealed", Key="who", Body=MARK, **with_key(key))
    objects = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    only_s3 = local.client("s3", local.user("sse-s3", objects))
    text = refused("AccessDenied", only_s3.get_object, Bucket="sealed", Key="who")
    who = f"arn:aws:iam::{ACCOUNT}:user/sse-s3"
    assert text == (
        f"User: {who} is not authorized to perform: kms:Decrypt on resource: {key} because no identity-based policy allows "
        "the kms:Decrypt action"
    )
    text = refused("AccessDenied", only_s3.put_object, Bucket="sealed", Key="new", Body=b"x", **with_key(key))
    assert f"{who} is not authorized to perform: kms:GenerateDataKey on resource: {key}" in text
    assert "Contents" not in s3.list_objects_v2(Bucket="sealed", Prefix="new")
    refused("AccessDenied", only_s3.create_multipart_upload, Bucket="sealed", Key="new", **with_key(key))
    refused("AccessDenied", only_s3.copy_object, Bucket="sealed", Key="new", CopySource="sealed/who")
    only_s3.put_object(
        Bucket="sealed", Key="own", Body=b"x", ServerSideEncryption="aws:kms"
    )  # S3's own key asks for no more
    assert only_s3.get_object(Bucket="sealed", Key="own")["Body"].read() == b"x"
    through = {
        "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    }  # fmt: skip
    keys = local.user("sse-both", objects, through)
    both = local.client("s3", keys)
    both.put_object(Bucket="sealed", Key="new", Body=b"x", **with_key(key))
    assert both.get_object(Bucket="sealed", Key="new")["Body"].read() == b"x"
    refused("AccessDeniedException", local.client("kms", keys).generate_data_key, KeyId=key, KeySpec="AES_256")


def test_a_buckets_default(s3: Any, key: str) -> None:
    s3.create_bucket(Bucket="by-default")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert s3.get_bucket_encryption(Bucket="by-default")["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket="by-default", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket="by-default")["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    made = s3.put_object(Bucket="by-default", Key="a", Body=b"x")
    assert (made["SSEKMSKeyId"], made["BucketKeyEnabled"]) == (key, True)
    assert (
        s3.put_object(Bucket="by-default", Key="b", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"]
        == "AES256"
    )
    refused(
        "InvalidArgument", s3.put_bucket_encryption, Bucket="by-default",
        ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": key}}]},
    )  # fmt: skip
    s3.delete_bucket_encryption(Bucket="by-default")
    assert s3.put_object(Bucket="by-default", Key="a", Body=b"x")["ServerSideEncryption"] == "AES256"
    conditions = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::by-default/*",
                  "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key}}}  # fmt: skip
    s3.put_bucket_policy(Bucket="by-default", Policy=json.dumps({"Version": "2012-10-17", "Statement": conditions}))
    s3.put_object(Bucket="by-default", Key="c", Body=b"x", **with_key(key))
    refused("AccessDenied", s3.put_object, Bucket="by-default", Key="c", Body=b"x")
