"""Versions of managed policies: five at most, one of them the default, which decides."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import moment
from slipher.cloud.iam.policies import by_arn, check_size, get, missing
from slipher.cloud.paging import iam_page
from slipher.cloud.state import iam
from slipher.policy.validate import validate
from slipher.spec.iam import managed_policy

policies, versions = iam.policies, iam.policy_versions
MOST = 5
ID = re.compile(r"v([1-9][0-9]*)(\.[A-Za-z0-9-]*)?", re.ASCII)


def all_versions(db: Connection, row: Row[Any]) -> list[tuple[int, str, float]]:
    """(number, document, created) of each version, the newest first."""
    found = db.execute(
        select(versions.c.number, versions.c.document, versions.c.created)
        .where(versions.c.policy_arn == row.arn)
        .order_by(versions.c.number.desc())
    ).all()
    return [(one.number, one.document, one.created) for one in found] or [(1, row.document, row.created)]


def _own(db: Connection, call: Call) -> Row[Any]:
    """The row of the account's own policy."""
    arn = call.params["PolicyArn"]
    row = by_arn(db, arn)
    if row is None or row.account != call.account:
        if managed_policy(arn) is not None:
            raise AwsError("AccessDenied", f"Cannot perform the operation on the AWS managed policy {arn}.", 403)
        raise missing(arn)
    return row


def _number(call: Call) -> int:
    match = ID.fullmatch(call.params["VersionId"])
    if match is None:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{call.params['VersionId']}' at 'versionId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
        )
    return int(match.group(1))


def _no_version(call: Call) -> AwsError:
    arn, version = call.params["PolicyArn"], call.params["VersionId"]
    return AwsError("NoSuchEntity", f"Policy {arn} version {version} does not exist or is not attachable.", 404)


def version_shape(number: int, created: float, default: bool) -> dict[str, Any]:
    """A version as the API shows it."""
    return {"VersionId": f"v{number}", "IsDefaultVersion": default, "CreateDate": moment(created)}


def create(call: Call) -> dict[str, Any]:
    """CreatePolicyVersion."""
    document = call.params["PolicyDocument"]
    validate(document, "identity", managed=True)
    check_size(document)
    default, now = bool(call.params.get("SetAsDefault")), call.gateway.now()
    with call.gateway.transaction() as db:
        row = _own(db, call)
        known = all_versions(db, row)
        if len(known) >= MOST:
            raise AwsError(
                "LimitExceeded",
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
                "version.",
                409,
            )
        number = max(row.last_version or 1, known[0][0]) + 1
        fresh = [(number, document, now)]
        if not db.execute(select(versions.c.number).where(versions.c.policy_arn == row.arn)).first():
            fresh += known
        for one, text, created in fresh:
            db.execute(insert(versions).values(policy_arn=row.arn, number=one, document=text, created=created))
        changes: dict[str, Any] = {"last_version": number, "updated": now}
        if default:
            changes |= {"default_version": number, "document": document}
        db.execute(update(policies).where(policies.c.arn == row.arn).values(**changes))
    return {"PolicyVersion": version_shape(number, now, default)}


def get_version(call: Call) -> dict[str, Any]:
    """GetPolicyVersion."""
    arn = call.params["PolicyArn"]
    with call.gateway.read() as db:
        row = by_arn(db, arn)
        known = all_versions(db, row) if row is not None else []
    managed = managed_policy(arn)
    if row is not None:
        wanted = _number(call)
        for number, document, created in known:
            if number == wanted:
                found = version_shape(number, created, number == (row.default_version or 1))
                return {"PolicyVersion": {"Document": quote(document, safe="-_.~")} | found}
        raise _no_version(call)
    if managed is None:
        raise missing(arn)
    if call.params["VersionId"] != managed.version:
        raise _no_version(call)
    return {
        "PolicyVersion": {
            "Document": quote(managed.document, safe="-_.~"),
            "VersionId": managed.version,
            "IsDefaultVersion": True,
            "CreateDate": datetime.fromisoformat(managed.update_date),
        }
    }


def list_(call: Call) -> dict[str, Any]:
    """ListPolicyVersions."""
    policy = get(call)["Policy"]
    with call.gateway.read() as db:
        row = by_arn(db, call.params["PolicyArn"])
        if row is None:  # AWS's own: the one that decides is the one that is here
            one = {
                "VersionId": policy["DefaultVersionId"],
                "IsDefaultVersion": True,
                "CreateDate": policy["UpdateDate"],
            }
            found = [one]
        else:
            default = row.default_version or 1
            found = [version_shape(number, created, number == default) for number, _, created in all_versions(db, row)]
    return iam_page(found, call.params, "Versions", lambda one: f"{-int(one['VersionId'][1:]) + 10**9:010d}")


def set_default(call: Call) -> None:
    """SetDefaultPolicyVersion."""
    wanted = _number(call)
    with call.gateway.transaction() as db:
        row = _own(db, call)
        for number, document, _ in all_versions(db, row):
            if number == wanted:
                changes = {"default_version": number, "document": document, "updated": call.gateway.now()}
                db.execute(update(policies).where(policies.c.arn == row.arn).values(**changes))
                return
        raise _no_version(call)


def delete_(call: Call) -> None:
    """DeletePolicyVersion."""
    wanted = _number(call)
    with call.gateway.transaction() as db:
        row = _own(db, call)
        if wanted == (row.default_version or 1):
            raise AwsError("DeleteConflict", "Cannot delete the default version of a policy.", 409)
        done = db.execute(delete(versions).where(versions.c.policy_arn == row.arn, versions.c.number == wanted))
        if done.rowcount == 0:
            raise _no_version(call)
