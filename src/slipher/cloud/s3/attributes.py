"""GetObjectAttributes, and the tags that GetObjectTagging shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3 import tagging, versions
from slipher.cloud.s3.facts import shown_checksums
from slipher.cloud.s3.objects import find_object

KNOWN = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")


def get(call: Call) -> dict[str, Any]:
    """GetObjectAttributes: what the request asks for. The parts of an upload are not kept once it is complete."""
    given = call.params["ObjectAttributes"]
    wanted = [one.strip() for text in given for one in text.split(",")]
    if not wanted or any(one not in KNOWN for one in wanted):
        raise AwsError("InvalidArgument", "Invalid attribute name specified.")
    row = find_object(call)
    sums = shown_checksums(row.facts)
    count = row.etag.partition("-")[2]
    every: dict[str, Any] = {
        "ETag": row.etag,
        "Checksum": sums or None,
        "ObjectParts": {"TotalPartsCount": int(count)} if count else None,
        "StorageClass": row.facts.get("StorageClass", "STANDARD"),
        "ObjectSize": row.size,
    }
    found = {name: every[name] for name in wanted if every[name] is not None}
    return found | {"LastModified": datetime.fromtimestamp(row.modified, UTC)} | versions.shown(call, row)


def tags(call: Call) -> dict[str, Any]:
    """GetObjectTagging."""
    row = find_object(call)
    return {"TagSet": row.facts.get(tagging.NAME) or []} | versions.shown(call, row)
