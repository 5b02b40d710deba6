"""Users and groups (source: Redshift's CREATE USER and ALTER USER)."""

from __future__ import annotations

import dataclasses
import re

from slipher.base.errors import SqlError
from slipher.sql.statements import users as s
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.catalog.ddl.context import Ddl
from slipher.warehouse.catalog.model import DatabaseRow, GroupRow, NamespaceRow, RelationRow, UserRow
from slipher.wire.auth import md5_stored

RESERVED_USERS = {"public", "rdsdb"}
PASSWORD_RULE = (
    "Password must contain at least one uppercase, one lowercase letter and one number and be 8 to 64 characters"
)


def _superuser(ddl: Ddl, what: str) -> None:
    if not ddl.user.superuser:
        raise SqlError("42501", f"permission denied to {what}")


def _password(name: str, password: s.Password) -> str | None:
    """What is stored: md5 unless the statement gave a digest."""
    if password.kind == "disable":
        return None
    if password.kind == "md5":
        return password.value
    if password.kind == "sha256":
        return _sha256(password.value)
    text = password.value
    good = 8 <= len(text) <= 64 and re.search("[A-Z]", text) and re.search("[a-z]", text) and re.search("[0-9]", text)
    if not good or not all(33 <= ord(letter) <= 126 and letter not in "'\"\\/@ " for letter in text):
        raise SqlError("22023", PASSWORD_RULE)
    return md5_stored(name, text)


def _sha256(value: str) -> str:
    """sha256|password, sha256|digest|salt as given; a clear one is hashed with a new salt."""
    import hashlib
    import secrets

    parts = value.split("|")
    if len(parts) == 3:
        if not re.fullmatch("[0-9a-fA-F]{64}", parts[1]):
            raise SqlError("22023", "invalid sha256 password digest")
        return f"sha256|{parts[1].lower()}|{parts[2]}"
    salt = secrets.token_hex(32)
    digest = hashlib.sha256(parts[1].encode() + salt.encode()).hexdigest()
    return f"sha256|{digest}|{salt}"


def find_user(ddl: Ddl, name: str) -> UserRow:
    """The user of that name."""
    row = ddl.state.user(name)
    if row is None:
        raise SqlError("42704", f'user "{name}" does not exist')
    return row


def find_group(ddl: Ddl, name: str) -> GroupRow:
    """The group of that name."""
    row = ddl.state.group(name)
    if row is None:
        raise SqlError("42704", f'group "{name}" does not exist')
    return row


def create_user(ddl: Ddl, statement: s.CreateUser) -> None:
    """CREATE USER."""
    _superuser(ddl, "create user")
    name = statement.name
    if name.lower() in RESERVED_USERS:
        raise SqlError("42939", f'user name "{name}" is reserved')
    if ddl.state.user(name) is not None:
        raise SqlError("42710", f'user "{name}" already exists')
    row = UserRow(
        oid=ddl.draft.catalog.next_account(),
        name=name,
        password=_password(name, statement.password),
        createdb=statement.createdb,
        superuser=statement.superuser,
        unrestricted=statement.syslog_unrestricted,
        valid_until=statement.valid_until,
        connection_limit=statement.connection_limit,
        session_timeout=statement.session_timeout,
        external_id=statement.external_id,
        settings=(),
    )
    ddl.draft.put(row)
    for group in statement.groups:
        found = find_group(ddl, group)
        ddl.draft.put(dataclasses.replace(found, members=(*found.members, row.oid)))


def alter_user(ddl: Ddl, statement: s.AlterUser) -> None:
    """ALTER USER: superusers everything; a user his own password and parameters."""
    row = find_user(ddl, statement.name)
    own = row.oid == ddl.user.oid
    only_own = all(
        value is None
        for value in (
            statement.createdb,
            statement.superuser,
            statement.syslog_unrestricted,
            statement.valid_until,
            statement.connection_limit,
            statement.session_timeout,
            statement.rename_to,
        )
    )
    if not (ddl.user.superuser or (own and only_own)) or row.oid == bootstrap.RDSDB:
        raise SqlError("42501", "permission denied to alter user")
    changes: dict[str, object] = {}
    if statement.password is not None:
        changes["password"] = _password(row.name, statement.password)
    pairs: tuple[tuple[str, object], ...] = (
        ("createdb", statement.createdb),
        ("superuser", statement.superuser),
        ("unrestricted", statement.syslog_unrestricted),
        ("valid_until", statement.valid_until),
        ("connection_limit", statement.connection_limit),
        ("session_timeout", statement.session_timeout),
    )
    changes.update({key: value for key, value in pairs if value is not None})
    if statement.rename_to is not None:
        if ddl.state.user(statement.rename_to) is not None:
            raise SqlError("42710", f'user "{statement.rename_to}" already exists')
        changes["name"] = statement.rename_to
        if row.password is not None and row.password.startswith("md5"):
            # An md5 password is salted with the old name.
            changes["password"] = None
            ddl.notice("NOTICE", "MD5 password cleared because of user rename")
    if statement.set_parameter is not None:
        parameter, value = statement.set_parameter
        kept = [one for one in row.settings if not one.startswith(f"{parameter}=")]
        changes["settings"] = (*kept, f"{parameter}={value}") if value is not None else tuple(kept)
    ddl.draft.put(dataclasses.replace(row, **changes))  # type: ignore[arg-type]


def drop_user(ddl: Ddl, statement: s.DropUser) -> None:
    """DROP USER: refused while he owns something or has a privilege."""
    _superuser(ddl, "drop user")
    for name in statement.names:
        row = ddl.state.user(name)
        if row is None:
            if not statement.if_exists:
                raise SqlError("42704", f'user "{name}" does not exist')
            ddl.notice("INFO", f'user "{name}" does not exist and will be skipped')
            continue
        if row.oid in (ddl.user.oid, bootstrap.RDSDB, bootstrap.ADMIN):
            raise SqlError(
                "55006",
                "current user cannot be dropped" if row.oid == ddl.user.oid else f'user "{name}" cannot be dropped',
            )
        _require_unused(ddl, "user", row.oid, row.name)
        for group in ddl.state.rows(GroupRow):
            if row.oid in group.members:
                members = tuple(one for one in group.members if one != row.oid)
                ddl.draft.put(dataclasses.replace(group, members=members))
        ddl.draft.delete(row)


def _require_unused(ddl: Ddl, kind: str, oid: int, name: str) -> None:
    owned: tuple[type[DatabaseRow | NamespaceRow | RelationRow], ...] = (DatabaseRow, NamespaceRow, RelationRow)
    for row_kind in owned:
        for row in ddl.state.rows(row_kind):
            if kind == "user" and row.owner == oid:
                raise SqlError("55006", f'user "{name}" can\'t be dropped because the user owns some object')
            if any(item.kind == kind and item.grantee == oid for item in row.acl or ()):
                code = "55006" if kind == "user" else "2BP01"
                raise SqlError(
                    code, f'{kind} "{name}" can\'t be dropped because the {kind} has a privilege on some object'
                )


def create_group(ddl: Ddl, statement: s.CreateGroup) -> None:
    """CREATE GROUP."""
    _superuser(ddl, "create group")
    if statement.name == "public":
        raise SqlError("42939", 'group name "public" is reserved')
    if ddl.state.group(statement.name) is not None:
        raise SqlError("42710", f'group "{statement.name}" already exists')
    members = tuple(find_user(ddl, name).oid for name in statement.users)
    ddl.draft.put(GroupRow(ddl.draft.catalog.next_account(), statement.name, members))


def alter_group(ddl: Ddl, statement: s.AlterGroup) -> None:
    """ALTER GROUP ADD USER | DROP USER | RENAME TO."""
    _superuser(ddl, "alter group")
    row = find_group(ddl, statement.name)
    if statement.rename_to is not None:
        if ddl.state.group(statement.rename_to) is not None:
            raise SqlError("42710", f'group "{statement.rename_to}" already exists')
        ddl.draft.put(dataclasses.replace(row, name=statement.rename_to))
        return
    members = list(row.members)
    for name in statement.add:
        oid = find_user(ddl, name).oid
        if oid not in members:
            members.append(oid)
    for name in statement.drop:
        oid = find_user(ddl, name).oid
        if oid in members:
            members.remove(oid)
    ddl.draft.put(dataclasses.replace(row, members=tuple(members)))


def drop_group(ddl: Ddl, statement: s.DropGroup) -> None:
    """DROP GROUP: refused while it has a privilege."""
    _superuser(ddl, "drop group")
    row = find_group(ddl, statement.name)
    _require_unused(ddl, "group", row.oid, row.name)
    ddl.draft.delete(row)
