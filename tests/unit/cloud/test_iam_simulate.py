"""The policy simulator answers as requests would be answered; documents that IAM does not store."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
LIST = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "codecommit:ListRepositories",
            "Resource": "*"
        }
    ]
}"""


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def one(effect: str, action: str, resource: str = "*", **other: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **other}


def test_a_custom_policy_with_positions(local: Any) -> None:
    """Positions count as in the example of AWS's reference of simulate-principal-policy: from behind "[" to behind "}"."""
    simulate = local.client("iam").simulate_custom_policy
    found = simulate(PolicyInputList=[LIST], ActionNames=["codecommit:ListRepositories"])["EvaluationResults"]
    assert [(row["EvalDecision"], row["EvalResourceName"]) for row in found] == [("allowed", "*")]
    [match] = found[0]["MatchedStatements"]
    assert match["SourcePolicyId"] == "PolicyInputList.1"
    assert match["StartPosition"] == {"Line": 3, "Column": 19}
    assert match["EndPosition"] == {"Line": 8, "Column": 10}


def test_denies_conditions_and_pages(local: Any) -> None:
    iam = local.client("iam")
    text = policy(
        one("Allow", "s3:*"),
        one("Deny", "s3:PutObject", "arn:aws:s3:::b/locked/*", Sid="Lock"),
        one("Allow", "dynamodb:Scan", Condition={"DateGreaterThan": {"aws:CurrentTime": "2018-08-16T12:00:00Z"}}),
    )
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[text],
        ActionNames=["s3:PutObject", "iam:ListRoles"],
        ResourceArns=["arn:aws:s3:::b/locked/x", "arn:aws:s3:::b/x"],
        PaginationConfig={"PageSize": 3},
    )
    found = [(row["EvalActionName"], row["EvalDecision"]) for page in pages for row in page["EvaluationResults"]]
    assert found == [
        ("s3:PutObject", "explicitDeny"), ("s3:PutObject", "allowed"), ("iam:ListRoles", "implicitDeny"),
        ("iam:ListRoles", "implicitDeny"),
    ]  # fmt: skip
    for when, decision in (("2018-04-25T11:00:00Z", "implicitDeny"), ("2019-04-25T11:00:00Z", "allowed")):
        entry = {"ContextKeyName": "aws:CurrentTime", "ContextKeyValues": [when], "ContextKeyType": "date"}
        answer = iam.simulate_custom_policy(
            PolicyInputList=[text], ActionNames=["dynamodb:Scan"], ContextEntries=[entry]
        )
        assert answer["EvaluationResults"][0]["EvalDecision"] == decision
    without = iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["dynamodb:Scan"])["EvaluationResults"][0]
    assert without["MissingContextValues"] == ["aws:CurrentTime"]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[text])["ContextKeyNames"] == ["aws:CurrentTime"]


def test_a_principals_policies(local: Any) -> None:
    iam = local.client("iam")
    local.user("sim", one("Allow", "s3:GetObject"))
    iam.create_group(GroupName="sims")
    iam.put_group_policy(GroupName="sims", PolicyName="g", PolicyDocument=policy(one("Allow", "s3:ListBucket")))
    iam.add_user_to_group(GroupName="sims", UserName="sim")
    arn = f"arn:aws:iam::{ACCOUNT}:user/sim"

    def decisions(**given: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        actions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, **given)
        return [
            (row["EvalDecision"], [(m["SourcePolicyId"], m["SourcePolicyType"]) for m in row["MatchedStatements"]])
            for row in answer["EvaluationResults"]
        ]

    own = [("allowed", [("p", "user")]), ("allowed", [("g", "group")]), ("implicitDeny", [])]
    assert decisions() == own
    more = policy(one("Allow", "s3:PutObject"))
    assert decisions(PolicyInputList=[more])[2] == ("allowed", [("PolicyInputList.1", "none")])
    assert [row[0] for row in decisions(PermissionsBoundaryPolicyInputList=[more])] == ["implicitDeny"] * 3
    bucket = policy(one("Deny", "s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": arn}))
    assert decisions(ResourcePolicy=bucket, ResourceArns=["arn:aws:s3:::b/k"])[0] == (
        "explicitDeny", [("ResourcePolicy", "resource")],
    )  # fmt: skip
    foreign = policy(one("Allow", "s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": arn}))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"], ResourceArns=["arn:aws:s3:::b/k"],
        ResourcePolicy=foreign, ResourceOwner="arn:aws:iam::111122223333:root",
    )["EvaluationResults"]  # fmt: skip
    assert [row["EvalDecision"] for row in answer] == ["allowed", "implicitDeny"]
    assert answer[0]["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "allowed"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"PolicyInputList": ["{"], "ActionNames": ["s3:GetObject"]}, "InvalidInput"),
        ({"PolicyInputList": [LIST], "ActionNames": ["GetObject"]}, "InvalidInput"),
        ({"PolicyInputList": [LIST], "ActionNames": ["s3:GetObject"], "ResourcePolicy": LIST}, "InvalidInput"),
    ],
)
def test_what_cannot_be_simulated(local: Any, given: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        local.client("iam").simulate_custom_policy(**given)
    assert refused.value.response["Error"]["Code"] == code


def test_documents_that_are_not_stored(local: Any) -> None:
    iam = local.client("iam")
    for document, message in (
        (json.dumps({"Statement": one("Allow", "s3:*")}), "Policy document must be version 2012-10-17 or greater."),
        (" " + LIST, "JSON strings must not have leading spaces"),
        (policy(one("Allow", "s3:a:b")), "Actions/Condition can contain only one colon."),
        (policy(one("Allow", "s_3:Get")), "Vendor s_3 is not valid"),
        (policy(one("Allow", "s3:Get", "arn:nowhere:s3:::b")), 'Partition "nowhere" is not valid for resource "arn:nowhere:s3:::b".'),
        (policy(one("Allow", "s3:Get", "arn:aws:s*:::b")), "Resource vendor must be fully qualified and cannot contain regexes."),
        (policy(one("Allow", "s3:Get", "arn:aws:s3:us-east-1::b")), "Resource arn:aws:s3:us-east-1::b cannot contain region information."),
        (policy(one("Allow", "s3:Get", Sid="a b")),
         "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"),
        (policy(one("Allow", "s3:Get", Condition={"StringEquals": {"prefix": "x"}})),
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    ):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            iam.create_policy(PolicyName="never", PolicyDocument=document)
        error = refused.value.response["Error"]
        assert (error["Code"], error["Message"]) == ("MalformedPolicyDocument", message)
    iam.create_policy(PolicyName="good", PolicyDocument=policy(
        one("Allow", "*", "*"), one("Allow", "s3:Get*", "arn:aws:s3:::${aws:username}/*"), one("Deny", "iam:*", "arn:aws:iam::*:role/x"),
    ))  # fmt: skip
