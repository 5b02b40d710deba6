"""Who may do what: the table of privileges, and one question with its refusal.

A superuser may do everything, an owner everything with what he owns; others what was granted to them, to a group of theirs or
to PUBLIC (source: reference on the system catalog, PostgreSQL 8.0's rules).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from slipher.base.errors import SqlError
from slipher.sql.bound import Need
from slipher.sql.names import Relation
from slipher.warehouse.catalog.draft import Draft
from slipher.warehouse.catalog.model import Acl, DatabaseRow, NamespaceRow, RelationRow, UserRow
from slipher.warehouse.catalog.state import Snapshot
from slipher.warehouse.system.relations import SUPERUSER_ONLY

if TYPE_CHECKING:
    from slipher.warehouse.catalog.names import User

# privilege -> letter of aclitem, by kind of object. Redshift's own letters: D drop, A alter, P truncate.
LETTERS: dict[str, dict[str, str]] = {
    "table": {
        "select": "r",
        "insert": "a",
        "update": "w",
        "delete": "d",
        "references": "x",
        "rule": "R",
        "trigger": "t",
        "drop": "D",
        "alter": "A",
        "truncate": "P",
    },
    "schema": {"create": "C", "usage": "U"},
    "database": {"create": "C", "temporary": "T", "temp": "T", "usage": "U"},
}
# What ALL grants: tables' rule and trigger are old words that Redshift still grants with ALL.
ALL: dict[str, str] = {"table": "arwdRxtD", "schema": "UC", "database": "CT"}


def letters(kind: str, privileges: Iterable[str]) -> str:
    """The aclitem letters of privileges on an object of a kind; 0LP01 for one that such an object does not have."""
    found = ""
    for privilege in privileges:
        if privilege == "all":
            found += ALL[kind]
            continue
        letter = LETTERS[kind].get(privilege)
        if letter is None:
            name = {"table": "relation"}.get(kind, kind)
            raise SqlError("0LP01", f"invalid privilege type {privilege.upper()} for {name}")
        found += letter
    return "".join(dict.fromkeys(found))


def has(state: Snapshot, user: User, owner: int, acl: Acl, letter: str) -> bool:
    """Whether a user has a privilege on an object with that owner and these grants."""
    if user.superuser or user.oid == owner:
        return True
    groups: frozenset[int] | None = None
    for item in acl or ():
        if letter not in item.privileges:
            continue
        if item.kind == "public" or (item.kind == "user" and item.grantee == user.oid):
            return True
        if item.kind == "group":
            groups = state.groups_of(user.oid) | user.joined if groups is None else groups
            if item.grantee in groups:
                return True
    return False


def may_grant(state: Snapshot, user: User, owner: int, acl: Acl, wanted: str) -> bool:
    """Whether a user may grant these privileges: he owns the object, or holds each with grant option."""
    if user.superuser or user.oid == owner:
        return True
    held = "".join(item.options for item in acl or () if item.kind == "user" and item.grantee == user.oid)
    return all(letter in held for letter in wanted)


def denied(kind: str, name: str) -> SqlError:
    """42501 for an object; kind is relation, schema, database, function ..."""
    return SqlError("42501", f"permission denied for {kind} {name}")


def not_owner(kind: str, name: str) -> SqlError:
    """42501 for what only the owner (or a superuser) may do."""
    return SqlError("42501", f"must be owner of {kind} {name}")


def check(catalog: Snapshot | Draft, user: User, needs: Iterable[Need]) -> None:
    """Raise 42501 unless the user has every privilege that a statement needs, and USAGE of the schemas involved."""
    state = catalog.state if isinstance(catalog, Draft) else catalog
    for need in needs:
        who: User | UserRow | None = user
        if need.owner is not None and need.owner != user.oid:
            who = state.get(UserRow, need.owner)
        if who is None or who.superuser:
            continue
        if need.relation is not None:
            _check_relation(state, who, need.relation, need.privilege)
        elif need.schema is not None:
            raise_schema = need.schema
            row = next((item for item in state.rows(NamespaceRow) if item.name == raise_schema), None)
            if row is not None:
                require_schema(state, user, row, need.privilege)


def _check_relation(state: Snapshot, user: User, relation: Relation, privilege: str) -> None:
    if relation.kind in ("catalog", "live"):
        if privilege != "select" or relation.oid in SUPERUSER_ONLY:
            raise denied("relation", relation.name)
        return  # every user reads the system's relations; their rows are chosen by the user
    row = state.get(RelationRow, relation.oid)
    if row is None:
        raise SqlError("42P01", f'relation "{relation.name}" does not exist')
    namespace = state.get(NamespaceRow, row.namespace)
    if namespace is not None and not row.temporary:
        require_schema(state, user, namespace, "usage")
    if not has(state, user, row.owner, row.acl, LETTERS["table"][privilege]):
        raise denied("relation", row.name)


def require_schema(state: Snapshot, user: User, namespace: NamespaceRow, privilege: str) -> None:
    """42501 unless the user has usage or create on the schema."""
    if namespace.temporary:
        return
    if not has(state, user, namespace.owner, namespace.acl, LETTERS["schema"][privilege]):
        raise denied("schema", namespace.name)


def require_database(state: Snapshot, user: User, database: str, privilege: str) -> None:
    """42501 unless the user has create or temporary on the database."""
    row = state.database(database)
    if row is not None and not has(state, user, row.owner, row.acl, LETTERS["database"][privilege]):
        raise denied("database", database)


def require_owner(user: User, row: RelationRow | NamespaceRow | DatabaseRow) -> None:
    """42501 unless the user owns the object."""
    kind = {RelationRow: "relation", NamespaceRow: "schema", DatabaseRow: "database"}[type(row)]
    if not (user.superuser or user.oid == row.owner):
        raise not_owner(kind, row.name)
