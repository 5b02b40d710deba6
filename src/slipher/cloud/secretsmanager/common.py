"""Which secret a request means, and what policies can say of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.state.secretsmanager import secrets

ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)", re.S)
SUFFIX = re.compile(r"(.+)-[A-Za-z0-9]{6}", re.S)
ANY_SUFFIX = "-??????"
NOT_FOUND = "Secrets Manager can't find the specified secret."


def invalid(text: str) -> AwsError:
    """InvalidParameterException."""
    return AwsError("InvalidParameterException", text)


def refused(text: str) -> AwsError:
    """InvalidRequestException: the state of the secret forbids it."""
    return AwsError("InvalidRequestException", text)


def not_found(text: str = NOT_FOUND) -> AwsError:
    """ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", text)


def moment(seconds: float | None) -> datetime | None:
    """A time as the API shows it."""
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def look_up(db: Connection, call: Call, given: str) -> Row[Any] | None:
    """The secret of a name, an ARN, or an ARN without its suffix; None if there is none, or its deletion was due."""
    account, region, name = call.account, call.region, given
    row = None
    if match := ARN.fullmatch(given):
        region, account, name = match.groups()
        if region != call.region:
            return None
        row = db.execute(select(secrets).where(secrets.c.arn == given)).first()
    if row is None:
        row = db.execute(
            select(secrets).where(secrets.c.account == account, secrets.c.region == region, secrets.c.name == name)
        ).first()
    return None if row is not None and row.due is not None and row.due <= call.gateway.now() else row


def find(db: Connection, call: Call, given: str | None = None, *, deleted: bool = False) -> Row[Any]:
    """The request's secret; `deleted`: also one that waits for its deletion."""
    row = look_up(db, call, str(given if given is not None else call.params["SecretId"]))
    if row is None:
        raise not_found()
    if row.deleted is not None and not deleted:
        raise refused("You can't perform this operation on the secret because it was marked for deletion.")
    return row


def find_own(db: Connection, call: Call) -> Row[Any]:
    """The request's secret, if its value is nobody's but the caller's to change."""
    row = find(db, call)
    require_unmanaged(row)
    return row


def require_unmanaged(row: Row[Any]) -> None:
    """InvalidRequestException for a secret that a service manages."""
    if owner := row.facts.get("OwningService"):
        raise refused(f"You can't perform this operation on the secret because it is managed by {owner}.")


def arn_of(call: Call, given: str) -> str:
    """The ARN that policies are asked about; of a secret that is not there, the ARN with any suffix."""
    with call.gateway.read() as db:
        row = look_up(db, call, given)
    if row is not None:
        return str(row.arn)
    if given.startswith("arn:"):
        return given
    return f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{given}{ANY_SUFFIX}"


def secret_arn(call: Call) -> str:
    """The ARN of the request's secret."""
    return arn_of(call, str(call.params.get("SecretId") or call.params.get("Name") or "*"))


def policy_of(call: Call, given: str) -> tuple[str | None, str | None]:
    """A secret's resource policy, and the account that owns it."""
    with call.gateway.read() as db:
        row = look_up(db, call, given)
    if row is not None:
        return row.policy, row.account
    match = ARN.fullmatch(given)
    return None, match.group(2) if match else None


def resource_policy(call: Call) -> tuple[str | None, str | None]:
    """The policy of the request's secret."""
    given = call.params.get("SecretId")
    return policy_of(call, str(given)) if given else (None, None)


def tag_context(call: Call, given: str) -> dict[str, str]:
    """The condition keys of a secret's tags."""
    with call.gateway.read() as db:
        row = look_up(db, call, given)
    tags = row.facts["Tags"] if row is not None else []
    return {f"{scope}:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags for scope in ("aws", "secretsmanager")}


def condition_context(call: Call) -> dict[str, str]:
    """The condition keys of a request of Secrets Manager."""
    params = call.params
    context = {
        f"secretsmanager:{name}": str(params[name])
        for name in ("Name", "Description", "KmsKeyId", "VersionId", "VersionStage", "RecoveryWindowInDays")
        if params.get(name)
    }
    if params.get("ForceDeleteWithoutRecovery"):
        context["secretsmanager:ForceDeleteWithoutRecovery"] = "true"
    if params.get("BlockPublicPolicy") is not None:
        context["secretsmanager:BlockPublicPolicy"] = str(params["BlockPublicPolicy"]).lower()
    if params.get("SecretId"):
        context["secretsmanager:SecretId"] = secret_arn(call)
        context |= tag_context(call, str(params["SecretId"]))
    return context
