"""Lists of keys: by byte order, by prefix, with common prefixes skipped over by range seeks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3.buckets import find, owner
from slipher.cloud.state.s3 import objects

MAX_KEYS = 1000
TOKEN = b"\1"  # the first byte of what a continuation token holds


def after_prefix(prefix: bytes) -> bytes | None:
    """The least key greater than every key with a prefix; None if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,)) if stripped else None


def entries(
    db: Connection, bucket: str, prefix: bytes, delimiter: bytes, after: bytes, limit: int
) -> Iterator[tuple[bytes, Any]]:
    """(key, row) and (common prefix, None) in byte order, those greater than `after`; at most `limit`."""
    end = after_prefix(prefix)
    low, inclusive = (prefix, True) if after < prefix else (after, False)
    count = 0
    # with a delimiter most keys may be skipped: small reads, and a seek past what shares the prefix that was just given
    most = 100 if delimiter else limit
    while count < limit:
        condition = (objects.c.bucket == bucket) & (objects.c.key >= low if inclusive else objects.c.key > low)
        if end is not None:
            condition &= objects.c.key < end
        columns = (objects.c.key, objects.c.size, objects.c.etag, objects.c.modified, objects.c.facts)
        rows = db.execute(select(*columns).where(condition).order_by(objects.c.key).limit(most)).all()
        skip: bytes | None = None
        for row in rows:
            if skip is not None and row.key < skip:
                continue
            if count == limit:
                return
            cut = row.key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                yield row.key, row
                count += 1
                continue
            common = row.key[: cut + len(delimiter)]
            following = after_prefix(common)
            if common > after:
                yield common, None
                count += 1
            if following is None:
                return
            skip = following
        if len(rows) < most:
            return
        low, inclusive = rows[-1].key, False
        if skip is not None and skip > low:
            low, inclusive = skip, True


def text_of(key: bytes, call: Call) -> str:
    """A key as the answer shows it."""
    text = key.decode()
    return quote(text, safe="/-_.~*()!'") if call.params.get("EncodingType") == "url" else text


def _list(call: Call, after: bytes, member_of_next: str) -> dict[str, Any]:
    params = call.params
    if params.get("EncodingType") not in (None, "url"):
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request")
    limit = params.get("MaxKeys")
    limit = MAX_KEYS if limit is None else limit
    if limit < 0:
        raise AwsError("InvalidArgument", "maxKeys must be greater than or equal to 0")
    limit = min(limit, MAX_KEYS)
    prefix, delimiter = str(params.get("Prefix") or ""), str(params.get("Delimiter") or "")
    contents: list[dict[str, Any]] = []
    prefixes: list[dict[str, str]] = []
    last, truncated = b"", False
    with call.gateway.read() as db:
        row = find(db, call)
        for key, found in entries(db, row.name, prefix.encode(), delimiter.encode(), after, limit + 1 if limit else 0):
            if len(contents) + len(prefixes) == limit:
                truncated = True
                break
            last = key
            if found is None:
                prefixes.append({"Prefix": text_of(key, call)})
            else:
                contents.append(
                    {
                        "Key": text_of(key, call),
                        "LastModified": datetime.fromtimestamp(found.modified, UTC),
                        "ETag": f'"{found.etag}"',
                        "Size": found.size,
                        "StorageClass": found.facts.get("StorageClass", "STANDARD"),
                    }
                )
    result: dict[str, Any] = {
        "_owner": owner(row.account),
        "Name": row.name,
        "Prefix": text_of(prefix.encode(), call),
        "MaxKeys": limit,
        "IsTruncated": truncated,
        "Contents": contents,
        "CommonPrefixes": prefixes,
    }
    if delimiter:
        result["Delimiter"] = text_of(delimiter.encode(), call)
    if params.get("EncodingType"):
        result["EncodingType"] = params["EncodingType"]
    if truncated:
        result[member_of_next] = last
    return result


def list_v2(call: Call) -> dict[str, Any]:
    """ListObjectsV2."""
    params = call.params
    token = params.get("ContinuationToken")
    if token is not None:
        try:
            mark = base64.b64decode(token.encode(), b"-_", validate=True)
            if mark[:1] != TOKEN:
                raise ValueError
        except ValueError:
            raise AwsError("InvalidArgument", "The continuation token provided is incorrect") from None
        after = mark[1:]
    else:
        after = str(params.get("StartAfter") or "").encode()
    result = _list(call, after, "NextContinuationToken")
    if "NextContinuationToken" in result:
        result["NextContinuationToken"] = base64.urlsafe_b64encode(TOKEN + result["NextContinuationToken"]).decode()
    result["KeyCount"] = len(result["Contents"]) + len(result["CommonPrefixes"])
    if token is not None:
        result["ContinuationToken"] = token
    if params.get("StartAfter"):
        result["StartAfter"] = text_of(str(params["StartAfter"]).encode(), call)
    if params.get("FetchOwner"):
        for one in result["Contents"]:
            one["Owner"] = result["_owner"]
    del result["_owner"]
    return result


def list_v1(call: Call) -> dict[str, Any]:
    """ListObjects."""
    marker = str(call.params.get("Marker") or "")
    result = _list(call, marker.encode(), "NextMarker")
    result["Marker"] = text_of(marker.encode(), call)
    for one in result["Contents"]:
        one["Owner"] = result["_owner"]
    del result["_owner"]
    if "NextMarker" in result:
        result["NextMarker"] = text_of(result["NextMarker"], call)
        if not call.params.get("Delimiter"):
            del result["NextMarker"]
    return result
