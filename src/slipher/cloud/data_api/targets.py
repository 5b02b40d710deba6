"""Where a statement runs and as whom: the cluster, the database, and the database user that the caller may be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from slipher.base.dbtoken import LoginGrant, sign
from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import invalid
from slipher.cloud.pg import Link, connect
from slipher.cloud.redshift import federated
from slipher.cloud.redshift.common import cluster_arn
from slipher.cloud.redshift.credentials import NAME, identity, resource
from slipher.cloud.redshift.fleet import socket_of
from slipher.cloud.secretsmanager.values import read_for
from slipher.cloud.serverless.common import arn as serverless_arn, find_workgroup
from slipher.cloud.state.redshift import clusters

GROUPS_TAG = "RedshiftDbGroups"
LOGIN_SECONDS = 60.0  # a login's password is made when it is needed


@dataclass(frozen=True, slots=True)
class Target:
    """A database of a cluster or workgroup, and a user there. `user` is what the API shows; `secret_arn` is where his password is
    from."""

    arn: str  # of what permissions are asked on
    cluster: str | None
    workgroup: str | None
    database: str
    user: str
    socket: Path
    secret: str = field(repr=False)
    create: bool = False  # the user stands for an IAM identity
    password: str | None = field(default=None, repr=False)
    secret_arn: str | None = None
    identity: str | None = field(default=None, repr=False)  # the caller's ticket
    groups: tuple[str, ...] = ()  # that the user joins, if the database has them

    async def connect(self, now: float) -> Link:
        """A session as the user."""
        if self.password is not None:
            return await connect(self.socket, self.user, self.password, self.database)
        login = self.user if self.create else f"IAM:{self.user}"
        if self.groups:
            login += ":" + ",".join(self.groups)
        grant = LoginGrant(
            login, self.user, now + LOGIN_SECONDS, self.create, self.groups, self.database, self.identity, known=True
        )
        return await connect(self.socket, login, sign(grant, self.secret), self.database)


def cluster_of(call: Call) -> str:
    """The ARN that the operation's permission is asked on."""
    if call.params.get("WorkgroupName"):
        return workgroup_arn(call)
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


def target_of(call: Call, database: str | None) -> Target:
    """Where a call goes, once its caller may be that user: refused by AccessDenied, ValidationException."""
    params = call.params
    cluster, workgroup, user = params.get("ClusterIdentifier"), params.get("WorkgroupName"), params.get("DbUser")
    if cluster and workgroup:
        raise invalid("ClusterIdentifier and WorkgroupName cannot be specified together.")
    if workgroup and user:
        raise invalid("DbUser cannot be specified with WorkgroupName.")
    if params.get("SecretArn"):
        return _by_secret(call, str(params["SecretArn"]), database)
    if not (cluster or workgroup):
        raise invalid("Either ClusterIdentifier or WorkgroupName must be specified.")
    if not database:
        raise invalid("Database must be specified.")
    if "\0" in database:
        raise invalid("Database has a character that no name can have.")
    if workgroup:
        call.require("redshift-serverless:GetCredentials", workgroup_arn(call))
        return _made(call, None, database, identity(call.caller), create=True)
    name = resource(call, "dbname", database)
    conditions = {"redshift:DbName": database}
    if user:
        if not NAME.fullmatch(user):
            raise invalid(f"Invalid DbUser: {user}")
        conditions["redshift:DbUser"] = user
        for one in (resource(call, "dbuser", user), name):
            call.require("redshift:GetClusterCredentials", one, conditions)
    else:
        call.require("redshift:GetClusterCredentialsWithIAM", name, conditions)
    groups = _groups(call) if user else ()
    for group in groups:
        call.require("redshift:JoinGroup", resource(call, "dbgroup", group), conditions)
    return _made(call, cluster, database, user or identity(call.caller), create=not user, groups=groups)


def _groups(call: Call) -> tuple[str, ...]:
    """The groups that a tag of the caller's role names (source: Data API guide, "Joining database groups")."""
    found = [one for one in call.caller.tags.get(GROUPS_TAG, "").split(":") if one]
    for name in found:
        if not NAME.fullmatch(name):
            raise invalid(f"Invalid database group in the tag {GROUPS_TAG}: {name}")
    return tuple(found)


def _by_secret(call: Call, given: str, database: str | None) -> Target:
    """The user and password of a secret, which the caller must be allowed to read."""
    if call.params.get("DbUser"):
        raise invalid("DbUser and SecretArn cannot be specified together.")
    if not database:
        raise invalid("Database must be specified.")
    try:
        value = read_for(call, given)
    except AwsError as error:
        if error.code == "AccessDeniedException":
            raise
        raise invalid(error.message) from None
    try:
        found = json.loads(value["SecretString"])
        user, password = str(found["username"]), str(found["password"])
    except (KeyError, TypeError, ValueError):
        raise invalid("The secret does not have a username and a password.") from None
    named, cluster = found.get("dbClusterIdentifier"), call.params.get("ClusterIdentifier")
    if call.params.get("WorkgroupName"):
        return _made(call, None, database, user, password=password, secret_arn=value["ARN"])
    if not (named or cluster):
        raise invalid("Either ClusterIdentifier or WorkgroupName must be specified.")
    if named and cluster and named != cluster:
        raise invalid("ClusterIdentifier is not the one of the secret.")
    return _made(call, str(named or cluster), database, user, password=password, secret_arn=value["ARN"])


def _made(call: Call, cluster: str | None, database: str, user: str, **options: Any) -> Target:
    """`cluster` None: the request's workgroup."""
    group = None
    with call.gateway.read() as db:
        if cluster is None:
            group = find_workgroup(db, call.account, call.region, str(call.params["WorkgroupName"]))
            arn = group.namespace if group is not None else ""
        else:
            arn = cluster_arn(call.account, call.region, cluster)
        row = db.execute(select(clusters).where(clusters.c.arn == arn)).first()
    if row is None:
        raise invalid("Redshift endpoint doesn't exist in this region.")
    socket = socket_of(call.gateway.data_dir, row.arn)
    asked, name = (group.arn, group.name) if group is not None else (row.arn, None)
    ticket = federated.ticket(call, row.arn) if options.get("create") else None
    cluster_id = row.id if name is None else None
    return Target(asked, cluster_id, name, database, user, socket, row.secret, identity=ticket, **options)


def _workgroup(call: Call) -> Row[Any] | None:
    with call.gateway.read() as db:
        return find_workgroup(db, call.account, call.region, str(call.params["WorkgroupName"]))


def workgroup_arn(call: Call) -> str:
    """The ARN of the request's workgroup, which it names by its name or ARN."""
    given, group = str(call.params["WorkgroupName"]), _workgroup(call)
    if group is not None:
        return str(group.arn)
    return given if given.startswith("arn:") else serverless_arn(call, "workgroup", "*")


def workgroup_name(call: Call) -> str:
    """The name of the request's workgroup, which it names by its name or ARN."""
    group = _workgroup(call)
    return str(group.name if group is not None else call.params["WorkgroupName"])
