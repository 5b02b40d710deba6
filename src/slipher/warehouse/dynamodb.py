"""DynamoDB as the cluster uses it: describe a table, scan its segments; raw signed requests with retries, from any thread."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import urllib3

from slipher.aws.sigv4 import Credentials, sign
from slipher.base.errors import SqlError, engine_error
from slipher.warehouse.credentials import Provider
from slipher.warehouse.endpoint import Endpoint
from slipher.warehouse.s3 import pause

if TYPE_CHECKING:
    from slipher.warehouse.statement import CancelToken

ATTEMPTS = 6
TYPE = "application/x-amz-json-1.0"
PASSING = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
)


class DynamoDB:
    """A client for one statement."""

    def __init__(self, endpoint: Endpoint, region: str, credentials: Provider, cancel: CancelToken) -> None:
        self._endpoint, self._url = endpoint, endpoint.at(region) + "/"
        self._region, self._credentials, self._cancel = region, credentials, cancel

    def read_capacity(self, table: str) -> int:
        """The table's provisioned read capacity in units a second; 0 for a table on demand."""
        described = self.call("DescribeTable", {"TableName": table}, table)["Table"]
        return int(described.get("ProvisionedThroughput", {}).get("ReadCapacityUnits", 0))

    def scan(self, table: str, segment: int, segments: int, start: dict[str, Any] | None) -> dict[str, Any]:
        """A page of a segment, as Scan answers; with the consumed capacity."""
        asked: dict[str, Any] = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
        if segments > 1:
            asked |= {"Segment": segment, "TotalSegments": segments}
        if start is not None:
            asked["ExclusiveStartKey"] = start
        return self.call("Scan", asked, table)

    def call(self, operation: str, asked: dict[str, Any], table: str) -> dict[str, Any]:
        """One operation; SqlError for what does not pass after several tries."""
        body = orjson.dumps(asked)
        failure: SqlError | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                pause(min(0.05 * 2**attempt, 2.0) * random.uniform(0.5, 1.0), self._cancel)
            self._cancel.check()
            used = self._credentials()
            try:
                response = self._request(operation, body, used)
            except urllib3.exceptions.HTTPError as error:
                failure = _error(
                    0, "ConnectionError", f"Unable to connect to endpoint ({type(error).__name__})", operation, table
                )
                continue
            if response.status == 200:
                answer: dict[str, Any] = orjson.loads(response.data)
                return answer
            code, message = _reason(response.data)
            failure = _error(response.status, code, message, operation, table)
            renewed = code == "ExpiredTokenException" and self._credentials(used) is not used
            if response.status < 500 and code not in PASSING and not renewed:
                break
        assert failure is not None
        raise failure

    def _request(self, operation: str, body: bytes, used: Credentials) -> urllib3.BaseHTTPResponse:
        headers = {"content-type": TYPE, "x-amz-target": f"DynamoDB_20120810.{operation}"}
        digest = hashlib.sha256(body).hexdigest()
        signed = sign("POST", self._url, headers, digest, used, "dynamodb", self._region, datetime.now(UTC))
        return self._endpoint.request("POST", self._url, body=body, headers=signed)


def _reason(data: bytes) -> tuple[str, str]:
    try:
        facts = orjson.loads(data)
        return str(facts.get("__type", "")).rpartition("#")[2], str(facts.get("message") or facts.get("Message") or "")
    except ValueError:
        return "UnknownError", ""


def _error(status: int, code: str, message: str, operation: str, table: str) -> SqlError:
    text = f"DynamoDBServiceException:{message},Status {status},Error {code}"
    return engine_error(text, context=f"{operation} table={table}")
