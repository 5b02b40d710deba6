"""A second evaluator, slow and plain, over the policies' raw JSON: written from IAM's user guide alone.

Read for it: "Policy evaluation logic", "Determining whether a request is allowed or denied within an account",
"Cross-account policy evaluation logic", "IAM JSON policy elements" (Principal, NotPrincipal, Action, NotAction, Resource,
NotResource, Condition, condition operators, operators for multivalued keys, variables and tags). It shares no line with the
evaluator under test and is structured after the guide: a flow chart over statements.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def glob(pattern: str, text: str) -> bool:
    """`*` any run, `?` one character; the classic two-pointer walk. Pairs (char, literal) stand for escaped characters."""
    return glob_pairs([(char, False) for char in pattern], text)


def glob_pairs(pattern: list[tuple[str, bool]], text: str) -> bool:
    reach = {0}
    for char, literal in pattern:
        if char == "*" and not literal:
            reach = set(range(min(reach), len(text) + 1)) if reach else set()
        else:
            reach = {at + 1 for at in reach if at < len(text) and (text[at] == char or (char == "?" and not literal))}
    return len(text) in reach


def substitute(text: str, context: dict[str, Any]) -> list[tuple[str, bool]] | None:
    """Characters after the replacement of ${...}, with a mark for those that are no wildcards any more."""
    out: list[tuple[str, bool]] = []
    rest = text
    while rest:
        start = rest.find("${")
        end = rest.find("}", start)
        if start < 0 or end < 0:
            out += [(char, False) for char in rest]
            break
        out += [(char, False) for char in rest[:start]]
        inside, rest = rest[start + 2 : end], rest[end + 1 :]
        name, comma, default = inside.partition(",")
        if inside in ("*", "?", "$"):
            out.append((inside, True))
        elif isinstance(context.get(name.strip().lower()), str):
            out += [(char, True) for char in context[name.strip().lower()]]
        elif comma:
            out += [(char, False) for char in default.strip().strip("'")]
        else:
            return None
    return out


def pattern_of(text: str, context: dict[str, Any], new: bool) -> list[tuple[str, bool]] | None:
    return substitute(text, context) if new else [(char, False) for char in text]


def split_arn(chars: list[tuple[str, bool]]) -> list[list[tuple[str, bool]]]:
    parts: list[list[tuple[str, bool]]] = [[]]
    for pair in chars:
        if pair[0] == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(pair)
    return parts


def compare(family: str, wanted: list[tuple[str, bool]], given: str) -> bool:
    """One value of the policy against one value of the request."""
    plain = "".join(char for char, _ in wanted)
    if family == "StringEquals":
        return plain == given
    if family in ("StringEqualsIgnoreCase", "Bool"):
        return plain.casefold() == given.casefold()
    if family == "StringLike":
        return glob_pairs(wanted, given)
    if family in ("ArnLike", "ArnEquals"):
        if wanted == [("*", False)]:
            return True
        ours, theirs = split_arn(wanted), given.split(":", 5)
        return len(ours) == len(theirs) == 6 and all(glob_pairs(a, b) for a, b in zip(ours, theirs, strict=True))
    if family == "BinaryEquals":
        return base64.b64decode(plain) == base64.b64decode(given)
    if family == "IpAddress":
        address, _, bits = plain.partition("/")

        def number(dotted: str) -> int:
            total = 0
            for part in dotted.split("."):
                total = total * 256 + int(part)
            return total

        shift = 32 - int(bits or 32)
        return number(address) >> shift == number(given) >> shift
    if family.startswith("Numeric"):
        return ordered(family.removeprefix("Numeric"), float(given), float(plain))
    if family.startswith("Date"):

        def moment(text: str) -> float:
            if "T" in text:
                return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
            return float(text)

        return ordered(family.removeprefix("Date"), moment(given), moment(plain))
    raise AssertionError(family)


def ordered(how: str, given: float, wanted: float) -> bool:
    return {
        "Equals": given == wanted,
        "LessThan": given < wanted,
        "LessThanEquals": given <= wanted,
        "GreaterThan": given > wanted,
        "GreaterThanEquals": given >= wanted,
    }[how]


def condition(operator: str, key: str, wanted: list[Any], context: dict[str, Any], new: bool) -> bool:
    given = context.get(key.lower())
    present = given is not None and given != []
    if operator == "Null":
        return any((str(one).lower() == "true") == (not present) for one in wanted)
    qualifier, colon, name = operator.partition(":")
    if not colon:
        qualifier, name = "", operator
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    family = name.replace("Not", "", 1)
    if not present:
        if qualifier == "ForAllValues":
            return True
        if optional:
            return True
        return negated and qualifier != "ForAnyValue"
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in wanted]
    with_variables = new and family.startswith(("String", "Arn"))
    patterns = [one for one in (pattern_of(text, context, with_variables) for text in texts) if one is not None]
    results = []
    for value in as_list(given):
        hit = False
        for pattern in patterns:
            hit = hit or compare(family, pattern, value)
        results.append(hit != negated)
    if qualifier == "ForAllValues" or (negated and not qualifier):
        return False not in results
    return True in results


def names(element: Any, principal: dict[str, Any]) -> set[str]:
    """The ways in which a Principal element names the caller."""
    if element == "*":
        return {"everyone"}
    found = set()
    for kind, values in element.items():
        for value in as_list(values):
            if kind == "AWS" and value == "*":
                found.add("everyone")
            elif kind == "Service" and value in principal.get("services", ()):
                found.add("itself")
            elif kind == "AWS" and principal["kind"] in ("user", "role", "root"):
                if value == principal["arn"]:
                    found.add("itself")
                elif value == principal.get("role_arn"):
                    found.add("its role")
                elif value in (principal["account"], f"arn:aws:iam::{principal['account']}:root"):
                    found.add("its account")
    return found


def statements(policy: str, kind: str, request: dict[str, Any]) -> list[tuple[str, set[str]]]:
    """(Effect, how the caller is named) of each statement that applies to the request."""
    document = json.loads(policy)
    new = document.get("Version") == "2012-10-17"
    context = request["context"]
    found = []
    for statement in as_list(document["Statement"]):
        how: set[str] = set()
        if "Principal" in statement:
            how = names(statement["Principal"], request["principal"])
            if not how:
                continue
        elif "NotPrincipal" in statement:
            if names(statement["NotPrincipal"], request["principal"]):
                continue
            how = {"everyone"}
        action = request["action"].lower()
        if "Action" in statement:
            if not any(glob(one.lower(), action) for one in as_list(statement["Action"])):
                continue
        elif any(glob(one.lower(), action) for one in as_list(statement["NotAction"])):
            continue
        if kind != "trust":
            element = "Resource" if "Resource" in statement else "NotResource"
            patterns = [pattern_of(one, context, new) for one in as_list(statement[element])]
            hit = any(one is not None and glob_pairs(one, request["resource"]) for one in patterns)
            if hit != (element == "Resource"):
                continue
        pairs = [
            (operator, key, as_list(values))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        ]
        if all(condition(operator, key, values, context, new) for operator, key, values in pairs):
            found.append((statement["Effect"], how))
    return found


def decide(request: dict[str, Any], policies: dict[str, Any]) -> tuple[bool, str]:
    """(allowed, 'allow' | 'explicit_deny' | 'implicit_deny'), along the guide's flow chart."""
    identity = [one for text in policies["identity"] for one in statements(text, "identity", request)]
    kind = "trust" if policies["trust"] else "resource"
    resource = statements(policies["resource"], kind, request) if policies["resource"] else []
    boundary = statements(policies["boundary"], "identity", request) if policies["boundary"] else None
    session = [statements(text, "identity", request) for text in policies["session"] or ()]
    everything = identity + resource + (boundary or []) + [one for found in session for one in found]
    if any(effect == "Deny" for effect, _ in everything):
        return False, "explicit_deny"
    principal = request["principal"]
    ways = {way for effect, how in resource if effect == "Allow" for way in how}
    allowed = (True, "allow")
    denied = (False, "implicit_deny")
    if principal["kind"] in ("service", "anonymous"):
        return allowed if ways else denied
    identity_allows = principal["kind"] == "root" or any(effect == "Allow" for effect, _ in identity)
    inside = boundary is None or any(effect == "Allow" for effect, _ in boundary)
    if policies["session"] is not None:  # together they are the one set that limits
        inside = inside and any(effect == "Allow" for found in session for effect, _ in found)
    if policies["trust"] and not ways:
        return denied
    if request["owner"] not in (None, principal["account"]):
        return allowed if ways and identity_allows and inside else denied
    if "itself" in ways:
        return allowed
    return allowed if (identity_allows or ways & {"its role", "everyone"}) and inside else denied
