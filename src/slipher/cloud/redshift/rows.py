"""Records of the control plane, by kind and name, and pages of what operations list.

`of` is what has account and region: a call, a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.cloud.call import Call
from slipher.cloud.paging import decode, encode
from slipher.cloud.redshift.common import page_size
from slipher.cloud.state.redshift import records


def _mine(of: Any, kind: str) -> tuple[Any, ...]:
    return records.c.account == of.account, records.c.region == of.region, records.c.kind == kind


def arn(of: Any, kind: str, name: str) -> str:
    """The ARN of a record."""
    return f"arn:aws:redshift:{of.region}:{of.account}:{kind}:{name}"


def get(of: Any, db: Connection, kind: str, name: str) -> Row[Any] | None:
    """A record, or None."""
    return db.execute(select(records).where(*_mine(of, kind), records.c.name == name)).first()


def every(of: Any, db: Connection, kind: str) -> Sequence[Row[Any]]:
    """All records of a kind, by name."""
    return db.execute(select(records).where(*_mine(of, kind)).order_by(records.c.name)).all()


def put(call: Call, db: Connection, kind: str, name: str, facts: dict[str, Any]) -> bool:
    """A new record; False if there is one of this name."""
    if get(call, db, kind, name) is not None:
        return False
    values = {"account": call.account, "region": call.region, "kind": kind, "name": name, "facts": facts}
    db.execute(insert(records).values(**values, created=call.gateway.now()))
    return True


def change(of: Any, db: Connection, kind: str, name: str, facts: dict[str, Any]) -> None:
    """Replace a record's facts."""
    db.execute(update(records).where(*_mine(of, kind), records.c.name == name).values(facts=facts))


def remove(of: Any, db: Connection, kind: str, name: str) -> bool:
    """Delete a record; False if there was none."""
    return db.execute(delete(records).where(*_mine(of, kind), records.c.name == name)).rowcount > 0


def page(call: Call, member: str, found: Sequence[Any]) -> dict[str, Any]:
    """A page of a list by Marker and MaxRecords."""
    limit = page_size(call)
    start = int(decode(call.params["Marker"])) if call.params.get("Marker") else 0
    result: dict[str, Any] = {member: list(found[start : start + limit])}
    if len(found) > start + limit:
        result["Marker"] = encode(str(start + limit))
    return result
