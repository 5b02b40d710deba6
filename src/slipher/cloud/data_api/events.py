"""WithEvent: the event of a statement's end, as the Data API gives it to EventBridge (source: Data API guide, "Monitoring events
in EventBridge").

There is no EventBridge here, so no rule matches it and no target is called: it is kept in a log, which `slipher events` reads.
"""

from __future__ import annotations

import uuid
from typing import Any

from slipher.base.clock import iso
from slipher.cloud.context import Gateway
from slipher.cloud.data_api.store import KEPT_SECONDS, Outcome

DETAIL_TYPE, SOURCE = "Redshift Data Statement Status Change", "aws.redshift-data"


def note(gateway: Gateway, row: Any, status: str, outcome: Outcome) -> None:
    """Keep the event of a statement that has ended, if its request asked for one; `row` is the statement's."""
    principal = row.request.get("event")
    if principal is None:
        return
    now = gateway.now()
    alone = outcome.parts[0] if not row.request["batch"] else None
    gateway.bus.write(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": DETAIL_TYPE,
            "source": SOURCE,
            "account": row.account,
            "time": iso(now),
            "region": row.region,
            "resources": [row.request["resource"]],
            "detail": {
                "principal": principal,
                "statementName": row.name,
                "statementId": row.id,
                "redshiftQueryId": alone.query if alone is not None else -1,
                "state": status,
                "rows": alone.rows if alone is not None else -1,
                "expireAt": int(now + KEPT_SECONDS),
            },
        }
    )
