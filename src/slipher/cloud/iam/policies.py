"""IAM policies: AWS's own, the account's, those written into a role or user, and what is attached where."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import unique_id
from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import check_name, find, moment, no_such, path_of
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.policy.document import parse
from slipher.spec.iam import managed_policy, managed_policy_arn, managed_policy_names

policies, attachments, inline = iam.policies, iam.attachments, iam.inline_policies
ENTITY = {"role": (iam.roles, "RoleName"), "user": (iam.users, "UserName")}
LIMITS = {"role": 10240, "user": 2048, "managed": 6144}
QUOTA = 10  # managed policies attached to one role or user


def _size(document: str, kind: str) -> None:
    if len("".join(document.split())) > LIMITS[kind]:
        raise AwsError(
            "LimitExceeded",
            f"Maximum policy size of {LIMITS[kind]} bytes exceeded for {kind}".replace("managed", "policy"),
            409,
        )


def shape(db: Connection, row: Row[Any], *, listed: bool = False) -> dict[str, Any]:
    """A customer managed policy as the API shows it; lists leave the description out."""
    count = db.scalar(select(func.count()).select_from(attachments).where(attachments.c.policy_arn == row.arn))
    found = {"Description": row.description} if row.description and not listed else {}
    return found | {
        "PolicyName": row.name,
        "PolicyId": row.id,
        "Arn": row.arn,
        "Path": row.path,
        "DefaultVersionId": "v1",
        "AttachmentCount": count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": moment(row.created),
        "UpdateDate": moment(row.created),
    }


def managed_shape(db: Connection, arn: str) -> dict[str, Any] | None:
    """An AWS-managed policy as the API shows it."""
    found = managed_policy(arn)
    if found is None:
        return None
    count = db.scalar(select(func.count()).select_from(attachments).where(attachments.c.policy_arn == arn))
    return {
        "PolicyName": found.name,
        "PolicyId": "ANPA" + base64.b32encode(hashlib.sha256(arn.encode()).digest())[:17].decode(),
        "Arn": arn,
        "Path": found.path,
        "DefaultVersionId": found.version,
        "AttachmentCount": count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": datetime.fromisoformat(found.create_date),
        "UpdateDate": datetime.fromisoformat(found.update_date),
    }


def _by_arn(db: Connection, arn: str) -> Row[Any] | None:
    return db.execute(select(policies).where(policies.c.arn == arn)).first()


def create(call: Call) -> dict[str, Any]:
    """CreatePolicy."""
    name, document = call.params["PolicyName"], call.params["PolicyDocument"]
    check_name("policyName", name, 128)
    path = path_of(call)
    parse(document, "identity")
    _size(document, "managed")
    with call.gateway.transaction() as db:
        if db.execute(
            select(policies.c.name).where(policies.c.account == call.account, policies.c.name == name)
        ).first():
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
            )
        )
        row = _by_arn(db, arn)
        assert row is not None
        return {"Policy": shape(db, row)}


def get(call: Call) -> dict[str, Any]:
    """GetPolicy."""
    arn = call.params["PolicyArn"]
    with call.gateway.read() as db:
        row = _by_arn(db, arn)
        found = shape(db, row) if row is not None else managed_shape(db, arn)
        if found is None:
            raise _missing(arn)
        return {"Policy": found}


def _missing(arn: str) -> AwsError:
    return AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)


def get_version(call: Call) -> dict[str, Any]:
    """GetPolicyVersion."""
    arn, version = call.params["PolicyArn"], call.params["VersionId"]
    with call.gateway.read() as db:
        row = _by_arn(db, arn)
    managed = managed_policy(arn)
    if row is not None and version == "v1":
        text, created = row.document, moment(row.created)
    elif managed is not None and version == managed.version:
        text, created = managed.document, datetime.fromisoformat(managed.update_date)
    elif row is None and managed is None:
        raise _missing(arn)
    else:
        raise AwsError("NoSuchEntity", f"Policy {arn} version {version} does not exist or is not attachable.", 404)
    return {
        "PolicyVersion": {
            "Document": quote(text, safe="-_.~"),
            "VersionId": version,
            "IsDefaultVersion": True,
            "CreateDate": created,
        }
    }


def list_versions(call: Call) -> dict[str, Any]:
    """ListPolicyVersions."""
    policy = get(call)["Policy"]
    version = {
        "VersionId": policy["DefaultVersionId"],
        "IsDefaultVersion": True,
        "CreateDate": policy["UpdateDate"],
    }
    return {"Versions": [version], "IsTruncated": False}


def list_(call: Call) -> dict[str, Any]:
    """ListPolicies."""
    scope = call.params.get("Scope") or "All"
    if call.params.get("PolicyUsageFilter") == "PermissionsBoundary":
        return {"Policies": [], "IsTruncated": False}  # no one has a boundary yet
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
        page = iam_page(sorted(set(names), key=lambda pair: pair[0]), call.params, "Policies", lambda pair: pair[0])
        found = []
        for name, managed in page["Policies"]:
            if managed is None:
                row = db.execute(
                    select(policies).where(policies.c.account == call.account, policies.c.name == name)
                ).one()
                found.append(shape(db, row, listed=True))
            else:
                one = managed_shape(db, managed_policy_arn(name))
                assert one is not None
                found.append(one)
    attached = call.params.get("OnlyAttached")
    page["Policies"] = [
        one for one in found if one["Path"].startswith(prefix) and (not attached or one["AttachmentCount"])
    ]
    return page


def delete_(call: Call) -> None:
    """DeletePolicy."""
    arn = call.params["PolicyArn"]
    with call.gateway.transaction() as db:
        row = _by_arn(db, arn)
        if row is None or row.account != call.account:
            raise _missing(arn)
        if db.execute(select(attachments.c.name).where(attachments.c.policy_arn == arn)).first():
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
        db.execute(delete(policies).where(policies.c.arn == arn))


def list_entities(call: Call) -> dict[str, Any]:
    """ListEntitiesForPolicy: roles and users; there are no groups yet."""
    params = call.params
    arn, prefix = params["PolicyArn"], params.get("PathPrefix") or "/"
    wanted = params.get("EntityFilter")
    empty: dict[str, Any] = {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": [], "IsTruncated": False}
    if (
        wanted in ("LocalManagedPolicy", "AWSManagedPolicy", "Group")
        or params.get("PolicyUsageFilter") == "PermissionsBoundary"
    ):
        return empty
    with call.gateway.read() as db:
        if managed_policy(arn) is None and _by_arn(db, arn) is None:
            raise _missing(arn)
        found: list[tuple[str, dict[str, str]]] = []
        for kind, (table, member) in ENTITY.items():
            if wanted not in (None, kind.title()):
                continue
            join = (attachments.c.account == table.c.account) & (attachments.c.name == table.c.name)
            query = (
                select(table.c.name, table.c.id, table.c.path)
                .join(attachments, join)
                .where(attachments.c.policy_arn == arn, attachments.c.kind == kind, table.c.account == call.account)
            )
            for row in db.execute(query):
                if row.path.startswith(prefix):
                    found.append((kind, {member: row.name, f"{kind.title()}Id": row.id}))
    found.sort(key=lambda pair: (pair[0], *pair[1].values()))
    page = iam_page(found, params, "_", lambda pair: f"{pair[0]}/{next(iter(pair[1].values()))}")
    for kind, one in page.pop("_"):
        empty[f"Policy{kind.title()}s"].append(one)
    return empty | page


# --- attached to a role or user: one function a verb, made for each kind -----------------------------------------------


def attach(kind: str) -> Handler:
    """AttachRolePolicy, AttachUserPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, arn = call.params[member], call.params["PolicyArn"]
        with call.gateway.transaction() as db:
            find(db, table, call, name, kind)
            row = _by_arn(db, arn)
            if managed_policy(arn) is None and (row is None or row.account != call.account):
                raise no_such("policy", arn)
            mine = _of(attachments, call, kind, name)
            attached = set(db.scalars(select(attachments.c.policy_arn).where(*mine)))
            if arn in attached:
                return
            if len(attached) >= QUOTA:
                raise AwsError("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind.title()}: {QUOTA}", 409)
            db.execute(insert(attachments).values(account=call.account, kind=kind, name=name, policy_arn=arn))

    return handler


def _of(table: Any, call: Call, kind: str, name: str) -> tuple[Any, ...]:
    return (table.c.account == call.account, table.c.kind == kind, table.c.name == name)


def detach(kind: str) -> Handler:
    """DetachRolePolicy, DetachUserPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, arn = call.params[member], call.params["PolicyArn"]
        with call.gateway.transaction() as db:
            find(db, table, call, name, kind)
            done = db.execute(
                delete(attachments).where(*_of(attachments, call, kind, name), attachments.c.policy_arn == arn)
            )
            if done.rowcount == 0:
                raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)

    return handler


def list_attached(kind: str) -> Handler:
    """ListAttachedRolePolicies, ListAttachedUserPolicies."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        name = call.params[member]
        with call.gateway.read() as db:
            find(db, table, call, name, kind)
            arns = db.scalars(select(attachments.c.policy_arn).where(*_of(attachments, call, kind, name))).all()
        prefix = f":policy{call.params.get('PathPrefix') or '/'}"
        named = ({"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns if prefix in arn)
        found = sorted(named, key=_policy_name)
        return iam_page(found, call.params, "AttachedPolicies", _policy_name)

    return handler


def _policy_name(policy: dict[str, str]) -> str:
    return policy["PolicyName"]


def put_inline(kind: str) -> Handler:
    """PutRolePolicy, PutUserPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, policy, document = call.params[member], call.params["PolicyName"], call.params["PolicyDocument"]
        check_name("policyName", policy, 128)
        parse(document, "identity")
        _size(document, kind)
        with call.gateway.transaction() as db:
            find(db, table, call, name, kind)
            mine = (*_of(inline, call, kind, name), inline.c.policy_name == policy)
            if db.execute(update(inline).where(*mine).values(document=document)).rowcount == 0:
                db.execute(
                    insert(inline).values(
                        account=call.account, kind=kind, name=name, policy_name=policy, document=document
                    )
                )

    return handler


def get_inline(kind: str) -> Handler:
    """GetRolePolicy, GetUserPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        name, policy = call.params[member], call.params["PolicyName"]
        with call.gateway.read() as db:
            find(db, table, call, name, kind)
            text = db.scalar(
                select(inline.c.document).where(*_of(inline, call, kind, name), inline.c.policy_name == policy)
            )
        if text is None:
            raise _no_inline(kind, policy)
        return {member: name, "PolicyName": policy, "PolicyDocument": quote(text, safe="-_.~")}

    return handler


def _no_inline(kind: str, policy: str) -> AwsError:
    return AwsError("NoSuchEntity", f"The {kind} policy with name {policy} cannot be found.", 404)


def delete_inline(kind: str) -> Handler:
    """DeleteRolePolicy, DeleteUserPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, policy = call.params[member], call.params["PolicyName"]
        with call.gateway.transaction() as db:
            find(db, table, call, name, kind)
            done = db.execute(delete(inline).where(*_of(inline, call, kind, name), inline.c.policy_name == policy))
            if done.rowcount == 0:
                raise _no_inline(kind, policy)

    return handler


def list_inline(kind: str) -> Handler:
    """ListRolePolicies, ListUserPolicies."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        name = call.params[member]
        with call.gateway.read() as db:
            find(db, table, call, name, kind)
            names = db.scalars(select(inline.c.policy_name).where(*_of(inline, call, kind, name))).all()
        return iam_page(sorted(names), call.params, "PolicyNames", str)

    return handler
