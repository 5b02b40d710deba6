"""IAM roles associated with a cluster."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common
from slipher.cloud.redshift.events import note
from slipher.cloud.redshift.shape import shape
from slipher.cloud.state.iam import roles as iam_roles
from slipher.cloud.state.redshift import cluster_roles, clusters

ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/[\w+=,.@/-]+", re.ASCII)
QUOTA = 50  # source: management guide, quotas


def check_roles(call: Call, arns: list[str], service: str = "redshift.amazonaws.com") -> None:
    """Roles that are to be associated: well-formed, of this account, there, and the caller may pass them."""
    for arn in arns:
        match = ROLE_ARN.fullmatch(arn)
        if match is None:
            raise AwsError("InvalidParameterValue", f"The IAM role {arn} is not valid or does not exist.")
        call.require("iam:PassRole", arn, {"iam:PassedToService": service})
        if match.group(1) != call.account:
            raise AwsError("InvalidParameterValue", f"The IAM role {arn} must belong to the cluster's account.")
        with call.gateway.read() as db:
            if db.execute(select(iam_roles.c.name).where(iam_roles.c.arn == arn)).first() is None:
                if any(call.gateway.settings.is_elsewhere(one) for one in ("s3", "dynamodb")):
                    continue  # a role of AWS's: STS there knows whether it exists
                raise AwsError("InvalidParameterValue", f"The IAM role {arn} is not valid or does not exist.")


def associate(gateway: Gateway, db: Connection, cluster: str, arns: list[str]) -> None:
    """Add rows for roles that are not associated yet, up to the quota."""
    present = {
        row.role_arn: row.status
        for row in db.execute(select(cluster_roles).where(cluster_roles.c.cluster_arn == cluster))
    }
    if len(set(present) | set(arns)) > QUOTA:
        raise AwsError("InvalidParameterValue", f"The maximum number of IAM roles for a cluster is {QUOTA}.")
    due = gateway.now() + gateway.settings.transition_seconds
    for arn in dict.fromkeys(arns):
        if arn not in present:
            db.execute(insert(cluster_roles).values(cluster_arn=cluster, role_arn=arn, status="adding", due=due))


def modify(call: Call) -> dict[str, Any]:
    """ModifyClusterIamRoles: touches only the gateway's state, so no session notices."""
    add = list(call.params.get("AddIamRoles") or [])
    remove = list(call.params.get("RemoveIamRoles") or [])
    default = call.params.get("DefaultIamRoleArn")
    check_roles(call, add)
    gateway = call.gateway
    with gateway.transaction() as db:
        row = common.require_available(db, call)
        mine = cluster_roles.c.cluster_arn == row.arn
        present = set(db.scalars(select(cluster_roles.c.role_arn).where(mine)))
        for arn in remove:
            if arn not in present:
                raise AwsError("InvalidParameterValue", f"The IAM role {arn} is not associated with the cluster.")
        associate(gateway, db, row.arn, add)
        due = gateway.now() + gateway.settings.transition_seconds
        if remove:
            db.execute(
                update(cluster_roles)
                .where(mine, cluster_roles.c.role_arn.in_(remove))
                .values(status="removing", due=due)
            )
        facts = dict(row.facts)
        if default is not None:
            if default and default not in (present | set(add)) - set(remove):
                raise AwsError("InvalidParameterValue", "The default IAM role must be one of the cluster's IAM roles.")
            facts["DefaultIamRoleArn"] = default or None
        elif facts.get("DefaultIamRoleArn") in remove:
            facts["DefaultIamRoleArn"] = None
        db.execute(
            update(clusters).where(clusters.c.arn == row.arn).values(facts=facts, transition="modifying", due=due)
        )
        note(gateway, db, row, "roles")
        return {"Cluster": shape(db, common.find(db, call))}
