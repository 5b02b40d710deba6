"""What IAM refuses when a policy is stored, beyond what cannot be read at all: MalformedPolicyDocument in its words.

Stored policies are read with `document.parse`, which is not as strict: an older one still decides.
"""

from __future__ import annotations

import json
import re

from slipher.policy.document import VERSION, Document, Statement, malformed, parse

SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
VENDOR = re.compile(r"[a-zA-Z0-9*?.-]+", re.ASCII)
PARTITIONS = {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"}
NO_REGION = ("iam", "s3")  # services whose ARNs name no region
IAM_PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/", "sms-mfa/",
    "saml-provider/", "oidc-provider/", "report/", "access-report/",
)  # fmt: skip


def validate(text: str, kind: str, *, managed: bool = False) -> Document:
    """Parse a policy that is to be stored; `kind` identity or trust. Managed policies must name the newer version."""
    if text[:1].isspace():
        raise malformed("JSON strings must not have leading spaces")
    document = parse(text, kind)
    if managed and json.loads(text).get("Version") != VERSION:
        raise malformed("Policy document must be version 2012-10-17 or greater.")
    for statement in document.statements:
        _statement(statement, kind)
    return document


def _statement(statement: Statement, kind: str) -> None:
    if not SID.fullmatch(statement.sid):
        raise malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )
    for action in (*statement.actions, *statement.not_actions):
        _action(action)
    for _, key, _ in statement.conditions:
        if ":" not in key or key.startswith(":"):
            raise malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if kind == "identity":
        for resource in (*statement.resources, *statement.not_resources):
            _resource(resource)


def _action(action: str) -> None:
    if action == "*":
        return
    vendor, _, name = action.partition(":")
    if ":" in name:
        raise malformed("Actions/Condition can contain only one colon.")
    if not VENDOR.fullmatch(vendor):
        raise malformed(f"Vendor {vendor} is not valid")
    if not name:
        raise malformed("The policy failed legacy parsing")


def _resource(resource: str) -> None:
    if resource == "*" or not resource.startswith("arn:"):
        return  # a variable or a wildcard at its head, which parse has let pass
    parts = resource.split(":", 5)
    if len(parts) < 6 and "*" not in resource and "${" not in resource:
        raise malformed("The policy failed legacy parsing")
    partition, vendor = parts[1], parts[2] if len(parts) > 2 else "*"
    if "${" not in partition and partition not in PARTITIONS and "*" not in partition:
        raise malformed(f'Partition "{partition}" is not valid for resource "{_padded(resource)}".')
    if vendor != "*" and ("*" in vendor or "?" in vendor):
        raise malformed("Resource vendor must be fully qualified and cannot contain regexes.")
    if len(parts) < 6:
        return
    if vendor in NO_REGION and parts[3] not in ("", "*"):
        raise malformed(
            f"{'IAM resource' if vendor == 'iam' else 'Resource'} {resource} cannot contain region information."
        )
    if vendor == "iam" and not _iam_path(parts[5]):
        raise malformed(f'IAM resource path must either be "*" or start with {", ".join(IAM_PATHS)}.')


def _iam_path(path: str) -> bool:
    return path == "root" or path.startswith(IAM_PATHS) or "*" in path or "?" in path or "${" in path


def _padded(resource: str) -> str:
    parts = resource.split(":", 5)
    return ":".join([*parts, *["*"] * (6 - len(parts))])
