"""S3 as the cluster uses it: raw signed requests over pooled connections, with retries, from any thread."""

from __future__ import annotations

import random
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import urllib3

from slipher.aws.sigv4 import EMPTY_HASH, sign
from slipher.base.errors import SqlError, engine_error
from slipher.warehouse.credentials import Provider
from slipher.warehouse.endpoint import Endpoint

if TYPE_CHECKING:
    from slipher.warehouse.statement import CancelToken

ATTEMPTS = 6
CHUNK = 1024 * 1024
UNSIGNED = "UNSIGNED-PAYLOAD"
REASON = "x-slipher-reason"
LISTING = "s3_utility.cpp:840"
READING = "table_s3_scanner.cpp:354"


@dataclass(frozen=True, slots=True)
class S3Object:
    """An object as a listing shows it."""

    key: str
    size: int
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class S3Request:
    """A request that was made, for stl_s3client: times in seconds since 1970."""

    method: str
    bucket: str
    key: str
    started: float
    ended: float
    size: int
    retries: int
    request_id: str
    error: str | None = None


class S3Failure(Exception):
    """An answer that is not success, not yet an SQL error. `reason` says which policy decided, where our front tells."""

    def __init__(
        self, status: int, code: str, message: str, request_id: str, host_id: str, reason: str | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.request_id, self.host_id = request_id, host_id
        self.reason = reason
        self.unsure = False  # an earlier try may have been carried out
        self.renewed = False  # the credentials had expired, and there are others now

    @property
    def passing(self) -> bool:
        """Whether another try may succeed."""
        return (
            self.renewed
            or self.status >= 500
            or self.code
            in (
                "SlowDown",
                "RequestTimeout",
                "RequestTimeTooSkewed",
                "InternalError",
            )
        )

    def as_sql(self, context: str, location: str, prefix: str = "") -> SqlError:
        """Redshift's text (source: reference on COPY, section 10)."""
        text = (
            f"{prefix}S3ServiceException:{self.message},Status {self.status},Error {self.code},"
            f"Rid {self.request_id},ExtRid {self.host_id},CanRetry 1"
        )
        process = "query" if location == READING else "padbmaster"
        return engine_error(text, context=context, location=location, process=process, hint=self.reason)


def pause(seconds: float, cancel: CancelToken | None) -> None:
    """Wait; ends at once, with its error, when the token is set."""
    if seconds <= 0:
        return
    wake = threading.Event()
    remove = cancel.listen(wake.set) if cancel is not None else (lambda: None)
    try:
        wake.wait(seconds)
    finally:
        remove()
    if cancel is not None:
        cancel.check()


class S3:
    """A client for one statement: endpoint, the region that requests are signed for, credentials, cancel token."""

    def __init__(
        self,
        endpoint: Endpoint,
        region: str,
        credentials: Provider,
        cancel: CancelToken,
        on_request: Callable[[S3Request], None] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._region = region
        self._credentials = credentials
        self.cancel = cancel
        self._on_request = on_request or (lambda request: None)

    # Reading

    def list(self, bucket: str, prefix: str) -> Iterator[S3Object]:
        """Every object whose key begins with the prefix, in the order of their keys' bytes."""
        token: str | None = None
        while True:
            query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
            if token:
                query["continuation-token"] = token
            data = self._simple("GET", bucket, "", query, context=f"Listing bucket={bucket} prefix={prefix}")
            root = ET.fromstring(data)
            yield from map(_listed, children(root, "Contents"))
            if text_of(root, "IsTruncated") != "true":
                return
            token = text_of(root, "NextContinuationToken")

    def find(self, bucket: str, key: str) -> S3Object | None:
        """One object as a listing shows it: its key is the first of those that begin with it. None if it is not there."""
        query = {"list-type": "2", "prefix": key, "max-keys": "1", "encoding-type": "url"}
        data = self._simple("GET", bucket, "", query, context=f"Listing bucket={bucket} prefix={key}")
        found = [_listed(item) for item in children(ET.fromstring(data), "Contents")]
        return found[0] if found and found[0].key == key else None

    def exists_any(self, bucket: str, prefix: str) -> bool:
        """Whether some object's key begins with the prefix."""
        query = {"list-type": "2", "prefix": prefix, "max-keys": "1"}
        data = self._simple("GET", bucket, "", query, context=f"Listing bucket={bucket} prefix={prefix}")
        return bool(children(ET.fromstring(data), "Contents"))

    def read(self, bucket: str, key: str) -> bytes:
        """A small object whole."""
        with self.open(bucket, key) as chunks:
            return b"".join(chunks)

    @contextmanager
    def open(
        self, bucket: str, key: str, *, etag: str | None = None, start: int = 0, end: int | None = None
    ) -> Iterator[Iterator[bytes]]:
        """An object's bytes, or those from `start` up to `end`, in chunks. A broken transfer is resumed where it stopped, if the
        object is still the one with that etag."""
        from slipher.warehouse.s3read import Reader

        reader = Reader(self, bucket, key, etag, start, end)
        try:
            yield reader.chunks()
        finally:
            reader.close()

    def default_encryption(self, bucket: str) -> dict[str, str]:
        """The headers that ask for a bucket's default encryption, as the bucket says it."""
        data = self._simple("GET", bucket, "", {"encryption": ""}, context=f"Encryption of bucket={bucket}")
        found = {one.tag.rpartition("}")[2]: one.text or "" for one in ET.fromstring(data).iter()}
        if found.get("SSEAlgorithm") != "aws:kms":
            return {"x-amz-server-side-encryption": "AES256"}
        return kms_headers(found.get("KMSMasterKeyID"))

    # Writing

    def put(self, bucket: str, key: str, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Write an object."""
        self._simple("PUT", bucket, key, {}, body=data, headers=headers, context=f"s3://{bucket}/{key}")

    def delete(self, bucket: str, keys: Sequence[str], *, cancellable: bool = True) -> None:
        """Delete objects; those that are not there do not matter."""
        for key in keys:
            self._simple("DELETE", bucket, key, {}, context=f"s3://{bucket}/{key}", cancellable=cancellable)

    # Requests

    def _simple(
        self,
        method: str,
        bucket: str,
        key: str,
        query: Mapping[str, str],
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        context: str,
        cancellable: bool = True,
    ) -> bytes:
        try:
            return bytes(self.attempts(method, bucket, key, query, body, headers, cancellable)[0].data)
        except S3Failure as failure:
            raise failure.as_sql(context, LISTING) from None

    def attempts(
        self,
        method: str,
        bucket: str,
        key: str,
        query: Mapping[str, str],
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        cancellable: bool = True,
    ) -> tuple[urllib3.BaseHTTPResponse, bool]:
        """A request, tried several times. The answer, and whether an earlier try may have been carried out unknown to us."""
        failure: S3Failure | None = None
        unsure = False
        for attempt in range(ATTEMPTS):
            if cancellable:
                self.cancel.check()
            if attempt:
                self.pause(attempt, cancellable)
            try:
                return self.request(method, bucket, key, query, body, headers, attempt), unsure
            except urllib3.exceptions.HTTPError as error:
                failure = S3Failure(
                    0, "ConnectionError", f"Unable to connect to endpoint ({type(error).__name__})", "", ""
                )
                unsure = True
            except S3Failure as error:
                failure = error
                unsure = unsure or error.status >= 500
                if not error.passing:
                    break
        assert failure is not None
        failure.unsure = unsure
        raise failure

    def pause(self, attempt: int, cancellable: bool = True) -> None:
        """Wait before another try, longer each time."""
        pause(min(0.05 * 2**attempt, 2.0) * random.uniform(0.5, 1.0), self.cancel if cancellable else None)

    def request(
        self,
        method: str,
        bucket: str,
        key: str,
        query: Mapping[str, str],
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        attempt: int = 0,
        *,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """One signed request; S3Failure for an answer that is not success."""
        url = self._endpoint.of_bucket(self._region, bucket) + (f"/{quote(key, safe='-._~/')}" if key else "")
        text = "&".join(
            f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in sorted(query.items())
        )
        url += f"?{text}" if text else ""
        hashed = UNSIGNED if body else EMPTY_HASH
        now = datetime.now(UTC)
        used = self._credentials()
        signed = sign(method, url, dict(headers or {}), hashed, used, "s3", self._region, now)
        response = self._endpoint.request(
            method,
            url,
            body=body or None,
            headers=signed,
            preload_content=not stream,
            decode_content=False,
        )
        request_id = str(response.headers.get("x-amz-request-id", ""))
        failed = None if response.status < 300 else _failure(response, request_id)
        size = 0 if stream else len(response.data) or len(body)
        self._on_request(
            S3Request(
                method,
                bucket,
                key or f"prefix={query.get('prefix', '')};marker={query.get('continuation-token', '')}",
                now.timestamp(),
                datetime.now(UTC).timestamp(),
                size,
                attempt,
                request_id,
                None if failed is None else f"{failed.code}: {failed.message}",
            )
        )
        if failed is not None:
            failed.renewed = failed.code == "ExpiredToken" and self._credentials(used) is not used
            raise failed
        return response


def kms_headers(key: str | None) -> dict[str, str]:
    """The headers of an object that is to be encrypted under a key of KMS; without: S3's own one."""
    headers = {"x-amz-server-side-encryption": "aws:kms"}
    return headers | ({"x-amz-server-side-encryption-aws-kms-key-id": key} if key else {})


def _failure(response: urllib3.BaseHTTPResponse, request_id: str) -> S3Failure:
    data = response.data
    response.release_conn()
    code, message = f"HTTP{response.status}", response.reason or ""
    try:
        root = ET.fromstring(data)
        code, message = text_of(root, "Code") or code, text_of(root, "Message") or message
    except ET.ParseError:
        if response.status == 412:
            code, message = "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"
    host_id = str(response.headers.get("x-amz-id-2", ""))
    reason = response.headers.get(REASON) if code == "AccessDenied" else None
    return S3Failure(response.status, code, message, request_id, host_id, reason)


def _listed(item: ET.Element) -> S3Object:
    return S3Object(
        _unquote(text_of(item, "Key")),
        int(text_of(item, "Size")),
        text_of(item, "ETag"),
        datetime.fromisoformat(text_of(item, "LastModified").replace("Z", "+00:00")),
    )


def children(root: ET.Element, name: str) -> Sequence[ET.Element]:
    """The elements of a name right below one, whatever their namespace."""
    return [one for one in root if one.tag.rpartition("}")[2] == name]


def text_of(root: ET.Element, name: str) -> str:
    """The text of the first such element; empty if there is none."""
    found = children(root, name)
    return (found[0].text or "") if found else ""


def _unquote(text: str) -> str:
    from urllib.parse import unquote_plus

    return unquote_plus(text)
