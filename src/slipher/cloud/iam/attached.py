"""What is attached to a role, user or group, and written into it: one function a verb, made for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Table, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import ENTITY, check_name, find, no_such, refuse_protected
from slipher.cloud.iam.policies import LIMITS, by_arn, size
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.policy.validate import validate
from slipher.spec.iam import managed_policy

attachments, inline = iam.attachments, iam.inline_policies
QUOTA = 10  # managed policies attached to one role, user or group


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who a request is about; it is there, and may be changed if the request changes it."""

    db: Connection
    call: Call
    kind: str
    name: str

    def of(self, table: Table) -> tuple[Any, ...]:
        """The rows of a table that are this holder's."""
        return (table.c.account == self.call.account, table.c.kind == self.kind, table.c.name == self.name)

    def key(self) -> dict[str, str]:
        """The columns that a row of this holder's begins with."""
        return {"account": self.call.account, "kind": self.kind, "name": self.name}


def _changing(kind: str, change: Callable[[_Holder], None]) -> Handler:
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name = call.params[member]
        with call.gateway.transaction() as db:
            row = find(db, table, call, name, kind)
            if kind == "role":
                refuse_protected(row)
            change(_Holder(db, call, kind, name))

    return handler


def _reading(kind: str, read: Callable[[_Holder], dict[str, Any]]) -> Handler:
    table, member = ENTITY[kind]

    def handler(call: Call) -> dict[str, Any]:
        name = call.params[member]
        with call.gateway.read() as db:
            find(db, table, call, name, kind)
            return read(_Holder(db, call, kind, name))

    return handler


def attach(kind: str) -> Handler:
    """AttachRolePolicy, AttachUserPolicy, AttachGroupPolicy."""

    def change(holder: _Holder) -> None:
        db, arn = holder.db, holder.call.params["PolicyArn"]
        row = by_arn(db, arn)
        if managed_policy(arn) is None and (row is None or row.account != holder.call.account):
            raise no_such("policy", arn)
        attached = set(db.scalars(select(attachments.c.policy_arn).where(*holder.of(attachments))))
        if arn in attached:
            return
        if len(attached) >= QUOTA:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind.title()}: {QUOTA}", 409)
        db.execute(insert(attachments).values(policy_arn=arn, **holder.key()))

    return _changing(kind, change)


def detach(kind: str) -> Handler:
    """DetachRolePolicy, DetachUserPolicy, DetachGroupPolicy."""

    def change(holder: _Holder) -> None:
        arn = holder.call.params["PolicyArn"]
        mine = (*holder.of(attachments), attachments.c.policy_arn == arn)
        if holder.db.execute(delete(attachments).where(*mine)).rowcount == 0:
            raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)

    return _changing(kind, change)


def list_attached(kind: str) -> Handler:
    """ListAttachedRolePolicies, ListAttachedUserPolicies, ListAttachedGroupPolicies."""

    def read(holder: _Holder) -> dict[str, Any]:
        arns = holder.db.scalars(select(attachments.c.policy_arn).where(*holder.of(attachments))).all()
        prefix = f":policy{holder.call.params.get('PathPrefix') or '/'}"
        named = ({"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns if prefix in arn)
        found = sorted(named, key=_policy_name)
        return iam_page(found, holder.call.params, "AttachedPolicies", _policy_name)

    return _reading(kind, read)


def _policy_name(policy: dict[str, str]) -> str:
    return policy["PolicyName"]


def put_inline(kind: str) -> Handler:
    """PutRolePolicy, PutUserPolicy, PutGroupPolicy: all of a holder's together have a quota."""

    def change(holder: _Holder) -> None:
        db, policy, document = holder.db, holder.call.params["PolicyName"], holder.call.params["PolicyDocument"]
        mine = holder.of(inline)
        others = db.scalars(select(inline.c.document).where(*mine, inline.c.policy_name != policy))
        if size(document) + sum(map(size, others)) > LIMITS[kind]:
            text = f"Maximum policy size of {LIMITS[kind]} bytes exceeded for {kind} {holder.name}"
            raise AwsError("LimitExceeded", text, 409)
        named = (*mine, inline.c.policy_name == policy)
        if db.execute(update(inline).where(*named).values(document=document)).rowcount == 0:
            db.execute(insert(inline).values(policy_name=policy, document=document, **holder.key()))

    store = _changing(kind, change)

    def handler(call: Call) -> Any:
        check_name("policyName", call.params["PolicyName"], 128)
        validate(call.params["PolicyDocument"], "identity")
        return store(call)

    return handler


def get_inline(kind: str) -> Handler:
    """GetRolePolicy, GetUserPolicy, GetGroupPolicy."""

    def read(holder: _Holder) -> dict[str, Any]:
        policy = holder.call.params["PolicyName"]
        named = (*holder.of(inline), inline.c.policy_name == policy)
        text = holder.db.scalar(select(inline.c.document).where(*named))
        if text is None:
            raise _no_inline(kind, policy)
        return {ENTITY[kind][1]: holder.name, "PolicyName": policy, "PolicyDocument": quote(text, safe="-_.~")}

    return _reading(kind, read)


def _no_inline(kind: str, policy: str) -> AwsError:
    return AwsError("NoSuchEntity", f"The {kind} policy with name {policy} cannot be found.", 404)


def delete_inline(kind: str) -> Handler:
    """DeleteRolePolicy, DeleteUserPolicy, DeleteGroupPolicy."""

    def change(holder: _Holder) -> None:
        policy = holder.call.params["PolicyName"]
        named = (*holder.of(inline), inline.c.policy_name == policy)
        if holder.db.execute(delete(inline).where(*named)).rowcount == 0:
            raise _no_inline(kind, policy)

    return _changing(kind, change)


def list_inline(kind: str) -> Handler:
    """ListRolePolicies, ListUserPolicies, ListGroupPolicies."""

    def read(holder: _Holder) -> dict[str, Any]:
        names = holder.db.scalars(select(inline.c.policy_name).where(*holder.of(inline))).all()
        return iam_page(sorted(names), holder.call.params, "PolicyNames", str)

    return _reading(kind, read)
