"""Temporary credentials: made here, for whoever may have them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert

from slipher.base.ids import secret_key, unique_id
from slipher.cloud.state.iam import sessions


@dataclass(frozen=True, slots=True)
class Temporary:
    """Temporary credentials."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime

    def shape(self) -> dict[str, object]:
        """As STS returns them."""
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": self.expiration,
        }


def issue(
    db: Connection,
    now: float,
    seconds: int,
    *,
    account: str,
    kind: str,
    name: str,
    session_name: str | None = None,
    policies: tuple[str, ...] = (),
    facts: Mapping[str, object] | None = None,
) -> Temporary:
    """Store and return new credentials; those long expired are swept away on the way."""
    made = Temporary(
        unique_id("ASIA")[:20],
        secret_key(),
        secrets.token_urlsafe(120),
        datetime.fromtimestamp(int(now + seconds), UTC),
    )
    db.execute(delete(sessions).where(sessions.c.expires < now - 86400))
    db.execute(
        insert(sessions).values(
            access_key_id=made.access_key_id,
            account=account,
            secret=made.secret_access_key,
            token=made.session_token,
            kind=kind,
            name=name,
            session_name=session_name,
            policies=list(policies),
            expires=now + seconds,
            facts={"issued": now, **(facts or {})},
        )
    )
    return made
