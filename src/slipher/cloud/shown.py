"""How a denial names what it is about: by ARN, but IAM has words of its own for what is there already.

Source: denials as users report them: `iam:GetRole on resource: role NAME`, `iam:CreatePolicy on resource: policy NAME`,
`iam:ListPolicies on resource: policy path /`, but `iam:CreateRole on resource: arn:aws:iam::ACCOUNT:role/NAME`.
"""

from __future__ import annotations

from slipher.cloud.call import Call

BY_ARN = {"CreateRole", "CreateUser", "CreateGroup", "CreateInstanceProfile", "CreateServiceLinkedRole"}
WORDS = (  # the first member that a request has; PolicyArn last: most requests with one are about who is to have it
    ("InstanceProfileName", "instance profile"), ("GroupName", "group"), ("RoleName", "role"), ("UserName", "user"),
    ("PolicyName", "policy"), ("PolicyArn", "policy"),
)  # fmt: skip


def shown_resource(call: Call, action: str, resource: str) -> str:
    """The resource as the text of a denial has it."""
    if call.service != "iam" or call.operation in BY_ARN or not action.startswith("iam:") or action == "iam:PassRole":
        return resource
    if call.operation == "ListPolicies":
        return f"policy path {call.params.get('PathPrefix') or '/'}"
    for member, word in WORDS:
        if call.params.get(member):
            return f"{word} {call.params[member]}"
    return resource
