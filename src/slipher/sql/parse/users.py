"""CREATE, ALTER, DROP of users and groups; GRANT and REVOKE."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from slipher.base.errors import SqlError
from slipher.sql.parse.cursor import Cursor
from slipher.sql.parse.ddl import connection_limit
from slipher.sql.statements import users
from slipher.sql.statements.names import QName
from slipher.sql.statements.utility import Unsupported

PRIVILEGES = {
    "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "DROP", "TRUNCATE", "ALTER", "USAGE", "CREATE", "TEMPORARY", "TEMP",
    "RULE", "TRIGGER",
}  # fmt: skip


def create_user(cursor: Cursor) -> users.CreateUser:
    """CREATE USER name [WITH] PASSWORD ... [options]."""
    cursor.expect("CREATE", "USER")
    name = cursor.user_name()
    facts = _options(cursor)
    if "password" not in facts:
        raise cursor.error()
    for wrong in ("rename_to", "set_parameter"):
        if wrong in facts:
            raise cursor.error()
    return users.CreateUser(name=name, **facts)


def alter_user(cursor: Cursor) -> users.AlterUser:
    """ALTER USER name [WITH] options | RENAME TO | SET | RESET."""
    cursor.expect("ALTER", "USER")
    name = cursor.user_name()
    facts = _options(cursor)
    facts.pop("groups", None)
    facts.pop("external_id", None)
    return users.AlterUser(name=name, **facts)


def _options(cursor: Cursor) -> dict[str, Any]:
    cursor.accept("WITH")
    facts: dict[str, Any] = {}
    while not cursor.done:
        if cursor.accept("PASSWORD"):
            facts["password"] = _password(cursor)
        elif word := cursor.accept_any(("CREATEDB", "NOCREATEDB")):
            facts["createdb"] = word == "CREATEDB"
        elif word := cursor.accept_any(("CREATEUSER", "NOCREATEUSER")):
            facts["superuser"] = word == "CREATEUSER"
        elif cursor.accept("SYSLOG", "ACCESS"):
            word = cursor.accept_any(("RESTRICTED", "UNRESTRICTED"))
            if word is None:
                raise cursor.error()
            facts["syslog_unrestricted"] = word == "UNRESTRICTED"
        elif cursor.accept("IN", "GROUP"):
            facts["groups"] = _user_names(cursor)
        elif cursor.accept("VALID", "UNTIL"):
            facts["valid_until"] = _moment(cursor.string())
        elif cursor.accept("CONNECTION", "LIMIT"):
            facts["connection_limit"] = -1 if cursor.accept("UNLIMITED") else connection_limit(cursor)
        elif cursor.accept("SESSION", "TIMEOUT"):
            facts["session_timeout"] = cursor.integer()
        elif cursor.accept("RESET", "SESSION", "TIMEOUT"):
            facts["session_timeout"] = 0
        elif cursor.accept("EXTERNALID"):
            facts["external_id"] = cursor.string() if cursor.is_string() else cursor.user_name()
        elif cursor.accept("RENAME", "TO"):
            facts["rename_to"] = cursor.user_name()
        elif cursor.accept("SET"):
            parameter = cursor.identifier()
            if not cursor.accept("TO"):
                cursor.expect("=")
            facts["set_parameter"] = (parameter, _value(cursor))
        elif cursor.accept("RESET"):
            facts["set_parameter"] = (cursor.identifier(), None)
        else:
            raise cursor.error()
    return facts


def _value(cursor: Cursor) -> str | None:
    if cursor.accept("DEFAULT"):
        return None
    values = []
    while True:
        if cursor.is_string():
            values.append(cursor.string())
        elif cursor.is_number() or cursor.peek() == "-":
            values.append(cursor.number())
        else:
            values.append(cursor.identifier())
        if not cursor.accept(","):
            return ", ".join(values)


def _password(cursor: Cursor) -> users.Password:
    if cursor.accept("DISABLE"):
        return users.Password("disable")
    text = cursor.string()
    if text.startswith("md5") and len(text) == 35:
        return users.Password("md5", text)
    if text.startswith("sha256|"):
        return users.Password("sha256", text)
    return users.Password("clear", text)


def _moment(text: str) -> datetime | None:
    if text.lower() == "infinity":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SqlError("22007", f'invalid input syntax for type timestamp with time zone: "{text}"') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _user_names(cursor: Cursor) -> tuple[str, ...]:
    found = [cursor.user_name()]
    while cursor.accept(","):
        found.append(cursor.user_name())
    return tuple(found)


def drop_user(cursor: Cursor) -> users.DropUser:
    """DROP USER [IF EXISTS] name, ..."""
    cursor.expect("DROP", "USER")
    exists = cursor.accept("IF", "EXISTS")
    names = _user_names(cursor)
    cursor.end()
    return users.DropUser(names, exists)


def create_group(cursor: Cursor) -> users.CreateGroup:
    """CREATE GROUP name [[WITH] USER name, ...]."""
    cursor.expect("CREATE", "GROUP")
    name = cursor.identifier()
    cursor.accept("WITH")
    members = _user_names(cursor) if cursor.accept("USER") else ()
    cursor.end()
    return users.CreateGroup(name, members)


def alter_group(cursor: Cursor) -> users.AlterGroup:
    """ALTER GROUP name ADD USER | DROP USER | RENAME TO."""
    cursor.expect("ALTER", "GROUP")
    name = cursor.identifier()
    if cursor.accept("ADD", "USER"):
        return users.AlterGroup(name, add=_user_names(cursor))
    if cursor.accept("DROP", "USER"):
        return users.AlterGroup(name, drop=_user_names(cursor))
    cursor.expect("RENAME", "TO")
    return users.AlterGroup(name, rename_to=cursor.identifier())


def drop_group(cursor: Cursor) -> users.DropGroup:
    """DROP GROUP name."""
    cursor.expect("DROP", "GROUP")
    name = cursor.identifier()
    cursor.end()
    return users.DropGroup(name)


def grant(cursor: Cursor) -> object:
    """GRANT privileges ON objects TO grantees [WITH GRANT OPTION]."""
    cursor.expect("GRANT")
    head = _head(cursor)
    if isinstance(head, Unsupported):
        return head
    privileges, kind, objects, schemas = head
    cursor.expect("TO")
    grantees = _grantees(cursor)
    option = cursor.accept("WITH", "GRANT", "OPTION")
    cursor.end()
    return users.Grant(privileges, kind, objects, grantees, schemas, option)


def revoke(cursor: Cursor) -> object:
    """REVOKE [GRANT OPTION FOR] privileges ON objects FROM grantees."""
    cursor.expect("REVOKE")
    option = cursor.accept("GRANT", "OPTION", "FOR")
    head = _head(cursor)
    if isinstance(head, Unsupported):
        return head
    privileges, kind, objects, schemas = head
    cursor.expect("FROM")
    grantees = _grantees(cursor)
    how = cursor.accept_any(("CASCADE", "RESTRICT"))
    cursor.end()
    return users.Revoke(privileges, kind, objects, grantees, schemas, option, how == "CASCADE")


Head = tuple[tuple[str, ...], str, tuple[QName, ...], tuple[str, ...]]


def _head(cursor: Cursor) -> Head | Unsupported:
    if cursor.accept("ALL"):
        cursor.accept("PRIVILEGES")
        privileges: list[str] = ["all"]
    else:
        privileges = []
        while True:
            word = cursor.accept_any(tuple(PRIVILEGES))
            if word is None:
                return Unsupported(f"GRANT or REVOKE of {cursor.peek() or 'roles'}")
            privileges.append(word.lower())
            if cursor.peek() == "(":
                return Unsupported("GRANT or REVOKE on columns")
            if not cursor.accept(","):
                break
    if not cursor.accept("ON"):
        return Unsupported("GRANT or REVOKE of roles and system privileges")
    if cursor.accept("ALL", "TABLES", "IN", "SCHEMA"):
        return tuple(privileges), "table", (), _names(cursor)
    kind = cursor.accept_any(("TABLE", "SCHEMA", "DATABASE", "FUNCTION", "PROCEDURE", "LANGUAGE", "DATASHARE", "MODEL"))
    if kind in ("FUNCTION", "PROCEDURE", "LANGUAGE", "DATASHARE", "MODEL") or cursor.peek() in ("ALL", "EXTERNAL"):
        return Unsupported(f"GRANT or REVOKE on {kind or cursor.peek()}")
    objects = [cursor.qname()]
    while cursor.accept(","):
        objects.append(cursor.qname())
    return tuple(privileges), (kind or "TABLE").lower(), tuple(objects), ()


def _names(cursor: Cursor) -> tuple[str, ...]:
    found = [cursor.identifier()]
    while cursor.accept(","):
        found.append(cursor.identifier())
    return tuple(found)


def _grantees(cursor: Cursor) -> tuple[users.Grantee, ...]:
    found = []
    while True:
        if cursor.accept("PUBLIC"):
            found.append(users.Grantee("public"))
        elif cursor.accept("GROUP"):
            found.append(users.Grantee("group", cursor.identifier()))
        elif cursor.accept("ROLE"):
            raise SqlError("0A000", "GRANT or REVOKE with roles is not supported by Slipher yet")
        else:
            cursor.accept("USER")
            found.append(users.Grantee("user", cursor.user_name()))
        if not cursor.accept(","):
            return tuple(found)
