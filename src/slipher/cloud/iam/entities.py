"""Who has a policy: attached, or as a permissions boundary."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from slipher.cloud.call import Call
from slipher.cloud.iam.common import ENTITY
from slipher.cloud.iam.policies import by_arn, missing
from slipher.cloud.paging import iam_page
from slipher.cloud.state.iam import attachments
from slipher.spec.iam import managed_policy

KINDS = ("group", "role", "user")
FILTERS = {None: KINDS, "Role": ("role",), "User": ("user",), "Group": ("group",)}


def _having(db: Connection, call: Call, kind: str, arn: str, wanted: str | None) -> list[dict[str, str]]:
    table, member = ENTITY[kind]
    mine = (attachments.c.policy_arn == arn, attachments.c.kind == kind, attachments.c.account == call.account)
    names: set[str] = set()
    if wanted != "PermissionsBoundary":
        names |= set(db.scalars(select(attachments.c.name).where(*mine)))
    if wanted != "PermissionsPolicy" and kind != "group":
        names |= set(db.scalars(select(table.c.name).where(table.c.account == call.account, table.c.boundary == arn)))
    prefix = call.params.get("PathPrefix") or "/"
    return [
        {member: row.name, f"{kind.title()}Id": row.id}
        for row in db.execute(select(table).where(table.c.account == call.account, table.c.name.in_(names)))
        if row.path.startswith(prefix)
    ]


def list_(call: Call) -> dict[str, Any]:
    """ListEntitiesForPolicy."""
    arn, wanted = call.params["PolicyArn"], call.params.get("PolicyUsageFilter")
    with call.gateway.read() as db:
        if managed_policy(arn) is None and by_arn(db, arn) is None:
            raise missing(arn)
        found = [
            (kind, one)
            for kind in FILTERS.get(call.params.get("EntityFilter"), ())
            for one in _having(db, call, kind, arn, wanted)
        ]
    found.sort(key=lambda pair: (pair[0], next(iter(pair[1].values()))))
    page = iam_page(found, call.params, "_", lambda pair: f"{pair[0]}/{next(iter(pair[1].values()))}")
    answer: dict[str, Any] = {f"Policy{kind.title()}s": [] for kind in KINDS}
    for kind, one in page.pop("_"):
        answer[f"Policy{kind.title()}s"].append(one)
    return answer | page
