"""Logins as IAM:, IAMA: or IAMR: users, with a password that GetClusterCredentials gave (source: management guide, "Using IAM
authentication to generate database user credentials")."""

from __future__ import annotations

from contextlib import closing

from slipher.base.dbtoken import PREFIXES, LoginGrant, verify
from slipher.base.errors import SqlError
from slipher.sql.parse import Parsed
from slipher.sql.statements.users import CreateUser, Password
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.catalog.model import UserRow
from slipher.warehouse.context import Warehouse
from slipher.warehouse.copy.job_worker import Nobody
from slipher.warehouse.run.execute import execute
from slipher.warehouse.run.state import SessionState

METHOD = "IAM AssumeUser"


def is_iam(login: str) -> bool:
    """Whether a login's name is one that only a signed password opens."""
    return login.startswith(PREFIXES)


def granted(warehouse: Warehouse, login: str, database: str, password: bytes) -> LoginGrant | None:
    """What the password grants to this login on this database; None: nothing."""
    found = verify(password, warehouse.config.secret, warehouse.clock.now().timestamp())
    if found is None or found.login != login or found.database not in (None, database):
        return None
    return found


def user_of(warehouse: Warehouse, grant: LoginGrant) -> UserRow | None:
    """The database's user, who is made where the grant says so."""
    user = warehouse.catalog.snapshot.user(grant.user)
    if user is None and grant.create:
        _create(warehouse, grant.user)
        user = warehouse.catalog.snapshot.user(grant.user)
    return user if user is not None and user.oid != bootstrap.RDSDB else None


def joined(warehouse: Warehouse, grant: LoginGrant) -> frozenset[int]:
    """The groups that the session joins."""
    found = []
    for name in grant.groups:
        group = warehouse.catalog.snapshot.group(name)
        if group is None and grant.known:
            continue
        if group is None:
            raise SqlError("42704", f'group "{name}" does not exist')
        found.append(group.oid)
    return frozenset(found)


def _create(warehouse: Warehouse, name: str) -> None:
    from slipher.warehouse.session.login import open_session

    internal = warehouse.catalog.snapshot.get(UserRow, bootstrap.RDSDB)
    assert internal is not None
    with closing(open_session(warehouse, internal, warehouse.config.database, {}, "[local]")) as session:
        try:
            _run(session, name)
        except SqlError as error:
            if error.sqlstate != "42710":  # another login of the same user was faster
                raise


def _run(session: SessionState, name: str) -> None:
    quoted = name.replace('"', '""')
    statement = CreateUser(name, Password("disable", ""))
    execute(session, Parsed(statement, f'create user "{quoted}" password disable', 0), Nobody())
    session.transaction.commit()
