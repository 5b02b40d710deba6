"""The table of docs/decisions/0001-s3-regions.md, row by row, and that boto3 finds its way by the answers."""

from __future__ import annotations

from typing import Any

import botocore.auth
import httpx
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

OPERATIONS = {
    "GetBucketLocation": ("GET", "?location="), "HeadBucket": ("HEAD", ""), "ListObjectsV2": ("GET", "?list-type=2"),
    "GetObject": ("GET", "k"), "PutObject": ("PUT", "new"), "HeadObject": ("HEAD", "k"), "DeleteObject": ("DELETE", "k2"),
    "GetBucketPolicy": ("GET", "?policy="),
}  # fmt: skip
# (operation, address, scope's region, bucket's region) -> status
ROWS = [
    *((name, address, "eu-west-1", "eu-west-1", 404 if name == "GetBucketPolicy" else 0) for name in OPERATIONS for address in ("path", "host")),
    *((name, "path", "us-east-1", "eu-west-1", 200 if name == "GetBucketLocation" else 301) for name in OPERATIONS),
    *((name, "path", "eu-west-1", "us-east-1", 200 if name == "GetBucketLocation" else 301) for name in OPERATIONS),
    *((name, "host", "us-east-1", "eu-west-1", 200 if name == "GetBucketLocation" else 400) for name in OPERATIONS),
    ("GetObject", "path", "aws-global", "us-east-1", 400),
    ("ListObjectsV2", "host", "nowhere", "eu-west-1", 400),
]  # fmt: skip


@pytest.fixture(scope="module")
def buckets(shared_gateway: Any) -> Any:
    for region in ("us-east-1", "eu-west-1"):
        s3 = shared_gateway.client("s3", region=region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=f"in-{region}", **where)
        for key in ("k", "k2"):
            s3.put_object(Bucket=f"in-{region}", Key=key, Body=b"x")
    return shared_gateway


@pytest.mark.parametrize(("operation", "address", "scope", "region", "expected"), ROWS)
def test_answers(buckets: Any, operation: str, address: str, scope: str, region: str, expected: int) -> None:
    method, rest = OPERATIONS[operation]
    name = f"in-{region}"
    host = f"{name}.s3.localhost:{buckets.port}" if address == "host" else f"127.0.0.1:{buckets.port}"
    path = f"/{rest}" if address == "host" else f"/{name}/{rest}"
    request = AWSRequest(method, f"http://{host}{path}", headers={"Host": host})
    botocore.auth.S3SigV4Auth(Credentials(buckets.key, buckets.secret), "s3", scope).add_auth(request)
    answer = httpx.request(method, f"{buckets.url}{path}", headers=dict(request.headers.items()))
    assert answer.status_code == expected or (expected == 0 and answer.status_code in (200, 204)), answer.text
    if expected in (301, 400):
        assert answer.headers["x-amz-bucket-region"] == region
        if method != "HEAD":
            assert ("PermanentRedirect" if expected == 301 else "AuthorizationHeaderMalformed") in answer.text


def test_boto3_follows(buckets: Any) -> None:
    s3 = buckets.client("s3")
    assert s3.get_object(Bucket="in-eu-west-1", Key="k")["Body"].read() == b"x"
    assert s3.head_object(Bucket="in-eu-west-1", Key="k")["ContentLength"] == 1
    assert s3.list_objects_v2(Bucket="in-eu-west-1")["KeyCount"] >= 1
