"""IAM's managed policies: AWS's own, and the account's."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_name, moment, path_of, tags_of
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.policy.validate import validate
from slipher.spec.iam import managed_policy, managed_policy_arn, managed_policy_names

policies, attachments = iam.policies, iam.attachments
versions = iam.policy_versions
LIMITS = {"role": 10240, "user": 2048, "group": 5120, "managed": 6144, "trust": 2048}


def size(document: str) -> int:
    """The length that quotas are about: white space does not count."""
    return len("".join(document.split()))


def check_size(document: str) -> None:
    """LimitExceeded for a managed policy that is longer than one may be."""
    if size(document) > LIMITS["managed"]:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for PolicySize: {LIMITS['managed']}", 409)


def usage(db: Connection, arn: str) -> dict[str, int]:
    """How many roles, users and groups have a policy attached, and how many are bounded by it."""
    attached = db.scalar(select(func.count()).select_from(attachments).where(attachments.c.policy_arn == arn))
    bounded = [
        db.scalar(select(func.count()).select_from(table).where(table.c.boundary == arn)) or 0
        for table in (iam.roles, iam.users)
    ]
    return {"AttachmentCount": attached or 0, "PermissionsBoundaryUsageCount": sum(bounded)}


def shape(db: Connection, row: Row[Any], *, listed: bool = False) -> dict[str, Any]:
    """A customer managed policy as the API shows it; lists leave the description out."""
    found: dict[str, Any] = {"Description": row.description} if row.description and not listed else {}
    if row.tags and not listed:
        found["Tags"] = row.tags
    return found | {
        "PolicyName": row.name,
        "PolicyId": row.id,
        "Arn": row.arn,
        "Path": row.path,
        "DefaultVersionId": f"v{row.default_version or 1}",
        **usage(db, row.arn),
        "IsAttachable": True,
        "CreateDate": moment(row.created),
        "UpdateDate": moment(row.updated or row.created),
    }


def managed_shape(db: Connection, arn: str) -> dict[str, Any] | None:
    """An AWS-managed policy as the API shows it."""
    found = managed_policy(arn)
    if found is None:
        return None
    return {
        "PolicyName": found.name,
        "PolicyId": "ANPA" + base64.b32encode(hashlib.sha256(arn.encode()).digest())[:17].decode(),
        "Arn": arn,
        "Path": found.path,
        "DefaultVersionId": found.version,
        **usage(db, arn),
        "IsAttachable": True,
        "CreateDate": datetime.fromisoformat(found.create_date),
        "UpdateDate": datetime.fromisoformat(found.update_date),
    }


def by_arn(db: Connection, arn: str) -> Row[Any] | None:
    """The row of a customer managed policy."""
    return db.execute(select(policies).where(policies.c.arn == arn)).first()


def create(call: Call) -> dict[str, Any]:
    """CreatePolicy."""
    name, document = call.params["PolicyName"], call.params["PolicyDocument"]
    check_name("policyName", name, 128)
    path = path_of(call)
    validate(document, "identity", managed=True)
    check_size(document)
    with call.gateway.transaction() as db:
        mine = (policies.c.account == call.account, func.lower(policies.c.name) == name.lower())
        if db.execute(select(policies.c.name).where(*mine)).first():
            raise AwsError(
                "EntityAlreadyExists", f"A policy called {name} already exists. Duplicate names are not allowed.", 409
            )
        arn = f"arn:aws:iam::{call.account}:policy{path}{name}"
        db.execute(
            insert(policies).values(
                account=call.account,
                name=name,
                id=unique_id("ANPA"),
                path=path,
                arn=arn,
                description=call.params.get("Description"),
                document=document,
                created=call.gateway.now(),
                tags=tags_of(call),
                default_version=1,
                last_version=1,
            )
        )
        row = by_arn(db, arn)
        assert row is not None
        return {"Policy": shape(db, row)}


def get(call: Call) -> dict[str, Any]:
    """GetPolicy."""
    arn = call.params["PolicyArn"]
    with call.gateway.read() as db:
        row = by_arn(db, arn)
        found = shape(db, row) if row is not None else managed_shape(db, arn)
        if found is None:
            raise missing(arn)
        return {"Policy": found}


def missing(arn: str) -> AwsError:
    """NoSuchEntity for a policy."""
    return AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)


def list_(call: Call) -> dict[str, Any]:
    """ListPolicies."""
    scope = call.params.get("Scope") or "All"
    prefix = call.params.get("PathPrefix") or "/"
    with call.gateway.read() as db:
        names: list[tuple[str, str | None]] = []
        if scope in ("All", "Local"):
            names += [
                (row.name, None)
                for row in db.execute(select(policies.c.name).where(policies.c.account == call.account))
            ]
        if scope in ("All", "AWS"):
            names += [(name, name) for name in managed_policy_names()]
        wanted = call.params.get("PolicyUsageFilter")
        if wanted or call.params.get("OnlyAttached"):  # few are: asked first, so that pages are full
            used = set(db.scalars(select(attachments.c.policy_arn)))
            bounding = {arn for one in (iam.roles, iam.users) for arn in db.scalars(select(one.c.boundary)) if arn}
            kept = bounding if wanted == "PermissionsBoundary" else used
            if wanted and call.params.get("OnlyAttached"):
                kept = kept & used
            named = {arn.rpartition("/")[2] for arn in kept}
            names = [pair for pair in names if pair[0] in named]
            names = [pair for pair in names if _arn(db, call, *pair) in kept]
        if prefix != "/":
            names = [pair for pair in names if f":policy{prefix}" in _arn(db, call, *pair)]
        page = iam_page(sorted(set(names), key=lambda pair: pair[0]), call.params, "Policies", lambda pair: pair[0])
        page["Policies"] = [_listed(db, call, name, managed) for name, managed in page["Policies"]]
    return page


def _arn(db: Connection, call: Call, name: str, managed: str | None) -> str:
    if managed is not None:
        return managed_policy_arn(name)
    return str(db.scalar(select(policies.c.arn).where(policies.c.account == call.account, policies.c.name == name)))


def _listed(db: Connection, call: Call, name: str, managed: str | None) -> dict[str, Any]:
    if managed is not None:
        found = managed_shape(db, managed_policy_arn(name))
        assert found is not None
        return found
    row = db.execute(select(policies).where(policies.c.account == call.account, policies.c.name == name)).one()
    return shape(db, row, listed=True)


def delete_(call: Call) -> None:
    """DeletePolicy."""
    arn = call.params["PolicyArn"]
    with call.gateway.transaction() as db:
        row = by_arn(db, arn)
        if row is None or row.account != call.account:
            raise missing(arn)
        if any(usage(db, arn).values()):
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
        if len(db.execute(select(versions.c.number).where(versions.c.policy_arn == arn)).all()) > 1:
            raise AwsError(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
                "The default version is deleted with the policy.",
                409,
            )
        db.execute(delete(versions).where(versions.c.policy_arn == arn))
        db.execute(delete(policies).where(policies.c.arn == arn))
