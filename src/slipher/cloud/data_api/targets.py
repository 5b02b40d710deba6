"""Where a statement runs and as whom: the cluster, the database, and the database user that the caller may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from slipher.base.dbtoken import LoginGrant, sign
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.data_api.constraints import invalid
from slipher.cloud.data_api.pg import Link, connect
from slipher.cloud.redshift.common import cluster_arn
from slipher.cloud.redshift.credentials import NAME, identity, resource
from slipher.cloud.redshift.fleet import socket_of
from slipher.cloud.state.redshift import clusters

LOGIN_SECONDS = 60.0  # a login's password is made when it is needed


@dataclass(frozen=True, slots=True)
class Target:
    """A database of a cluster, and a user there. `user` is what the API shows."""

    arn: str
    cluster: str
    database: str
    user: str
    socket: Path
    secret: str = field(repr=False)
    create: bool = False  # the user stands for an IAM identity

    async def connect(self, now: float) -> Link:
        """A session as the user."""
        login = self.user if self.create else f"IAM:{self.user}"
        grant = LoginGrant(login, self.user, now + LOGIN_SECONDS, self.create, database=self.database)
        return await connect(self.socket, login, sign(grant, self.secret), self.database)


def cluster_of(call: Call) -> str:
    """The ARN that the operation's permission is asked on."""
    return cluster_arn(call.account, call.region, str(call.params.get("ClusterIdentifier") or "*").lower())


def target_of(call: Call, database: str | None) -> Target:
    """Where a call goes, once its caller may be that user: refused by AccessDenied, ValidationException."""
    params = call.params
    cluster, user = params.get("ClusterIdentifier"), params.get("DbUser")
    if not cluster:
        raise invalid("ClusterIdentifier must be specified.")
    if not database:
        raise invalid("Database must be specified.")
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
    arn = cluster_of(call)
    with call.gateway.read() as db:
        row = db.execute(select(clusters).where(clusters.c.arn == arn)).first()
    if row is None:
        raise invalid("Redshift endpoint doesn't exist in this region.")
    return _made(call.gateway, row.arn, row.id, row.secret, database, user or identity(call.caller), not user)


def _made(gateway: Gateway, arn: str, cluster: str, secret: str, database: str, user: str, create: bool) -> Target:
    return Target(arn, cluster, database, user, socket_of(gateway.data_dir, arn), secret, create)
