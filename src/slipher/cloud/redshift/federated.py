"""What lets a session that an IAM identity opened use that identity's own rights: IAM_ROLE 'SESSION' of COPY and UNLOAD.

With a database password for an IAM identity goes a ticket: the name of a row that says whose it is. Only the cluster that it was
made for can redeem it, and gets temporary credentials of the very identity: a user's, or a role session's with its session
policies and tags. So S3 decides by what that identity may do now. A ticket ends with the credentials that asked for it,
twelve hours after those that never end; and with the key, user or role that is gone.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from slipher.cloud.call import Call
from slipher.cloud.state.iam import access_keys, sessions
from slipher.cloud.state.redshift import login_tickets
from slipher.cloud.sts.sessions import Temporary, issue

LONGEST = 12 * 3600.0


def ticket(call: Call, cluster: str) -> str | None:
    """The ticket of the caller for a cluster (its ARN): one that is still good for long, or a new one."""
    caller, now = call.caller, call.gateway.now()
    if caller.kind not in ("user", "role"):
        return None
    with call.gateway.read() as db:
        key = db.execute(select(sessions).where(sessions.c.access_key_id == caller.access_key_id)).first()
        known = db.scalar(
            select(login_tickets.c.ticket).where(
                login_tickets.c.cluster_arn == cluster,
                login_tickets.c.access_key_id == caller.access_key_id,
                login_tickets.c.expires > (now + LONGEST / 2 if key is None else now),
            )
        )
    if known is not None:
        return str(known)
    made = secrets.token_urlsafe(32)
    facts: dict[str, Any] = {"name": caller.user_name or "", "policies": [], "facts": {}, "expires": now + LONGEST}
    if key is not None:
        members = ("name", "session_name", "policies", "facts", "expires")
        facts = {member: getattr(key, member) for member in members}

    def write(db: Connection) -> None:
        db.execute(delete(login_tickets).where(login_tickets.c.expires < now))
        db.execute(
            insert(login_tickets).values(
                ticket=made,
                cluster_arn=cluster,
                access_key_id=caller.access_key_id,
                account=caller.account,
                kind=caller.kind,
                **facts,
            )
        )

    call.gateway.write(write)
    return made


def redeem(db: Connection, now: float, cluster: str, given: str, seconds: int) -> Temporary | str:
    """Credentials of the identity that a ticket is for; or why there are none."""
    row = db.execute(
        select(login_tickets).where(login_tickets.c.ticket == given, login_tickets.c.cluster_arn == cluster)
    ).first()
    if row is None or row.expires <= now:
        return "the credentials with which the session was opened have expired"
    permanent = db.execute(select(access_keys.c.status).where(access_keys.c.id == row.access_key_id)).first()
    temporary = db.execute(select(sessions.c.kind).where(sessions.c.access_key_id == row.access_key_id)).first()
    if temporary is None and (permanent is None or permanent.status != "Active"):
        return f"the access key {row.access_key_id}, with which the session was opened, is no longer valid"
    return issue(
        db,
        now,
        max(1, min(seconds, int(row.expires - now))),
        account=row.account,
        kind=row.kind,
        name=row.name,
        session_name=row.session_name,
        policies=tuple(row.policies or ()),
        facts=row.facts or {},
    )
