"""The evaluator against a second, independent one, on thousands of generated requests and policies."""

from __future__ import annotations

import json
import random
from typing import Any

import naive_evaluator as naive
import pytest

from slipher.policy.evaluate import Named, Policies, Principal, Request, evaluate

CASES = 2500
A, B = "111122223333", "444455556666"
ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "*",
    "s3:?etObject",
    "iam:PassRole",
]
ASKED = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:PassRole"]
RESOURCES = [
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/d?/x", "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username, 'bob'}/*", "arn:aws:s3:::b/${*}/x", "arn:aws:s3:::*", "arn:aws:s3:::c/a*b*c",
]  # fmt: skip
OBJECTS = [
    "arn:aws:s3:::b", "arn:aws:s3:::b/x", "arn:aws:s3:::b/d1/x", "arn:aws:s3:::b/bob/y", "arn:aws:s3:::b/*/x",
    "arn:aws:s3:::c/aXXbYYc", "arn:aws:s3:::b/al*ce/z",
]  # fmt: skip
USER = {"kind": "user", "arn": f"arn:aws:iam::{A}:user/bob", "account": A}
ROLE = {
    "kind": "role", "arn": f"arn:aws:sts::{A}:assumed-role/r/s", "account": A, "role_arn": f"arn:aws:iam::{A}:role/r",
}  # fmt: skip
PRINCIPALS: list[dict[str, Any]] = [
    USER,
    ROLE,
    {"kind": "root", "arn": f"arn:aws:iam::{A}:root", "account": A},
    {"kind": "anonymous", "arn": "anonymous", "account": "anonymous"},
    {"kind": "service", "arn": "redshift.amazonaws.com", "account": A,
     "services": ("redshift.amazonaws.com", "redshift.us-east-1.amazonaws.com")},
]  # fmt: skip
NAMED = [
    "*", {"AWS": "*"}, {"AWS": A}, {"AWS": f"arn:aws:iam::{A}:root"}, {"AWS": USER["arn"]}, {"AWS": ROLE["arn"]},
    {"AWS": ROLE["role_arn"]}, {"AWS": [f"arn:aws:iam::{B}:root", USER["arn"]]}, {"Service": "redshift.amazonaws.com"},
    {"Service": ["s3.amazonaws.com", "redshift.us-east-1.amazonaws.com"]}, {"AWS": f"arn:aws:iam::{B}:user/bob"},
]  # fmt: skip
CONTEXT: dict[str, list[Any]] = {
    "aws:username": ["bob", "alice", "al*ce"],
    "s3:prefix": ["", "home/bob", "home/bob/x", "HOME/BOB"],
    "aws:sourceip": ["10.0.0.1", "10.0.255.9", "192.168.1.1"],
    "aws:securetransport": ["true", "false"],
    "aws:currenttime": ["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z"],
    "aws:epochtime": ["1767225600", "1800000000"],
    "s3:max-keys": ["1", "10", "100", "10.0"],
    "aws:principalarn": ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a/b", "arn:aws:iam::2:user/a", "none"],
    "aws:tagkeys": [["a"], ["a", "b"], ["c"], ["B"], []],
    "x:binary": ["YWJj", "eHl6"],
}
VALUES: dict[str, tuple[list[str], list[Any]]] = {
    "aws:username": (["String"], ["bob", "alice", "b*", "?ob", "BOB", "${aws:username}", "al${*}ce"]),
    "s3:prefix": (["String"], ["", "home/${aws:username}", "home/*", "home/${aws:username}/*", "${s3:delimiter, 'home'}*"]),
    "aws:SourceIp": (["IpAddress"], ["10.0.0.0/16", "10.0.0.1", "192.168.0.0/24", "0.0.0.0/0"]),
    "aws:SecureTransport": (["Bool"], [True, "false", "True"]),
    "aws:CurrentTime": (["Date"], ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "1767225600"]),
    "aws:EpochTime": (["Date", "Numeric"], ["1767225600", 1790000000]),
    "s3:max-keys": (["Numeric"], [10, "10", "50", 1]),
    "aws:PrincipalArn": (["Arn"], ["arn:aws:iam::1:role/*", "arn:*:iam::*:role/a", "arn:aws:iam::?:user/*", "*", "arn:aws:*"]),
    "aws:TagKeys": (["String"], ["a", "b", "[ab]", "*"]),
    "x:binary": (["Binary"], ["YWJj"]),
}  # fmt: skip
ORDER = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS = {
    "String": ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"],
    "IpAddress": ["IpAddress", "NotIpAddress"],
    "Bool": ["Bool"],
    "Date": [f"Date{one}" for one in ORDER],
    "Numeric": [f"Numeric{one}" for one in ORDER],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "Binary": ["BinaryEquals"],
}  # fmt: skip


def some(dice: random.Random, values: list[Any]) -> Any:
    return dice.choice(values) if dice.random() < 0.6 else dice.sample(values, min(len(values), dice.randint(1, 3)))


def conditions(dice: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
        key = dice.choice(list(VALUES))
        families, values = VALUES[key]
        if dice.random() < 0.15:
            operator, value = "Null", dice.choice(["true", "false", True, ["true", "false"]])
        else:
            operator = dice.choice(OPERATORS[dice.choice(families)])
            value = some(dice, values)
            operator = (
                dice.choice(["", "", "ForAllValues:", "ForAnyValue:"]) + operator + dice.choice(["", "", "IfExists"])
            )
        found.setdefault(operator, {})[key if dice.random() < 0.8 else key.upper()] = value
    return found


def policy(dice: random.Random, kind: str) -> str:
    listed = []
    for _ in range(dice.randint(1, 3)):
        statement: dict[str, Any] = {"Effect": dice.choice(["Allow", "Allow", "Allow", "Deny"])}
        if kind == "trust":
            statement["Action"] = some(dice, ["sts:AssumeRole", "sts:*"])
        else:
            statement[dice.choice(["Action", "Action", "NotAction"])] = some(dice, ACTIONS)
            statement[dice.choice(["Resource", "Resource", "NotResource"])] = some(dice, RESOURCES)
        if kind != "identity":
            statement[dice.choice(["Principal"] * 5 + ["NotPrincipal"])] = dice.choice(NAMED)
        if found := conditions(dice):
            statement["Condition"] = found
        listed.append(statement)
    document: dict[str, Any] = {"Statement": listed if dice.random() < 0.8 or len(listed) > 1 else listed[0]}
    if dice.random() < 0.85:
        document["Version"] = dice.choice(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"])
    return json.dumps(document)


def case(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    dice = random.Random(seed)
    trust = dice.random() < 0.2
    request = {
        "principal": dice.choice([USER, USER, ROLE, ROLE, *PRINCIPALS]),
        "action": "sts:AssumeRole" if trust else dice.choice(ASKED),
        "resource": dice.choice(OBJECTS),
        "context": {key: dice.choice(values) for key, values in CONTEXT.items() if dice.random() < 0.7},
        "owner": dice.choice([None, A, A, B]),
    }
    role = request["principal"]["kind"] == "role"
    policies = {
        "identity": [policy(dice, "identity") for _ in range(dice.choice([0, 1, 1, 2]))],
        "resource": policy(dice, "trust" if trust else "resource") if trust or dice.random() < 0.5 else None,
        "boundary": policy(dice, "identity") if dice.random() < 0.2 else None,
        "session": [policy(dice, "identity") for _ in range(dice.choice([1, 2]))]
        if role and dice.random() < 0.4
        else None,
        "trust": trust,
    }
    return request, policies


def ours(request: dict[str, Any], policies: dict[str, Any]) -> tuple[bool, str]:
    principal = Principal(**request["principal"])
    asked = Request(principal, request["action"], request["resource"], request["context"], request["owner"])
    decision = evaluate(
        asked,
        Policies(
            [Named(f"p{number}", text) for number, text in enumerate(policies["identity"])],
            Named("resource", policies["resource"]) if policies["resource"] else None,
            Named("boundary", policies["boundary"]) if policies["boundary"] else None,
            [Named("session", text) for text in policies["session"]] if policies["session"] is not None else None,
            policies["trust"],
        ),
    )
    assert bool(decision.matches) or decision.reason != "explicit_deny", "an explicit deny names its statement"
    return decision.allowed, decision.reason


@pytest.mark.parametrize("block", range(4))
def test_agreement(block: int) -> None:
    seen = set()
    for seed in range(block * CASES, (block + 1) * CASES):
        request, policies = case(seed)
        expected = naive.decide(request, policies)
        assert ours(request, policies) == expected, json.dumps({"seed": seed, "request": request, "policies": policies})
        seen.add(expected)
    assert seen == {(True, "allow"), (False, "explicit_deny"), (False, "implicit_deny")}
