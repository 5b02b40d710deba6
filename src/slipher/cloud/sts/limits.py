"""What the operations of STS that give credentials check alike: durations, session policies, session tags."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import check_tags
from slipher.cloud.state import iam
from slipher.policy.document import malformed, parse
from slipher.spec.iam import managed_policy

MAX_POLICY = 2048
MAX_ARNS = 10
MAX_TAG_KEY, MAX_TAG_VALUE = 128, 256


def invalid(value: object, member: str, rule: str) -> AwsError:
    """ValidationError in the words of AWS's models."""
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}",
    )


def check_duration(seconds: int, low: int, high: int) -> None:
    """DurationSeconds within its bounds."""
    if not low <= seconds <= high:
        bound = f"greater than or equal to {low}" if seconds < low else f"less than or equal to {high}"
        raise invalid(seconds, "durationSeconds", f"have value {bound}")


def check_pattern(value: str, member: str, pattern: re.Pattern[str], shown: str) -> None:
    """A name in the form that the model asks for."""
    if not pattern.fullmatch(value):
        raise invalid(value, member, f"satisfy regular expression pattern: {shown}")


def session_policies(call: Call, account: str) -> tuple[str, ...]:
    """Policy and PolicyArns, checked: texts, and ARNs of managed policies of the account or of AWS."""
    text = call.params.get("Policy")
    arns = [str(one.get("arn", "")) for one in call.params.get("PolicyArns") or ()]
    if len(text or "") + sum(map(len, arns)) > MAX_POLICY:
        raise AwsError(
            "ValidationError",
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_POLICY}",
        )
    if len(arns) > MAX_ARNS:
        raise invalid(len(arns), "policyArns", f"have length less than or equal to {MAX_ARNS}")
    if text is not None:
        parse(text, "identity")
    with call.gateway.read() as db:
        for arn in arns:
            owner = db.scalar(select(iam.policies.c.account).where(iam.policies.c.arn == arn))
            if managed_policy(arn) is None and owner != account:
                raise malformed(f"Policy {arn} does not exist or is not attachable.")
    return (*((text,) if text is not None else ()), *arns)


def session_tags(call: Call) -> dict[str, str]:
    """Tags, checked."""
    listed: list[dict[str, str]] = [dict(tag) for tag in call.params.get("Tags") or ()]
    try:
        check_tags(listed)
    except AwsError as error:
        raise AwsError("ValidationError", error.message) from None
    for tag in listed:
        if not 1 <= len(tag["Key"]) <= MAX_TAG_KEY or len(tag.get("Value", "")) > MAX_TAG_VALUE:
            raise invalid(
                tag["Key"], "tags", f"have keys of 1 to {MAX_TAG_KEY} and values of at most {MAX_TAG_VALUE} characters"
            )
    return {tag["Key"]: tag.get("Value", "") for tag in listed}


def packed(policies: tuple[str, ...], tags: dict[str, str]) -> dict[str, Any]:
    """PackedPolicySize: how much of the limit the session's policies and tags take, in percent."""
    size = sum(map(len, policies)) + sum(len(key) + len(value) for key, value in tags.items())
    return {"PackedPolicySize": min(max(size * 100 // MAX_POLICY, 1), 100)} if size else {}
