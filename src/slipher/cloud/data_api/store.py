"""Statements as rows: made, moved on, found, and forgotten after a day with their results."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller
from slipher.cloud.constraints import invalid
from slipher.cloud.context import Gateway
from slipher.cloud.data_api.requests import Request
from slipher.cloud.data_api.results import path_of
from slipher.cloud.data_api.targets import Target, workgroup_name
from slipher.cloud.state.data_api import statements

ACTIVE = ("SUBMITTED", "PICKED", "STARTED")
TOKEN_SECONDS, KEPT_SECONDS = 8 * 3600.0, 24 * 3600.0  # source: guide, quotas
RESTARTED = "The statement was running when Slipher's gateway stopped; what it had not committed was rolled back."


@dataclass
class Part:
    """One SQL statement of a request."""

    status: str = "SUBMITTED"
    error: str | None = None
    rows: int = -1
    size: int = -1
    query: int = -1
    columns: list[dict[str, Any]] | None = None  # of a result set; None: it has none
    duration: int = -1  # nanoseconds
    updated: float = 0.0


@dataclass
class Outcome:
    """What became of a request so far."""

    parts: list[Part]
    pid: int = 0
    error: str | None = None
    duration: int = -1
    session: str | None = None

    @property
    def has_result(self) -> bool:
        """Whether any of the statements has a result set."""
        return any(part.columns is not None for part in self.parts)


@dataclass(frozen=True)
class Entry:
    """A stored statement."""

    row: Row[Any]
    outcome: Outcome = field(repr=False)


def owner_of(caller: Caller) -> str:
    """To whom a statement belongs: the role, whichever its session, or the user."""
    return caller.role_arn or caller.arn


def entry(row: Row[Any]) -> Entry:
    """A row, read."""
    facts = dict(row.outcome)
    return Entry(row, Outcome(**facts | {"parts": [Part(**part) for part in facts["parts"]]}))


def add(call: Call, request: Request, target: Target, session: str | None) -> tuple[Entry, bool]:
    """A new statement; or the one that this token stands for already, and False."""
    gateway, now = call.gateway, call.gateway.now()
    identifier = str(uuid.uuid4())
    outcome = Outcome([Part(updated=now) for _ in request.sqls], session=session)
    values = {
        "id": identifier,
        "account": call.account,
        "region": call.region,
        "owner": owner_of(call.caller),
        "owner_id": call.caller.user_id,
        "cluster_id": target.cluster or "",
        "workgroup": target.workgroup,
        "database": target.database,
        "name": request.name,
        "status": "SUBMITTED",
        "request": request.facts(target, session),
        "outcome": asdict(outcome),
        "token": request.token,
        "asked": request.digest,
        "created": now,
        "updated": now,
        "expires": now + 3 * KEPT_SECONDS,
    }
    with gateway.transaction() as db:
        same = statements.c.owner == values["owner"], statements.c.token == request.token
        if request.token is not None:
            recent = statements.c.created > now - TOKEN_SECONDS
            here = statements.c.account == call.account, statements.c.region == call.region
            found = db.execute(select(statements).where(*same, *here, recent)).first()
            if found is not None and found.asked != request.digest:
                raise invalid("The ClientToken was already used for a request with other parameters.")
            if found is not None:
                return entry(found), False
        db.execute(insert(statements).values(**values))
        return entry(db.execute(select(statements).where(statements.c.id == identifier)).one()), True


def known(call: Call, request: Request) -> Entry | None:
    """The statement that a token stands for already, if its request was the same."""
    if request.token is None:
        return None
    with call.gateway.read() as db:
        row = db.execute(
            select(statements).where(
                statements.c.owner == owner_of(call.caller),
                statements.c.token == request.token,
                statements.c.region == call.region,
                statements.c.asked == request.digest,
                statements.c.created > call.gateway.now() - TOKEN_SECONDS,
            )
        ).first()
    return entry(row) if row is not None else None


def save(gateway: Gateway, identifier: str, status: str, outcome: Outcome) -> None:
    """Write where a statement is; at its end, its day begins."""
    now = gateway.now()
    values: dict[str, Any] = {"status": status, "outcome": asdict(outcome), "updated": now}
    if status not in ACTIVE:
        values["expires"] = now + KEPT_SECONDS
    with gateway.transaction() as db:
        db.execute(
            update(statements)
            .where(statements.c.id == identifier, statements.c.status.in_(ACTIVE))  # an end stays one
            .values(**values)
        )


def find(call: Call, identifier: str) -> Entry:
    """The caller's statement; ResourceNotFoundException for what is not there or another's."""
    with call.gateway.read() as db:
        row = db.execute(select(statements).where(statements.c.id == identifier.partition(":")[0])).first()
    mine = row is not None and (row.account, row.region, row.owner) == (
        call.account,
        call.region,
        owner_of(call.caller),
    )
    if row is None or not mine or row.expires <= call.gateway.now():
        raise missing("Query does not exist.", identifier)
    return entry(row)


def missing(message: str, identifier: str) -> AwsError:
    """ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", message, extra={"ResourceId": identifier})


def owner_id(call: Call) -> str | None:
    """Of whose session a statement is, for the condition redshift-data:statement-owner-iam-userid."""
    with call.gateway.read() as db:
        wanted = str(call.params.get("Id") or "").partition(":")[0]
        return db.scalar(select(statements.c.owner_id).where(statements.c.id == wanted))


def listed(call: Call, before: tuple[float, str] | None, count: int) -> Sequence[Row[Any]]:
    """The caller's statements of the last day, the newest first; one more than `count`, if there are."""
    params, columns = call.params, statements.c
    wanted = [
        columns.account == call.account,
        columns.region == call.region,
        columns.owner == owner_of(call.caller),
        columns.expires > call.gateway.now(),
    ]
    if params.get("RoleLevel") is False:
        wanted.append(columns.owner_id == call.caller.user_id)
    if params.get("Status") not in (None, "ALL"):
        wanted.append(columns.status == params["Status"])
    if params.get("StatementName"):
        wanted.append(columns.name.startswith(params["StatementName"], autoescape=True))
    for member, column in (("ClusterIdentifier", columns.cluster_id), ("Database", columns.database)):
        if params.get(member):
            wanted.append(column == params[member])
    if params.get("WorkgroupName"):
        wanted.append(columns.workgroup == workgroup_name(call))
    if before is not None:
        moment, identifier = before
        wanted.append((columns.created < moment) | ((columns.created == moment) & (columns.id < identifier)))
    query = select(statements).where(*wanted).order_by(columns.created.desc(), columns.id.desc()).limit(count + 1)
    with call.gateway.read() as db:
        return db.execute(query).all()


def abandon(gateway: Gateway) -> None:
    """At the start: what ran when the gateway stopped has failed, for its sessions are gone."""
    from slipher.cloud.data_api import events  # which tell of outcomes

    with gateway.read() as db:
        rows = db.execute(select(statements).where(statements.c.status.in_(ACTIVE))).all()
    for row in rows:
        outcome = entry(row).outcome
        outcome.error = RESTARTED
        for number, part in enumerate(outcome.parts, 1):
            if part.status in ACTIVE:
                part.status = "FAILED" if part.status == "STARTED" or len(outcome.parts) == 1 else "ABORTED"
                part.error = RESTARTED
                path_of(gateway.data_dir, row.id, number).unlink(missing_ok=True)
        save(gateway, row.id, "FAILED", outcome)
        events.note(gateway, row, "FAILED", outcome)
    forget(gateway)


def forget(gateway: Gateway) -> None:
    """Remove what is older than a day: rows, and files that no row names."""
    with gateway.transaction() as db:
        old = db.execute(
            select(statements.c.id, statements.c.outcome).where(statements.c.expires <= gateway.now())
        ).all()
        db.execute(delete(statements).where(statements.c.id.in_([row.id for row in old])))
    for row in old:
        for number in range(1, len(row.outcome["parts"]) + 1):
            path_of(gateway.data_dir, row.id, number).unlink(missing_ok=True)
