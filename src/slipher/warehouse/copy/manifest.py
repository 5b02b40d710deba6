"""MANIFEST: which objects a manifest names, in its order, twice if named twice (source: reference on COPY, manifest)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from slipher.base.errors import SqlError, engine_error
from slipher.warehouse.s3 import S3, S3Object

NOT_A_KEY = "COPY with MANIFEST parameter requires full path of an S3 object."
MISSING = "Mandatory url is not present in manifest file"
LOCATION = "s3_utility.cpp:284"
LOOKUPS = 16  # requests for entries under way at once


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a manifest; `length` is meta.content_length, None where it says none."""

    bucket: str
    key: str
    mandatory: bool
    length: int | None


def read_manifest(s3: S3, bucket: str, key: str) -> list[Entry]:
    """A manifest's entries; SqlError for one that is not there or not well-formed."""
    if not key or key.endswith("/") or s3.find(bucket, key) is None:
        raise engine_error(NOT_A_KEY, location=LOCATION)
    url = f"s3://{bucket}/{key}"
    try:
        data = s3.read(bucket, key)
    except SqlError as error:
        raise engine_error(f"Problem reading manifest file - {error.message}", context=url, location=LOCATION) from None
    return entries(data, url)


def entries(data: bytes, url: str) -> list[Entry]:
    """The entries that a manifest's text names."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed(url, str(error)) from None
    listed = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _malformed(url, "it has no list 'entries'")
    return [_entry(one, url) for one in listed]


def _entry(one: Any, url: str) -> Entry:
    place = one.get("url") if isinstance(one, dict) else None
    if not isinstance(place, str) or not place.startswith("s3://"):
        raise _malformed(url, "an entry has no url of an S3 object")
    bucket, _, key = place[5:].partition("/")
    mandatory = one.get("mandatory", False)
    if not bucket or not key:
        raise _malformed(url, f"{place} is not the url of an S3 object")
    if not isinstance(mandatory, bool):
        raise _malformed(url, "mandatory must be true or false")
    meta = one.get("meta")
    length = meta.get("content_length") if isinstance(meta, dict) else None
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 0):
        raise _malformed(url, "content_length must be a number of bytes")
    return Entry(bucket, key, mandatory, length)


def _malformed(url: str, reason: str) -> SqlError:
    return engine_error(f"Problem reading manifest file - invalid manifest: {reason}", context=url, location=LOCATION)


def found(s3: S3, named: Sequence[Entry]) -> Iterator[tuple[Entry, S3Object]]:
    """Each entry whose object is there, several looked up at once; SqlError where a mandatory one is missing."""
    with ThreadPoolExecutor(min(LOOKUPS, max(len(named), 1)), "copy-manifest") as pool:
        waiting: deque[tuple[Entry, Future[S3Object | None]]] = deque()
        following = iter(named)
        try:
            while True:
                for entry in islice(following, 2 * LOOKUPS - len(waiting)):
                    waiting.append((entry, pool.submit(s3.find, entry.bucket, entry.key)))
                if not waiting:
                    return
                entry, looked = waiting.popleft()
                one = looked.result()
                if one is not None:
                    yield entry, one
                elif entry.mandatory:
                    raise engine_error(MISSING, context=f"s3://{entry.bucket}/{entry.key}", location=LOCATION)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
