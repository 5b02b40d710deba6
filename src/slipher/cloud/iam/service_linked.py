"""The service-linked role of Redshift: made on request, not to be changed, deleted when no cluster is left."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, select

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import find
from slipher.cloud.iam.roles import shape
from slipher.cloud.state import iam, redshift

SERVICES = {  # the service's name -> the role's, and the policy that AWS attaches
    "redshift.amazonaws.com": ("AWSServiceRoleForRedshift", "AmazonRedshiftServiceLinkedRolePolicy"),
}
POLICY = "arn:aws:iam::aws:policy/aws-service-role/"
roles, tasks = iam.roles, iam.deletion_tasks


def role_arn(call: Call) -> str:
    """The ARN of the role that CreateServiceLinkedRole is about."""
    service = str(call.params.get("AWSServiceName") or "*")
    return f"arn:aws:iam::{call.account}:role/aws-service-role/{service}/{SERVICES.get(service, ('*', ''))[0]}"


def create(call: Call) -> dict[str, Any]:
    """CreateServiceLinkedRole."""
    service = call.params["AWSServiceName"]
    if service not in SERVICES:
        raise AwsError(
            "NotImplemented", f"CreateServiceLinkedRole for {service} is not implemented by Slipher yet.", 501
        )
    if call.params.get("CustomSuffix"):
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service}")
    name, policy = SERVICES[service]
    trust = {"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]}
    with call.gateway.transaction() as db:
        if db.execute(select(roles.c.name).where(roles.c.account == call.account, roles.c.name == name)).first():
            raise AwsError(
                "InvalidInput",
                f"Service role name {name} has been taken in this account, please try a different suffix.",
            )
        db.execute(
            insert(roles).values(
                account=call.account,
                name=name,
                id=unique_id("AROA"),
                path=f"/aws-service-role/{service}/",
                arn=role_arn(call),
                trust=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
                description=call.params.get("Description"),
                max_session=3600,
                created=call.gateway.now(),
                tags=[],
            )
        )
        db.execute(
            insert(iam.attachments).values(account=call.account, kind="role", name=name, policy_arn=POLICY + policy)
        )
        return {"Role": shape(find(db, roles, call, name, "role"))}


def delete_(call: Call) -> dict[str, Any]:
    """DeleteServiceLinkedRole: done at once; how it went is asked with the task's id."""
    name = call.params["RoleName"]
    clusters = redshift.clusters
    with call.gateway.transaction() as db:
        row = find(db, roles, call, name, "role")
        if not row.path.startswith("/aws-service-role/"):
            raise AwsError("InvalidInput", f"Role {name} is not a service-linked role.")
        service = row.path.split("/")[2]
        task = f"task/aws-service-role/{service}/{name}/{uuid4()}"
        used = db.execute(select(clusters.c.id).where(clusters.c.account == call.account)).first()
        reason = f"The role is used by the cluster {used.id}" if used is not None else None
        if used is None:
            for table in (iam.attachments, iam.inline_policies):
                db.execute(
                    delete(table).where(table.c.account == call.account, table.c.kind == "role", table.c.name == name)
                )
            db.execute(delete(roles).where(roles.c.account == call.account, roles.c.name == name))
        status = "FAILED" if reason else "SUCCEEDED"
        db.execute(insert(tasks).values(id=task, account=call.account, status=status, reason=reason))
    return {"DeletionTaskId": task}


def deletion_status(call: Call) -> dict[str, Any]:
    """GetServiceLinkedRoleDeletionStatus."""
    task = call.params["DeletionTaskId"]
    with call.gateway.read() as db:
        row = db.execute(select(tasks).where(tasks.c.id == task, tasks.c.account == call.account)).first()
    if row is None:
        raise AwsError("NoSuchEntity", f"The deletion task {task} cannot be found.", 404)
    return {"Status": row.status} | ({"Reason": {"Reason": row.reason}} if row.reason else {})
