"""Secondary indexes: which items are in them, where, and what of the items they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from slipher.base.errors import AwsError
from slipher.cloud.dynamodb import positions
from slipher.cloud.dynamodb.values import invalid, item as sized

TTL = "\0ttl"  # the index of a table's expiry times, by their number; no index of a user can be called so
NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
MAX_GLOBAL, MAX_LOCAL = 20, 5


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a table."""

    name: str
    keys: tuple[str, ...]  # hash, and sort if it has one
    projection: dict[str, Any]
    local: bool

    def projected(self, table: Row[Any]) -> set[str] | None:
        """The attributes that it holds, None for all."""
        if self.projection["ProjectionType"] == "ALL":
            return None
        return {*self.keys, *keys_of(table), *self.projection.get("NonKeyAttributes", ())}

    def cut(self, table: Row[Any], item: dict[str, Any]) -> dict[str, Any]:
        """What it holds of an item."""
        names = self.projected(table)
        return item if names is None else {name: value for name, value in item.items() if name in names}

    def size(self, table: Row[Any], item: dict[str, Any]) -> int:
        """The size of what it holds of an item."""
        return sized(self.cut(table, item))[1]


def keys_of(table: Row[Any]) -> list[str]:
    """The names of a table's key: hash, and sort if it has one."""
    return [one["AttributeName"] for one in table.facts["KeySchema"]]


def of(table: Row[Any]) -> list[Index]:
    """A table's indexes."""
    return [
        Index(one["IndexName"], tuple(key["AttributeName"] for key in one["KeySchema"]), one["Projection"], local)
        for local, member in ((False, "GlobalSecondaryIndexes"), (True, "LocalSecondaryIndexes"))
        for one in table.facts.get(member) or ()
    ]


def named(table: Row[Any], name: str | None) -> Index | None:
    """The index of a request, None if it asks for the table itself."""
    if name is None:
        return None
    for one in of(table):
        if one.name == name:
            return one
    raise invalid(f"The table does not have the specified index: {name}")


def kinds_of(table: Row[Any]) -> dict[str, str]:
    """Attribute definitions: name -> type."""
    return {one["AttributeName"]: one["AttributeType"] for one in table.facts["AttributeDefinitions"]}


def position(table: Row[Any], index: Index, item: dict[str, Any], key: bytes) -> tuple[int, bytes] | None:
    """Where an item is in an index, None if it lacks a key of it."""
    kinds = kinds_of(table)
    found = b""
    for name in index.keys:
        value = item.get(name)
        if value is None or kinds[name] not in value:
            return None
        found += positions.part(value)
    (first,) = item[index.keys[0]].values()
    return positions.bucket(first), found + key


def places(table: Row[Any], item: dict[str, Any] | None, key: bytes) -> set[tuple[str, int, bytes]]:
    """All (index, bucket, position) of an item."""
    if item is None:
        return set()
    found = set()
    for index in of(table):
        place = position(table, index, item, key)
        if place is not None:
            found.add((index.name, *place))
    expiry = item.get(table.facts.get("TTL") or "", {})
    if "N" in expiry:
        found.add((TTL, 0, positions.part(expiry) + key))
    return found


def check(table: Row[Any], item: dict[str, Any]) -> None:
    """An attribute that is a key of an index must have the index's type."""
    kinds = kinds_of(table)
    for index in of(table):
        for name in index.keys:
            if name not in item:
                continue
            ((kind, inner),) = item[name].items()
            if kind != kinds[name]:
                raise invalid(
                    f"One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: "
                    f"{kinds[name]} Actual: {kind} IndexName: {index.name}"
                )
            if inner == "":
                raise invalid(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not "
                    "supported. The AttributeValue for a key attribute cannot contain an empty "
                    f"{'binary' if kind == 'B' else 'string'} value. IndexName: {index.name}, IndexKey: {name}"
                )


def check_definitions(params: Any) -> set[str]:
    """The indexes that a CreateTable asks for, checked; the attributes that are their keys."""
    table_keys = [one["AttributeName"] for one in params["KeySchema"]]
    names: list[str] = []
    keys: set[str] = set()
    for member, most in (("GlobalSecondaryIndexes", MAX_GLOBAL), ("LocalSecondaryIndexes", MAX_LOCAL)):
        given = params.get(member)
        if given == []:
            raise invalid(f"One or more parameter values were invalid: List of {member} is empty")
        if given and len(given) > most:
            kind = "Global" if most == MAX_GLOBAL else "Local"
            raise AwsError(
                "LimitExceededException" if most == MAX_GLOBAL else "ValidationException",
                f"One or more parameter values were invalid: {kind}SecondaryIndex count exceeds the per-table limit of {most}",
                400,
            )
        for one in given or ():
            check_one(one)
            parts = [key["AttributeName"] for key in one["KeySchema"]]
            if member == "LocalSecondaryIndexes":
                if len(table_keys) == 1:
                    raise invalid(
                        "One or more parameter values were invalid: Table KeySchema does not have a range key, which is "
                        "required when specifying a LocalSecondaryIndex"
                    )
                if len(parts) == 1:
                    raise invalid(
                        "One or more parameter values were invalid: Index KeySchema does not have a range key for index: "
                        f"{one['IndexName']}"
                    )
                if parts[0] != table_keys[0]:
                    raise invalid(
                        "One or more parameter values were invalid: Index KeySchema does not have the same leading hash "
                        f"key as table KeySchema for index: {one['IndexName']}. index hash key: {parts[0]}, table hash "
                        f"key: {table_keys[0]}"
                    )
            names.append(one["IndexName"])
            keys.update(parts)
    for name in names:
        if names.count(name) > 1:
            raise invalid(f"One or more parameter values were invalid: Duplicate index name: {name}")
    return keys


def check_one(one: Any) -> None:
    """One index's keys and projection."""
    unknown = sorted(set(one) - {"IndexName", "KeySchema", "Projection", "ProvisionedThroughput"})
    if unknown:
        raise AwsError("NotImplemented", f"An index with {unknown[0]} is not implemented by Slipher yet.", 501)
    if not NAME.fullmatch(one["IndexName"]):
        raise invalid(
            f"1 validation error detected: Value '{one['IndexName']}' at 'indexName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )
    if [key["KeyType"] for key in one["KeySchema"]] not in (["HASH"], ["HASH", "RANGE"]):
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    projection = one.get("Projection") or {}
    kind, extra = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind not in ("ALL", "KEYS_ONLY", "INCLUDE"):
        raise invalid(
            f"One or more parameter values were invalid: Unknown ProjectionType: {kind}"
            if kind
            else "One or more parameter values were invalid: Unknown ProjectionType: null"
        )
    if (kind == "INCLUDE") != bool(extra):
        raise invalid(
            f"One or more parameter values were invalid: ProjectionType is {kind}, but NonKeyAttributes is "
            f"{'not specified' if kind == 'INCLUDE' else 'specified'}"
        )
