"""Tags of clusters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.paging import decode, encode
from slipher.cloud.redshift.common import page_size
from slipher.cloud.state.redshift import clusters

MAX_TAGS = 50


def checked(tags: Any) -> list[dict[str, str]]:
    """Tags of a request; InvalidTagFault for those that Redshift would not take."""
    found = {tag["Key"]: tag.get("Value") or "" for tag in tags or []}
    if len(found) > MAX_TAGS:
        raise AwsError("TagLimitExceededFault", "You have exceeded the number of tags allowed.")
    if any(
        not key or key.lower().startswith("aws:") or len(key) > 128 or len(value) > 256 for key, value in found.items()
    ):
        raise AwsError("InvalidTagFault", "The tag is invalid.")
    return [{"Key": key, "Value": value} for key, value in found.items()]


def matches(tags: list[dict[str, str]], params: Any) -> bool:
    """Whether a resource has any of the TagKeys and any of the TagValues of a request."""
    keys, values = params.get("TagKeys"), params.get("TagValues")
    return (not keys or any(tag["Key"] in keys for tag in tags)) and (
        not values or any(tag["Value"] in values for tag in tags)
    )


def _cluster(db: Connection, call: Call) -> Row[Any]:
    arn = str(call.params["ResourceName"])
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "redshift":
        raise AwsError("InvalidParameterValue", f"The ARN is not valid: {arn}")
    if parts[5] != "cluster":
        raise AwsError("NotImplemented", f"Tags of a {parts[5]} are not implemented by Slipher yet.", 501)
    row = db.execute(select(clusters).where(clusters.c.arn == arn, clusters.c.account == call.account)).first()
    if row is None:
        raise AwsError("ResourceNotFoundFault", f"The resource {arn} could not be found.", 404)
    return row


def _write(db: Connection, row: Row[Any], tags: list[dict[str, str]]) -> None:
    db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=row.facts | {"Tags": tags}))


def create(call: Call) -> None:
    """CreateTags."""
    with call.gateway.transaction() as db:
        row = _cluster(db, call)
        _write(db, row, checked([*row.facts.get("Tags", []), *call.params["Tags"]]))


def delete_(call: Call) -> None:
    """DeleteTags."""
    with call.gateway.transaction() as db:
        row = _cluster(db, call)
        _write(db, row, [tag for tag in row.facts.get("Tags", []) if tag["Key"] not in call.params["TagKeys"]])


def describe(call: Call) -> dict[str, Any]:
    """DescribeTags: of one resource, or of all of a type; the only resources with tags here are clusters."""
    params = call.params
    if params.get("ResourceName") and params.get("ResourceType"):
        raise AwsError("InvalidParameterCombination", "ResourceName and ResourceType cannot both be specified.")
    if params.get("ResourceType") not in (None, "cluster", "Cluster"):
        return {"TaggedResources": []}
    with call.gateway.read() as db:
        if params.get("ResourceName"):
            rows: list[Row[Any]] = [_cluster(db, call)]
        else:
            where = (clusters.c.account == call.account, clusters.c.region == call.region)
            rows = list(db.execute(select(clusters).where(*where).order_by(clusters.c.id)))
    found = [
        {"Tag": tag, "ResourceName": row.arn, "ResourceType": "cluster"}
        for row in rows
        for tag in sorted(row.facts.get("Tags", []), key=lambda tag: str(tag["Key"]))
        if matches([tag], params)
    ]
    start = int(decode(params["Marker"])) if params.get("Marker") else 0
    limit = page_size(call)
    page = {"TaggedResources": found[start : start + limit]}
    return page | ({"Marker": encode(str(start + limit))} if len(found) > start + limit else {})
