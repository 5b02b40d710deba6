"""What stl_s3client and stl_s3client_error record of a statement's requests to S3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slipher.warehouse.activity import Activity
from slipher.warehouse.s3 import S3Request
from slipher.warehouse.statement import Statement

EPOCH = datetime(2000, 1, 1, tzinfo=UTC).timestamp()


def recorder(activity: Activity, statement: Statement) -> Callable[[S3Request], None]:
    """For S3's `on_request`: each request becomes a record, a failed one also one of the errors. Safe from any thread."""
    common = {"userid": statement.user_id, "query": statement.query_id, "xid": statement.xid, "pid": statement.pid}

    def record(request: S3Request) -> None:
        place = {
            "recordtime": datetime.fromtimestamp(request.ended, UTC),
            "http_method": request.method,
            "bucket": request.bucket,
            "key": request.key,
            "is_partial": 0,
            "start_offset": 0,
        }
        activity.append("s3client", common | place | _sizes_and_times(request))
        if request.error is not None:
            activity.append("s3client_error", common | place | {"sliceid": 0, "error": request.error})

    return record


def _sizes_and_times(request: S3Request) -> dict[str, Any]:
    """Times in microseconds, points in time since 2000."""
    return {
        "slice": 0,
        "transfer_size": request.size,
        "data_size": request.size,
        "start_time": int((request.started - EPOCH) * 1e6),
        "end_time": int((request.ended - EPOCH) * 1e6),
        "transfer_time": int((request.ended - request.started) * 1e6),
        "compression_time": 0,
        "connect_time": 0,
        "app_connect_time": 0,
        "retries": request.retries,
        "request_id": request.request_id,
        "extended_request_id": "",
        "ip_address": "",
        "query_uuid": "",
    }
