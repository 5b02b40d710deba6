"""Placeholders: #names and :values of a request, and which of them its expressions used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.dynamodb.values import invalid, normal

PLACEHOLDER = {"#": re.compile(r"#[A-Za-z0-9_]+"), ":": re.compile(r":[A-Za-z0-9_]+")}


class Placeholders:
    """ExpressionAttributeNames and ExpressionAttributeValues of a request with these expressions (member -> text)."""

    def __init__(self, params: Mapping[str, Any], *members: str) -> None:
        self.names: Mapping[str, str] = params.get("ExpressionAttributeNames") or {}
        given: Mapping[str, Any] = params.get("ExpressionAttributeValues") or {}
        self.unused_names, self.unused_values = set(self.names), set(given)
        expressions = [member for member in members if params.get(member) is not None]
        for member, found in (("ExpressionAttributeNames", self.names), ("ExpressionAttributeValues", given)):
            if params.get(member) is None:
                continue
            if not expressions:
                takers = [one for one in members if "Projection" not in one or member.endswith("Names")]
                tail = f": {' and '.join(takers)} {'is' if len(takers) == 1 else 'are'} null" if takers else ""
                if member.endswith("Names"):
                    tail = ""
                raise invalid(f"{member} can only be specified when using expressions{tail}")
            if not found:
                raise invalid(f"{member} must not be empty")
        for key in self.names:
            if not PLACEHOLDER["#"].fullmatch(key):
                raise invalid(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{key}"')
        self.values: dict[str, dict[str, Any]] = {}
        for key, value in given.items():
            if not PLACEHOLDER[":"].fullmatch(key):
                raise invalid(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{key}"')
            try:
                self.values[key] = normal(value)[0]
            except AwsError as error:
                if error.code != "ValidationException":
                    raise
                raise invalid(
                    f"ExpressionAttributeValues contains invalid value: {error.message} for key {key}"
                ) from None

    def name(self, key: str) -> str | None:
        """The attribute that #key stands for."""
        self.unused_names.discard(key)
        return self.names.get(key)

    def value(self, key: str) -> dict[str, Any] | None:
        """The value that :key stands for."""
        self.unused_values.discard(key)
        return self.values.get(key)

    def check_used(self) -> None:
        """Every placeholder must be used by some expression."""
        for member, unused in (
            ("ExpressionAttributeNames", self.unused_names),
            ("ExpressionAttributeValues", self.unused_values),
        ):
            if unused:
                raise invalid(
                    f"Value provided in {member} unused in expressions: keys: {{{', '.join(sorted(unused))}}}"
                )
