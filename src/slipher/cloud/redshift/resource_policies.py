"""Resource policies of clusters' namespaces: records, for what they allow (integrations from other accounts) is not here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows
from slipher.cloud.state.redshift import clusters
from slipher.policy.document import parse

KIND = "resourcepolicy"


def resource(call: Call) -> str:
    """What policies name."""
    return str(call.params.get("ResourceArn") or "*")


def _namespace(call: Call, db: Connection) -> str:
    arn = str(call.params["ResourceArn"])
    for row in db.execute(select(clusters).where(*common.own(call, clusters))):
        if arn == rows.arn(call, "namespace", row.facts["NamespaceId"]):
            return arn
    raise AwsError("ResourceNotFoundFault", f"The resource {arn} could not be found.", 404)


def put(call: Call) -> dict[str, Any]:
    """PutResourcePolicy."""
    text = str(call.params["Policy"])
    try:
        parse(text, "resource")
    except AwsError as error:
        raise AwsError("InvalidPolicyFault", error.message) from None
    with call.gateway.transaction() as db:
        arn = _namespace(call, db)
        if not rows.put(call, db, KIND, arn, {"Policy": text}):
            rows.change(call, db, KIND, arn, {"Policy": text})
    return {"ResourcePolicy": {"ResourceArn": arn, "Policy": text}}


def get(call: Call) -> dict[str, Any]:
    """GetResourcePolicy."""
    with call.gateway.read() as db:
        arn = _namespace(call, db)
        row = rows.get(call, db, KIND, arn)
    if row is None:
        raise AwsError("ResourceNotFoundFault", f"The resource {arn} has no policy.", 404)
    return {"ResourcePolicy": {"ResourceArn": arn, "Policy": row.facts["Policy"]}}


def delete_(call: Call) -> None:
    """DeleteResourcePolicy."""
    with call.gateway.transaction() as db:
        rows.remove(call, db, KIND, _namespace(call, db))
