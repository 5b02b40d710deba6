"""Audit logging: what must be so that it can be enabled, and what stands in the bucket afterwards."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from refusals import refused

CLUSTER = "redshift-cluster-1"
SECRETS = ("Secret1Password", "Another1Secret", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI")


def policy(*actions: str, source: str = "*", resource: str = "audit") -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "redshift.amazonaws.com"},
                "Action": list(actions),
                "Resource": [f"arn:aws:s3:::{resource}", f"arn:aws:s3:::{resource}/*"],
                "Condition": {"ArnLike": {"aws:SourceArn": source}},
            },
        }
    )


def logs(live: Any, kind: str) -> list[str]:
    """The lines of a log, of all its files in their order."""
    s3 = live.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="audit").get("Contents", []) if f"_{kind}_" in one["Key"]]
    texts = [gzip.decompress(s3.get_object(Bucket="audit", Key=key)["Body"].read()).decode() for key in keys]
    return "".join(texts).splitlines()


def delivered(live: Any) -> None:
    """A minute later, after the next delivery."""
    before = (
        live.client("redshift").describe_logging_status(ClusterIdentifier=CLUSTER).get("LastSuccessfulDeliveryTime")
    )
    live.clock.offset += timedelta(seconds=61)

    def again() -> bool:
        found = live.client("redshift").describe_logging_status(ClusterIdentifier=CLUSTER)
        return bool(found.get("LastSuccessfulDeliveryTime") != before)

    live.until(again)


def test_what_enabling_needs(live: Any) -> None:
    rs, s3 = live.client("redshift"), live.client("s3")
    rs.describe_clusters()
    assert rs.describe_logging_status(ClusterIdentifier=CLUSTER)["LoggingEnabled"] is False
    given = {"ClusterIdentifier": CLUSTER, "BucketName": "audit", "S3KeyPrefix": "team/"}
    refused("BucketNotFoundFault", rs.enable_logging, **given)
    s3.create_bucket(Bucket="audit")
    assert "Cannot read ACLs of bucket audit" in refused("InsufficientS3BucketPolicyFault", rs.enable_logging, **given)
    s3.put_bucket_policy(Bucket="audit", Policy=policy("s3:GetBucketAcl"))
    refused("InsufficientS3BucketPolicyFault", rs.enable_logging, **given)
    s3.put_bucket_policy(
        Bucket="audit", Policy=policy("s3:GetBucketAcl", "s3:PutObject", source="arn:aws:redshift:*:*:cluster:other")
    )
    refused("InsufficientS3BucketPolicyFault", rs.enable_logging, **given)
    refused("ClusterNotFound", rs.enable_logging, **(given | {"ClusterIdentifier": "none"}))
    refused("InvalidS3BucketNameFault", rs.enable_logging, **(given | {"BucketName": "No"}))
    refused("InvalidS3KeyPrefixFault", rs.enable_logging, **(given | {"S3KeyPrefix": "a'b"}))
    refused("InvalidParameterValue", rs.enable_logging, **given, LogExports=["everything"])
    refused("NotImplemented", rs.enable_logging, ClusterIdentifier=CLUSTER, LogDestinationType="cloudwatch")
    s3.put_bucket_policy(
        Bucket="audit",
        Policy=policy(
            "s3:GetBucketAcl", "s3:PutObject", source=f"arn:aws:redshift:us-east-1:123456789012:cluster:{CLUSTER}"
        ),
    )
    got = rs.enable_logging(**given)
    assert (got["LoggingEnabled"], got["BucketName"], got["S3KeyPrefix"]) == (True, "audit", "team/")


def test_connections_and_users(live: Any) -> None:
    live.sql(
        "create user audited password 'Secret1Password'",
        "alter user audited createdb",
        "alter user audited rename to renamed",
        "alter user renamed password 'Another1Secret' valid until '2031-01-02 03:04:05'",
        "drop user renamed",
    )
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host=live.settings["host"], port=live.settings["port"], user="nobody", password="x", dbname="dev"
        )
    delivered(live)
    s3 = live.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="audit")["Contents"]]
    pattern = (
        r"team/AWSLogs/123456789012/redshift/us-east-1/\d{4}/\d\d/\d\d/"
        rf"123456789012_redshift_us-east-1_{CLUSTER}_(connectionlog|userlog)_\d{{4}}-\d\d-\d\dT\d\d:\d\d\.gz"
    )
    assert len(keys) >= 2 and all(re.fullmatch(pattern, key) for key in keys), keys
    events = [line.split("|") for line in logs(live, "connectionlog")]
    assert {(fields[0], fields[6]) for fields in events} >= {
        ("authenticated", "awsuser"),
        ("initiating session", "awsuser"),
        ("disconnecting session", "awsuser"),
        ("authentication failure", "nobody"),
    }
    assert {len(fields) for fields in events} == {19} and "rdsdb" not in {fields[6] for fields in events}
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d:\d{3}", events[0][1])
    users = [line.split("|") for line in logs(live, "userlog")]
    assert [(fields[1], fields[2], fields[3], fields[4]) for fields in users] == [
        ("audited", "", "create", "0"),
        ("audited", "", "alter", "1"),
        ("renamed", "audited", "rename", "1"),
        ("renamed", "", "alter", "1"),
        ("renamed", "", "drop", "1"),
    ]
    assert users[3][7] == "Thu, 2 Jan 2031 03:04:05:000"
    asked = "select trim(username), trim(oldusername), trim(action), usecreatedb from stl_userlog order by recordtime, action"
    assert len(live.sql(asked)) == 5
    assert logs(live, "useractivitylog") == []  # enable_user_activity_logging is off


def test_statements_of_users(live: Any) -> None:
    rs = live.client("redshift")
    rs.create_cluster_parameter_group(ParameterGroupName="audit", ParameterGroupFamily="redshift-2.0", Description="d")
    rs.modify_cluster_parameter_group(
        ParameterGroupName="audit",
        Parameters=[{"ParameterName": "enable_user_activity_logging", "ParameterValue": "true"}],
    )
    rs.modify_cluster(ClusterIdentifier=CLUSTER, ClusterParameterGroupName="audit")
    live.sql("select 'before the reboot'")
    rs.describe_clusters()
    rs.reboot_cluster(ClusterIdentifier=CLUSTER)
    live.restart()
    live.sql(
        "select 'after\nthe reboot'",
        "create user again password 'Secret1Password'",
        "create table audited (a int)",
    )
    with pytest.raises(psycopg.Error):
        live.sql("copy audited from 's3://none/x' credentials "
                 "'aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=wJalrXUtnFEMI'")  # fmt: skip
    delivered(live)
    text = "\n".join(logs(live, "useractivitylog"))
    assert "before the reboot" not in text and "LOG: select 'after\nthe reboot'" in text
    assert "copy audited from" in text and "create user again" in text
    line = next(one for one in text.splitlines() if "create table audited" in one)
    assert re.fullmatch(
        r"'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ UTC \[ db=dev user=awsuser pid=\d+ userid=100 xid=\d+ \]' LOG: create table .*",
        line,
    ), line
    everything = "\n".join([*logs(live, "connectionlog"), *logs(live, "userlog"), text])
    assert not [one for one in SECRETS if one in everything]


def test_a_bucket_that_refuses_has_all_of_it_later(live: Any) -> None:
    rs, s3 = live.client("redshift"), live.client("s3")
    kept = s3.get_bucket_policy(Bucket="audit")["Policy"]
    s3.delete_bucket_policy(Bucket="audit")
    live.sql("select 'while it was refused'")
    live.clock.offset += timedelta(seconds=61)
    failed = live.until(
        lambda: (found := rs.describe_logging_status(ClusterIdentifier=CLUSTER)).get("LastFailureTime") and found
    )
    assert failed["LastFailureMessage"] == "Access Denied"
    s3.put_bucket_policy(Bucket="audit", Policy=kept)
    delivered(live)
    assert sum("while it was refused" in line for line in logs(live, "useractivitylog")) == 1

    rs.disable_logging(ClusterIdentifier=CLUSTER)
    assert rs.describe_logging_status(ClusterIdentifier=CLUSTER)["LoggingEnabled"] is False
    count = len(logs(live, "useractivitylog"))
    live.sql("select 'while it was off'")
    live.clock.offset += timedelta(seconds=61)
    rs.enable_logging(ClusterIdentifier=CLUSTER, BucketName="audit", LogExports=["userlog", "connectionlog"])
    delivered(live)
    assert len(logs(live, "useractivitylog")) == count  # not asked for
    assert any(one["Key"].startswith("AWSLogs/") for one in s3.list_objects_v2(Bucket="audit")["Contents"])
