"""What the nouns of IAM share: names, errors, limits."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.state import iam
from slipher.policy.document import Document, malformed
from slipher.spec.iam import managed_policy

ENTITY = {  # kind -> its table, and the member of inputs that names one
    "role": (iam.roles, "RoleName"),
    "user": (iam.users, "UserName"),
    "group": (iam.groups, "GroupName"),
    "instance-profile": (iam.instance_profiles, "InstanceProfileName"),
}
NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
ENTITY_ARN = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/.+")
PATH = re.compile(r"/([!-~]*/)?")


TAKEN = {"role": "Role", "user": "User", "group": "Group", "instance-profile": "Instance Profile"}


def refuse_taken(db: Connection, call: Call, kind: str, name: str) -> None:
    """EntityAlreadyExists if the account has that name: names differ by more than case."""
    table = ENTITY[kind][0]
    mine = (table.c.account == call.account, func.lower(table.c.name) == name.lower())
    if db.execute(select(table.c.name).where(*mine)).first():
        shown = f"{TAKEN[kind]} {name}" if kind == "instance-profile" else f"{TAKEN[kind]} with name {name}"
        raise AwsError("EntityAlreadyExists", f"{shown} already exists.", 409)


def rename(db: Connection, call: Call, kind: str, name: str, path: str, new: str) -> None:
    """Give a user or group another path or name, and with it what is attached to and written into it."""
    table = ENTITY[kind][0]
    arn = f"arn:aws:iam::{call.account}:{kind}{path}{new}"
    db.execute(
        update(table).where(table.c.account == call.account, table.c.name == name).values(name=new, path=path, arn=arn)
    )
    for held in (iam.attachments, iam.inline_policies):
        own = (held.c.account == call.account, held.c.kind == kind, held.c.name == name)
        db.execute(update(held).where(*own).values(name=new))


def no_such(kind: str, name: str) -> AwsError:
    """NoSuchEntity, in the words that IAM has for each kind."""
    if kind == "policy":
        return AwsError("NoSuchEntity", f"Policy {name} does not exist or is not attachable.", 404)
    if kind == "instance-profile":
        return AwsError("NoSuchEntity", f"Instance Profile {name} cannot be found.", 404)
    return AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)


def check_name(member: str, value: str, limit: int) -> None:
    """ValidationError for a name that IAM would not take."""
    if not NAME.fullmatch(value):
        raise AwsError(
            "ValidationError",
            f"The specified value for {member} is invalid. It must contain only alphanumeric characters "
            "and/or the following: +=,.@_-",
        )
    if len(value) > limit:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limit}",
        )


def path_of(call: Call, member: str = "Path") -> str:
    """The Path parameter, checked."""
    path = str(call.params.get(member) or "/")
    if not PATH.fullmatch(path):
        raise AwsError(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only "
            "alphanumeric characters and/or / characters.",
        )
    return path


def entity_arn(call: Call, kind: str, name: str) -> str:
    """The ARN, with its path, of a role, user or group that is there or is to be made."""
    table = ENTITY[kind][0]
    with call.gateway.read() as db:
        found = db.scalar(select(table.c.arn).where(table.c.account == call.account, table.c.name == name))
    return str(found or f"arn:aws:iam::{call.account}:{kind}{call.params.get('Path') or '/'}{name}")


def check_principals(db: Connection, call: Call, document: Document) -> None:
    """MalformedPolicyDocument for a principal of this account that is not there, as a mistyped ARN is."""
    for statement in document.statements:
        for kind, value in (*statement.principals, *statement.not_principals):
            match = ENTITY_ARN.fullmatch(value) if kind == "AWS" else None
            if match is None or match.group(1) != call.account:
                continue
            table = {"role": iam.roles, "user": iam.users}[match.group(2)]
            if db.execute(select(table.c.name).where(table.c.arn == value)).first() is None:
                raise malformed(f'Invalid principal in policy: "AWS":"{value}"')


def find(db: Connection, table: Table, call: Call, name: str, kind: str) -> Row[Any]:
    """The row of a role or user in the call's account; NoSuchEntity if there is none."""
    row = db.execute(select(table).where(table.c.account == call.account, table.c.name == name)).first()
    if row is None:
        raise no_such(kind, name)
    return row


def check_boundary(db: Connection, call: Call) -> str | None:
    """The PermissionsBoundary parameter: a policy that is there."""
    arn = call.params.get("PermissionsBoundary")
    if not arn:
        return None
    if ":policy/" not in arn:
        raise AwsError("ValidationError", f"Value ({arn}) for parameter PermissionsBoundary is invalid.")
    own = db.execute(select(iam.policies.c.account).where(iam.policies.c.arn == arn)).scalar()
    if managed_policy(arn) is None and own != call.account:
        raise no_such("policy", arn)
    return str(arn)


def boundary_shape(row: Row[Any]) -> dict[str, Any]:
    """The PermissionsBoundary member of a role or user."""
    if not row.boundary:
        return {}
    return {
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": row.boundary,
        }
    }


def refuse_attached(db: Connection, call: Call, kind: str, name: str) -> None:
    """DeleteConflict while a role, user or group has policies."""
    for table, text in (
        (iam.attachments, "Cannot delete entity, must detach all policies first."),
        (iam.inline_policies, "Cannot delete entity, must delete policies first."),
    ):
        mine = (table.c.account == call.account, table.c.kind == kind, table.c.name == name)
        if db.execute(select(table.c.name).where(*mine)).first():
            raise AwsError("DeleteConflict", text, 409)


def refuse_protected(row: Row[Any]) -> None:
    """UnmodifiableEntity for a service-linked role."""
    if row.path.startswith("/aws-service-role/"):
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{row.name}' - this role is only modifiable by AWS",
            400,
        )


def moment(seconds: float) -> datetime:
    """A stored time as AWS's responses have it: whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC)


def tags_of(call: Call) -> list[dict[str, str]]:
    """The Tags parameter."""
    tags = [dict(tag) for tag in call.params.get("Tags") or []]
    check_tags(tags)
    return tags


def check_tags(tags: list[dict[str, str]]) -> None:
    """The rules of tags: at most 50, keys that differ (but for case), none of AWS's own."""
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) != len(keys):
        raise AwsError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in keys):
        raise AwsError("InvalidInput", "The tag key can not start with aws:, which is reserved for AWS internal use.")
    if len(tags) > 50:
        raise AwsError("LimitExceeded", "The number of tags has reached the maximum limit.", 409)
