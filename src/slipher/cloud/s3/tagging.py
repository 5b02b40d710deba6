"""Tags of objects: PutObjectTagging and its relatives; what copies and reads make of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, update

from slipher.base.errors import AwsError
from slipher.cloud.authorize import decide
from slipher.cloud.call import Call
from slipher.cloud.s3 import index, versions
from slipher.cloud.s3.buckets import find
from slipher.cloud.s3.policies import resource_policy
from slipher.cloud.s3.tags import checked
from slipher.cloud.state.s3 import objects, versions as kept

NAME = "Tags"  # among an object's facts


def _arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}"


def counted(call: Call, row: Row[Any]) -> dict[str, Any]:
    """{"TagCount": n} for who may see the tags."""
    tags = row.facts.get(NAME)
    if not tags:
        return {}
    arn = _arn(row.bucket, str(call.params["Key"]))
    _, decision = decide(call, "s3:GetObjectTagging", arn, None, resource_policy(call))
    return {"TagCount": len(tags)} if decision.allowed else {}


def copied(call: Call, row: Row[Any], bucket: str, key: str, version: str | None) -> list[dict[str, str]]:
    """The tags that a copy takes along: its caller may read them there, and write them here."""
    tags: list[dict[str, str]] = row.facts.get(NAME) or []
    if tags:
        action = "s3:GetObjectTagging" if version is None else "s3:GetObjectVersionTagging"
        call.require(action, _arn(bucket, key), None, resource_policy(call, bucket))
        target = _arn(str(call.params["Bucket"]), str(call.params["Key"]))
        call.require("s3:PutObjectTagging", target, None, resource_policy(call))
    return tags


def _change(call: Call, tags: list[dict[str, str]]) -> dict[str, Any]:
    """Write an object's tags, in the version that a request names."""
    key = str(call.params["Key"]).encode("utf-8", "surrogateescape")
    wanted = call.params.get("VersionId")
    if wanted is not None:
        versions.asked(call, key, str(wanted))
    with call.gateway.transaction() as db:
        bucket = find(db, call).name
        row = versions.find_version(db, bucket, key, str(wanted)) if wanted else index.current(db, bucket, key)
        if row is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404, extra={"Key": call.params["Key"]})
        facts = {name: value for name, value in row.facts.items() if name != NAME} | ({NAME: tags} if tags else {})
        table = kept if "marker" in row._fields else objects
        here = [table.c.bucket == bucket, table.c.key == key]
        if table is kept:
            here.append(kept.c.age == row.age)
        db.execute(update(table).where(*here).values(facts=facts))
    return versions.shown(call, row)


def put(call: Call) -> dict[str, Any]:
    """PutObjectTagging."""
    return _change(call, checked(call.params["Tagging"].get("TagSet") or []))


def delete_(call: Call) -> dict[str, Any]:
    """DeleteObjectTagging."""
    return _change(call, [])
