"""Secrets: create, describe, update, delete and restore, tags."""

from __future__ import annotations

import re
import secrets as random
import string
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.secretsmanager.common import (
    ARN,
    find,
    find_own,
    invalid,
    look_up,
    moment,
    not_found,
    refused,
    require_unmanaged,
)
from slipher.cloud.secretsmanager.values import (
    CURRENT,
    add_version,
    checked_key,
    given_value,
    reseal,
    token_of,
    versions_of,
)
from slipher.cloud.state.secretsmanager import secrets, versions

NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
MAX_TAGS = 50
DAY = 86400
WINDOW = 30
BAD_NAME = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"


def new_arn(call: Call, name: str) -> str:
    """A new secret's ARN: the name and six characters, so that a secret made again is another."""
    suffix = "".join(random.choice(string.ascii_letters + string.digits) for _ in range(6))
    return f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{name}-{suffix}"


def forget(db: Connection, arn: str) -> None:
    """A secret is gone with all its versions."""
    db.execute(delete(versions).where(versions.c.secret == arn))
    db.execute(delete(secrets).where(secrets.c.arn == arn))


def sweep(call: Call, db: Connection) -> None:
    """Take away the secrets whose deletion is due."""
    for row in db.execute(secrets.select().where(secrets.c.due <= call.gateway.now())).all():
        forget(db, row.arn)


def create(call: Call) -> dict[str, Any]:
    """CreateSecret."""
    params = call.params
    name = str(params["Name"])
    if not NAME.fullmatch(name):
        raise AwsError("ValidationException", BAD_NAME)
    value, token = given_value(params), token_of(params)
    facts = {
        "Description": params.get("Description"),
        "Tags": checked_tags(params.get("Tags") or []),
        "KmsKeyId": checked_key(call, params.get("KmsKeyId")),
    }
    with call.gateway.transaction() as db:
        sweep(call, db)
        row = look_up(db, call, name)
        if row is not None and row.deleted is not None:
            raise refused(
                "You can't create this secret because a secret with this name is already scheduled for deletion."
            )
        if row is not None:
            if value is None or token not in [one.id for one in versions_of(db, row.arn)]:
                raise AwsError(
                    "ResourceExistsException", f"The operation failed because the secret {name} already exists."
                )
        else:
            row = add(call, db, name, facts)
        made = {"ARN": row.arn, "Name": name}
        if value is not None:
            made["VersionId"] = add_version(call, db, row, token, value, [CURRENT])[0]
    return made


def add(call: Call, db: Connection, name: str, facts: dict[str, Any]) -> Row[Any]:
    """A new secret's row."""
    now = call.gateway.now()
    db.execute(
        insert(secrets).values(
            account=call.account,
            region=call.region,
            name=name,
            arn=new_arn(call, name),
            facts=facts,
            created=now,
            changed=now,
        )
    )
    return find(db, call, name)


def checked_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tags, each key once."""
    found = {str(one.get("Key", "")): str(one.get("Value", "")) for one in tags}
    if len(found) > MAX_TAGS:
        raise invalid(f"A secret can have at most {MAX_TAGS} tags.")
    if any(
        key.lower().startswith("aws:") or not 1 <= len(key) <= 128 or len(text) > 256 for key, text in found.items()
    ):
        raise invalid("A tag's key has 1 to 128 characters and does not begin with aws:, its value has at most 256.")
    return [{"Key": key, "Value": text} for key, text in found.items()]


def shape(db: Connection, row: Row[Any], stages: str) -> dict[str, Any]:
    """A secret as DescribeSecret and ListSecrets show it; `stages` is what they call the versions' labels."""
    facts = row.facts
    found = {
        "ARN": row.arn,
        "Name": row.name,
        "Description": facts.get("Description"),
        "KmsKeyId": facts.get("KmsKeyId"),
        "OwningService": facts.get("OwningService"),
        **rotation_of(facts),
        "CreatedDate": moment(row.created),
        "LastChangedDate": moment(row.changed),
        "LastAccessedDate": moment(row.accessed),
        "DeletedDate": moment(row.deleted),
        "Tags": facts["Tags"] or None,
        stages: {one.id: one.stages for one in versions_of(db, row.arn) if one.stages} or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def rotation_of(facts: dict[str, Any]) -> dict[str, Any]:
    """What is shown of the rotation of a secret that a service manages."""
    if "Rotated" not in facts:
        return {}
    days = facts["RotationDays"]
    return {
        "RotationEnabled": True,
        "RotationRules": {"AutomaticallyAfterDays": days},
        "LastRotatedDate": moment(facts["Rotated"]),
        "NextRotationDate": moment(facts["Rotated"] + days * DAY),
    }


def describe(call: Call) -> dict[str, Any]:
    """DescribeSecret."""
    with call.gateway.read() as db:
        return shape(db, find(db, call, deleted=True), "VersionIdsToStages")


def update_(call: Call) -> dict[str, Any]:
    """UpdateSecret: its description, its key, and a new current version if the request has a value."""
    params = call.params
    value, token = given_value(params), token_of(params)
    key = checked_key(call, params.get("KmsKeyId"))
    with call.gateway.transaction() as db:
        row = find_own(db, call)
        made = {"ARN": row.arn, "Name": row.name}
        if params.get("Description") is not None:
            change(db, row, call.gateway.now(), {"Description": params["Description"]})
        if params.get("KmsKeyId") is not None and key != row.facts.get("KmsKeyId"):
            change(db, find(db, call), call.gateway.now(), {"KmsKeyId": key})
            reseal(call, db, row.arn, key)
        if value is not None:
            made["VersionId"] = add_version(call, db, find(db, call), token, value, [CURRENT])[0]
    return made


def change(db: Connection, row: Row[Any], now: float, facts: dict[str, Any]) -> None:
    """Other facts of a secret."""
    db.execute(update(secrets).where(secrets.c.arn == row.arn).values(facts=row.facts | facts, changed=now))


def delete_(call: Call) -> dict[str, Any]:
    """DeleteSecret: at once by force, else after a window in which it can be restored."""
    params = call.params
    force, days = params.get("ForceDeleteWithoutRecovery"), params.get("RecoveryWindowInDays")
    if force and days is not None:
        raise invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    days = WINDOW if days is None else days
    if not 7 <= days <= WINDOW:
        raise invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    now = call.gateway.now()
    given = str(params["SecretId"])
    with call.gateway.transaction() as db:
        sweep(call, db)
        row = look_up(db, call, given)
        if row is None and force and not ARN.fullmatch(given):  # AWS says so of a name that is not there, too
            return {"ARN": new_arn(call, given), "Name": given, "DeletionDate": moment(now)}
        if row is None:
            raise not_found()
        require_unmanaged(row)
        if force:
            forget(db, row.arn)
            return {"ARN": row.arn, "Name": row.name, "DeletionDate": moment(now)}
        if row.deleted is not None:
            raise refused(
                "You can't perform this operation on the secret because it was already scheduled for deletion."
            )
        due = now + days * DAY
        db.execute(update(secrets).where(secrets.c.arn == row.arn).values(deleted=now, due=due))
    return {"ARN": row.arn, "Name": row.name, "DeletionDate": moment(due)}


def restore(call: Call) -> dict[str, Any]:
    """RestoreSecret."""
    with call.gateway.transaction() as db:
        row = find(db, call, deleted=True)
        db.execute(update(secrets).where(secrets.c.arn == row.arn).values(deleted=None, due=None))
    return {"ARN": row.arn, "Name": row.name}


def tag(call: Call) -> None:
    """TagResource."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        change(db, row, row.changed, {"Tags": checked_tags([*row.facts["Tags"], *call.params["Tags"]])})


def untag(call: Call) -> None:
    """UntagResource."""
    with call.gateway.transaction() as db:
        row = find(db, call)
        kept = [one for one in row.facts["Tags"] if one["Key"] not in call.params["TagKeys"]]
        change(db, row, row.changed, {"Tags": kept})
