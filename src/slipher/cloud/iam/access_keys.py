"""Access keys of IAM users."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import secret_key, unique_id
from slipher.cloud.call import Call
from slipher.cloud.iam.common import find, moment
from slipher.cloud.iam.users import name_of
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam

users, keys = iam.users, iam.access_keys


def create(call: Call) -> dict[str, Any]:
    """CreateAccessKey."""
    name = name_of(call)
    with call.gateway.transaction() as db:
        find(db, users, call, name, "user")
        mine = (keys.c.account == call.account) & (keys.c.user_name == name)
        if len(db.execute(select(keys.c.id).where(mine)).all()) >= 2:
            raise AwsError("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
        row = {
            "id": unique_id("AKIA")[:20],
            "account": call.account,
            "user_name": name,
            "secret": secret_key(),
            "status": "Active",
            "created": call.gateway.now(),
        }
        db.execute(insert(keys).values(**row))
    return {
        "AccessKey": {
            "UserName": name,
            "AccessKeyId": row["id"],
            "Status": "Active",
            "SecretAccessKey": row["secret"],
            "CreateDate": moment(call.gateway.now()),
        }
    }


def list_(call: Call) -> dict[str, Any]:
    """ListAccessKeys."""
    name = name_of(call)
    with call.gateway.read() as db:
        find(db, users, call, name, "user")
        rows = db.execute(
            select(keys).where(keys.c.account == call.account, keys.c.user_name == name).order_by(keys.c.id)
        ).all()
    found = [
        {"UserName": name, "AccessKeyId": row.id, "Status": row.status, "CreateDate": moment(row.created)}
        for row in rows
    ]
    return iam_page(found, call.params, "AccessKeyMetadata", lambda key: str(key["AccessKeyId"]))


def _own_key(call: Call) -> Any:
    return (
        (keys.c.account == call.account)
        & (keys.c.user_name == name_of(call))
        & (keys.c.id == call.params["AccessKeyId"])
    )


def update_(call: Call) -> None:
    """UpdateAccessKey."""
    status = call.params["Status"]
    if status not in ("Active", "Inactive"):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{status}' at 'status' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Active, Inactive]",
        )
    with call.gateway.transaction() as db:
        if db.execute(update(keys).where(_own_key(call)).values(status=status)).rowcount == 0:
            raise _no_key(call)


def delete_(call: Call) -> None:
    """DeleteAccessKey."""
    with call.gateway.transaction() as db:
        if db.execute(delete(keys).where(_own_key(call))).rowcount == 0:
            raise _no_key(call)


def last_used(call: Call) -> dict[str, Any]:
    """GetAccessKeyLastUsed; of a key that no request was signed with there is no date, and service and region are N/A."""
    with call.gateway.read() as db:
        row = db.execute(
            select(keys).where(keys.c.account == call.account, keys.c.id == call.params["AccessKeyId"])
        ).first()
    if row is None:
        raise _no_key(call)
    found = {"Region": row.used_region or "N/A", "ServiceName": row.used_service or "N/A"}
    return {
        "UserName": row.user_name,
        "AccessKeyLastUsed": found | ({"LastUsedDate": moment(row.used)} if row.used else {}),
    }


def _no_key(call: Call) -> AwsError:
    return AwsError("NoSuchEntity", f"The Access Key with id {call.params['AccessKeyId']} cannot be found.", 404)


def owner(call: Call) -> str:
    """The ARN of the user whose key a request is about."""
    with call.gateway.read() as db:
        mine = (keys.c.account == call.account, keys.c.id == call.params["AccessKeyId"])
        join = (keys.c.account == users.c.account) & (keys.c.user_name == users.c.name)
        found = db.scalar(select(users.c.arn).join(keys, join).where(*mine))
    return str(found or f"arn:aws:iam::{call.account}:user/*")
