"""LookupEvents: the newest first, of the caller's account and the request's region."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud import paging
from slipher.cloud.call import Call
from slipher.cloud.trail import RESOURCES

Event = dict[str, Any]
KEPT = timedelta(days=90)
MOST = 50


def _user(event: Event) -> str:
    identity = event["userIdentity"]
    return str(identity.get("userName") or identity["arn"].rpartition("/")[2])


def _resources(event: Event) -> list[dict[str, str]]:
    given = event.get("requestParameters") or {}
    spelled = {name[0].lower() + name[1:]: kind for name, kind in RESOURCES.items()}
    return [{"ResourceType": spelled[name], "ResourceName": value} for name, value in given.items() if name in spelled]


ATTRIBUTES: dict[str, Callable[[Event, str], bool]] = {
    "EventId": lambda event, value: event["eventID"] == value,
    "EventName": lambda event, value: event["eventName"] == value,
    "ReadOnly": lambda event, value: str(event["readOnly"]).lower() == value.lower(),
    "Username": lambda event, value: _user(event) == value,
    "ResourceType": lambda event, value: any(one["ResourceType"] == value for one in _resources(event)),
    "ResourceName": lambda event, value: any(one["ResourceName"] == value for one in _resources(event)),
    "EventSource": lambda event, value: event["eventSource"] == value,
    "AccessKeyId": lambda event, value: event["userIdentity"]["accessKeyId"] == value,
}


def lookup_events(call: Call) -> dict[str, Any]:
    """LookupEvents."""
    params, now = call.params, call.gateway.clock.now()
    most = params.get("MaxResults") or MOST
    if not 1 <= most <= MOST:
        raise AwsError("InvalidMaxResultsException", f"MaxResults must be between 1 and {MOST}.")
    start, end = params.get("StartTime") or now - KEPT, params.get("EndTime") or now
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time must not be after the end time.")
    wanted = params.get("LookupAttributes") or []
    if len(wanted) > 1 or any(one.get("AttributeKey") not in ATTRIBUTES for one in wanted):
        raise AwsError("InvalidLookupAttributesException", "One lookup attribute can be given, with a valid key.")
    found = [
        event
        for event in reversed(call.gateway.events.last(10**9))
        if event["recipientAccountId"] == call.account
        and event["awsRegion"] == call.region
        and max(start, now - KEPT).replace(microsecond=0) <= _time(event) <= end
        and all(ATTRIBUTES[one["AttributeKey"]](event, str(one["AttributeValue"])) for one in wanted)
    ]
    if params.get("NextToken"):
        found = _after(found, params["NextToken"])
    page = found[:most]
    answer: dict[str, Any] = {"Events": [_shape(event) for event in page]}
    if len(found) > most:
        answer["NextToken"] = paging.encode(page[-1]["eventID"])
    return answer


def _after(events: list[Event], token: str) -> list[Event]:
    try:
        last = paging.decode(token)
        at = next(index for index, event in enumerate(events) if event["eventID"] == last)
    except (AwsError, StopIteration):
        raise AwsError("InvalidNextTokenException", "The token is not valid for these parameters.") from None
    return events[at + 1 :]


def _time(event: Event) -> datetime:
    return datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _shape(event: Event) -> dict[str, Any]:
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": str(event["readOnly"]).lower(),
        "AccessKeyId": event["userIdentity"]["accessKeyId"],
        "EventTime": _time(event),
        "EventSource": event["eventSource"],
        "Username": _user(event),
        "Resources": _resources(event),
        "CloudTrailEvent": json.dumps(event, separators=(",", ":")),
    }
