"""Statements about users, groups and privileges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slipher.sql.statements.names import QName


@dataclass(frozen=True, slots=True, repr=False)
class Password:
    """What a PASSWORD clause gave: kind is clear | md5 | sha256 | disable. Never printed."""

    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class CreateUser:
    name: str
    password: Password
    createdb: bool = False
    superuser: bool = False
    syslog_unrestricted: bool = False
    groups: tuple[str, ...] = ()
    valid_until: datetime | None = None
    connection_limit: int | None = None
    session_timeout: int | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class AlterUser:
    """ALTER USER: None means unchanged. `set_parameter` is (name, value), value None resets it."""

    name: str
    password: Password | None = None
    createdb: bool | None = None
    superuser: bool | None = None
    syslog_unrestricted: bool | None = None
    valid_until: datetime | None = None
    connection_limit: int | None = None
    session_timeout: int | None = None
    rename_to: str | None = None
    set_parameter: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class DropUser:
    names: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateGroup:
    name: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlterGroup:
    name: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    rename_to: str | None = None


@dataclass(frozen=True, slots=True)
class DropGroup:
    name: str


@dataclass(frozen=True, slots=True)
class Grantee:
    """kind is user | group | public."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT privileges ON objects TO grantees.

    `kind` is table | schema | database; `all_in_schemas` is set for ON ALL TABLES IN SCHEMA.
    `privileges` are lower case, ('all',) for ALL.
    """

    privileges: tuple[str, ...]
    kind: str
    objects: tuple[QName, ...]
    grantees: tuple[Grantee, ...]
    all_in_schemas: tuple[str, ...] = ()
    grant_option: bool = False


@dataclass(frozen=True, slots=True)
class Revoke:
    privileges: tuple[str, ...]
    kind: str
    objects: tuple[QName, ...]
    grantees: tuple[Grantee, ...]
    all_in_schemas: tuple[str, ...] = ()
    grant_option_only: bool = False
    cascade: bool = False
