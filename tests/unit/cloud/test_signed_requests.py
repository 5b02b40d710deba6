"""Who may speak at all: signatures, keys, tokens and clocks, over a real socket, with each service's own error."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import botocore.exceptions
import httpx
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FORM = "Action=GetCallerIdentity&Version=2011-06-15"
REQUESTS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "sts": ("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, FORM),
    "iam": ("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, "Action=ListRoles&Version=2010-05-08"),
    "redshift": (
        "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, "Action=DescribeClusters&Version=2012-12-01",
    ),
    "dynamodb": (
        "POST", "/",
        {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.ListTables"}, "{}",
    ),
    "s3": ("GET", "/", {}, ""),
}  # fmt: skip
MISSING = {"s3": (403, "AccessDenied"), "dynamodb": (400, "MissingAuthenticationTokenException")}
WRONG = {"dynamodb": (400, "InvalidSignatureException")}
UNKNOWN = {"s3": (403, "InvalidAccessKeyId"), "dynamodb": (400, "UnrecognizedClientException")}
EXPIRED = {"s3": (400, "ExpiredToken"), "dynamodb": (400, "ExpiredTokenException")}
SKEWED = {"s3": (403, "RequestTimeTooSkewed"), "dynamodb": (400, "InvalidSignatureException")}
SERVICES = list(REQUESTS)


def signed(url: str, service: str, key: str, secret: str, token: str | None = None) -> httpx.Request:
    method, path, headers, body = REQUESTS[service]
    request = AWSRequest(method, url + path, headers=dict(headers), data=body)
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    auth(Credentials(key, secret, token), service, "us-east-1").add_auth(request)
    return httpx.Request(method, url + path, headers=dict(request.headers.items()), content=body)


def code(response: httpx.Response) -> tuple[int, str]:
    text = response.text
    if response.headers["content-type"].startswith("application/x-amz-json"):
        return response.status_code, json.loads(text)["__type"].rpartition("#")[2]
    return response.status_code, text.partition("<Code>")[2].partition("</Code>")[0]


def send(request: httpx.Request, change: Callable[[httpx.Request], None] | None = None) -> httpx.Response:
    if change is not None:
        change(request)
    with httpx.Client() as client:
        return client.send(request)


@pytest.mark.parametrize("service", SERVICES)
def test_signed(local: Any, service: str) -> None:
    assert send(signed(local.url, service, local.key, local.secret)).status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_not_signed(local: Any, service: str) -> None:
    method, path, headers, body = REQUESTS[service]
    with httpx.Client() as client:
        answer = client.request(method, local.url + path, headers=headers, content=body)
    # without a signature a form names no service: it is answered as STS would
    assert code(answer) == MISSING.get(service, (403, "MissingAuthenticationToken"))


@pytest.mark.parametrize("service", SERVICES)
def test_wrong_secret(local: Any, service: str) -> None:
    answer = send(signed(local.url, service, local.key, "wrong"))
    assert code(answer) == WRONG.get(service, (403, "SignatureDoesNotMatch"))


def _header(name: str, value: str) -> Callable[[httpx.Request], None]:
    return lambda request: request.headers.update({name: value})


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("header", ["x-amz-date", "host"])
def test_changed_header(local: Any, service: str, header: str) -> None:
    request = signed(local.url, service, local.key, local.secret)
    old = request.headers.get(header)
    new = old[:-2] + ("1Z" if old[-2] != "1" else "2Z") if header == "x-amz-date" else "elsewhere:1"
    assert code(send(request, _header(header, new))) == WRONG.get(service, (403, "SignatureDoesNotMatch"))


@pytest.mark.parametrize("service", SERVICES)
def test_changed_query(local: Any, service: str) -> None:
    request = signed(local.url, service, local.key, local.secret)
    request.url = httpx.URL(str(request.url) + "?prefix=x")
    assert code(send(request)) == WRONG.get(service, (403, "SignatureDoesNotMatch"))


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "s3"])
def test_changed_body(local: Any, service: str) -> None:
    request = signed(local.url, service, local.key, local.secret)
    body = request.content + b" "
    changed = httpx.Request(request.method, request.url, headers=[
        (name, value) for name, value in request.headers.items() if name != "content-length"
    ], content=body)  # fmt: skip
    assert code(send(changed)) == WRONG.get(service, (403, "SignatureDoesNotMatch"))


@pytest.mark.parametrize("service", SERVICES)
def test_unknown_key(local: Any, service: str) -> None:
    answer = send(signed(local.url, service, "AKIAUNKNOWNUNKNOWNXX", local.secret))
    assert code(answer) == UNKNOWN.get(service, (403, "InvalidClientTokenId"))


@pytest.mark.parametrize("service", SERVICES)
def test_inactive_key(local: Any, service: str) -> None:
    user = f"inactive-{service}"
    key = local.user(user, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    request = signed(local.url, service, key["AccessKeyId"], key["SecretAccessKey"])
    assert send(request).status_code == 200
    local.client("iam").update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code(send(request)) == UNKNOWN.get(service, (403, "InvalidClientTokenId"))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("minutes", [-16, 16])
def test_clocks_apart(local: Any, service: str, minutes: int) -> None:
    local.clock.offset = timedelta(minutes=minutes)
    answer = send(signed(local.url, service, local.key, local.secret))
    assert code(answer) == SKEWED.get(service, (403, "SignatureDoesNotMatch"))
    local.clock.offset = timedelta(minutes=minutes - (2 if minutes > 0 else -2))
    assert send(signed(local.url, service, local.key, local.secret)).status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_session_tokens(local: Any, service: str) -> None:
    made = local.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    keys = made["AccessKeyId"], made["SecretAccessKey"]
    answer = send(signed(local.url, service, *keys, made["SessionToken"]))
    if service == "iam":  # which takes such credentials with MFA only
        assert code(answer) == (403, "InvalidClientTokenId")
    else:
        assert answer.status_code == 200
    bad = {"s3": (400, "InvalidToken")} if service == "s3" else UNKNOWN
    for token in (None, "another", made["SessionToken"] + "x"):
        expected = bad.get(service, (403, "InvalidClientTokenId"))
        if service == "s3" and token is None:
            expected = (403, "InvalidAccessKeyId")
        assert code(send(signed(local.url, service, *keys, token))) == expected
    request = signed(local.url, service, *keys, made["SessionToken"])
    local.clock.offset = timedelta(minutes=15, seconds=5)
    answer = send(request)  # by now as old as its token: the token is told first
    assert code(answer) == EXPIRED.get(service, (403, "ExpiredToken"))


def test_presigned(local: Any) -> None:
    s3 = local.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="presigned")
    s3.put_object(Bucket="presigned", Key="a b/ü+%", Body=b"text")
    params = {"Bucket": "presigned", "Key": "a b/ü+%"}
    url = s3.generate_presigned_url("get_object", params, ExpiresIn=60)
    assert httpx.get(url).content == b"text"
    assert code(httpx.put(url, content=b"x")) == (403, "SignatureDoesNotMatch")
    assert code(httpx.get(url + "&versionId=null")) == (403, "SignatureDoesNotMatch")
    assert code(httpx.get(url.replace("a%20b", "a%20c"))) == (403, "SignatureDoesNotMatch")
    local.clock.offset = timedelta(seconds=62)
    expired = httpx.get(url)
    assert code(expired) == (403, "AccessDenied")
    assert "Request has expired" in expired.text
    local.clock.offset = timedelta()
    put = s3.generate_presigned_url("put_object", params, ExpiresIn=60)
    assert httpx.put(put, content=b"new").status_code == 200
    assert s3.get_object(**params)["Body"].read() == b"new"
    for change in (("X-Amz-Expires=60", "X-Amz-Expires=604801"), ("X-Amz-Signature=", "x=")):
        assert code(httpx.get(url.replace(*change))) == (400, "AuthorizationQueryParametersError")


def test_older_presigned_urls(local: Any) -> None:
    """What boto3 and the CLI make for us-east-1 unless told otherwise."""
    import boto3
    from botocore.config import Config

    session = local.client("sts").get_session_token()["Credentials"]
    long_term = {"AccessKeyId": local.key, "SecretAccessKey": local.secret}
    local.client("s3").create_bucket(Bucket="older")
    for keys in (long_term, session):
        s3 = boto3.client(
            "s3", region_name="us-east-1", endpoint_url=local.url, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"),
            config=Config(signature_version="s3"),
        )  # fmt: skip
        params = {"Bucket": "older", "Key": "a b/ü+%"}
        put = s3.generate_presigned_url("put_object", params, ExpiresIn=60)
        assert httpx.put(put, content=b"text").status_code == 200
        url = s3.generate_presigned_url("get_object", params | {"ResponseContentType": "a/b"}, ExpiresIn=60)
        assert "Signature=" in url and "X-Amz" not in url
        got = httpx.get(url)
        assert (got.content, got.headers["content-type"]) == (b"text", "a/b")
        assert code(httpx.put(url, content=b"x")) == (403, "SignatureDoesNotMatch")
        assert code(httpx.get(url.replace("a%20b", "c"))) == (403, "SignatureDoesNotMatch")
        assert code(httpx.get(url + "&versionId=null")) == (403, "SignatureDoesNotMatch")
        assert code(httpx.get(url.replace("Signature=", "S="))) == (403, "AccessDenied")
        local.clock.offset = timedelta(seconds=62)
        assert "Request has expired" in httpx.get(url).text
        local.clock.offset = timedelta()


def test_presigned_caller_identity(local: Any) -> None:
    url = local.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    assert ":user/admin" in httpx.get(url).text
    assert code(httpx.get(url + "x")) == (403, "SignatureDoesNotMatch")


def test_a_body_that_is_not_what_was_signed(local: Any) -> None:
    s3 = local.client("s3", read_timeout=20)  # a client of its own
    s3.create_bucket(Bucket="tampered")

    def change(request: Any, **_: Any) -> None:
        request.body = b"other"

    s3.meta.events.register("before-send.s3.PutObject", change)
    with pytest.raises(botocore.exceptions.ClientError, match=r"XAmzContentSHA256Mismatch|BadDigest"):
        s3.put_object(Bucket="tampered", Key="k", Body=b"right")
    assert s3.list_objects_v2(Bucket="tampered")["KeyCount"] == 0


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"])
def test_checksums(local: Any, algorithm: str) -> None:
    s3 = local.client("s3")
    bucket = f"checksums-{algorithm.lower()}"
    s3.create_bucket(Bucket=bucket)
    sent = s3.put_object(Bucket=bucket, Key="k", Body=b"text", ChecksumAlgorithm=algorithm)[f"Checksum{algorithm}"]
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == sent
    assert got["Body"].read() == b"text"
    with pytest.raises(botocore.exceptions.ClientError, match=r"BadDigest|InvalidRequest"):
        s3.put_object(Bucket=bucket, Key="wrong", Body=b"text", **{f"Checksum{algorithm}": sent[::-1]})
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]


def test_an_unknown_service_is_refused_readably(local: Any) -> None:
    for service, call in (("sqs", "list_queues"), ("ec2", "describe_vpcs"), ("lambda", "list_functions")):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            getattr(local.client(service), call)()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
