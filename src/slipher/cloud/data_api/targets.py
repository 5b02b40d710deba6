"""Where a statement runs and as whom: the cluster, the database, and the database user that the caller may be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from slipher.base.dbtoken import LoginGrant, sign
from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.data_api.constraints import invalid
from slipher.cloud.data_api.pg import Link, connect
from slipher.cloud.redshift import federated
from slipher.cloud.redshift.common import cluster_arn
from slipher.cloud.redshift.credentials import NAME, identity, resource
from slipher.cloud.redshift.fleet import socket_of
from slipher.cloud.secretsmanager.values import read_for
from slipher.cloud.state.redshift import clusters

LOGIN_SECONDS = 60.0  # a login's password is made when it is needed


@dataclass(frozen=True, slots=True)
class Target:
    """A database of a cluster, and a user there. `user` is what the API shows; `secret_arn` is where his password is from."""

    arn: str
    cluster: str
    database: str
    user: str
    socket: Path
    secret: str = field(repr=False)
    create: bool = False  # the user stands for an IAM identity
    password: str | None = field(default=None, repr=False)
    secret_arn: str | None = None
    identity: str | None = field(default=None, repr=False)  # the caller's ticket

    async def connect(self, now: float) -> Link:
        """A session as the user."""
        if self.password is not None:
            return await connect(self.socket, self.user, self.password, self.database)
        login = self.user if self.create else f"IAM:{self.user}"
        grant = LoginGrant(
            login, self.user, now + LOGIN_SECONDS, self.create, database=self.database, identity=self.identity
        )
        return await connect(self.socket, login, sign(grant, self.secret), self.database)


def cluster_of(call: Call) -> str:
    """The ARN that the operation's permission is asked on."""
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


def target_of(call: Call, database: str | None) -> Target:
    """Where a call goes, once its caller may be that user: refused by AccessDenied, ValidationException."""
    params = call.params
    cluster, user = params.get("ClusterIdentifier"), params.get("DbUser")
    if params.get("SecretArn"):
        return _by_secret(call, str(params["SecretArn"]), database)
    if not cluster:
        raise invalid("ClusterIdentifier must be specified.")
    if not database:
        raise invalid("Database must be specified.")
    if "\0" in database:
        raise invalid("Database has a character that no name can have.")
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
    return _made(call, cluster, database, user or identity(call.caller), create=not user)


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
    if not (named or cluster):
        raise invalid("ClusterIdentifier must be specified.")
    if named and cluster and named != cluster:
        raise invalid("ClusterIdentifier is not the one of the secret.")
    return _made(call, str(named or cluster), database, user, password=password, secret_arn=value["ARN"])


def _made(call: Call, cluster: str, database: str, user: str, **options: Any) -> Target:
    arn = cluster_arn(call.account, call.region, cluster)
    with call.gateway.read() as db:
        row = db.execute(select(clusters).where(clusters.c.arn == arn)).first()
    if row is None:
        raise invalid("Redshift endpoint doesn't exist in this region.")
    ticket = federated.ticket(call, arn) if options.get("create") else None
    socket = socket_of(call.gateway.data_dir, arn)
    return Target(arn, row.id, database, user, socket, row.secret, identity=ticket, **options)
