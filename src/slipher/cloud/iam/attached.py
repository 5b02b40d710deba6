"""What is attached to a role, user or group, and written into it: one function a verb, made for each kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import ENTITY, check_name, find, no_such, refuse_protected
from slipher.cloud.iam.policies import by_arn, check_size
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.policy.validate import validate
from slipher.spec.iam import managed_policy

attachments, inline = iam.attachments, iam.inline_policies
QUOTA = 10  # managed policies attached to one role, user or group


def _changeable(row: Row[Any], kind: str) -> None:
    if kind == "role":
        refuse_protected(row)


def attach(kind: str) -> Handler:
    """AttachRolePolicy, AttachUserPolicy, AttachGroupPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, arn = call.params[member], call.params["PolicyArn"]
        with call.gateway.transaction() as db:
            _changeable(find(db, table, call, name, kind), kind)
            row = by_arn(db, arn)
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
    """DetachRolePolicy, DetachUserPolicy, DetachGroupPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, arn = call.params[member], call.params["PolicyArn"]
        with call.gateway.transaction() as db:
            _changeable(find(db, table, call, name, kind), kind)
            done = db.execute(
                delete(attachments).where(*_of(attachments, call, kind, name), attachments.c.policy_arn == arn)
            )
            if done.rowcount == 0:
                raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)

    return handler


def list_attached(kind: str) -> Handler:
    """ListAttachedRolePolicies, ListAttachedUserPolicies, ListAttachedGroupPolicies."""
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
    """PutRolePolicy, PutUserPolicy, PutGroupPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, policy, document = call.params[member], call.params["PolicyName"], call.params["PolicyDocument"]
        check_name("policyName", policy, 128)
        validate(document, "identity")
        check_size(document, kind)
        with call.gateway.transaction() as db:
            _changeable(find(db, table, call, name, kind), kind)
            mine = (*_of(inline, call, kind, name), inline.c.policy_name == policy)
            if db.execute(update(inline).where(*mine).values(document=document)).rowcount == 0:
                db.execute(
                    insert(inline).values(
                        account=call.account, kind=kind, name=name, policy_name=policy, document=document
                    )
                )

    return handler


def get_inline(kind: str) -> Handler:
    """GetRolePolicy, GetUserPolicy, GetGroupPolicy."""
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
    """DeleteRolePolicy, DeleteUserPolicy, DeleteGroupPolicy."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name, policy = call.params[member], call.params["PolicyName"]
        with call.gateway.transaction() as db:
            _changeable(find(db, table, call, name, kind), kind)
            done = db.execute(delete(inline).where(*_of(inline, call, kind, name), inline.c.policy_name == policy))
            if done.rowcount == 0:
                raise _no_inline(kind, policy)

    return handler


def list_inline(kind: str) -> Handler:
    """ListRolePolicies, ListUserPolicies, ListGroupPolicies."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        name = call.params[member]
        with call.gateway.read() as db:
            find(db, table, call, name, kind)
            names = db.scalars(select(inline.c.policy_name).where(*_of(inline, call, kind, name))).all()
        return iam_page(sorted(names), call.params, "PolicyNames", str)

    return handler
