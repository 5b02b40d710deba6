"""CloudTrail's LookupEvents over what the gateway noted: calls and denials, by their attributes, and no secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from refusals import refused


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_calls_and_denials_are_looked_up(local: Any) -> None:
    trail, iam = local.client("cloudtrail"), local.client("iam")
    keys = local.user("tracked")
    refused("AccessDenied", local.client("iam", keys).get_user, UserName="admin")
    local.client("sts", keys).get_caller_identity()
    events = trail.lookup_events(**by("Username", "tracked"))["Events"]
    assert [one["EventName"] for one in events] == ["GetCallerIdentity", "GetUser"]  # the newest first
    denied = json.loads(events[1]["CloudTrailEvent"])
    assert denied["errorCode"] == "AccessDenied"
    assert "is not authorized to perform: iam:GetUser" in denied["errorMessage"]
    assert (denied["userIdentity"]["type"], denied["eventSource"]) == ("IAMUser", "iam.amazonaws.com")
    assert events[1]["Resources"] == [{"ResourceType": "AWS::IAM::User", "ResourceName": "admin"}]
    assert events[1]["ReadOnly"] == "true"
    made = trail.lookup_events(**by("EventName", "CreateAccessKey"))["Events"]
    assert [one["Resources"][0]["ResourceName"] for one in made] == ["tracked"]
    assert keys["SecretAccessKey"] not in (local.gateway.data_dir / "authorization" / "events.jsonl").read_text()
    assert trail.lookup_events(**by("AccessKeyId", keys["AccessKeyId"]))["Events"] == events
    assert trail.lookup_events(**by("EventId", events[0]["EventId"]))["Events"] == events[:1]
    iam.tag_user(UserName="tracked", Tags=[{"Key": "a", "Value": "b"}])
    assert trail.lookup_events(**by("ReadOnly", "false"))["Events"][0]["EventName"] == "TagUser"
    elsewhere = local.client("cloudtrail", region="eu-west-1").lookup_events(**by("Username", "tracked"))
    assert elsewhere["Events"] == []


def test_pages_times_and_data(local: Any) -> None:
    trail, s3 = local.client("cloudtrail"), local.client("s3")
    s3.create_bucket(Bucket="trail")
    s3.put_object(Bucket="trail", Key="k", Body=b"x")
    s3.list_objects_v2(Bucket="trail")
    names = [one["EventName"] for one in trail.lookup_events(**by("EventSource", "s3.amazonaws.com"))["Events"]]
    assert names == ["CreateBucket"]  # objects are data
    for _ in range(5):
        local.client("sts").get_caller_identity()
    pages = trail.get_paginator("lookup_events").paginate(
        **by("EventName", "GetCallerIdentity"), PaginationConfig={"PageSize": 2}
    )
    ids = [one["EventId"] for page in pages for one in page["Events"]]
    assert len(ids) == len(set(ids)) >= 5
    future = datetime.now(UTC) + timedelta(hours=1)
    assert trail.lookup_events(StartTime=future, EndTime=future + timedelta(hours=1))["Events"] == []
    refused("InvalidTimeRangeException", trail.lookup_events, StartTime=future, EndTime=future - timedelta(hours=2))
    refused("InvalidNextTokenException", trail.lookup_events, NextToken="bm9wZQ==")
    refused("NotImplemented", trail.lookup_events, EventCategory="insight")


def test_events_hold_no_secrets(local: Any) -> None:
    vault = local.client("secretsmanager")
    vault.create_secret(Name="trail-secret", SecretString="hidden-value-1")
    change = local.client("redshift").modify_cluster  # the cluster is still being made: what fails is noted, too
    refused("InvalidClusterState", change, ClusterIdentifier="redshift-cluster-1", MasterUserPassword="Hidden-Value-2")
    text = (local.gateway.data_dir / "authorization" / "events.jsonl").read_text()
    assert "trail-secret" in text
    assert "hidden-value" not in text.lower()
