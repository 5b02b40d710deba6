"""Policy documents: JSON text becomes frozen statements, or AWS's MalformedPolicyDocument."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from slipher.base.errors import AwsError

OLD_VERSION, VERSION = "2008-10-17", "2012-10-17"
ELEMENTS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
PRINCIPAL_TYPES = {"AWS", "Service", "Federated", "CanonicalUser"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Empty tuples mean that the element is not there; conditions are (operator, key, values)."""

    sid: str
    allow: bool
    principals: tuple[tuple[str, str], ...] = ()  # (type, value); ('*', '*') for everyone
    not_principals: tuple[tuple[str, str], ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A policy. Variables are replaced in those of version 2012-10-17 only."""

    version: str
    statements: tuple[Statement, ...]

    @property
    def variables(self) -> bool:
        """Whether ${...} are variables in this policy."""
        return self.version == VERSION


def malformed(text: str) -> AwsError:
    """AWS's error for a policy that it cannot take."""
    return AwsError("MalformedPolicyDocument", text, 400)


@lru_cache(maxsize=4096)
def parse(text: str, kind: str = "identity") -> Document:
    """Parse a policy; `kind` is identity, resource or trust. Raises AwsError MalformedPolicyDocument."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise malformed("This policy contains invalid Json") from None
    if not isinstance(value, dict):
        raise malformed("Syntax errors in policy.")
    unknown = set(value) - {"Version", "Id", "Statement"}
    if unknown:
        raise malformed("Syntax errors in policy.")
    version = value.get("Version", OLD_VERSION)
    if version not in (OLD_VERSION, VERSION):
        raise malformed("The policy must contain a valid version string")
    statements = value.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise malformed("Syntax errors in policy.")
    found = tuple(_statement(item, kind) for item in statements)
    sids = [statement.sid for statement in found if statement.sid]
    if len(set(sids)) != len(sids):
        raise malformed("Statement IDs (SID) in a single policy must be unique.")
    return Document(version, found)


def _statement(item: Any, kind: str) -> Statement:
    if not isinstance(item, dict) or set(item) - ELEMENTS:
        raise malformed("Syntax errors in policy.")
    if item.get("Effect") not in ("Allow", "Deny"):
        raise malformed("Syntax errors in policy.")
    if any(name in item and f"Not{name}" in item for name in ("Principal", "Action", "Resource")):
        raise malformed("Syntax errors in policy.")
    principals, not_principals = _principals(item, "Principal"), _principals(item, "NotPrincipal")
    if kind == "identity" and (principals or not_principals):
        raise malformed("Policy document should not specify a principal.")
    if kind != "identity" and not (principals or not_principals):
        raise malformed("Missing required field Principal")
    resources, not_resources = _strings(item, "Resource"), _strings(item, "NotResource")
    if kind == "trust" and (resources or not_resources):
        raise malformed("Has prohibited field Resource")
    if kind != "trust" and not (resources or not_resources):
        raise malformed("Policy statement must contain resources.")
    actions, not_actions = _strings(item, "Action"), _strings(item, "NotAction")
    if not (actions or not_actions):
        raise malformed("Policy statement must contain actions.")
    for action in (*actions, *not_actions):
        if action != "*" and (":" not in action or not action.split(":", 1)[0].strip()):
            raise malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        if kind == "trust" and not action.lower().startswith("sts:"):
            raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
    if kind == "identity":
        for resource in (*resources, *not_resources):
            if resource != "*" and not resource.startswith(("arn:", "*", "${")):
                raise malformed(f'Resource {resource} must be in ARN format or "*".')
    sid = item.get("Sid", "")
    if not isinstance(sid, str):
        raise malformed("Syntax errors in policy.")
    return Statement(
        sid,
        item["Effect"] == "Allow",
        principals,
        not_principals,
        actions,
        not_actions,
        resources,
        not_resources,
        _conditions(item.get("Condition")),
    )


def _strings(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    if name not in item:
        return ()
    value = item[name]
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(text, str) for text in values):
        raise malformed("Syntax errors in policy.")
    return tuple(values)


def _principals(item: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    value = item.get(name)
    if value is None:
        return ()
    if value == "*":
        return (("*", "*"),)
    if not isinstance(value, dict) or not value or set(value) - PRINCIPAL_TYPES:
        raise malformed("Invalid principal in policy")
    found: list[tuple[str, str]] = []
    for kind in value:
        for text in _strings(value, kind):
            if kind == "Service" and "." not in text:
                raise malformed(f'Invalid principal in policy: "SERVICE":"{text}"')
            if kind == "AWS" and text != "*" and not (text.startswith("arn:") or (text.isdigit() and len(text) == 12)):
                raise malformed(f'Invalid principal in policy: "AWS":"{text}"')
            found.append((kind, text))
    return tuple(found)


def _conditions(value: Any) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    from slipher.policy.conditions import known

    if value is None:
        return ()
    if not isinstance(value, dict):
        raise malformed("Syntax errors in policy.")
    found = []
    for operator, keys in value.items():
        if not known(operator):
            raise malformed(f"Invalid Condition type : {operator}.")
        if not isinstance(keys, dict):
            raise malformed("Syntax errors in policy.")
        for key, values in keys.items():
            items = values if isinstance(values, list) else [values]
            if not all(isinstance(one, str | bool | int | float) for one in items):
                raise malformed("Syntax errors in policy.")
            texts = tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in items)
            found.append((operator, key.lower(), texts))
    return tuple(found)
