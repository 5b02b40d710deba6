"""Conditions that a request puts on what is stored: If-Match and its relatives, and ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from slipher.base.errors import AwsError

RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


def precondition(name: str) -> AwsError:
    """PreconditionFailed."""
    return AwsError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        extra={"Condition": name},
    )


def check_write(params: Mapping[str, Any], before: Row[Any] | None) -> None:
    """If-None-Match: * and If-Match of a request that writes or deletes."""
    if params.get("IfNoneMatch"):
        if params["IfNoneMatch"] != "*":
            raise AwsError(
                "NotImplemented",
                "A header you provided implies functionality that is not implemented: If-None-Match",
                501,
            )
        if before is not None:
            raise precondition("If-None-Match")
    wanted = params.get("IfMatch")
    if wanted:
        if before is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        if wanted != "*" and wanted.strip('"') != before.etag:
            raise precondition("If-Match")


def check_read(params: Mapping[str, Any], row: Row[Any], prefix: str = "") -> None:
    """The conditions of a read; those of CopyObject's source have a prefix, and fail with 412 where a read says 304."""
    modified = datetime.fromtimestamp(int(row.modified), UTC)

    def given(name: str) -> Any:
        return params.get(prefix + name)

    unchanged = precondition("If-None-Match") if prefix else AwsError("NotModified", "Not Modified", 304)
    if given("IfMatch") and given("IfMatch").strip('"') not in (row.etag, "*"):
        raise precondition("If-Match")
    if given("IfNoneMatch") and given("IfNoneMatch").strip('"') in (row.etag, "*"):
        raise unchanged
    if given("IfUnmodifiedSince") and not given("IfMatch") and modified > given("IfUnmodifiedSince"):
        raise precondition("If-Unmodified-Since")
    if given("IfModifiedSince") and not given("IfNoneMatch") and modified <= given("IfModifiedSince"):
        raise unchanged


def byte_range(text: str | None, size: int) -> tuple[int, int] | None:
    """(start, length) of a Range; None for the whole object, also if it is no range of bytes; 416 outside."""
    match = RANGE.fullmatch(text or "")
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    if first == "":
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or end <= start:
        raise AwsError(
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
            extra={"RangeRequested": str(text), "ActualObjectSize": str(size)},
            headers={"content-range": f"bytes */{size}"},
        )
    return start, end - start
