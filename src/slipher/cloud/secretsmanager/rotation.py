"""RotateSecret: of secrets that a service manages. Others are rotated by a function of AWS Lambda; there is none here."""

from __future__ import annotations

from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.secretsmanager import secrets
from slipher.cloud.secretsmanager.common import find, invalid
from slipher.cloud.secretsmanager.values import CURRENT, versions_of


def rotate(call: Call) -> dict[str, Any]:
    """RotateSecret."""
    from slipher.cloud.redshift import link, managed_password  # the one service that manages secrets; it makes them

    params = call.params
    days = (params.get("RotationRules") or {}).get("AutomaticallyAfterDays")
    if days is not None and not 1 <= days <= 1000:
        raise invalid("AutomaticallyAfterDays must be between 1 and 1000.")
    socket = None
    with call.gateway.transaction() as db:
        row = find(db, call)
        if row.facts.get("OwningService") != managed_password.OWNER:
            raise AwsError(
                "NotImplemented", "RotateSecret by a function of AWS Lambda is not implemented by Slipher yet.", 501
            )
        if days is not None:
            secrets.change(db, row, call.gateway.now(), {"RotationDays": days})
            row = find(db, call)
        if params.get("RotateImmediately") in (None, True):
            socket = managed_password.rotate(call, db, row)
        current = next(one.id for one in versions_of(db, row.arn) if CURRENT in one.stages)
    if socket is not None:
        link.reload(socket)
    return {"ARN": row.arn, "Name": row.name, "VersionId": current}
