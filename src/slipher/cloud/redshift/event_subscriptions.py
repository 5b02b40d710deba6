"""Event subscriptions: records. There is no SNS here, so nothing is sent; DescribeEvents shows what has happened."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import common, rows, tags
from slipher.cloud.redshift.events import SOURCES
from slipher.cloud.state.redshift import clusters

KIND = "eventsubscription"
NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,253}[a-z0-9]|[a-z]")
TOPIC = re.compile(r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}")
CATEGORIES = ("configuration", "management", "monitoring", "security", "pending")
SEVERITIES = ("ERROR", "INFO")


def resource(call: Call) -> str:
    """What policies name."""
    return rows.arn(call, KIND, str(call.params.get("SubscriptionName") or "*").lower())


def _find(db: Connection, call: Call, name: str) -> Row[Any]:
    row = rows.get(call, db, KIND, name.lower())
    if row is None:
        raise AwsError("SubscriptionNotFound", f"Event subscription {name} not found.", 404)
    return row


def _given(call: Call) -> dict[str, Any]:
    names = ("SnsTopicArn", "SourceType", "SourceIds", "EventCategories", "Severity", "Enabled")
    return {name: call.params[name] for name in names if call.params.get(name) is not None}


def _checked(call: Call, db: Connection, facts: dict[str, Any]) -> dict[str, Any]:
    if not TOPIC.fullmatch(facts["SnsTopicArn"]):
        raise AwsError("SNSInvalidTopic", f"The SNS topic is not valid: {facts['SnsTopicArn']}")
    kind, ids = facts.get("SourceType"), facts.get("SourceIds") or []
    if kind not in (None, *SOURCES):
        raise AwsError("SourceNotFound", f"The source type {kind} does not exist.", 404)
    if ids and kind is None:
        raise AwsError("InvalidParameterCombination", "SourceType must be specified with SourceIds.")
    if kind == "cluster":
        there = set(db.scalars(select(clusters.c.id).where(*common.own(call, clusters))))
        if gone := [one for one in ids if str(one).lower() not in there]:
            raise AwsError("SourceNotFound", f"The cluster {gone[0]} does not exist.", 404)
    if wrong := [one for one in facts.get("EventCategories") or [] if one not in CATEGORIES]:
        raise AwsError("SubscriptionCategoryNotFound", f"The event category {wrong[0]} does not exist.", 404)
    if facts.get("Severity") not in (None, *SEVERITIES):
        raise AwsError("SubscriptionSeverityNotFound", f"The severity {facts['Severity']} does not exist.", 404)
    return facts


def _shape(call: Call, name: str, facts: dict[str, Any], created: float) -> dict[str, Any]:
    return {
        "CustomerAwsId": call.account,
        "CustSubscriptionId": name,
        "SnsTopicArn": facts["SnsTopicArn"],
        "Status": "active",
        "SubscriptionCreationTime": datetime.fromtimestamp(created, UTC),
        **({"SourceType": facts["SourceType"]} if facts.get("SourceType") else {}),
        "SourceIdsList": facts.get("SourceIds") or [],
        "EventCategoriesList": facts.get("EventCategories") or list(CATEGORIES),
        "Severity": facts.get("Severity") or "INFO",
        "Enabled": facts.get("Enabled", True),
        "Tags": facts["Tags"],
    }


def create(call: Call) -> dict[str, Any]:
    """CreateEventSubscription."""
    name = str(call.params["SubscriptionName"]).lower()
    if not NAME.fullmatch(name):
        raise AwsError("InvalidParameterValue", f"The parameter SubscriptionName is not a valid name: {name}")
    with call.gateway.transaction() as db:
        facts = _checked(call, db, _given(call) | {"Tags": tags.checked(call.params.get("Tags"))})
        if not rows.put(call, db, KIND, name, facts):
            raise AwsError("SubscriptionAlreadyExist", f"Event subscription {name} already exists.")
        return {"EventSubscription": _shape(call, name, facts, _find(db, call, name).created)}


def describe(call: Call) -> dict[str, Any]:
    """DescribeEventSubscriptions."""
    name = call.params.get("SubscriptionName")
    with call.gateway.read() as db:
        found = [_find(db, call, str(name))] if name else list(rows.every(call, db, KIND))
    shapes = [
        _shape(call, row.name, row.facts, row.created) for row in found if tags.matches(row.facts["Tags"], call.params)
    ]
    return rows.page(call, "EventSubscriptionsList", shapes)


def modify(call: Call) -> dict[str, Any]:
    """ModifyEventSubscription."""
    with call.gateway.transaction() as db:
        row = _find(db, call, str(call.params["SubscriptionName"]))
        facts = _checked(call, db, row.facts | _given(call))
        rows.change(call, db, KIND, row.name, facts)
    return {"EventSubscription": _shape(call, row.name, facts, row.created)}


def delete_(call: Call) -> None:
    """DeleteEventSubscription."""
    with call.gateway.transaction() as db:
        rows.remove(call, db, KIND, _find(db, call, str(call.params["SubscriptionName"])).name)
