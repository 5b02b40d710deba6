"""Snapshots: copies of a cluster's database from which a new cluster can be made."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import (
    common,
    errands,
    lifecycle,
    managed_password,
    parameter_groups,
    rows,
    snapshot_schedules,
    subnet_groups,
    tags,
)
from slipher.cloud.redshift.clusters import add
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.facts import kept
from slipher.cloud.redshift.iam_roles import associate, check_roles
from slipher.cloud.redshift.shape import changed
from slipher.cloud.redshift.snapshot_ends import DAY, busy_files, kind_of, remaining_days, settle
from slipher.cloud.state.redshift import clusters, snapshots

KEPT = (
    "NodeType",
    "NumberOfNodes",
    "DBName",
    "MasterUsername",
    "EnhancedVpcRouting",
    "MaintenanceTrackName",
    "PasswordSet",
)


def arn_of(of: Any, cluster: str, name: str) -> str:
    """A snapshot's ARN; `of` has account and region: a call, a cluster's row."""
    return f"arn:aws:redshift:{of.region}:{of.account}:snapshot:{cluster}/{name}"


def resource(call: Call) -> str:
    """What policies name: the snapshot of a request, by the cluster that it was made of."""
    name = str(call.params.get("SnapshotIdentifier") or call.params.get("SnapshotArn") or "*").lower()
    return resource_named(call, name.rpartition("/")[2], str(call.params.get("ClusterIdentifier") or "*").lower())


def resource_named(call: Call, name: str, cluster: str) -> str:
    """The ARN of a snapshot; of one that is not there, by the cluster that it would be of."""
    with call.gateway.read() as db:
        row = row_of(db, call, name)
    return row.arn if row is not None else arn_of(call, cluster, name)


def row_of(db: Connection, of: Any, name: str) -> Row[Any] | None:
    """The snapshot of this name, if there is one; `of` has account and region."""
    return db.execute(select(snapshots).where(*common.own(of, snapshots), snapshots.c.id == name)).first()


def find(db: Connection, call: Call, name: str, cluster: Any = None) -> Row[Any]:
    """The snapshot of this name (and of this cluster); ClusterSnapshotNotFound."""
    settle(call.gateway, db)
    row = row_of(db, call, name.lower())
    of = cluster or call.params.get("SnapshotClusterIdentifier")
    if row is None or (of and row.cluster_id != str(of).lower()):
        raise AwsError("ClusterSnapshotNotFound", f"Snapshot {name} not found.", 404)
    return row


def shape(gateway: Gateway, row: Row[Any]) -> dict[str, Any]:
    """A snapshot as the API shows it."""
    facts, days = row.facts, row.facts["Days"]
    megabytes, left = facts.get("Bytes", 0) / 2**20, remaining_days(gateway, row)
    return {
        "SnapshotIdentifier": row.id,
        "ClusterIdentifier": row.cluster_id,
        "SnapshotCreateTime": datetime.fromtimestamp(row.created, UTC),
        "Status": "final snapshot" if facts["Final"] and row.status == "creating" else row.status,
        "Port": facts["Port"],
        "AvailabilityZone": f"{row.region}a",
        "ClusterCreateTime": datetime.fromtimestamp(facts["ClusterCreated"], UTC),
        "MasterUsername": facts["MasterUsername"],
        "ClusterVersion": "1.0",
        "SnapshotType": kind_of(row),
        "NodeType": facts["NodeType"],
        "NumberOfNodes": facts["NumberOfNodes"],
        "DBName": facts["DBName"],
        "Encrypted": True,
        "EncryptedWithHSM": False,
        "AccountsWithRestoreAccess": [{"AccountId": one} for one in facts.get("Access", [])],
        "OwnerAccount": row.account,
        "TotalBackupSizeInMegaBytes": megabytes,
        "ActualIncrementalBackupSizeInMegaBytes": megabytes,
        "BackupProgressInMegaBytes": megabytes,
        "EstimatedSecondsToCompletion": 0,
        "ElapsedTimeInSeconds": int(facts.get("Seconds", 0)),
        "Tags": facts["Tags"],
        "RestorableNodeTypes": sorted(common.NODE_TYPES),
        "EnhancedVpcRouting": facts.get("EnhancedVpcRouting", False),
        "MaintenanceTrackName": facts.get("MaintenanceTrackName", "current"),
        "ManualSnapshotRetentionPeriod": days,
        "SnapshotRetentionStartTime": datetime.fromtimestamp(facts["DaysSince"], UTC),
        "SnapshotArn": row.arn,
        **({"SourceRegion": facts["SourceRegion"]} if "SourceRegion" in facts else {}),
        **({} if left is None else {"ManualSnapshotRemainingDays": left}),
    }


def put(gateway: Gateway, db: Connection, cluster: Row[Any], name: str, given: Any, facts: dict[str, Any]) -> Row[Any]:
    """The row of a new snapshot, which asks for its file."""
    if row_of(db, cluster, name) is not None:
        raise AwsError(
            "ClusterSnapshotAlreadyExists",
            f"A snapshot with the identifier {name} already exists.",
        )
    now = gateway.now()
    kept = {key: cluster.facts[key] for key in KEPT if key in cluster.facts}
    kept |= {"Port": cluster.port, "ClusterCreated": cluster.created, "DaysSince": now, "Final": False, "Days": -1}
    arn = arn_of(cluster, cluster.id, name)
    db.execute(
        insert(snapshots).values(
            arn=arn,
            account=cluster.account,
            region=cluster.region,
            id=name,
            cluster_arn=cluster.arn,
            cluster_id=cluster.id,
            file=secrets.token_hex(8),
            status="creating",
            made=False,
            due=now + gateway.settings.transition_seconds,
            facts=kept | facts | {"Tags": tags.checked(given)},
            admin_password_md5=cluster.admin_password_md5,
            created=now,
        )
    )
    return db.execute(select(snapshots).where(snapshots.c.arn == arn)).one()


def put_manual(
    call: Call, db: Connection, cluster: Row[Any], name: str, days: Any, given: Any, *, final: bool
) -> Row[Any]:
    """The row of a new manual snapshot."""
    common.check_identifier(name, "SnapshotIdentifier")
    days = common.check_days(cluster.facts.get("ManualSnapshotRetentionPeriod", -1) if days is None else days)
    return put(call.gateway, db, cluster, name, given, {"Days": days, "Final": final})


def create(call: Call) -> dict[str, Any]:
    """CreateClusterSnapshot."""
    params, gateway = call.params, call.gateway
    with gateway.transaction() as db:
        cluster = common.require_available(db, call)
        days, name = params.get("ManualSnapshotRetentionPeriod"), str(params["SnapshotIdentifier"]).lower()
        answer = shape(gateway, put_manual(call, db, cluster, name, days, params.get("Tags"), final=False))
    errands.begin(gateway)
    return {"Snapshot": answer}


def describe(call: Call) -> dict[str, Any]:
    """DescribeClusterSnapshots."""
    params, gateway = call.params, call.gateway
    mine = common.own(call, snapshots)
    with gateway.transaction() as db:
        settle(gateway, db)
        if params.get("SnapshotIdentifier"):
            found: list[Row[Any]] = [find(db, call, str(params["SnapshotIdentifier"]))]
        else:
            found = list(db.execute(select(snapshots).where(*mine).order_by(snapshots.c.created, snapshots.c.id)))
        there = set(db.scalars(select(clusters.c.arn)))
    if params.get("SnapshotArn"):
        found = [row for row in found if row.arn == params["SnapshotArn"]]
        if not found:
            raise AwsError("ClusterSnapshotNotFound", f"Snapshot {params['SnapshotArn']} not found.", 404)
    name, kind, exists = params.get("ClusterIdentifier"), params.get("SnapshotType"), params.get("ClusterExists")
    if kind not in (None, "manual", "automated"):
        raise AwsError("InvalidParameterValue", f"Invalid snapshot type: {kind}")
    start, end, owner = params.get("StartTime"), params.get("EndTime"), params.get("OwnerAccount")
    found = [
        row
        for row in found
        if (not name or row.cluster_id == str(name).lower())
        and kind in (None, kind_of(row))
        and owner in (None, row.account)
        and (start is None or row.created >= start.timestamp())
        and (end is None or row.created <= end.timestamp())
        and (not (name and exists) or row.cluster_arn in there)
        and tags.matches(row.facts["Tags"], params)
    ]
    for order in reversed(params.get("SortingEntities") or []):
        key = {"SOURCE_TYPE": kind_of, "TOTAL_SIZE": lambda row: row.facts.get("Bytes", 0)}.get(
            order["Attribute"], lambda row: row.created
        )
        found.sort(key=key, reverse=order.get("SortOrder") == "DESC")
    return rows.page(call, "Snapshots", [shape(gateway, row) for row in found])


def delete_(call: Call) -> dict[str, Any]:
    """DeleteClusterSnapshot."""
    with call.gateway.transaction() as db:
        return {"Snapshot": _delete(call, db, str(call.params["SnapshotIdentifier"]))}


def _delete(call: Call, db: Connection, name: str) -> dict[str, Any]:
    row = find(db, call, name)
    busy = row.file in busy_files(db)
    if kind_of(row) == "automated":
        raise AwsError("InvalidClusterSnapshotState", f"The automated snapshot {row.id} cannot be deleted.")
    if row.status == "creating" or busy:
        raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} is in use and cannot be deleted now.")
    errands.forget(call.gateway, db, row)
    note(call.gateway, db, row, "snapshot-deleted")
    return shape(call.gateway, row) | {"Status": "deleted"}


def modify(call: Call) -> dict[str, Any]:
    """ModifyClusterSnapshot: how long it is kept. One whose days would be over is deleted only with Force."""
    with call.gateway.transaction() as db:
        return {"Snapshot": _modify(call, db, str(call.params["SnapshotIdentifier"]))}


def _modify(call: Call, db: Connection, name: str) -> dict[str, Any]:
    params, gateway = call.params, call.gateway
    row = find(db, call, name)
    days = params.get("ManualSnapshotRetentionPeriod")
    if days is not None:
        days = common.check_days(days)
        if kind_of(row) == "automated":
            raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} is not a manual one.")
        if days != -1 and row.facts["DaysSince"] + days * DAY <= gateway.now() and not params.get("Force"):
            raise AwsError(
                "InvalidParameterValue",
                "The snapshot would be deleted at once with this retention period; use Force to do so.",
            )
        db.execute(update(snapshots).where(snapshots.c.arn == row.arn).values(facts=row.facts | {"Days": days}))
        row = row_of(db, call, row.id) or row
    return shape(gateway, row)


def batch_modify(call: Call) -> dict[str, Any]:
    """BatchModifyClusterSnapshots: each by itself."""
    return _batch(call, [str(one) for one in call.params["SnapshotIdentifierList"]], _modify)


def batch_delete(call: Call) -> dict[str, Any]:
    """BatchDeleteClusterSnapshots: each by itself."""
    return _batch(call, [str(one["SnapshotIdentifier"]) for one in call.params["Identifiers"]], _delete)


def _batch(call: Call, names: list[str], work: Callable[[Call, Connection, str], Any]) -> dict[str, Any]:
    done, errors = [], []
    with call.gateway.read() as db:
        for name in names:
            row = row_of(db, call, name.lower())
            call.require(f"redshift:{call.operation}", row.arn if row else arn_of(call, "*", name.lower()))
    for name in names:
        try:
            with call.gateway.transaction() as db:
                work(call, db, name)
            done.append(name)
        except AwsError as error:
            errors.append({"SnapshotIdentifier": name, "FailureCode": error.code, "FailureReason": error.message})
    return {"Resources": done, "Errors": errors}


def _restorable(db: Connection, call: Call, name: str) -> Row[Any]:
    """The snapshot of this account, or of one that has let it restore it."""
    owner = str(call.params.get("OwnerAccount") or call.account)
    if owner == call.account:
        return find(db, call, name)
    settle(call.gateway, db)
    theirs = (snapshots.c.account == owner, snapshots.c.region == call.region, common.provisioned(snapshots.c.arn))
    row = db.execute(select(snapshots).where(*theirs, snapshots.c.id == name.lower())).first()
    if row is None or call.account not in row.facts.get("Access", []):
        raise AwsError("AccessToSnapshotDenied", "The owner of the specified snapshot has not authorized your account.")
    return row


def restore(call: Call) -> dict[str, Any]:
    """RestoreFromClusterSnapshot: a new cluster with the snapshot's data, users and grants, and its admin password."""
    params, gateway = call.params, call.gateway
    identifier = str(params["ClusterIdentifier"]).lower()
    common.check_identifier(identifier)
    name = str(params.get("SnapshotIdentifier") or str(params.get("SnapshotArn") or "").rpartition("/")[2])
    if not name:
        raise AwsError("InvalidParameterCombination", "Either SnapshotIdentifier or SnapshotArn must be specified.")
    arns = list(params.get("IamRoles") or [])
    check_roles(call, arns)
    default = params.get("DefaultIamRoleArn")
    if default and default not in arns:
        raise AwsError("InvalidParameterValue", "The default IAM role must be one of the cluster's IAM roles.")
    with gateway.transaction() as db:
        row = _restorable(db, call, name)
        if params.get("SnapshotArn") not in (None, row.arn):
            raise AwsError("ClusterSnapshotNotFound", f"Snapshot {params['SnapshotArn']} not found.", 404)
        call.require("redshift:RestoreFromClusterSnapshot", row.arn)
        if row.status != "available":
            raise AwsError("InvalidClusterSnapshotState", f"The snapshot {row.id} is not available.")
        port = common.check_port(params.get("Port") or row.facts["Port"])
        group = parameter_groups.find(
            db, call.account, call.region, params.get("ClusterParameterGroupName") or parameter_groups.DEFAULT
        )
        facts = {key: row.facts[key] for key in KEPT if key in row.facts} | kept(call) | {"DefaultIamRoleArn": default}
        facts |= snapshot_schedules.of_new_cluster(call, db)
        facts |= parameter_groups.applied(group) | {"ParameterGroup": group["Name"]}
        facts |= lifecycle.size(params, facts) or {}
        common.check_retention(facts)
        facts["Tags"] = row.facts["Tags"]
        if params.get("ClusterSubnetGroupName"):
            facts["SubnetGroup"] = subnet_groups.find(db, call, str(params["ClusterSubnetGroupName"])).name
        facts["Restore"] = {"File": row.file, "Status": "restoring", "Bytes": row.facts.get("Bytes", 0)}
        seconds, md5 = gateway.settings.transition_seconds, row.admin_password_md5
        if managed_password.wanted(call, managed=False):
            secret, password = managed_password.begin(call, db, identifier, facts["MasterUsername"])
            md5 = common.password_md5(facts["MasterUsername"], password)
            facts |= secret | {"PasswordSet": f":{gateway.now():.6f}"}
        made = add(gateway, db, call.account, call.region, identifier, port, facts, md5, seconds)
        associate(gateway, db, made.arn, arns)
        answer = changed(call, db)
    errands.begin(gateway)
    return answer
