"""STS: the table of operations. AssumeRole decides in its handler: trust and identity policies together."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.sts import operations

OPERATIONS: dict[str, Operation] = {
    "GetCallerIdentity": Operation(operations.get_caller_identity),
    "GetSessionToken": Operation(operations.get_session_token, "DurationSeconds"),
    "AssumeRole": Operation(operations.assume_role, "RoleArn RoleSessionName DurationSeconds Policy ExternalId"),
}
