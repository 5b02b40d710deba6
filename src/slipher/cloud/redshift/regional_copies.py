"""Snapshots that are copied to another region: which clusters have it, grants for it, and the copies.

A copy is the same file under another name, in the other region, where clusters can be restored of it.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.kms.common import find as find_key
from slipher.cloud.redshift import common, errands, rows, tags
from slipher.cloud.redshift.shape import changed
from slipher.cloud.s3.regions import REGION
from slipher.cloud.state.redshift import clusters, records, snapshots

KIND = "snapshotcopygrant"
NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]|[a-z]")
DAYS = 7  # that automated copies are kept by default


def grant_resource(call: Call) -> str:
    """What policies name."""
    return rows.arn(call, KIND, str(call.params.get("SnapshotCopyGrantName") or "*").lower())


def _grant(db: Connection, call: Call, name: str) -> Row[Any]:
    row = rows.get(call, db, KIND, name.lower())
    if row is None:
        raise AwsError("SnapshotCopyGrantNotFoundFault", f"Snapshot copy grant {name} not found.")
    return row


def _shape(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    key = {"KmsKeyId": facts["KmsKeyId"]} if facts.get("KmsKeyId") else {}
    return {"SnapshotCopyGrantName": name, "Tags": facts["Tags"]} | key


def create_grant(call: Call) -> dict[str, Any]:
    """CreateSnapshotCopyGrant."""
    name, key = str(call.params["SnapshotCopyGrantName"]).lower(), call.params.get("KmsKeyId")
    if not NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"The parameter SnapshotCopyGrantName is not a valid name: {name}")
    if key:
        try:
            find_key(call, key)
        except AwsError:
            raise AwsError("InvalidParameterValue", f"The KMS key {key} does not exist.") from None
    facts = {"KmsKeyId": key, "Tags": tags.checked(call.params.get("Tags"))}
    with call.gateway.transaction() as db:
        if not rows.put(call, db, KIND, name, facts):
            raise AwsError("SnapshotCopyGrantAlreadyExistsFault", f"Snapshot copy grant {name} already exists.")
    return {"SnapshotCopyGrant": _shape(name, facts)}


def describe_grants(call: Call) -> dict[str, Any]:
    """DescribeSnapshotCopyGrants."""
    name = call.params.get("SnapshotCopyGrantName")
    with call.gateway.read() as db:
        found = [_grant(db, call, str(name))] if name else list(rows.every(call, db, KIND))
    shapes = [_shape(row.name, row.facts) for row in found if tags.matches(row.facts["Tags"], call.params)]
    return rows.page(call, "SnapshotCopyGrants", shapes)


def delete_grant(call: Call) -> None:
    """DeleteSnapshotCopyGrant: of one that no cluster copies by."""
    with call.gateway.transaction() as db:
        row = _grant(db, call, str(call.params["SnapshotCopyGrantName"]))
        mine = (clusters.c.account == call.account, common.provisioned(clusters.c.arn))
        for cluster in db.execute(select(clusters).where(*mine)):
            copy = cluster.facts.get("SnapshotCopy") or {}
            if (copy.get("DestinationRegion"), copy.get("SnapshotCopyGrantName")) == (call.region, row.name):
                raise AwsError("InvalidSnapshotCopyGrantStateFault", f"Snapshot copy grant {row.name} is in use.")
        rows.remove(call, db, KIND, row.name)


def enable(call: Call) -> dict[str, Any]:
    """EnableSnapshotCopy: of the snapshots that are made from now on."""
    params = call.params
    region, grant = str(params["DestinationRegion"]), str(params.get("SnapshotCopyGrantName") or "").lower()
    automated = _automated_days(params.get("RetentionPeriod"))
    manual = common.check_days(-1 if (given := params.get("ManualSnapshotRetentionPeriod")) is None else given)
    if not REGION.fullmatch(region) or region == call.region:
        raise AwsError("UnknownSnapshotCopyRegionFault", f"Snapshots cannot be copied to the region {region}.", 404)
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        if row.facts.get("SnapshotCopy"):
            raise AwsError("SnapshotCopyAlreadyEnabledFault", f"Cluster {row.id} already copies its snapshots.")
        if grant:
            there = (records.c.account == call.account, records.c.region == region, records.c.kind == KIND)
            if db.execute(select(records.c.name).where(*there, records.c.name == grant)).first() is None:
                raise AwsError("SnapshotCopyGrantNotFoundFault", f"Snapshot copy grant {grant} not found.")
        copy = {"DestinationRegion": region, "RetentionPeriod": automated, "ManualSnapshotRetentionPeriod": manual}
        copy |= {"SnapshotCopyGrantName": grant} if grant else {}
        _keep(db, row, copy)
        return changed(call, db)


def _automated_days(given: Any) -> int:
    days = DAYS if given is None else int(given)
    if not 1 <= days <= 35:
        raise AwsError("InvalidRetentionPeriodFault", "The retention period must be between 1 and 35 days.")
    return days


def _keep(db: Connection, row: Row[Any], copy: dict[str, Any] | None) -> None:
    db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=row.facts | {"SnapshotCopy": copy}))


def disable(call: Call) -> dict[str, Any]:
    """DisableSnapshotCopy: the copies that are there stay for their time."""
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        if not row.facts.get("SnapshotCopy"):
            raise AwsError("SnapshotCopyAlreadyDisabledFault", f"Cluster {row.id} does not copy its snapshots.")
        _keep(db, row, None)
        return changed(call, db)


def modify(call: Call) -> dict[str, Any]:
    """ModifySnapshotCopyRetentionPeriod: of automated copies, those that are there too; or of manual ones that will be."""
    params = call.params
    with call.gateway.transaction() as db:
        row = common.require_available(db, call)
        copy = row.facts.get("SnapshotCopy")
        if not copy:
            raise AwsError("SnapshotCopyDisabledFault", f"Cluster {row.id} does not copy its snapshots.")
        if params.get("Manual"):
            _keep(db, row, copy | {"ManualSnapshotRetentionPeriod": common.check_days(params["RetentionPeriod"])})
        else:
            _keep(db, row, copy | {"RetentionPeriod": _automated_days(params["RetentionPeriod"])})
        return changed(call, db)


def copy_made(gateway: Gateway, db: Connection, row: Row[Any]) -> None:
    """A snapshot has become available: copy it, if its cluster's are."""
    facts = db.scalar(select(clusters.c.facts).where(clusters.c.arn == row.cluster_arn)) or {}
    copy = facts.get("SnapshotCopy")
    if not copy:
        return
    region, file = copy["DestinationRegion"], secrets.token_hex(8)
    arn = f"arn:aws:redshift:{region}:{row.account}:snapshot:{row.cluster_id}/{row.id}"
    if db.execute(select(snapshots.c.arn).where(snapshots.c.arn == arn)).first():
        return
    errands.hard_link(gateway, row.file, file)
    days = copy["ManualSnapshotRetentionPeriod"]
    facts = row.facts | {"SourceRegion": row.region, "Days": days, "DaysSince": gateway.now(), "Tags": [], "Access": []}
    facts |= {"CopyDays": copy["RetentionPeriod"]}
    made = {**row._mapping, "arn": arn, "region": region, "file": file, "facts": facts, "status": "available"}
    db.execute(insert(snapshots).values(**made))
