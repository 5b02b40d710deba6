"""Uploads in parts, over a line that may lose the answer to what was done: nothing is left open unknown, nothing done fails."""

from __future__ import annotations

import contextlib
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from slipher.base.errors import SqlError
from slipher.warehouse.s3 import LISTING, S3, S3Failure, children, text_of


def create(s3: S3, bucket: str, key: str, headers: Mapping[str, str] | None = None) -> str:
    """Begin an upload; its id."""
    began = datetime.now(UTC)
    with _told(bucket, key):
        response, unsure = s3.attempts("POST", bucket, key, {"uploads": ""}, b"", headers)
    upload = text_of(ET.fromstring(response.data), "UploadId")
    if unsure:
        with contextlib.suppress(SqlError):  # as far as one may see them
            abort_since(s3, bucket, key, began, keep=upload)
    return upload


def part(s3: S3, bucket: str, key: str, upload: str, number: int, data: bytes) -> str:
    """Write a part (numbers from 1); its etag."""
    with _told(bucket, key):
        response, _ = s3.attempts("PUT", bucket, key, {"partNumber": str(number), "uploadId": upload}, data)
    return str(response.headers.get("etag", ""))


def complete(s3: S3, bucket: str, key: str, upload: str, etags: Sequence[str]) -> None:
    """Make the object of its parts."""
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    with _told(bucket, key):
        try:
            response, _ = s3.attempts("POST", bucket, key, {"uploadId": upload}, body)
        except S3Failure as failure:
            if failure.code == "NoSuchUpload" and failure.unsure and _stands(s3, bucket, key, etags):
                return
            raise
        root = ET.fromstring(response.data)
        if root.tag.rpartition("}")[2] == "Error":
            raise S3Failure(500, text_of(root, "Code"), text_of(root, "Message"), "", "")


def abort(s3: S3, bucket: str, key: str, upload: str) -> None:
    """Give an upload up."""
    with _told(bucket, key):
        s3.attempts("DELETE", bucket, key, {"uploadId": upload}, cancellable=False)


def abort_since(s3: S3, bucket: str, key: str, began: datetime, keep: str | None = None) -> None:
    """Give up the uploads of a key that were begun since then: those whose ids were never told, or are forgotten."""
    for upload, initiated in open_uploads(s3, bucket, key):
        if initiated >= began.replace(microsecond=0) and upload != keep:
            abort(s3, bucket, key, upload)


def open_uploads(s3: S3, bucket: str, key: str) -> Sequence[tuple[str, datetime]]:
    """The uploads of one key that are not completed: id, and when it was begun."""
    with _told(bucket, key):
        response, _ = s3.attempts("GET", bucket, "", {"uploads": "", "prefix": key}, cancellable=False)
    found = [one for one in children(ET.fromstring(response.data), "Upload") if text_of(one, "Key") == key]
    return [
        (text_of(one, "UploadId"), datetime.fromisoformat(text_of(one, "Initiated").replace("Z", "+00:00")))
        for one in found
    ]


def _stands(s3: S3, bucket: str, key: str, etags: Sequence[str]) -> bool:
    """Whether the object is the one made of these parts: its etag is the digest of theirs."""
    try:
        digests = b"".join(bytes.fromhex(etag.strip('"')) for etag in etags)
    except ValueError:  # etags that are no digests: nobody can tell
        return False
    found = s3.find(bucket, key)
    made = hashlib.md5(digests, usedforsecurity=False).hexdigest()
    return found is not None and found.etag.strip('"') == f"{made}-{len(etags)}"


@contextlib.contextmanager
def _told(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except S3Failure as failure:
        raise failure.as_sql(f"s3://{bucket}/{key}", LISTING) from None
