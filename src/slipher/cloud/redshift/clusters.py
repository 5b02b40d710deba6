"""Clusters: create, describe, modify, reboot, delete."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ports import take
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.paging import decode, encode
from slipher.cloud.redshift import common, fleet, tags
from slipher.cloud.redshift.facts import kept
from slipher.cloud.redshift.iam_roles import associate, check_roles
from slipher.cloud.state.redshift import cluster_roles, clusters


def create(call: Call) -> dict[str, Any]:
    """CreateCluster."""
    params = call.params
    identifier = str(params["ClusterIdentifier"]).lower()
    if not common.IDENTIFIER.fullmatch(identifier):
        raise AwsError(
            "InvalidParameterValue",
            "The parameter ClusterIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.",
        )
    user = str(params["MasterUsername"])
    if not common.USER.fullmatch(user) or user in common.INTERNAL:
        raise AwsError("InvalidParameterValue", f"The parameter MasterUsername is not valid: {user}")
    password = params.get("MasterUserPassword")
    if password is None:
        raise AwsError(
            "InvalidParameterCombination", "Either MasterUserPassword or ManageMasterPassword must be specified."
        )
    common.check_password(password)
    node_type = str(params["NodeType"])
    if node_type not in common.NODE_TYPES:
        raise AwsError("InvalidParameterValue", f"Invalid node type: {node_type}")
    kind = params.get("ClusterType") or ("multi-node" if (params.get("NumberOfNodes") or 1) > 1 else "single-node")
    nodes = params.get("NumberOfNodes") or (1 if kind == "single-node" else 2)
    if kind == "single-node" and nodes != 1:
        raise AwsError("InvalidParameterCombination", "Number of nodes for cluster type single-node must be 1")
    if kind == "multi-node" and not 2 <= nodes <= 100:
        raise AwsError("InvalidParameterValue", "Number of nodes for cluster type multi-node must be greater than 1")
    port = params.get("Port") or 5439
    if not 1150 <= port <= 65535:
        raise AwsError("InvalidParameterValue", f"The parameter Port is not valid: {port}. Valid values: 1150-65535")
    roles = list(params.get("IamRoles") or [])
    check_roles(call, roles)
    default = params.get("DefaultIamRoleArn")
    if default and default not in roles:
        raise AwsError("InvalidParameterValue", "The default IAM role must be one of the cluster's IAM roles.")
    database = str(params.get("DBName") or "dev").lower()
    if not common.DATABASE.fullmatch(database):
        raise AwsError("InvalidParameterValue", f"The parameter DBName is not a valid database name: {database}")
    facts = kept(call) | {
        "Tags": tags.checked(params.get("Tags")),
        "NodeType": node_type,
        "NumberOfNodes": nodes,
        "MasterUsername": user,
        "DBName": database,
        "DefaultIamRoleArn": default,
    }
    gateway = call.gateway
    with gateway.transaction() as db:
        md5, seconds = common.password_md5(user, password), gateway.settings.transition_seconds
        row = add(gateway, db, call.account, call.region, identifier, port, facts, md5, seconds)
        associate(gateway, db, row.arn, roles)
        return _changed(call, db)


def add(
    gateway: Gateway,
    db: Connection,
    account: str,
    region: str,
    identifier: str,
    port: int,
    facts: dict[str, Any],
    password_md5: str,
    seconds: float,
    host: str | None = None,
) -> Any:
    """Put a new cluster's row, and its process's settings; it is `creating` for as many seconds at least. `host`: an address that
    the caller knows to be free."""
    arn = common.cluster_arn(account, region, identifier)
    if db.execute(select(clusters.c.arn).where(clusters.c.arn == arn)).first():
        raise AwsError("ClusterAlreadyExists", f"Cluster already exists: {identifier}")
    db.execute(
        insert(clusters).values(
            arn=arn,
            account=account,
            region=region,
            id=identifier,
            host=host or _address(gateway, db, port),
            port=port,
            facts=facts | {"NamespaceId": str(uuid.uuid4())},
            secret=secrets.token_hex(32),
            admin_password_md5=password_md5,
            transition="creating",
            due=gateway.now() + seconds,
            generation=1,
            created=gateway.now(),
        )
    )
    row = db.execute(select(clusters).where(clusters.c.arn == arn)).one()
    fleet.write_config(gateway.settings, row)
    return row


def _address(gateway: Gateway, db: Connection, port: int) -> str:
    """The address for a port: the bind address, or the next of 127.0.0.2, .3 ... where a cluster or another program has it."""
    taken = set(db.scalars(select(clusters.c.host).where(clusters.c.port == port)))
    first = gateway.settings.host
    candidates = [first]
    if first.startswith("127."):
        candidates += [f"127.0.0.{number}" for number in range(2, 255)]
    for host in candidates:
        if host in taken:
            continue
        gateway.kept_ports.pop((host, port), None)  # of a cluster that was deleted
        if kept := take(host, port):
            gateway.kept_ports[host, port] = kept  # until the supervisor has it
            return host
    raise AwsError(
        "InvalidParameterValue",
        f"Port {port} is in use at every address that Slipher may use here; choose another Port.",
    )


def _changed(call: Call, db: Connection) -> dict[str, Any]:
    """The answer of an operation that changed a cluster; wakes the supervisor once the change is committed."""
    found = common.shape(db, common.find(db, call))
    call.gateway.wake_supervisor()
    return {"Cluster": found}


def describe(call: Call) -> dict[str, Any]:
    """DescribeClusters."""
    params = call.params
    with call.gateway.transaction() as db:
        common.settle(call.gateway.now(), db)
        if params.get("ClusterIdentifier"):
            return {"Clusters": [common.shape(db, common.find(db, call))]}
        limit = common.page_size(call)
        after = decode(params["Marker"]) if params.get("Marker") else ""
        mine = (clusters.c.account == call.account, clusters.c.region == call.region, clusters.c.id > after)
        every = db.execute(select(clusters).where(*mine).order_by(clusters.c.id))
        rows = [row for row in every if tags.matches(row.facts.get("Tags", []), params)]
        result: dict[str, Any] = {"Clusters": [common.shape(db, row) for row in rows[:limit]]}
        if len(rows) > limit:
            result["Marker"] = encode(rows[limit - 1].id)
        return result


def require_available(db: Connection, call: Call) -> Any:
    """The cluster, settled and free for a change; else InvalidClusterState."""
    common.settle(call.gateway.now(), db)
    row = common.find(db, call)
    if row.transition is not None:
        raise AwsError(
            "InvalidClusterState",
            "There is an operation running on the Cluster. Please try to modify it at a later time.",
        )
    return row


def modify(call: Call) -> dict[str, Any]:
    """ModifyCluster: what has an effect here is the admin password; other members are kept and shown, or refused."""
    params = call.params
    changed = kept(call)
    gateway = call.gateway
    with gateway.transaction() as db:
        row = require_available(db, call)
        changes: dict[str, Any] = {
            "facts": row.facts | changed,
            "transition": "modifying",
            "due": gateway.now() + gateway.settings.transition_seconds,
        }
        password = params.get("MasterUserPassword")
        if password is not None:
            common.check_password(password)
            changes["admin_password_md5"] = common.password_md5(row.facts["MasterUsername"], password)
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(**changes))
        if password is not None:
            fleet.write_config(gateway.settings, db.execute(select(clusters).where(clusters.c.arn == row.arn)).one())
        return _changed(call, db)


def reboot(call: Call) -> dict[str, Any]:
    """RebootCluster: the process is stopped and started."""
    gateway = call.gateway
    with gateway.transaction() as db:
        row = require_available(db, call)
        db.execute(
            update(clusters)
            .where(clusters.c.arn == row.arn)
            .values(
                transition="rebooting",
                generation=row.generation + 1,
                due=gateway.now() + gateway.settings.transition_seconds,
            )
        )
        return _changed(call, db)


def delete_(call: Call) -> dict[str, Any]:
    """DeleteCluster: the process is stopped, its data removed."""
    params = call.params
    if not params.get("SkipFinalClusterSnapshot"):
        raise AwsError(
            "InvalidParameterCombination",
            "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.",
        )
    gateway = call.gateway
    with gateway.transaction() as db:
        common.settle(gateway.now(), db)
        row = common.find(db, call)
        if row.transition not in (None, "creating"):
            raise AwsError(
                "InvalidClusterState",
                "There is an operation running on the Cluster. Please try to delete it at a later time.",
            )
        db.execute(
            update(clusters)
            .where(clusters.c.arn == row.arn)
            .values(transition="deleting", due=gateway.now() + gateway.settings.transition_seconds)
        )
        db.execute(delete(cluster_roles).where(cluster_roles.c.cluster_arn == row.arn))
        return _changed(call, db)


def describe_logging(call: Call) -> dict[str, Any]:
    """DescribeLoggingStatus: audit logging is never on yet (EnableLogging answers 501)."""
    with call.gateway.read() as db:
        common.find(db, call)
    return {"LoggingEnabled": False}
