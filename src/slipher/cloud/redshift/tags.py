"""Tags of clusters, snapshots, parameter groups, subnet groups and usage limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, and_, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import rows
from slipher.cloud.redshift.common import own
from slipher.cloud.state.redshift import clusters, records, snapshots

KINDS = (  # that can exist here
    "cluster", "snapshot", "parametergroup", "subnetgroup", "usagelimit", "snapshotschedule", "snapshotcopygrant",
    "eventsubscription",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource that can have tags: its ARN, its kind as ARNs and ResourceType name it, and where its facts are."""

    arn: str
    kind: str
    facts: dict[str, Any]
    table: Table
    where: Any

    @property
    def tags(self) -> list[dict[str, str]]:
        """Its tags."""
        return list(self.facts.get("Tags", []))

    def write(self, db: Connection, tags: list[dict[str, str]]) -> None:
        """Give it these tags."""
        db.execute(update(self.table).where(self.where).values(facts=self.facts | {"Tags": tags}))


def _every(db: Connection, call: Call) -> Iterator[Tagged]:
    """All resources of the account and region."""
    for table, kind in ((clusters, "cluster"), (snapshots, "snapshot")):
        for row in db.execute(select(table).where(*own(call, table)).order_by(table.c.id)):
            yield Tagged(row.arn, kind, row.facts, table, table.c.arn == row.arn)
    mine = (records.c.account == call.account, records.c.region == call.region)
    kept = (*mine, records.c.kind.in_(KINDS))
    for row in db.execute(select(records).where(*kept).order_by(records.c.kind, records.c.name)):
        arn = f"arn:aws:redshift:{call.region}:{call.account}:{row.kind}:{row.name}"
        yield Tagged(
            arn, row.kind, row.facts, records, and_(*mine, records.c.kind == row.kind, records.c.name == row.name)
        )


def _find(db: Connection, call: Call) -> Tagged:
    arn = str(call.params["ResourceName"])
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "redshift":
        raise AwsError("InvalidParameterValue", f"The ARN is not valid: {arn}")
    if parts[5] not in KINDS:
        raise AwsError("NotImplemented", f"Tags of a {parts[5]} are not implemented by Slipher yet.", 501)
    found = next((one for one in _every(db, call) if one.arn == arn), None)
    if found is None:
        raise AwsError("ResourceNotFoundFault", f"The resource {arn} could not be found.", 404)
    return found


def create(call: Call) -> None:
    """CreateTags."""
    with call.gateway.transaction() as db:
        one = _find(db, call)
        one.write(db, checked([*one.tags, *call.params["Tags"]]))


def delete_(call: Call) -> None:
    """DeleteTags."""
    with call.gateway.transaction() as db:
        one = _find(db, call)
        one.write(db, [tag for tag in one.tags if tag["Key"] not in call.params["TagKeys"]])


def describe(call: Call) -> dict[str, Any]:
    """DescribeTags: of one resource, or of all of a type."""
    params = call.params
    if params.get("ResourceName") and params.get("ResourceType"):
        raise AwsError("InvalidParameterCombination", "ResourceName and ResourceType cannot both be specified.")
    kind = str(params.get("ResourceType") or "").lower()
    with call.gateway.read() as db:
        every = [_find(db, call)] if params.get("ResourceName") else list(_every(db, call))
    found = [
        {"Tag": tag, "ResourceName": one.arn, "ResourceType": one.kind}
        for one in every
        if kind in ("", one.kind)
        for tag in sorted(one.tags, key=lambda tag: str(tag["Key"]))
        if matches([tag], params)
    ]
    return rows.page(call, "TaggedResources", found)
