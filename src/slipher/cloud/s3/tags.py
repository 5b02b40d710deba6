"""Tags of objects and buckets: what may be one, and the operations on those of an object."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from slipher.base.errors import AwsError

ALLOWED = re.compile(r"[\w\s+\-=._:/@]*", re.UNICODE)


def checked(tags: list[dict[str, str]], most: int = 10) -> list[dict[str, str]]:
    """A tag set, if it may be one."""
    if len(tags) > most:
        kind = (
            "Object tags cannot be greater than 10" if most == 10 else f"Bucket tag count cannot be greater than {most}"
        )
        raise AwsError("BadRequest" if most == 10 else "InvalidTag", kind)
    keys = [str(one.get("Key") or "") for one in tags]
    if len(set(keys)) != len(keys):
        raise AwsError("InvalidTag", "Cannot provide multiple Tags with the same key")
    for one in tags:
        key, value = str(one.get("Key") or ""), str(one.get("Value") or "")
        if not 1 <= len(key) <= 128 or not ALLOWED.fullmatch(key):
            raise AwsError("InvalidTag", "The TagKey you have provided is invalid", extra={"TagKey": key})
        if len(value) > 256 or not ALLOWED.fullmatch(value):
            raise AwsError(
                "InvalidTag", "The TagValue you have provided is invalid", extra={"TagKey": key, "TagValue": value}
            )
        if key.lower().startswith("aws:"):
            raise AwsError("InvalidTag", "System tags cannot be added/updated by requester")
    return [{"Key": key, "Value": str(one.get("Value") or "")} for key, one in zip(keys, tags, strict=True)]


def of_header(text: str) -> list[dict[str, str]]:
    """The tags of x-amz-tagging: URL-encoded pairs."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError:
        raise AwsError(
            "InvalidArgument",
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
            "duplicates.",
            extra={"ArgumentName": "x-amz-tagging", "ArgumentValue": text},
        ) from None
    return checked([{"Key": key, "Value": value} for key, value in pairs])


def context(tags: list[dict[str, str]] | None, prefix: str) -> dict[str, Any]:
    """Condition keys of tags: s3:ExistingObjectTag/key, or s3:RequestObjectTag/key and s3:RequestObjectTagKeys."""
    found: dict[str, Any] = {f"{prefix}/{one['Key']}": one["Value"] for one in tags or ()}
    if prefix == "s3:RequestObjectTag" and tags:
        found["s3:RequestObjectTagKeys"] = [one["Key"] for one in tags]
    return found
