"""Clusters: create, describe, modify, reboot, delete."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from slipher.base.errors import AwsError
from slipher.base.ports import take
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.paging import decode, encode
from slipher.cloud.redshift import (
    common,
    errands,
    fleet,
    lifecycle,
    link,
    managed_password,
    parameter_groups,
    sample_data,
    snapshot_schedules,
    subnet_groups,
    tags,
)
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.facts import kept
from slipher.cloud.redshift.iam_roles import associate, check_roles
from slipher.cloud.redshift.parameter_groups import DEFAULT
from slipher.cloud.redshift.shape import changed, shape
from slipher.cloud.state.redshift import cluster_roles, clusters


def create(call: Call) -> dict[str, Any]:
    """CreateCluster."""
    params = call.params
    identifier = str(params["ClusterIdentifier"]).lower()
    common.check_identifier(identifier)
    user = str(params["MasterUsername"])
    if not common.USER.fullmatch(user) or user in common.INTERNAL:
        raise AwsError("InvalidParameterValue", f"The parameter MasterUsername is not valid: {user}")
    password = params.get("MasterUserPassword")
    managed = managed_password.wanted(call, managed=False)
    if password is None and not managed:
        raise AwsError(
            "InvalidParameterCombination", "Either MasterUserPassword or ManageMasterPassword must be specified."
        )
    if password is not None:
        common.check_password(password)
    node_type = str(params["NodeType"])
    kind = params.get("ClusterType") or ("multi-node" if (params.get("NumberOfNodes") or 1) > 1 else "single-node")
    nodes = params.get("NumberOfNodes") or (1 if kind == "single-node" else 2)
    common.check_size(node_type, kind, nodes)
    port = common.check_port(params.get("Port") or 5439)
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
    facts |= sample_data.of_new_cluster(call)
    common.check_retention(facts)
    gateway = call.gateway
    with gateway.transaction() as db:
        group = parameter_groups.find(db, call.account, call.region, params.get("ClusterParameterGroupName") or DEFAULT)
        facts |= parameter_groups.applied(group) | {"ParameterGroup": group["Name"]}
        if params.get("ClusterSubnetGroupName"):
            facts |= {"SubnetGroup": subnet_groups.find(db, call, str(params["ClusterSubnetGroupName"])).name}
        facts |= snapshot_schedules.of_new_cluster(call, db)
        if managed:
            secret, password = managed_password.begin(call, db, identifier, user)
            facts |= secret
        md5, seconds = common.password_md5(user, str(password)), gateway.settings.transition_seconds
        row = add(gateway, db, call.account, call.region, identifier, port, facts, md5, seconds)
        associate(gateway, db, row.arn, roles)
        note(gateway, db, row, "created")
        return changed(call, db)


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
            host=host or address_for(gateway, db, port),
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


def address_for(gateway: Gateway, db: Connection, port: int) -> str:
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


def describe(call: Call) -> dict[str, Any]:
    """DescribeClusters."""
    params = call.params
    with call.gateway.transaction() as db:
        common.settle(call.gateway.now(), db)
        if params.get("ClusterIdentifier"):
            return {"Clusters": [shape(db, common.find(db, call))]}
        limit = common.page_size(call)
        after = decode(params["Marker"]) if params.get("Marker") else ""
        every = db.execute(
            select(clusters).where(*common.own(call, clusters), clusters.c.id > after).order_by(clusters.c.id)
        )
        rows = [row for row in every if tags.matches(row.facts.get("Tags", []), params)]
        result: dict[str, Any] = {"Clusters": [shape(db, row) for row in rows[:limit]]}
        if len(rows) > limit:
            result["Marker"] = encode(rows[limit - 1].id)
        return result


def modify(call: Call) -> dict[str, Any]:
    """ModifyCluster: a new password, name or size, each with its effect; other members are kept and shown, or refused."""
    params = call.params
    gateway = call.gateway
    new_name = str(params.get("NewClusterIdentifier") or "").lower()
    with gateway.transaction() as db:
        row = common.require_available(db, call)
        facts, md5 = row.facts | kept(call), row.admin_password_md5
        common.check_retention(facts)
        password = params.get("MasterUserPassword")
        managed = managed_password.wanted(call, bool(facts.get("MasterPasswordSecret")))
        if password is not None:
            common.check_password(password)
        if managed:
            secret, password = managed_password.begin(call, db, row.id, facts["MasterUsername"])
            facts |= secret
        elif managed is False:
            facts |= managed_password.end(call, db, row)
        if password is not None:
            md5 = common.password_md5(row.facts["MasterUsername"], password)
            facts |= {"PasswordSet": f":{gateway.now():.6f}"}
        if params.get("ClusterParameterGroupName"):
            group = parameter_groups.find(db, call.account, call.region, params["ClusterParameterGroupName"])
            facts |= {"ParameterGroup": group["Name"]}  # its values wait for a reboot
        wanted = lifecycle.size(params, row.facts)
        if new_name:
            if wanted is not None:
                raise AwsError(
                    "InvalidParameterCombination", "A cluster cannot be renamed and resized at the same time."
                )
            common.check_identifier(new_name, "NewClusterIdentifier")
            arn = common.cluster_arn(call.account, call.region, new_name)
            if db.execute(select(clusters.c.arn).where(clusters.c.arn == arn)).first():
                raise AwsError("ClusterAlreadyExists", f"Cluster already exists: {new_name}")
            facts |= {"NewIdentifier": new_name}
        lifecycle.begin(call, db, row, "renaming" if new_name else "modifying", facts=facts, admin_password_md5=md5)
        row = common.find(db, call)
        if wanted is not None:
            lifecycle.start_resize(call, db, row, wanted, classic=False)
        fleet.refresh_config(gateway, db, row.arn)
        happened = "renamed" if new_name else "resized" if wanted else "modified"
        note(gateway, db, row, "password" if password is not None else happened)
        answer = changed(call, db)
    if password is not None:
        link.reload(fleet.socket_of(gateway.data_dir, row.arn))
    return answer


def delete_(call: Call) -> dict[str, Any]:
    """DeleteCluster: the process is stopped, its data removed; before that its last snapshot is taken, if one is asked for."""
    from slipher.cloud.redshift import snapshots  # which makes clusters

    params, gateway = call.params, call.gateway
    final, skip = (
        str(params.get("FinalClusterSnapshotIdentifier") or "").lower(),
        params.get("SkipFinalClusterSnapshot"),
    )
    if not skip and not final:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.",
        )
    if skip and final:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is true.",
        )
    with gateway.transaction() as db:
        common.settle(gateway.now(), db)
        row = common.find(db, call)
        common.require_no_snapshot(db, row)
        if row.transition not in ((None, "paused") if final else (None, "creating", "paused", "incompatible-restore")):
            raise AwsError(
                "InvalidClusterState",
                "There is an operation running on the Cluster. Please try to delete it at a later time.",
            )
        if final:
            days = params.get("FinalClusterSnapshotRetentionPeriod")
            snapshots.put_manual(call, db, row, final, days, None, final=True)
            facts = row.facts | {"Stopped": row.transition == "paused"}
            lifecycle.begin(call, db, row, "final-snapshot", facts=facts)
        else:
            lifecycle.begin(call, db, row, "deleting")
            db.execute(delete(cluster_roles).where(cluster_roles.c.cluster_arn == row.arn))
        note(gateway, db, row, "deleted")
        answer = changed(call, db)
    errands.begin(gateway)
    return answer
