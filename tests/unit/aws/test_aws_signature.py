"""Our signatures are botocore's; the framing of signed chunks and trailers accepts what is whole and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given, settings, strategies as st

from slipher.aws.payload import PayloadCheck, checksum
from slipher.aws.route import parse_query
from slipher.aws.sigv4 import EMPTY_HASH, Credentials, Presented, presented, sign, signing_key, verify
from slipher.base.errors import AwsError

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "the-token")
PATHS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6), max_size=4).map(
    lambda parts: "/" + quote("/".join(parts), safe="/-_.~")
)
QUERIES = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=6),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6),
    max_size=4,
).map(lambda pairs: urlencode(pairs, quote_via=quote, safe="-_.~"))
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@settings(max_examples=150)
@given(PATHS, QUERIES, st.sampled_from(["GET", "PUT", "POST"]), st.binary(max_size=20))
def test_what_botocore_signs_is_verified(path: str, query: str, method: str, body: bytes) -> None:
    request = AWSRequest(method, f"http://127.0.0.1:4566{path}" + (f"?{query}" if query else ""), data=body)
    request.headers["x-amz-meta-a"] = "two  words"
    botocore.auth.S3SigV4Auth(
        BotoCredentials(KEYS.access_key_id, KEYS.secret_access_key, KEYS.session_token), "s3", "eu-west-1"
    ).add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()} | {"host": "127.0.0.1:4566"}
    parts = urlsplit(request.url)
    found = presented(parse_query(parts.query), headers)
    assert found is not None
    moment = datetime.strptime(found.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    def check(**changed: object) -> None:
        facts = {
            "method": method,
            "raw_path": parts.path,
            "query_string": parts.query,
            "headers": headers,
            "payload_hash": headers["x-amz-content-sha256"],
        } | changed
        verify(found, KEYS.secret_access_key, moment, **facts)  # type: ignore[arg-type]

    check()
    for changed in (
        {"method": "DELETE"},
        {"raw_path": parts.path + "x"},
        {"query_string": parts.query + "&x=1"},
        {"headers": headers | {"x-amz-meta-a": "two word"}},
        {"headers": headers | {"host": "other"}},
        {"payload_hash": hashlib.sha256(body + b"x").hexdigest()},
    ):
        with pytest.raises(AwsError, match="SignatureDoesNotMatch"):
            check(**changed)


@settings(max_examples=100)
@given(PATHS, QUERIES, st.sampled_from(["s3", "dynamodb"]))
def test_what_we_sign_is_verified_by_ourselves_and_equals_botocores(path: str, query: str, service: str) -> None:
    url = f"http://127.0.0.1:4566{path}" + (f"?{query}" if query else "")
    ours = sign("GET", url, {"x-amz-meta-b": "1"}, EMPTY_HASH, KEYS, service, "us-east-1", NOW)
    parts = urlsplit(url)
    found = presented(parse_query(parts.query), ours)
    assert found is not None
    verify(
        found, KEYS.secret_access_key, NOW, method="GET", raw_path=parts.path, query_string=parts.query, headers=ours,
        payload_hash=EMPTY_HASH,
    )  # fmt: skip
    with pytest.raises(AwsError, match="RequestTimeTooSkewed" if service == "s3" else "Signature expired"):
        verify(
            found, KEYS.secret_access_key, NOW + timedelta(minutes=16), method="GET", raw_path=parts.path,
            query_string=parts.query, headers=ours, payload_hash=EMPTY_HASH,
        )  # fmt: skip


# --- bodies -----------------------------------------------------------------------------------------------------------

FOUND = Presented("AKID", "20260304", "us-east-1", "s3", ("host",), "f" * 64, "20260304T050607Z", None, None)
SECRET = "secret"


def _sign(text: str) -> str:
    return hmac.digest(signing_key(SECRET, "20260304", "us-east-1", "s3"), text.encode(), "sha256").hex()


def framed(chunks: list[bytes], trailers: dict[str, str], *, signed: bool) -> bytes:
    """A body in aws-chunked, written after AWS's description of it."""
    out, previous = b"", FOUND.signature
    for chunk in [*chunks, b""]:
        extension = ""
        if signed:
            previous = _sign(
                f"AWS4-HMAC-SHA256-PAYLOAD\n{FOUND.timestamp}\n{FOUND.scope}\n{previous}\n{EMPTY_HASH}\n"
                + hashlib.sha256(chunk).hexdigest()
            )
            extension = f";chunk-signature={previous}"
        out += f"{len(chunk):x}{extension}\r\n".encode() + chunk + (b"\r\n" if chunk else b"")
    lines = "".join(f"{name}:{value}\n" for name, value in trailers.items())
    out += lines.replace("\n", "\r\n").encode()
    if signed and trailers:
        mark = _sign(
            f"AWS4-HMAC-SHA256-TRAILER\n{FOUND.timestamp}\n{FOUND.scope}\n{previous}\n"
            + hashlib.sha256(lines.encode()).hexdigest()
        )
        out += f"x-amz-trailer-signature:{mark}\r\n".encode()
    return out + b"\r\n"


def digest(name: str, data: bytes) -> str:
    found = checksum(name)
    found.update(data)
    return base64.b64encode(found.digest()).decode()


def read(body: bytes, mode: str, trailer: str | None, size: int, step: int) -> bytes:
    headers = {"x-amz-content-sha256": mode, "x-amz-decoded-content-length": str(size)}
    if trailer:
        headers["x-amz-trailer"] = trailer
    check = PayloadCheck(headers, FOUND, SECRET)
    out = b"".join(check.feed(body[at : at + step]) for at in range(0, len(body), step))
    check.finish()
    return out


ALGORITHMS = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"]
CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=4)
SIGNED, UNSIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@settings(max_examples=200)
@given(CHUNKS, st.sampled_from([None, *ALGORITHMS]), st.booleans(), st.integers(1, 50), st.data())
def test_chunked_bodies(
    chunks: list[bytes], algorithm: str | None, signed: bool, step: int, data: st.DataObject
) -> None:
    payload = b"".join(chunks)
    name = f"x-amz-checksum-{algorithm}" if algorithm else None
    trailers = {name: digest(algorithm or "", payload)} if name else {}
    mode = (SIGNED + ("-TRAILER" if name else "")) if signed else UNSIGNED
    body = framed(chunks, trailers, signed=signed)
    assert read(body, mode, name, len(payload), step) == payload
    if not payload:
        return
    # one payload byte changed: the chunk's signature or the checksum tells; without both nobody can know
    at = body.index(chunks[0]) if chunks[0] in body else 0
    broken = bytearray(body)
    broken[at] ^= 1
    if signed or name:
        with pytest.raises(AwsError):
            read(bytes(broken), mode, name, len(payload), step)
    with pytest.raises(AwsError):  # cut off anywhere
        read(body[: data.draw(st.integers(0, max(len(body) - 3, 0)))], mode, name, len(payload), step)
    with pytest.raises(AwsError, match="IncompleteBody"):
        read(body, mode, name, len(payload) + 1, step)


def test_a_trailer_that_was_announced_must_come() -> None:
    with pytest.raises(AwsError, match="MalformedTrailerError"):
        read(framed([b"abc"], {}, signed=False), UNSIGNED, "x-amz-checksum-crc32", 3, 7)


@pytest.mark.parametrize("size", [b"-5", b"+5", b"0x5", b"1_0", b" 5", b"", b"fffffffffffffffff"])
def test_sizes_that_are_no_hexadecimal_numbers(size: bytes) -> None:
    with pytest.raises(AwsError):
        read(size + b"\r\nabcde\r\n0\r\n\r\n", UNSIGNED, None, 5, 100)


def test_payload_hash_of_no_known_form() -> None:
    with pytest.raises(AwsError, match="InvalidArgument"):
        PayloadCheck({"x-amz-content-sha256": "UNSIGNED"}, FOUND, SECRET)


def test_published_checksums() -> None:
    """Check values of the CRC catalogue for '123456789'."""
    assert base64.b64decode(digest("crc32", b"123456789")).hex() == "cbf43926" == f"{zlib.crc32(b'123456789'):08x}"
    assert base64.b64decode(digest("crc32c", b"123456789")).hex() == "e3069283"
    assert base64.b64decode(digest("crc64nvme", b"123456789")).hex() == "ae8b14860a799888"
