"""Which key a request means: by id, ARN, alias or an alias's ARN; and the keys that AWS makes for its services."""

from __future__ import annotations

import json
import os
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.state.kms import aliases, grants, keys

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]*):(\d*):(key/.+|alias/.+)", re.S)
MANAGED = {"s3": "S3 objects", "redshift": "Redshift clusters", "secretsmanager": "Secrets Manager secrets"}
DAY = 86400


def invalid(text: str) -> AwsError:
    """ValidationException."""
    return AwsError("ValidationException", text)


def not_found(text: str) -> AwsError:
    """NotFoundException."""
    return AwsError("NotFoundException", text)


def moment(seconds: float) -> datetime:
    """A time as the API shows it."""
    return datetime.fromtimestamp(seconds, UTC)


def default_policy(account: str) -> str:
    """What a key gets without a policy: IAM decides for the principals of its account."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}, indent=2)


def managed_policy(service: str, account: str, region: str) -> str:
    """The policy of a key that AWS manages: whoever may use the service in the account uses the key through it."""
    through = {
        "Sid": f"Allow access through {service} for all principals in the account that are authorized to use it",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
        },
    }
    direct = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [through, direct]}
    return json.dumps(policy, indent=2)


def add_key(
    call: Call, db: Connection, account: str, region: str, policy: str, facts: dict[str, Any], manager: str
) -> Row[Any]:
    """A new key with fresh material."""
    made = str(uuid.uuid4())
    arn = f"arn:aws:kms:{region}:{account}:key/{made}"
    db.execute(
        insert(keys).values(
            id=made,
            account=account,
            region=region,
            arn=arn,
            material=call.gateway.vault.seal(os.urandom(32), arn),
            manager=manager,
            state="Enabled",
            facts=facts,
            policy=policy,
            created=call.gateway.now(),
        )
    )
    return db.execute(select(keys).where(keys.c.id == made)).one()


def add_alias(call: Call, db: Connection, row: Row[Any], name: str) -> None:
    """A name for a key."""
    now = call.gateway.now()
    db.execute(
        insert(aliases).values(account=row.account, region=row.region, name=name, key=row.id, created=now, updated=now)
    )


def _managed(call: Call, account: str, region: str, name: str) -> Row[Any] | None:
    """A service's own key, made when it is first asked for."""
    service = name.removeprefix("alias/aws/")
    if service not in MANAGED or account != call.account:
        return None
    with call.gateway.transaction() as db:
        known = db.scalar(
            select(aliases.c.key).where(
                aliases.c.account == account, aliases.c.region == region, aliases.c.name == name
            )
        )
        if known is not None:
            return db.execute(select(keys).where(keys.c.id == known)).one()
        facts = {
            "Description": f"Default key that protects my {MANAGED[service]} when no other key is defined",
            "Tags": [],
        }
        row = add_key(call, db, account, region, managed_policy(service, account, region), facts, "AWS")
        add_alias(call, db, row, name)
        return row


def by_id(db: Connection, call: Call, key_id: str, region: str | None = None) -> Row[Any] | None:
    """The key of an id in the request's region, unless its deletion was due."""
    row = db.execute(select(keys).where(keys.c.id == key_id, keys.c.region == (region or call.region))).first()
    return None if row is not None and row.due is not None and row.due <= call.gateway.now() else row


def find(call: Call, given: str) -> Row[Any]:
    """The key that an identifier means; NotFoundException in KMS's words."""
    account, region, name = call.account, call.region, given
    if match := ARN.fullmatch(given):
        region, account, name = match.groups()
        if region != call.region:
            raise not_found(f"Invalid arn {region}")
        name = name.removeprefix("key/")
    elif given.startswith("arn:"):
        raise not_found(f"Invalid keyId '{given}'")
    if name.startswith("alias/"):
        arn = f"arn:aws:kms:{region}:{account}:{name}"
        with call.gateway.read() as db:
            target = db.scalar(
                select(aliases.c.key).where(
                    aliases.c.account == account, aliases.c.region == region, aliases.c.name == name
                )
            )
            row = by_id(db, call, target) if target is not None else None
        if row is None:
            row = _managed(call, account, region, name)
        if row is None:
            raise not_found(f"Alias {arn} is not found.")
        return row
    if not ID.fullmatch(name):
        raise not_found(f"Invalid keyId '{given}'")
    with call.gateway.read() as db:
        row = by_id(db, call, name)
    if row is None or row.account != account:
        raise not_found(f"Key 'arn:aws:kms:{region}:{account}:key/{name}' does not exist")
    return row


def check_usable(row: Row[Any]) -> None:
    """DisabledException or KMSInvalidStateException unless the key is enabled."""
    if row.state == "Disabled":
        raise AwsError("DisabledException", f"{row.arn} is disabled.")
    check_stays(row)


def check_stays(row: Row[Any]) -> None:
    """KMSInvalidStateException for a key that waits for its deletion."""
    if row.state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{row.arn} is pending deletion.")


def sweep(call: Call, db: Connection) -> None:
    """Take away the keys whose deletion is due, with their names and grants."""
    for row in db.execute(select(keys.c.id).where(keys.c.due <= call.gateway.now())).all():
        db.execute(delete(aliases).where(aliases.c.key == row.id))
        db.execute(delete(grants).where(grants.c.key == row.id))
        db.execute(delete(keys).where(keys.c.id == row.id))


def page(items: list[Any], params: Any, member: str, marker: str, most: int = 1000) -> dict[str, Any]:
    """A page by Marker and Limit: the marker is the `marker` member of the last item before."""
    limit = params["Limit"] if params.get("Limit") is not None else min(100, most)
    if not 1 <= limit <= most:
        bound = "greater than or equal to 1" if limit < 1 else f"less than or equal to {most}"
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    names = [one[marker] for one in items]
    start = 0
    if params.get("Marker"):
        if params["Marker"] not in names:
            raise AwsError("InvalidMarkerException", "The marker is not valid.")
        start = names.index(params["Marker"]) + 1
    cut = items[start : start + limit]
    more = start + limit < len(items)
    return {member: cut, "Truncated": more} | ({"NextMarker": names[start + limit - 1]} if more else {})
