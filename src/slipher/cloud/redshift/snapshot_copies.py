"""CopyClusterSnapshot, and which accounts may restore a snapshot."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, errands, snapshots as manual
from slipher.cloud.redshift.snapshot_ends import kind_of
from slipher.cloud.state.redshift import snapshots

MOST_ACCOUNTS = 20


def source(call: Call) -> str:
    """What policies name: the snapshot that is copied."""
    name = str(call.params.get("SourceSnapshotIdentifier") or "*").lower()
    return manual.resource_named(call, name, str(call.params.get("SourceSnapshotClusterIdentifier") or "*").lower())


def copy(call: Call) -> dict[str, Any]:
    """CopyClusterSnapshot: an automated snapshot as a manual one, of the same file."""
    params, gateway = call.params, call.gateway
    name = str(params["TargetSnapshotIdentifier"]).lower()
    common.check_identifier(name, "TargetSnapshotIdentifier")
    days = common.check_days(-1 if (given := params.get("ManualSnapshotRetentionPeriod")) is None else given)
    with gateway.transaction() as db:
        row = manual.find(
            db, call, str(params["SourceSnapshotIdentifier"]), params.get("SourceSnapshotClusterIdentifier")
        )
        if kind_of(row) != "automated" or row.status != "available":
            raise AwsError(
                "InvalidClusterSnapshotState", f"The snapshot {row.id} is not an available automated snapshot."
            )
        if manual.row_of(db, call, name) is not None:
            raise AwsError("ClusterSnapshotAlreadyExists", f"A snapshot with the identifier {name} already exists.")
        now, file = gateway.now(), secrets.token_hex(8)
        try:
            errands.hard_link(gateway, row.file, file)  # before the row: a file that no row names is swept
        except FileNotFoundError as error:
            raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} cannot be copied: {error}.") from None
        values: dict[str, Any] = {
            **row._mapping,
            "arn": manual.arn_of(call, row.cluster_id, name),
            "id": name,
            "file": file,
            "status": "creating",
            "due": now + gateway.settings.transition_seconds,
            "facts": row.facts | {"Days": days, "DaysSince": now, "Tags": []},
            "created": now,
        }
        db.execute(insert(snapshots).values(**values))
        made = manual.row_of(db, call, name)
        assert made is not None
        return {"Snapshot": manual.shape(gateway, made)}


def _shared(call: Call, db: Connection) -> Row[Any]:
    name = call.params.get("SnapshotIdentifier") or str(call.params.get("SnapshotArn") or "").rpartition("/")[2]
    if not name:
        raise AwsError("InvalidParameterCombination", "Either SnapshotIdentifier or SnapshotArn must be specified.")
    row = manual.find(db, call, str(name))
    if call.params.get("SnapshotArn") not in (None, row.arn):
        raise AwsError("ClusterSnapshotNotFound", f"Snapshot {call.params['SnapshotArn']} not found.", 404)
    return row


def _share(call: Call, db: Connection, row: Row[Any], accounts: list[str]) -> dict[str, Any]:
    db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(facts=row.facts | {"Access": accounts}))
    now = db.execute(select(snapshots).where(snapshots.c.arn == row.arn)).one()
    return {"Snapshot": manual.shape(call.gateway, now)}


def authorize(call: Call) -> dict[str, Any]:
    """AuthorizeSnapshotAccess."""
    account = str(call.params["AccountWithRestoreAccess"])
    if not (account.isdigit() and len(account) == 12):
        raise AwsError("InvalidParameterValue", f"The account {account} is not valid.")
    with call.gateway.transaction() as db:
        row = _shared(call, db)
        if kind_of(row) == "automated" or row.status != "available":
            raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} is not an available manual snapshot.")
        now = list(row.facts.get("Access", []))
        if account in now:
            raise AwsError("AuthorizationAlreadyExists", "The specified account already has access to the snapshot.")
        if len(now) >= MOST_ACCOUNTS:
            raise AwsError("AuthorizationQuotaExceeded", f"A snapshot can be shared with {MOST_ACCOUNTS} accounts.")
        return _share(call, db, row, [*now, account])


def revoke(call: Call) -> dict[str, Any]:
    """RevokeSnapshotAccess."""
    account = str(call.params["AccountWithRestoreAccess"])
    with call.gateway.transaction() as db:
        row = _shared(call, db)
        now = list(row.facts.get("Access", []))
        if account not in now:
            raise AwsError("AuthorizationNotFound", "The specified account has no access to the snapshot.", 404)
        return _share(call, db, row, [one for one in now if one != account])
