"""What the nouns of Redshift's API share: ARNs, the rules of names, the look of a cluster."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.state.redshift import cluster_roles, cluster_runtime, clusters, snapshots

IDENTIFIER = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]|[a-z]")
USER = re.compile(r"[a-z][a-z0-9_+.@-]{0,127}")
DATABASE = re.compile(r"[a-z_][a-z0-9_$]{0,63}")
NODE_TYPES = {  # slices of a node (source: management guide, "Clusters and nodes")
    "dc2.large": 2,
    "dc2.8xlarge": 16,
    "rg.xlarge": 2,
    "rg.4xlarge": 4,
    "ra3.large": 2,
    "ra3.xlplus": 2,
    "ra3.4xlarge": 4,
    "ra3.16xlarge": 16,
}
INTERNAL = {"rdsdb", "public"}
AUTOMATED = "rs:"  # the names of automated snapshots begin so, those of others cannot
# Transitions that end by themselves once they are due and the process is as it should be. Others end with something else:
# `deleting` with the row, which goes when the supervisor has removed the cluster's files (fleet.forget), `renaming` when it has
# moved them (fleet.rename), `paused` with ResumeCluster, `final-snapshot` with the snapshot's file (errands), and
# `incompatible-restore` with DeleteCluster.
ENDING = ("creating", "modifying", "rebooting", "resizing", "pausing", "resuming", "restoring")


def page_size(call: Call) -> int:
    """MaxRecords, checked."""
    limit = call.params.get("MaxRecords")
    if limit is not None and not 20 <= limit <= 100:
        raise AwsError("InvalidParameterValue", "Invalid value for MaxRecords. Must be between 20 and 100.")
    return int(limit or 100)


def cluster_arn(account: str, region: str, identifier: str) -> str:
    """The ARN that IAM policies name."""
    return f"arn:aws:redshift:{region}:{account}:cluster:{identifier}"


def provisioned(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Of an ARN's column: whether it is of a cluster, or of its snapshot, and not of a serverless namespace, which shares the
    tables because a process serves it likewise."""
    return column.like("arn:aws:redshift:%")


def own(of: Any, table: Table) -> tuple[ColumnElement[bool], ...]:
    """The rows of clusters, or of their snapshots, of an account and region; `of` has both: a call, a row."""
    return table.c.account == of.account, table.c.region == of.region, provisioned(table.c.arn)


def listening() -> Select[Any]:
    """The ARNs of the clusters whose process takes connections."""
    return select(cluster_runtime.c.cluster_arn).where(cluster_runtime.c.listening)


def named_in_arns(row: Row[Any]) -> str:
    """What stands for a cluster in the ARNs of its database users; a serverless workgroup has a form of its own."""
    return str(row.facts.get("NamedInArns") or row.id)


def check_identifier(identifier: str, member: str = "ClusterIdentifier") -> None:
    """InvalidParameterValue for a name that a cluster or snapshot cannot have."""
    if not IDENTIFIER.fullmatch(identifier):
        raise AwsError(
            "InvalidParameterValue",
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.",
        )


def check_size(node_type: str, kind: str, nodes: int) -> None:
    """InvalidParameterValue or InvalidParameterCombination for nodes that a cluster cannot have."""
    if node_type not in NODE_TYPES:
        raise AwsError("InvalidParameterValue", f"Invalid node type: {node_type}")
    if kind == "single-node" and nodes != 1:
        raise AwsError("InvalidParameterCombination", "Number of nodes for cluster type single-node must be 1")
    if kind == "multi-node" and not 2 <= nodes <= 100:
        raise AwsError("InvalidParameterValue", "Number of nodes for cluster type multi-node must be greater than 1")


def check_retention(facts: Mapping[str, Any]) -> None:
    """InvalidParameterValue for automated snapshots that are off where they cannot be."""
    if facts.get("AutomatedSnapshotRetentionPeriod") == 0 and not facts["NodeType"].startswith("dc2."):
        raise AwsError(
            "InvalidParameterValue", f"Automated snapshots cannot be disabled for node type {facts['NodeType']}."
        )


def check_days(days: Any) -> int:
    """A retention period of manual snapshots, checked."""
    if days != -1 and not 1 <= days <= 3653:
        raise AwsError("InvalidParameterValue", "The retention period must be either -1 or between 1 and 3653.")
    return int(days)


def check_port(port: int) -> int:
    """A cluster's port, checked."""
    if not 1150 <= port <= 65535:
        raise AwsError("InvalidParameterValue", f"The parameter Port is not valid: {port}. Valid values: 1150-65535")
    return port


def password_md5(user: str, password: str) -> str:
    """The stored form of a password: 'md5' and the digest of password and user name."""
    return "md5" + hashlib.md5((password + user).encode()).hexdigest()


def new_password() -> str:
    """24 letters and digits with at least one of each kind that Redshift asks for."""
    alphabet = string.ascii_letters + string.digits
    while True:
        text = "".join(secrets.choice(alphabet) for _ in range(24))
        if any(c.islower() for c in text) and any(c.isupper() for c in text) and any(c.isdigit() for c in text):
            return text


def check_password(password: str) -> None:
    """InvalidParameterValue for an admin password that Redshift would not take."""
    good = (
        8 <= len(password) <= 64
        and all(33 <= ord(char) <= 126 and char not in "'\"\\/@" for char in password)
        and re.search("[A-Z]", password)
        and re.search("[a-z]", password)
        and re.search("[0-9]", password)
    )
    if not good:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password. It must be between 8 and 64 characters in length, "
            "contain at least one uppercase letter, one lowercase letter and one number, and be made of printable ASCII "
            "characters except ', \", \\, /, @, or space.",
        )


def find(db: Connection, call: Call, name: str | None = None) -> Row[Any]:
    """The cluster of this name, or that ClusterIdentifier names; ClusterNotFound if there is none."""
    identifier = (name or str(call.params["ClusterIdentifier"])).lower()
    row = db.execute(
        select(clusters).where(clusters.c.arn == cluster_arn(call.account, call.region, identifier))
    ).first()
    if row is None:
        raise AwsError("ClusterNotFound", f"Cluster {identifier} not found.", 404)
    return row


def require_available(db: Connection, call: Call) -> Row[Any]:
    """The cluster, settled and free for a change; else InvalidClusterState."""
    settle(call.gateway.now(), db)
    row = find(db, call)
    if row.transition is not None:
        raise AwsError(
            "InvalidClusterState",
            "There is an operation running on the Cluster. Please try to modify it at a later time.",
        )
    require_no_snapshot(db, row)
    return row


def require_no_snapshot(db: Connection, row: Row[Any]) -> None:
    """InvalidClusterState while a cluster's data are being copied for a snapshot that somebody asked for."""
    making = (
        snapshots.c.cluster_arn == row.arn,
        snapshots.c.status == "creating",
        ~snapshots.c.made,
        ~snapshots.c.id.startswith(AUTOMATED),  # an automated one stands in nobody's way
    )
    if row.transition != "final-snapshot" and db.execute(select(snapshots.c.arn).where(*making)).first():
        raise AwsError(
            "InvalidClusterState",
            "There is an operation running on the cluster. Please try again at a later time.",
        )


def settle(now: float, db: Connection) -> None:
    """End the transitions that are due: lifecycle is rows with a due time, moved on by whoever looks."""
    db.execute(
        update(cluster_roles)
        .where(cluster_roles.c.status == "adding", cluster_roles.c.due <= now)
        .values(status="in-sync")
    )
    db.execute(delete(cluster_roles).where(cluster_roles.c.status == "removing", cluster_roles.c.due <= now))
    for row in db.execute(select(clusters).where(clusters.c.transition.in_(ENDING), clusters.c.due <= now)).all():
        runtime = db.execute(select(cluster_runtime).where(cluster_runtime.c.cluster_arn == row.arn)).first()
        stopped = runtime is None or runtime.pid is None
        restoring = row.facts.get("Restore", {}).get("Status") == "restoring"
        started = (
            not restoring
            and runtime is not None
            and (runtime.listening or runtime.last_error is not None)
            and runtime.generation >= row.generation
        )
        ended = {"modifying": True, "pausing": stopped}.get(row.transition, started)
        if ended:
            after = "paused" if row.transition == "pausing" else None
            db.execute(update(clusters).where(clusters.c.arn == row.arn).values(transition=after))
