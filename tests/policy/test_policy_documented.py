"""Cases that IAM's user guide states in words, a row each; and the documents that IAM refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slipher.base.errors import AwsError
from slipher.policy.document import parse
from slipher.policy.evaluate import Named, Policies, Principal, Request, evaluate
from slipher.policy.explain import denied_text, reason_line

ME = Principal("user", "arn:aws:iam::111122223333:user/dev/jane", "111122223333")
ROLE = Principal(
    "role",
    "arn:aws:sts::111122223333:assumed-role/loader/s1",
    "111122223333",
    "arn:aws:iam::111122223333:role/loader",
)
OTHER = "444455556666"


def text(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    full = [{"Effect": "Allow", "Action": "*", "Resource": "*"} | one for one in statements]
    return json.dumps({"Version": version, "Statement": full})


def when(operator: str, key: str, values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: values}}}


# (condition, context, holds); source: "IAM JSON policy elements: Condition operators" and "... multiple context keys or values"
CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (when("StringEquals", "aws:PrincipalTag/job", "x"), {"aws:principaltag/job": "x"}, True),
    (when("StringEquals", "aws:PrincipalTag/job", "x"), {"aws:principaltag/job": "X"}, False),
    (when("StringEquals", "k:a", ["x", "y"]), {"k:a": "y"}, True),  # values are alternatives
    (when("StringEquals", "k:a", "x"), {}, False),  # no key, no match
    (when("StringNotEquals", "k:a", "x"), {}, True),  # no key, a negated operator matches
    (when("StringNotEquals", "k:a", ["x", "y"]), {"k:a": "y"}, False),  # NOR
    (when("StringEqualsIfExists", "k:a", "x"), {}, True),
    (when("StringEqualsIfExists", "k:a", "x"), {"k:a": "y"}, False),
    (when("StringEqualsIgnoreCase", "k:a", "AbC"), {"k:a": "aBc"}, True),
    (when("StringLike", "s3:prefix", ["", "home/*", "a?c"]), {"s3:prefix": "home/x/y"}, True),
    (when("StringLike", "s3:prefix", ["", "home/*"]), {"s3:prefix": ""}, True),
    (when("StringLike", "k:a", "a?c"), {"k:a": "ac"}, False),
    (when("StringEquals", "k:a", "a*"), {"k:a": "abc"}, False),  # no wildcards but in Like
    (when("NumericLessThanEquals", "s3:max-keys", "10"), {"s3:max-keys": "10"}, True),
    (when("NumericLessThan", "s3:max-keys", "10"), {"s3:max-keys": "9"}, True),  # by number, not by text
    (when("NumericEquals", "k:n", 10), {"k:n": "10.0"}, True),
    (when("NumericEquals", "k:n", 10), {"k:n": "ten"}, False),
    (when("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"), {"aws:currenttime": "2026-01-01T00:00:01Z"}, True),
    (when("DateLessThan", "aws:EpochTime", "2026-01-01T00:00:00Z"), {"aws:epochtime": "1735689600"}, True),
    (when("DateEquals", "aws:CurrentTime", "2026-01-01T02:00:00+02:00"), {"aws:currenttime": "2026-01-01T00:00:00Z"}, True),
    (when("Bool", "aws:SecureTransport", "true"), {"aws:securetransport": "false"}, False),
    (when("Bool", "aws:SecureTransport", False), {"aws:securetransport": "false"}, True),
    (when("BinaryEquals", "k:b", "QmluYXJ5VmFsdWVJbkJhc2U2NA=="), {"k:b": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, True),
    (when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), {"aws:sourceip": "203.0.113.77"}, True),
    (when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]), {"aws:sourceip": "2001:db8:1234:5678::9"}, True),
    (when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), {"aws:sourceip": "203.0.113.77"}, False),
    (when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:123456789012:t*"), {"aws:sourcearn": "arn:aws:sns:us-east-1:123456789012:t1"}, True),
    (when("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:*:t"), {"aws:sourcearn": "arn:aws:sns:us-east-1:1:t"}, True),
    (when("ArnLike", "aws:SourceArn", "arn:aws:*:t"), {"aws:sourcearn": "arn:aws:sns:us-east-1:1:t"}, False),  # segment by segment
    (when("ArnNotLike", "aws:SourceArn", "arn:aws:sns:*:*:t"), {"aws:sourcearn": "arn:aws:sns:us-east-1:1:t"}, False),
    (when("Null", "aws:TokenIssueTime", "true"), {}, True),
    (when("Null", "aws:TokenIssueTime", "false"), {}, False),
    (when("Null", "aws:TokenIssueTime", "false"), {"aws:tokenissuetime": "x"}, True),
    (when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]), {"aws:tagkeys": ["a", "b"]}, True),
    (when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]), {"aws:tagkeys": ["a", "c"]}, False),
    (when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]), {}, True),  # vacuously
    (when("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"]), {"aws:tagkeys": ["c", "b"]}, True),
    (when("ForAnyValue:StringEquals", "aws:TagKeys", ["a"]), {"aws:tagkeys": ["c"]}, False),
    (when("ForAnyValue:StringEquals", "aws:TagKeys", ["a"]), {}, False),
    (when("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"]), {"aws:tagkeys": ["a", "c"]}, True),
    (when("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"]), {"aws:tagkeys": ["a", "c"]}, False),
    ({"Condition": {"StringEquals": {"k:a": "x", "k:b": "y"}}}, {"k:a": "x"}, False),  # keys are AND
    ({"Condition": {"StringEquals": {"k:a": "x"}, "Bool": {"k:c": "true"}}}, {"k:a": "x", "k:c": "true"}, True),
    (when("StringEquals", "k:a", "${aws:username}"), {"k:a": "jane", "aws:username": "jane"}, True),
    (when("StringEquals", "k:a", "${aws:username}"), {"k:a": "jane"}, False),
    (when("StringLike", "k:a", "${aws:username}*"), {"k:a": "*x", "aws:username": "*"}, True),
    (when("StringLike", "k:a", "${aws:username}*"), {"k:a": "yx", "aws:username": "*"}, False),  # a value is no pattern
    (when("StringEquals", "k:a", "${k:team, 'company-wide'}"), {"k:a": "company-wide"}, True),
    (when("StringLike", "k:a", "${*}x"), {"k:a": "*x"}, True),
    (when("StringLike", "k:a", "${*}x"), {"k:a": "yx"}, False),
    (when("StringEquals", "K:A", "x"), {"k:a": "x"}, True),  # keys ignore case
]  # fmt: skip


@pytest.mark.parametrize(("condition", "context", "holds"), CONDITIONS)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], holds: bool) -> None:
    request = Request(ME, "s3:GetObject", "arn:aws:s3:::b/k", context)
    assert evaluate(request, Policies([Named("p", text(condition))])).allowed is holds


def test_variables_belong_to_the_newer_version() -> None:
    request = Request(ME, "s3:GetObject", "arn:aws:s3:::b/jane/k", {"aws:username": "jane"})
    statement = {"Resource": "arn:aws:s3:::b/${aws:username}/*"}
    assert evaluate(request, Policies([Named("p", text(statement))])).allowed
    assert not evaluate(request, Policies([Named("p", text(statement, version="2008-10-17"))])).allowed


READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}
JANE = {"AWS": ME.arn}
# (who, owner, identity, resource, boundary, session, allowed, where); source: "Policy evaluation logic" and its cross-account part
DECISIONS: list[tuple[Any, ...]] = [
    (ME, None, [READ], None, None, None, True, "identity"),
    (ME, None, [], None, None, None, False, "identity"),
    (ME, None, [READ, DENY], None, None, None, True, "identity"),
    (ME, None, [], READ | {"Principal": JANE}, None, None, True, "resource"),
    (ME, None, [], READ | {"Principal": "*"}, None, None, True, "resource"),
    (ME, None, [], READ | {"Principal": {"AWS": ME.account}}, None, None, False, "identity"),  # delegates, gives nothing itself
    (ME, None, [READ], READ | {"Principal": JANE, "Effect": "Deny"}, None, None, False, "resource"),
    (ME, None, [READ], READ | {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/x"}, "Effect": "Deny"}, None, None, False, "resource"),
    (ME, None, [READ], READ | {"NotPrincipal": JANE, "Effect": "Deny"}, None, None, True, "identity"),
    (ME, None, [READ], None, {"Action": "iam:*"}, None, False, "boundary"),
    (ME, None, [READ], None, READ, None, True, "identity"),
    (ME, None, [], None, READ, None, False, "identity"),  # a boundary gives nothing
    (ME, None, [], READ | {"Principal": JANE}, {"Action": "iam:*"}, None, True, "resource"),  # the user's ARN: not limited
    (ROLE, None, [READ], None, None, [READ], True, "identity"),
    (ROLE, None, [READ], None, None, [{"Action": "iam:*"}], False, "session"),
    (ROLE, None, [], READ | {"Principal": {"AWS": ROLE.role_arn}}, None, [{"Action": "iam:*"}], False, "session"),
    (ROLE, None, [], READ | {"Principal": {"AWS": ROLE.role_arn}}, None, None, True, "resource"),
    (ROLE, None, [], READ | {"Principal": {"AWS": ROLE.arn}}, None, [{"Action": "iam:*"}], True, "resource"),
    (ME, OTHER, [READ], None, None, None, False, "resource"),  # across accounts both sides
    (ME, OTHER, [], READ | {"Principal": JANE}, None, None, False, "identity"),
    (ME, OTHER, [READ], READ | {"Principal": JANE}, None, None, True, "both"),
    (ME, OTHER, [READ], READ | {"Principal": {"AWS": ME.account}}, None, None, True, "both"),
    (ME, OTHER, [READ], READ | {"Principal": {"AWS": OTHER}}, None, None, False, "resource"),
    (ME, OTHER, [READ], READ | {"Principal": JANE}, {"Action": "iam:*"}, None, False, "boundary"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "owner", "identity", "resource", "boundary", "session", "allowed", "where"), DECISIONS)
def test_decisions(
    who: Principal,
    owner: str | None,
    identity: Any,
    resource: Any,
    boundary: Any,
    session: Any,
    allowed: bool,
    where: str,
) -> None:
    request = Request(who, "s3:GetObject", "arn:aws:s3:::b/k", {}, owner or who.account)
    decision = evaluate(
        request,
        Policies(
            [Named("identity", text(*identity))] if identity else [],
            Named("bucket policy", text(resource)) if resource else None,
            Named("boundary", text(boundary)) if boundary else None,
            [Named("session", text(one)) for one in session] if session else None,
        ),
    )
    assert (decision.allowed, decision.where) == (allowed, where)


# the user guide's forms of the message ("Troubleshoot access denied error messages")
MESSAGES: list[tuple[Policies, str]] = [
    (Policies(), "because no identity-based policy allows the s3:GetObject action"),
    (Policies([Named("p", text(DENY, READ))]), "with an explicit deny in an identity-based policy"),
    (Policies([Named("p", text(READ))], boundary=Named("b", text({"Action": "iam:*"}))),
     "because no permissions boundary allows the s3:GetObject action"),
    (Policies([Named("p", text(READ))], session=[Named("s", text({"Action": "iam:*"}))]),
     "because no session policy allows the s3:GetObject action"),
    (Policies([Named("p", text(READ))], Named("r", text(READ | {"Effect": "Deny", "Principal": "*"}))),
     "with an explicit deny in a resource-based policy"),
]  # fmt: skip


@pytest.mark.parametrize(("policies", "because"), MESSAGES)
def test_messages(policies: Policies, because: str) -> None:
    request = Request(ROLE, "s3:GetObject", "arn:aws:s3:::b/secret/k")
    decision = evaluate(request, policies)
    assert denied_text(request, decision) == (
        f"User: {ROLE.arn} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/secret/k {because}"
    )


def test_reasons_name_the_statement() -> None:
    request = Request(ME, "s3:GetObject", "arn:aws:s3:::b/secret/k")
    named = Named("policy lock", text(READ, DENY | {"Sid": "NoSecrets"}))
    decision = evaluate(request, Policies([named]))
    assert reason_line(request, decision).endswith("is denied explicitly by policy lock (Sid NoSecrets)")
    assert [(one.policy, one.sid, one.allow) for one in decision.matches] == [("policy lock", "NoSecrets", False)]


STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "redshift.amazonaws.com"}}


def without(statement: dict[str, Any], name: str, **other: Any) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != name} | other


REFUSED: list[tuple[str, Any, str]] = [
    ("identity", "{", "This policy contains invalid Json"),
    ("identity", [], "Syntax errors in policy."),
    ("identity", {"Version": "2012-10-17"}, "Syntax errors in policy."),
    ("identity", {"Version": "2012-10-18", "Statement": STATEMENT}, "The policy must contain a valid version string"),
    ("identity", {"Statement": STATEMENT, "Extra": 1}, "Syntax errors in policy."),
    ("identity", {"Statement": without(STATEMENT, "Effect")}, "Syntax errors in policy."),
    ("identity", {"Statement": without(STATEMENT, "Effect", Effect="allow")}, "Syntax errors in policy."),
    ("identity", {"Statement": without(STATEMENT, "Action")}, "Policy statement must contain actions."),
    ("identity", {"Statement": without(STATEMENT, "Resource")}, "Policy statement must contain resources."),
    ("identity", {"Statement": STATEMENT | {"NotAction": "s3:*"}}, "Syntax errors in policy."),
    ("identity", {"Statement": STATEMENT | {"Resource": "bucket"}}, 'Resource bucket must be in ARN format or "*".'),
    ("identity", {"Statement": STATEMENT | {"Action": "GetObject"}},
     "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ("identity", {"Statement": STATEMENT | {"Principal": "*"}}, "Policy document should not specify a principal."),
    ("identity", {"Statement": STATEMENT | when("StringMatches", "k:a", "x")}, "Invalid Condition type : StringMatches."),
    ("identity", {"Statement": [STATEMENT | {"Sid": "a"}, STATEMENT | {"Sid": "a"}]},
     "Statement IDs (SID) in a single policy must be unique."),
    ("trust", {"Statement": STATEMENT}, "Missing required field Principal"),
    ("trust", {"Statement": TRUST | {"Resource": "*"}}, "Has prohibited field Resource"),
    ("trust", {"Statement": TRUST | {"Action": "s3:GetObject"}}, "AssumeRole policy may only specify STS AssumeRole actions."),
    ("trust", {"Statement": TRUST | {"Principal": {"Service": "redshift"}}}, 'Invalid principal in policy: "SERVICE":"redshift"'),
    ("trust", {"Statement": TRUST | {"Principal": {"AWS": "jane"}}}, 'Invalid principal in policy: "AWS":"jane"'),
    ("resource", {"Statement": STATEMENT}, "Missing required field Principal"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "document", "message"), REFUSED)
def test_refused_documents(kind: str, document: Any, message: str) -> None:
    with pytest.raises(AwsError) as refused:
        parse(document if isinstance(document, str) else json.dumps(document), kind)
    assert (refused.value.code, refused.value.message) == ("MalformedPolicyDocument", message)


def test_nesting_without_end_is_malformed() -> None:
    with pytest.raises(AwsError, match="invalid Json"):
        parse("[" * 100_000)
