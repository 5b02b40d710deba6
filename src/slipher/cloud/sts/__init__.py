"""STS: the table of operations. AssumeRole decides in its handler: trust and identity policies together."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.sts import operations

OPERATIONS: dict[str, Operation] = {
    "GetCallerIdentity": Operation(operations.get_caller_identity, None),
    "GetSessionToken": Operation(operations.get_session_token, None),
    "AssumeRole": Operation(operations.assume_role, None),
}
