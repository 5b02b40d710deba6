"""GetCredentials: a password of the database for the caller's own identity."""

from __future__ import annotations

import re
from typing import Any

from slipher.base.dbtoken import LoginGrant, sign
from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.redshift import federated
from slipher.cloud.redshift.credentials import LONGEST, SHORTEST, identity
from slipher.cloud.serverless.common import moment, row_of, workgroup

DATABASE = re.compile(r"[A-Za-z0-9_+.@-]{1,64}", re.ASCII)


def get(call: Call) -> dict[str, Any]:
    """GetCredentials (source: API reference; the user's name is as in the Data API guide, "Authorizing access")."""
    check(call)
    params = call.params
    if params.get("customDomainName"):
        raise AwsError("NotImplemented", "GetCredentials with customDomainName is not implemented by Slipher yet.", 501)
    if not params.get("workgroupName"):
        raise invalid("Either workgroupName or customDomainName must be specified.")
    seconds = params["durationSeconds"] if params.get("durationSeconds") is not None else SHORTEST
    if not SHORTEST <= seconds <= LONGEST:
        raise invalid(f"Invalid value {seconds} for durationSeconds. Must be between {SHORTEST} and {LONGEST}.")
    database = params.get("dbName")
    if database and not DATABASE.fullmatch(database):
        raise invalid(f"The parameter dbName is not a valid database name: {database}")
    with call.gateway.read() as db:
        row = row_of(db, workgroup(db, call).namespace)
    user, expires = identity(call.caller), call.gateway.now() + seconds
    grant = LoginGrant(
        user, user, expires, create=True, database=database or None, identity=federated.ticket(call, row.arn)
    )
    expiration = moment(int(expires))
    return {
        "dbUser": user,
        "dbPassword": sign(grant, row.secret),
        "expiration": expiration,
        "nextRefreshTime": expiration,
    }
