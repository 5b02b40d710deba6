"""Audit logging: EnableLogging, DisableLogging, DescribeLoggingStatus, and the delivery of log files to the bucket.

A cluster writes the files (warehouse/auditlog.py); they are put into the bucket as the service redshift.amazonaws.com, whom its
policy must let do so. Amazon Redshift delivers at least hourly, here it is a minute after something has happened; the place in
the cluster's log up to which it has been delivered is kept with the cluster: nothing is missing, and only after a crash is
anything there twice.
Sources: management guide, "Database audit logging"; API reference, EnableLogging.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common, fleet, link
from slipher.cloud.redshift.events import note
from slipher.cloud.s3 import deliveries
from slipher.cloud.s3.buckets import known
from slipher.cloud.state.redshift import clusters

log = logging.getLogger("slipher.gateway")
SERVICE = "redshift.amazonaws.com"
LOGS = ("connectionlog", "useractivitylog", "userlog")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[\w.:/=+\\@\s-]{0,512}")
SHOWN = ("BucketName", "S3KeyPrefix", "LogDestinationType", "LogExports", "LastFailureMessage")
TIMES = ("LastSuccessfulDeliveryTime", "LastFailureTime")


def _shape(facts: dict[str, Any]) -> dict[str, Any]:
    now = facts.get("Logging")
    if not now:
        return {"LoggingEnabled": False}
    return {
        "LoggingEnabled": True,
        **{name: now[name] for name in SHOWN if now.get(name)},
        **{name: datetime.fromtimestamp(now[name], UTC) for name in TIMES if name in now},
    }


def describe(call: Call) -> dict[str, Any]:
    """DescribeLoggingStatus."""
    with call.gateway.read() as db:
        return _shape(common.find(db, call).facts)


def enable(call: Call) -> dict[str, Any]:
    """EnableLogging."""
    params, gateway = call.params, call.gateway
    bucket, prefix = str(params.get("BucketName") or ""), str(params.get("S3KeyPrefix") or "")
    kind = params.get("LogDestinationType") or "s3"
    if kind != "s3":
        raise AwsError("NotImplemented", f"EnableLogging to {kind} is not implemented by Slipher yet.", 501)
    logs = list(dict.fromkeys(params.get("LogExports") or []))
    if wrong := [one for one in logs if one not in LOGS]:
        raise AwsError("InvalidParameterValue", f"Invalid value for LogExports: {wrong[0]}.")
    if not BUCKET.fullmatch(bucket):
        raise AwsError("InvalidS3BucketNameFault", f"The S3 bucket name is not valid: {bucket}")
    if not PREFIX.fullmatch(prefix):
        raise AwsError("InvalidS3KeyPrefixFault", "The S3 key prefix is not valid.")
    with gateway.transaction() as db:
        common.settle(gateway.now(), db)
        row = common.find(db, call)
        if row.transition not in (None, "modifying"):
            raise AwsError("InvalidClusterState", f"The cluster {row.id} is not in the available state.")
        _check_bucket(gateway, row, bucket, prefix)
        given = {"BucketName": bucket, "S3KeyPrefix": prefix, "LogDestinationType": kind, "LogExports": logs}
        facts = row.facts | {"Logging": given}
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts))
        note(gateway, db, row, "logging-on")
    return _shape(facts)


def _check_bucket(gateway: Gateway, cluster: Row[Any], bucket: str, prefix: str) -> None:
    found = known(gateway, bucket)
    if found is None:
        raise AwsError("BucketNotFoundFault", f"Could not find the specified S3 bucket: {bucket}")
    if found.row.region != cluster.region:
        raise AwsError("InvalidS3BucketNameFault", f"The S3 bucket {bucket} must be in the region of the cluster.")
    who = (cluster.account, cluster.arn)
    if not deliveries.allowed(gateway, SERVICE, "s3:GetBucketAcl", bucket, None, *who):
        raise AwsError(
            "InsufficientS3BucketPolicyFault",
            f"Cannot read ACLs of bucket {bucket}. Please ensure that your IAM permissions are set up correctly.",
        )
    if not deliveries.allowed(gateway, SERVICE, "s3:PutObject", bucket, _folder(cluster, prefix, gateway.now()), *who):
        raise AwsError(
            "InsufficientS3BucketPolicyFault",
            f"Cannot write to bucket {bucket}. Please ensure that your IAM permissions are set up correctly.",
        )


def disable(call: Call) -> dict[str, Any]:
    """DisableLogging."""
    if call.params.get("LogDestinationType") not in (None, "s3"):
        raise AwsError("NotImplemented", "DisableLogging of this destination is not implemented by Slipher yet.", 501)
    with call.gateway.transaction() as db:
        row = common.find(db, call)
        facts = {name: value for name, value in row.facts.items() if name != "Logging"}
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts))
        if row.facts.get("Logging"):
            note(call.gateway, db, row, "logging-off")
    return _shape(facts)


def _folder(cluster: Row[Any], prefix: str, now: float) -> str:
    """Where a day's files are: PREFIX/AWSLogs/ACCOUNT/redshift/REGION/YEAR/MONTH/DAY/."""
    start = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    day = datetime.fromtimestamp(now, UTC).strftime("%Y/%m/%d")
    return f"{start}AWSLogs/{cluster.account}/redshift/{cluster.region}/{day}/"


async def tick(gateway: Gateway) -> None:
    """Deliver what has happened in each cluster that has logging."""
    for row in await asyncio.to_thread(_due, gateway):
        changes: dict[str, Any] = {}
        position = None
        try:
            files, position = await asyncio.to_thread(_files, gateway, row)
            if files:
                await _deliver(gateway, row, files)
                changes["LastSuccessfulDeliveryTime"] = gateway.now()
        except (link.NotRunning, link.Refused, OSError):
            continue  # it is being started or stopped: the next time
        except AwsError as error:
            log.warning("logs of cluster %s could not be delivered: %s", row.arn, error)
            changes = {"LastFailureTime": gateway.now(), "LastFailureMessage": error.message}
            position = None
        if changes or position != row.facts.get("LogPosition", 0):
            await asyncio.to_thread(_keep, gateway, row.arn, changes, position)


def _due(gateway: Gateway) -> list[Row[Any]]:
    """The clusters that have logging and run."""
    with gateway.read() as db:
        every = db.execute(select(clusters).where(clusters.c.arn.in_(common.listening()))).all()
    return [row for row in every if row.facts.get("Logging")]


def _files(gateway: Gateway, cluster: Row[Any]) -> tuple[dict[str, bytes], int]:
    """The files that the cluster has to tell, and the place in its log up to which they do."""
    name = f"l{secrets.token_hex(12)}"
    logs = cluster.facts["Logging"]["LogExports"] or LOGS
    request = {"name": name, "logs": logs, "after": cluster.facts.get("LogPosition", 0)}
    spool = fleet.directory_of(gateway.data_dir, cluster.region, cluster.id) / "spool"
    paths: list[Path] = []
    try:
        tag = link.ask(fleet.socket_of(gateway.data_dir, cluster.arn), "LOGS", request, 60.0)
        paths = sorted(spool.glob(f"{name}.*"))
        return {path.suffix[1:]: path.read_bytes() for path in paths}, int(tag.rpartition(" ")[2])
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


async def _deliver(gateway: Gateway, row: Row[Any], files: dict[str, bytes]) -> None:
    now, facts = gateway.now(), row.facts["Logging"]
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M")
    folder = _folder(row, facts["S3KeyPrefix"], now)
    for kind, body in files.items():
        key = f"{folder}{row.account}_redshift_{row.region}_{row.id}_{kind}_{stamp}.gz"
        await deliveries.put(gateway, SERVICE, row.region, row.account, row.arn, facts["BucketName"], key, body)


def _keep(gateway: Gateway, arn: str, changes: dict[str, Any], position: int | None) -> None:
    with gateway.transaction() as db:
        facts = db.scalar(select(clusters.c.facts).where(clusters.c.arn == arn))
        if facts is None:
            return
        if facts.get("Logging"):
            facts = facts | {"Logging": facts["Logging"] | changes}
        if position is not None:
            facts = facts | {"LogPosition": position}
        db.execute(update(clusters).where(clusters.c.arn == arn).values(facts=facts))
