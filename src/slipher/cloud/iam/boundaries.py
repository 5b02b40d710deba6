"""Permissions boundaries of roles and users: a managed policy that limits what their own policies give."""

from __future__ import annotations

from sqlalchemy import update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler
from slipher.cloud.iam.common import ENTITY, check_boundary, find, refuse_protected


def put(kind: str) -> Handler:
    """PutRolePermissionsBoundary, PutUserPermissionsBoundary."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name = call.params[member]
        with call.gateway.transaction() as db:
            row = find(db, table, call, name, kind)
            refuse_protected(row)
            arn = check_boundary(db, call)
            db.execute(update(table).where(table.c.account == call.account, table.c.name == name).values(boundary=arn))

    return handler


def delete_(kind: str) -> Handler:
    """DeleteRolePermissionsBoundary, DeleteUserPermissionsBoundary."""
    table, member = ENTITY[kind]

    def handler(call: Call) -> None:
        name = call.params[member]
        with call.gateway.transaction() as db:
            row = find(db, table, call, name, kind)
            refuse_protected(row)
            if not row.boundary:
                raise AwsError("NoSuchEntity", f"The {kind} with name {name} has no permissions boundary.", 404)
            db.execute(update(table).where(table.c.account == call.account, table.c.name == name).values(boundary=None))

    return handler
