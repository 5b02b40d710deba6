"""What a new catalog holds: databases, the system's schemas, the two first users; and what a start brings up to date."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slipher.base.errors import SqlError
from slipher.warehouse.catalog.model import (
    AclItem,
    ConstraintRow,
    DatabaseRow,
    GroupRow,
    MetaRow,
    NamespaceRow,
    RelationRow,
    UserRow,
)
from slipher.warehouse.catalog.store import FORMAT

if TYPE_CHECKING:
    from slipher.warehouse.catalog.draft import Draft
    from slipher.warehouse.config import ClusterConfig

RDSDB = 1
ADMIN = 100
PG_CATALOG = 11
INFORMATION_SCHEMA = 12
PUBLIC_SCHEMA = 2200
FIRST_DATABASE = 100
DEV = "dev"
NUMBERED: tuple[type[Any], ...] = (DatabaseRow, NamespaceRow, RelationRow, ConstraintRow)  # share one counter of oids
ACCOUNTS: tuple[type[Any], ...] = (UserRow, GroupRow)  # numbered from 100


def fill(draft: Draft, config: ClusterConfig) -> None:
    """The rows of a new cluster."""
    draft.put(MetaRow("format", str(FORMAT)))
    draft.put(MetaRow("admin", config.admin_user))
    draft.put(MetaRow("admin_password", ""))
    draft.put(UserRow(RDSDB, "rdsdb", None, True, True, True, None, None, None, None, ()))
    draft.put(UserRow(ADMIN, config.admin_user, None, True, True, True, None, None, None, None, ()))
    usage = AclItem("public", 0, "U", RDSDB)
    owner = AclItem("user", RDSDB, "UC", RDSDB)
    for oid, name in ((PG_CATALOG, "pg_catalog"), (INFORMATION_SCHEMA, "information_schema")):
        draft.put(NamespaceRow(oid, 0, name, RDSDB, (owner, usage), False, None))
    for place, name in enumerate(dict.fromkeys((DEV, config.database))):
        add_database(draft, FIRST_DATABASE + place, PUBLIC_SCHEMA + place, name, ADMIN if place else RDSDB)


def add_database(
    draft: Draft, oid: int, public: int, name: str, owner: int, connection_limit: int | None = None
) -> None:
    """A database and its schema `public`, in which every user may create."""
    everybody = (AclItem("user", owner, "CT", owner), AclItem("public", 0, "T", owner))
    draft.put(
        DatabaseRow(oid, name, owner, everybody, connection_limit, "Snapshot Isolation", False, datetime.now(UTC))
    )
    acl = (AclItem("user", RDSDB, "UC", RDSDB), AclItem("public", 0, "UC", RDSDB))
    draft.put(NamespaceRow(public, oid, "public", RDSDB, acl, False, None))


def refresh(draft: Draft, config: ClusterConfig) -> None:
    """What may have changed while the cluster was down: the administrator's name and password, as the gateway keeps them."""
    state = draft.state
    found = state.get(MetaRow, "format")
    if found is None or int(found.value) != FORMAT:
        written = found.value if found is not None else "none"
        raise SqlError("XX000", f"the catalog has format {written}; this version of Slipher reads format {FORMAT}")
    named = state.get(MetaRow, "admin")
    if (
        named is None or named.value != config.admin_user
    ):  # the gateway gave another; who renames the user in SQL does not
        admin = state.get(UserRow, ADMIN)
        if admin is not None and state.user(config.admin_user) is None:
            draft.put(dataclasses.replace(admin, name=config.admin_user))
        draft.put(MetaRow("admin", config.admin_user))
        state = draft.state
    known = state.get(MetaRow, "admin_password")
    wanted = config.admin_password_md5 + config.admin_password_set
    if known is None or known.value != wanted:
        admin = state.get(UserRow, ADMIN)
        if admin is not None:
            draft.put(dataclasses.replace(admin, password=config.admin_password_md5))
        draft.put(MetaRow("admin_password", wanted))
