"""How many requests a second the Data API takes of an account in a region (source: guide, quotas), where the instance is asked to
hold to it (`slipher up --throttle`): programs that ask too often are then told so here as they are on AWS."""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Handler

RATES = {  # a second; as many may come at once after a quiet second
    "ExecuteStatement": 30,
    "BatchExecuteStatement": 20,
    "DescribeStatement": 100,
    "GetStatementResult": 20,
    "GetStatementResultV2": 20,
}
OTHERS = 3  # CancelStatement, DescribeTable, and everything that lists
LOCK = threading.Lock()


@dataclass
class Bucket:
    """What is left, and when that was."""

    left: float
    at: float


def check(call: Call) -> None:
    """ThrottlingException for a request that is one too many."""
    if not call.gateway.settings.throttle:
        return
    rate, now = RATES.get(call.operation, OTHERS), call.gateway.now()
    buckets: dict[Any, Bucket] = call.gateway.running.setdefault("redshift-data rates", {})
    with LOCK:
        bucket = buckets.setdefault((call.account, call.region, call.operation), Bucket(rate, now))
        bucket.left = min(float(rate), bucket.left + max(now - bucket.at, 0.0) * rate)
        bucket.at = now
        if bucket.left < 1:
            raise AwsError("ThrottlingException", "Rate exceeded")
        bucket.left -= 1


def limited(handler: Handler) -> Handler:
    """A handler that first looks whether the request is one too many."""
    if inspect.iscoroutinefunction(handler):

        async def later(call: Call) -> Any:
            check(call)
            return await handler(call)

        return later

    def now(call: Call) -> Any:
        check(call)
        return handler(call)

    return now
