"""What schedules and groups share: names, ARNs, errors, pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.paging import decode, encode
from slipher.cloud.state.scheduler import groups

NAME = re.compile(r"[0-9a-zA-Z-_.]{1,64}")
DEFAULT = "default"


def invalid(text: str) -> AwsError:
    """ValidationException."""
    return AwsError("ValidationException", text, 400)


def not_found(text: str) -> AwsError:
    """ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", text, 404)


def conflict(text: str) -> AwsError:
    """ConflictException."""
    return AwsError("ConflictException", text, 409)


def moment(seconds: float) -> datetime:
    """A time as the API shows it."""
    return datetime.fromtimestamp(seconds, UTC)


def group_name(call: Call) -> str:
    """The request's group."""
    return str(call.params.get("GroupName") or DEFAULT)


def schedule_arn(call: Call) -> str:
    """The ARN of the request's schedule."""
    name = call.params.get("Name") or "*"
    return f"arn:aws:scheduler:{call.region}:{call.account}:schedule/{group_name(call)}/{name}"


def group_arn(call: Call, name: str | None = None) -> str:
    """A group's ARN; without a name, the request's."""
    return f"arn:aws:scheduler:{call.region}:{call.account}:schedule-group/{name or call.params['Name']}"


def find_group(db: Connection, call: Call, name: str) -> Row[Any] | None:
    """A group; None stands for the default one, which is always there."""
    row = db.execute(
        select(groups).where(groups.c.account == call.account, groups.c.region == call.region, groups.c.name == name)
    ).first()
    if row is None and name != DEFAULT:
        raise not_found(f"Schedule group {name} does not exist.")
    return row


def check_name(name: str) -> None:
    """ValidationException for a name that is none."""
    if not NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [0-9a-zA-Z-_.]+"
        )


def page(items: list[dict[str, Any]], params: Any, member: str) -> dict[str, Any]:
    """A page by NextToken and MaxResults; items have names, and are sorted by their ARNs."""
    limit = params["MaxResults"] if params.get("MaxResults") is not None else 100
    if not 1 <= limit <= 100:
        raise invalid("MaxResults must be between 1 and 100.")
    after = decode(params["NextToken"]) if params.get("NextToken") else ""
    rest = [one for one in items if one["Arn"] > after]
    more = {"NextToken": encode(rest[limit - 1]["Arn"])} if len(rest) > limit else {}
    return {member: rest[:limit], **more}
