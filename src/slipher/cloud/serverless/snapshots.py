"""Snapshots of namespaces: copies of their databases, from which a namespace gets its data again."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common, errands, fleet, managed_password, snapshot_ends
from slipher.cloud.redshift.snapshot_ends import busy_files, remaining_days
from slipher.cloud.serverless.common import (
    arn,
    busy,
    conflict,
    in_our_words,
    kept_tags,
    moment,
    namespace,
    not_found,
    of_namespace,
    page,
    row_of,
    settle,
    workgroup,
)
from slipher.cloud.serverless.namespaces import OWN_KEY, shape as namespace_shape
from slipher.cloud.state.redshift import clusters, snapshots

KEPT = ("DBName", "MasterUsername", "PasswordSet")  # that come back with the data
STATUS = {"creating": "CREATING", "available": "AVAILABLE", "failed": "FAILED"}


def resource(call: Call) -> str:
    """What policies name: the snapshot of a request."""
    given = call.params.get("snapshotArn")
    with call.gateway.read() as db:
        row = _row(db, call, str(call.params.get("snapshotName") or given or ""))
    return str(row.arn if row is not None else given or arn(call, "snapshot", "*"))


def _mine(call: Call) -> tuple[Any, ...]:
    return (
        snapshots.c.account == call.account,
        snapshots.c.region == call.region,
        ~common.provisioned(snapshots.c.arn),
    )


def _row(db: Connection, call: Call, name: str) -> Row[Any] | None:
    return db.execute(
        select(snapshots).where(*_mine(call), (snapshots.c.id == name) | (snapshots.c.arn == name))
    ).first()


def _find(db: Connection, call: Call) -> Row[Any]:
    snapshot_ends.settle(call.gateway, db)
    params = call.params
    if bool(params.get("snapshotName")) == bool(params.get("snapshotArn")):
        raise invalid("Either snapshotName or snapshotArn must be specified, and not both.")
    if params.get("ownerAccount") not in (None, call.account):
        raise AwsError("AccessDeniedException", "The owner of the snapshot has not authorized your account.")
    name = str(params.get("snapshotName") or params["snapshotArn"])
    row = _row(db, call, name)
    if row is None:
        raise not_found("snapshot", name)
    return row


def _restorable(db: Connection, call: Call) -> Row[Any]:
    """The snapshot that a namespace is to be restored from: of a namespace, or by its ARN of a cluster."""
    arn_given = str(call.params.get("snapshotArn") or "")
    if not arn_given.startswith("arn:aws:redshift:") or call.params.get("snapshotName"):
        return _find(db, call)
    mine = (snapshots.c.account == call.account, snapshots.c.region == call.region, snapshots.c.arn == arn_given)
    row = db.execute(select(snapshots).where(*mine)).first()
    if row is None:
        raise not_found("snapshot", arn_given)
    return row


def shape(gateway: Gateway, row: Row[Any]) -> dict[str, Any]:
    """A snapshot as the API shows it."""
    facts = row.facts
    megabytes, left = facts.get("Bytes", 0) / 2**20, remaining_days(gateway, row)
    return {
        "snapshotName": row.id,
        "snapshotArn": row.arn,
        "namespaceName": row.cluster_id,
        "namespaceArn": row.cluster_arn,
        "snapshotCreateTime": moment(row.created),
        "adminUsername": facts["MasterUsername"],
        "status": STATUS[row.status],
        "kmsKeyId": OWN_KEY,
        "ownerAccount": row.account,
        "totalBackupSizeInMegaBytes": megabytes,
        "actualIncrementalBackupSizeInMegaBytes": megabytes,
        "backupProgressInMegaBytes": megabytes,
        "currentBackupRateInMegaBytesPerSecond": 0.0,
        "estimatedSecondsToCompletion": 0,
        "elapsedTimeInSeconds": int(facts.get("Seconds", 0)),
        "snapshotRetentionPeriod": facts["Days"],
        "snapshotRetentionStartTime": moment(facts["DaysSince"]),
        "accountsWithRestoreAccess": [],
        "accountsWithProvisionedRestoreAccess": [],
        **({} if left is None else {"snapshotRemainingDays": left}),
    }


def put(call: Call, db: Connection, row: Row[Any], name: str, days: Any, given: Any, *, final: bool) -> Row[Any]:
    """The row of a new snapshot, which asks for its file."""
    with in_our_words():
        common.check_identifier(name.lower(), "snapshotName")
        days = common.check_days(-1 if days is None else days)
    if _row(db, call, name) is not None:
        raise conflict(f"Serverless snapshot {name} already exists.")
    now = call.gateway.now()
    facts = {key: row.facts[key] for key in KEPT if key in row.facts}
    facts |= {"Days": days, "DaysSince": now, "Final": final, "Tags": kept_tags(given)}
    db.execute(
        insert(snapshots).values(
            arn=arn(call, "snapshot", str(uuid.uuid4())),
            account=call.account,
            region=call.region,
            id=name,
            cluster_arn=row.arn,
            cluster_id=row.facts["NamespaceName"],
            file=secrets.token_hex(8),
            status="creating",
            made=False,
            due=now + call.gateway.settings.transition_seconds,
            facts=facts,
            admin_password_md5=row.admin_password_md5,
            created=now,
        )
    )
    made = _row(db, call, name)
    assert made is not None
    return made


def create(call: Call) -> dict[str, Any]:
    """CreateSnapshot."""
    check(call)
    params, gateway = call.params, call.gateway
    with gateway.transaction() as db:
        settle(gateway, db)
        row = namespace(db, call)
        if of_namespace(db, row.arn) is None:
            raise invalid("You can't create a snapshot because there isn't a workgroup created for the namespace.")
        if row.transition is not None:
            raise busy("namespace")
        name, days = str(params["snapshotName"]), params.get("retentionPeriod")
        answer = shape(gateway, put(call, db, row, name, days, params.get("tags"), final=False))
    errands.begin(gateway)
    return {"snapshot": answer}


def get(call: Call) -> dict[str, Any]:
    """GetSnapshot."""
    check(call)
    with call.gateway.transaction() as db:
        return {"snapshot": shape(call.gateway, _find(db, call))}


def list_(call: Call) -> dict[str, Any]:
    """ListSnapshots."""
    check(call)
    params, gateway = call.params, call.gateway
    with gateway.transaction() as db:
        snapshot_ends.settle(gateway, db)
        every = db.execute(select(snapshots).where(*_mine(call)).order_by(snapshots.c.id)).all()
    start, end = params.get("startTime"), params.get("endTime")
    every = [
        row
        for row in every
        if params.get("namespaceName") in (None, row.cluster_id)
        and params.get("namespaceArn") in (None, row.cluster_arn)
        and params.get("ownerAccount") in (None, row.account)
        and (start is None or row.created >= start.timestamp())
        and (end is None or row.created <= end.timestamp())
    ]
    rows, more = page(call, "snapshots", every, lambda row: str(row.id))
    return {"snapshots": [shape(gateway, row) for row in rows]} | more


def update_(call: Call) -> dict[str, Any]:
    """UpdateSnapshot: how long it is kept."""
    check(call)
    days = call.params.get("retentionPeriod")
    with call.gateway.transaction() as db:
        row = _find(db, call)
        if days is not None:
            with in_our_words():
                facts = row.facts | {"Days": common.check_days(days)}
            db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(facts=facts))
        return {"snapshot": shape(call.gateway, _row(db, call, row.id) or row)}


def delete_(call: Call) -> dict[str, Any]:
    """DeleteSnapshot."""
    check(call)
    with call.gateway.transaction() as db:
        row = _find(db, call)
        if row.status == "creating" or row.file in busy_files(db):
            raise busy("snapshot")
        errands.forget(call.gateway, db, row)
        return {"snapshot": shape(call.gateway, row) | {"status": "DELETED"}}


def _managed(call: Call, db: Connection, row: Row[Any], values: dict[str, Any]) -> dict[str, Any]:
    """The secret with the administrator's password: of one that is no more so, and of one that shall be."""
    facts, changed = values["facts"], dict[str, Any]()
    if call.params.get("adminPasswordSecretKmsKeyId") and not call.params.get("manageAdminPassword"):
        raise invalid("You can only use adminPasswordSecretKmsKeyId if manageAdminPassword is true.")
    if facts.get("MasterPasswordSecret"):
        facts |= managed_password.end(call, db, row)
    if call.params.get("manageAdminPassword"):
        user = facts["MasterUsername"]
        with in_our_words():
            secret, password = managed_password.begin(call, db, facts["NamespaceName"], user)
        facts |= secret | {"PasswordSet": f":{call.gateway.now():.6f}"}
        changed["admin_password_md5"] = common.password_md5(user, password)
    return {"facts": facts, **changed}


def restore(call: Call) -> dict[str, Any]:
    """RestoreFromSnapshot: all data of a namespace, its users and grants among them, become the snapshot's."""
    check(call)
    gateway = call.gateway
    with gateway.transaction() as db:
        settle(gateway, db)
        row, group = namespace(db, call), workgroup(db, call)
        if group.namespace != row.arn:
            raise invalid(f"Workgroup {group.name} is not associated with namespace {row.facts['NamespaceName']}.")
        if group.deleting or row.transition is not None:
            raise busy("namespace")
        found = _restorable(db, call)
        if found.status != "available":
            raise conflict(f"The snapshot {found.id} is not available.")
        restored = {"File": found.file, "Status": "restoring", "Bytes": found.facts.get("Bytes", 0)}
        values = {
            "transition": "restoring",
            "due": gateway.now() + gateway.settings.transition_seconds,
            "generation": row.generation + 1,
            "facts": row.facts | {key: found.facts[key] for key in KEPT if key in found.facts} | {"Restore": restored},
            "admin_password_md5": found.admin_password_md5,
        }
        values |= _managed(call, db, row, values)
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(**values))
        fleet.refresh_config(gateway, db, row.arn)
        shown = namespace_shape(db, row_of(db, row.arn), gateway.now())
    gateway.wake_supervisor()
    errands.begin(gateway)
    return {"namespace": shown, "snapshotName": found.id, "ownerAccount": found.account}
