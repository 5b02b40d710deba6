"""Role chains across accounts: the next role must trust the one before, whose own policies must allow the hop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from slipher.cloud.assume import Refused, _check_hop
from slipher.cloud.bootstrap import bootstrap
from slipher.cloud.context import Gateway, GatewaySettings
from slipher.cloud.state.iam import inline_policies, roles

HERE, THERE = "123456789012", "210987654321"
FIRST, NEXT = f"arn:aws:iam::{HERE}:role/first", f"arn:aws:iam::{THERE}:role/next"
ALLOW = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": NEXT}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trusting(principal: str) -> str:
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


@pytest.mark.parametrize(
    ("own", "trust", "refusal"),
    [
        (ALLOW, trusting(FIRST), None),
        (ALLOW, trusting(f"arn:aws:iam::{HERE}:root"), None),
        (ALLOW, trusting(HERE), None),
        (None, trusting(FIRST), "no identity-based policy"),  # in one account the trust alone would do
        (ALLOW, trusting(f"arn:aws:iam::{THERE}:root"), "resource-based policy"),
        (ALLOW | {"Effect": "Deny"}, trusting(FIRST), "explicit"),
    ],
)
def test_hop(tmp_path: Path, own: dict[str, Any] | None, trust: str, refusal: str | None) -> None:
    gateway = Gateway(GatewaySettings(data_dir=tmp_path))
    bootstrap(gateway)
    with gateway.transaction() as db:
        for account, name, arn, text in ((HERE, "first", FIRST, document()), (THERE, "next", NEXT, trust)):
            db.execute(insert(roles).values(account=account, name=name, id=f"AROA{name}", path="/", arn=arn, trust=text,
                                            max_session=3600, created=0.0, tags=[]))  # fmt: skip
        if own is not None:
            db.execute(insert(inline_policies).values(account=HERE, kind="role", name="first", policy_name="p",
                                                      document=document(own)))  # fmt: skip
    with gateway.read() as db:
        first, following = (db.execute(select(roles).where(roles.c.arn == one)).one() for one in (FIRST, NEXT))
    if refusal is None:
        _check_hop(gateway, first, following)
        return
    with pytest.raises(Refused) as refused:
        _check_hop(gateway, first, following)
    assert refused.value.role == NEXT and refusal in refused.value.reason
