"""Reading an object of S3 across broken connections, and proving that what came is what is stored."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import urllib3

from slipher.aws.payload import Digest, checksum
from slipher.warehouse.s3 import ATTEMPTS, CHUNK, READING, S3Failure

if TYPE_CHECKING:
    from slipher.warehouse.s3 import S3

CHECKSUMS = ("crc64nvme", "crc32", "crc32c", "sha256", "sha1")


class Reader:
    """The bytes of one object, across broken connections."""

    def __init__(self, client: S3, bucket: str, key: str, etag: str | None, start: int, end: int | None) -> None:
        self._client, self._bucket, self._key = client, bucket, key
        self._etag, self._at, self._end = etag, start, end
        self._response: urllib3.BaseHTTPResponse | None = None
        self._length: int | None = None
        self._whole = start == 0 and end is None
        self._proof: tuple[Digest, str] | None = None  # of a whole object: its checksum, and what it must be

    def close(self) -> None:
        """Give the connection back; drop it if bytes are left on it."""
        response, self._response = self._response, None
        if response is not None:
            response.close()

    def chunks(self) -> Iterator[bytes]:
        """The bytes."""
        client = self._client
        attempt = 0
        while True:
            try:
                if self._response is None:
                    self._response = self._request(attempt)
                while True:
                    client.cancel.check()
                    data = self._response.read(CHUNK)
                    if not data:
                        break
                    self._at += len(data)
                    attempt = 0
                    if self._proof is not None:
                        self._proof[0].update(data)
                    yield data
                if self._length is None or self._at >= self._length:
                    self._response.release_conn()
                    self._response = None
                    self._prove()
                    return
                raise urllib3.exceptions.ProtocolError("the body ended early")
            except (urllib3.exceptions.HTTPError, S3Failure) as error:
                self.close()
                attempt += 1
                if isinstance(error, S3Failure):
                    failure = error
                else:
                    failure = S3Failure(0, "ConnectionError", "Connection to endpoint was lost", "", "")
                if attempt >= ATTEMPTS or (isinstance(error, S3Failure) and not error.passing):
                    context = f"S3 key being read : s3://{self._bucket}/{self._key}"
                    raise failure.as_sql(context, READING) from None
                client.pause(attempt)

    def _request(self, attempt: int) -> urllib3.BaseHTTPResponse:
        headers = {}
        if self._whole:
            headers["x-amz-checksum-mode"] = "ENABLED"
        if self._etag:
            headers["if-match"] = self._etag
        if self._at or self._end is not None:
            headers["range"] = f"bytes={self._at}-{'' if self._end is None else self._end - 1}"
        response = self._client.request("GET", self._bucket, self._key, {}, b"", headers, attempt, stream=True)
        length = response.headers.get("content-length")
        self._length = self._at + int(length) if length is not None else None
        if self._etag is None:
            self._etag = response.headers.get("etag")
        if self._whole and self._at == 0:
            self._proof = _proof(response.headers)
        return response

    def _prove(self) -> None:
        """Raise if the bytes that came are not the object's."""
        if self._proof is not None and base64.b64encode(self._proof[0].digest()).decode() != self._proof[1]:
            failure = S3Failure(0, "ChecksumMismatch", "The data that was received does not match its checksum", "", "")
            raise failure.as_sql(f"S3 key being read : s3://{self._bucket}/{self._key}", READING)


def _proof(headers: Mapping[str, str]) -> tuple[Digest, str] | None:
    """The first checksum of the whole object among an answer's headers, ready to be computed."""
    for name in CHECKSUMS:
        expected = headers.get(f"x-amz-checksum-{name}")
        if expected is not None and "-" not in expected:  # a '-' ends a checksum of checksums
            return checksum(name), expected
    return None
