"""STS: the table of operations. AssumeRole decides in its handler: trust and identity policies together."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.sts import assume, operations


def _federated(call: Call) -> str:
    return f"arn:aws:sts::{call.account}:federated-user/{call.params['Name']}"


OPERATIONS: dict[str, Operation] = {
    "GetCallerIdentity": Operation(operations.get_caller_identity),
    "GetSessionToken": Operation(operations.get_session_token, "DurationSeconds"),
    "GetFederationToken": Operation(
        operations.get_federation_token, "Name Policy PolicyArns DurationSeconds Tags", _federated
    ),
    "GetAccessKeyInfo": Operation(operations.get_access_key_info, "AccessKeyId"),
    "DecodeAuthorizationMessage": Operation(operations.decode_authorization_message, "EncodedMessage"),
    "AssumeRole": Operation(
        assume.assume_role,
        "RoleArn RoleSessionName DurationSeconds Policy PolicyArns Tags TransitiveTagKeys ExternalId SourceIdentity",
    ),
}
