"""Aliases: names of keys, in one account and region."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms.authority import allow
from slipher.cloud.kms.common import add_alias, by_id, check_stays, find, invalid, moment, not_found, page
from slipher.cloud.state.kms import aliases

NAME = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}")


def alias_arn(call: Call) -> str:
    """The ARN of the request's alias."""
    return _arn(call, str(call.params["AliasName"]))


def _arn(call: Call, name: str) -> str:
    return f"arn:aws:kms:{call.region}:{call.account}:{name}"


def _name(call: Call) -> str:
    name = str(call.params["AliasName"])
    if not name.startswith("alias/"):
        raise invalid('Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/')
    if not NAME.fullmatch(name):
        raise AwsError("InvalidAliasNameException", "Alias contains invalid characters for an alias")
    if name.startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", f"{name} is reserved for AWS.")
    return name


def _here(db: Connection, call: Call, name: str) -> Row[Any] | None:
    return db.execute(
        select(aliases).where(
            aliases.c.account == call.account, aliases.c.region == call.region, aliases.c.name == name
        )
    ).first()


def _target(call: Call) -> Row[Any]:
    given = str(call.params["TargetKeyId"])
    if "alias/" in given:
        raise invalid("Aliases must refer to keys. Not aliases")
    row = find(call, given)
    allow(call, row, f"kms:{call.operation}")
    if row.account != call.account:
        raise not_found(f"Key '{row.arn}' does not exist")
    check_stays(row)
    return row


def create(call: Call) -> None:
    """CreateAlias: needs its permission on the alias and on the key."""
    call.require("kms:CreateAlias", alias_arn(call))
    name, row = _name(call), _target(call)
    with call.gateway.transaction() as db:
        if _here(db, call, name) is not None:
            raise AwsError("AlreadyExistsException", f"An alias with the name {_arn(call, name)} already exists")
        add_alias(call, db, row, name)


def update_(call: Call) -> None:
    """UpdateAlias."""
    call.require("kms:UpdateAlias", alias_arn(call))
    name, row = _name(call), _target(call)
    with call.gateway.transaction() as db:
        before = _existing(db, call, name)
        old = by_id(db, call, before.key)
        if old is not None:
            allow(call, old, "kms:UpdateAlias")
        mine = (aliases.c.account == call.account, aliases.c.region == call.region, aliases.c.name == name)
        db.execute(update(aliases).where(*mine).values(key=row.id, updated=call.gateway.now()))


def _existing(db: Connection, call: Call, name: str) -> Row[Any]:
    row = _here(db, call, name)
    if row is None:
        raise not_found(f"Alias {_arn(call, name)} is not found.")
    return row


def delete_(call: Call) -> None:
    """DeleteAlias."""
    call.require("kms:DeleteAlias", alias_arn(call))
    name = _name(call)
    with call.gateway.transaction() as db:
        row = by_id(db, call, _existing(db, call, name).key)
        if row is not None:
            allow(call, row, "kms:DeleteAlias")
        mine = (aliases.c.account == call.account, aliases.c.region == call.region, aliases.c.name == name)
        db.execute(delete(aliases).where(*mine))


def list_(call: Call) -> dict[str, Any]:
    """ListAliases."""
    wanted = find(call, str(call.params["KeyId"])).id if call.params.get("KeyId") else None
    with call.gateway.read() as db:
        rows = db.execute(
            select(aliases)
            .where(aliases.c.account == call.account, aliases.c.region == call.region)
            .order_by(aliases.c.name)
        ).all()
    found = [
        {
            "AliasName": row.name,
            "AliasArn": _arn(call, row.name),
            "TargetKeyId": row.key,
            "CreationDate": moment(row.created),
            "LastUpdatedDate": moment(row.updated),
        }
        for row in rows
        if wanted in (None, row.key)
    ]
    return page(found, call.params, "Aliases", "AliasName", 100)
