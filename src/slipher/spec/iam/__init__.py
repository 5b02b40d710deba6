"""AWS's own managed policies, read one by one from the archive made by tools/managed_policies.py."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PREFIX = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """An AWS-managed policy; `document` is its JSON text."""

    name: str
    arn: str
    path: str
    version: str
    create_date: str
    update_date: str
    document: str


@cache
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(Path(__file__).with_name("managed_policies.zip"))


@cache
def managed_policy_names() -> tuple[str, ...]:
    """All names, sorted."""
    return tuple(sorted(_archive().namelist()))


@cache
def managed_policy_arn(name: str) -> str:
    """The ARN of the policy of that name."""
    return str(json.loads(_archive().read(name))["Arn"])


@cache
def managed_policy(arn: str) -> ManagedPolicy | None:
    """The policy of that ARN, None if AWS has none."""
    name = arn.rpartition("/")[2]
    if not arn.startswith(PREFIX) or name not in _archive().NameToInfo:
        return None
    facts = json.loads(_archive().read(name))
    if facts["Arn"] != arn:
        return None
    return ManagedPolicy(
        name,
        arn,
        facts["Path"],
        facts["DefaultVersionId"],
        facts["CreateDate"] or "2015-02-06T18:39:48+00:00",
        facts["UpdateDate"] or facts["CreateDate"] or "2015-02-06T18:39:48+00:00",
        json.dumps(facts["Document"]),
    )
