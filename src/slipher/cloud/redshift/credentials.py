"""Passwords of the database for IAM identities: GetClusterCredentials, GetClusterCredentialsWithIAM.

A password is a statement signed with the cluster's secret (base/dbtoken): the cluster checks it by itself.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from slipher.base.dbtoken import LoginGrant, sign
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller, ConditionContext
from slipher.cloud.redshift import federated
from slipher.cloud.redshift.common import INTERNAL, find

SHORTEST, LONGEST = 900, 3600
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+.@-]{0,127}", re.ASCII)
DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,63}", re.ASCII)  # as names are when written without quotes


def resource(call: Call, kind: str, name: str, cluster: str | None = None) -> str:
    """The ARN of a database user (dbuser), group (dbgroup) or database (dbname) of the cluster."""
    identifier = str(cluster or call.params.get("ClusterIdentifier") or "*").lower()
    return f"arn:aws:redshift:{call.region}:{call.account}:{kind}:{identifier}/{name}"


def user_resource(call: Call) -> str:
    """What GetClusterCredentials is about."""
    return resource(call, "dbuser", str(call.params.get("DbUser") or "*"))


def database_resource(call: Call) -> str:
    """What GetClusterCredentialsWithIAM is about; without a database, all of them."""
    return resource(call, "dbname", str(call.params.get("DbName") or "*"))


def context(call: Call) -> ConditionContext:
    """The condition keys of both operations."""
    params = call.params
    found = {"redshift:DurationSeconds": str(params.get("DurationSeconds") or SHORTEST)}
    for member in ("DbUser", "DbName"):
        if params.get(member):
            found[f"redshift:{member}"] = str(params[member])
    return found


def identity(caller: Caller) -> str:
    """The database user that an IAM identity is (source: Data API guide, "Authorizing access")."""
    if caller.kind == "federated":  # IAM:name would be the IAM user's of that name
        raise AwsError("NotImplemented", "A database user for a federated user is not implemented by Slipher yet.", 501)
    if caller.kind == "role":
        return "IAMR:" + (caller.role_arn or "").rpartition("/")[2]
    return f"IAM:{caller.user_name or caller.source_user or 'root'}"


def get(call: Call) -> dict[str, Any]:
    """GetClusterCredentials: as a database user, who may be made at the login, with groups joined for the session."""
    params = call.params
    user, groups = str(params["DbUser"]), [str(one) for one in params.get("DbGroups") or ()]
    _check_name("DbUser", user)
    for group in groups:
        _check_name("DbGroups", group)
    seconds = _seconds(call)
    database = _database(call)
    conditions = dict(context(call))
    if database is not None:
        call.require("redshift:GetClusterCredentials", database_resource(call), conditions)
    for group in groups:
        call.require("redshift:JoinGroup", resource(call, "dbgroup", group), conditions)
    create = bool(params.get("AutoCreate"))
    login = ("IAMA:" if create else "IAM:") + user + (":" + ",".join(groups) if groups else "")
    return _given(call, LoginGrant(login, user, call.gateway.now() + seconds, create, tuple(groups), database))


def get_with_iam(call: Call) -> dict[str, Any]:
    """GetClusterCredentialsWithIAM: as the user who stands for the caller, one for each IAM identity."""
    user = identity(call.caller)
    expires = call.gateway.now() + _seconds(call)
    ticket = federated.ticket(call, _cluster(call).arn)
    grant = LoginGrant(user, user, expires, create=True, database=_database(call), identity=ticket)
    given = _given(call, grant)
    return given | {"NextRefreshTime": given["Expiration"]}


def _given(call: Call, grant: LoginGrant) -> dict[str, Any]:
    cluster = _cluster(call)
    return {
        "DbUser": grant.login,
        "DbPassword": sign(grant, cluster.secret),
        "Expiration": datetime.fromtimestamp(int(grant.expires), UTC),
    }


def _cluster(call: Call) -> Row[Any]:
    if not call.params.get("ClusterIdentifier"):
        raise AwsError("InvalidParameterValue", "The parameter ClusterIdentifier must be specified.")
    with call.gateway.read() as db:
        return find(db, call)


def _seconds(call: Call) -> int:
    seconds = call.params.get("DurationSeconds")
    seconds = SHORTEST if seconds is None else int(seconds)
    if not SHORTEST <= seconds <= LONGEST:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value {seconds} for DurationSeconds. Must be between {SHORTEST} and {LONGEST}.",
        )
    return seconds


def _database(call: Call) -> str | None:
    name = call.params.get("DbName")
    if name and not DATABASE.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"The parameter DbName is not a valid database name: {name}")
    return str(name) if name else None


def _check_name(member: str, name: str) -> None:
    if not NAME.fullmatch(name) or name.lower() in INTERNAL:
        raise AwsError(
            "InvalidParameterValue",
            f"The parameter {member} is not valid: {name}. Names must begin with a letter, contain only ASCII letters, "
            "digits, and _ + . @ -, and must not be a reserved word.",
        )
