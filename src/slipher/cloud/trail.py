"""What happened: a line for each management call to the gateway's services, in the form of CloudTrail's records.

Calls on objects and items are data events, which CloudTrail does not look up either. Of a request's parameters only names are
kept: no document, no password, no text of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from slipher.base.clock import iso
from slipher.base.errors import AwsError
from slipher.cloud.call import Call, Caller, HttpFacts

if TYPE_CHECKING:
    from slipher.cloud.context import Gateway

DATA_ITEMS = {"PutItem", "GetItem", "UpdateItem", "DeleteItem", "Scan", "Query"}
READ = ("Get", "List", "Describe", "Head", "Lookup", "Simulate", "Decode", "AssumeRole", "BatchGet", "Search")
NAMES = ("Name", "Identifier", "Arn", "Bucket", "SecretId", "KeyId", "Path", "AWSServiceName", "ClusterIdentifier")
LONGEST = 512
RESOURCES = {  # member of an input -> the type of what it names
    "RoleName": "AWS::IAM::Role", "RoleArn": "AWS::IAM::Role", "UserName": "AWS::IAM::User", "GroupName": "AWS::IAM::Group",
    "PolicyArn": "AWS::IAM::Policy", "PolicyName": "AWS::IAM::Policy", "Bucket": "AWS::S3::Bucket",
    "TableName": "AWS::DynamoDB::Table", "ClusterIdentifier": "AWS::Redshift::Cluster", "SecretId": "AWS::SecretsManager::Secret",
    "KeyId": "AWS::KMS::Key", "InstanceProfileName": "AWS::IAM::InstanceProfile",
}  # fmt: skip
TYPES = {"user": "IAMUser", "role": "AssumedRole", "root": "Root", "federated": "FederatedUser"}


def is_data(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    """Whether a call is a data event: about an object or an item."""
    if service == "dynamodb":
        return operation in DATA_ITEMS or operation.startswith(("Batch", "Transact", "Execute"))
    return service == "s3" and ("Key" in params or operation.startswith(("ListObject", "DeleteObjects")))


def note(call: Call, error: AwsError | None) -> None:
    """Keep a management event."""
    if call.caller.kind != "anonymous" and not is_data(call.service, call.operation, call.params):
        call.gateway.events.write(_record(call, error))


def note_signin(gateway: Gateway, caller: Caller, event: str, http: HttpFacts, region: str) -> None:
    """Keep that somebody entered the console (ConsoleLogin), or asked for a way in (GetSigninToken)."""
    record = _common(gateway, caller, http, uuid4().hex) | {
        "eventSource": "signin.amazonaws.com",
        "eventName": event,
        "awsRegion": region,
        "requestParameters": None,
        "responseElements": {event: "Success"},
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
    }
    gateway.events.write(record)


def _common(gateway: Gateway, caller: Caller, http: HttpFacts, request_id: str) -> dict[str, Any]:
    """What every record has: who, when, from where."""
    identity = {
        "type": TYPES.get(caller.kind, "Unknown"),
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
    }
    if caller.user_name:
        identity["userName"] = caller.user_name
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": iso(gateway.now()),
        "sourceIPAddress": http.source_ip,
        "userAgent": http.headers.get("user-agent", "")[:LONGEST],
        "requestID": request_id,
        "eventID": str(uuid4()),
        "managementEvent": True,
        "recipientAccountId": caller.account,
        "eventCategory": "Management",
    }


def _record(call: Call, error: AwsError | None) -> dict[str, Any]:
    record: dict[str, Any] = _common(call.gateway, call.caller, call.http, call.request_id) | {
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": "us-east-1" if call.service == "iam" else call.region,
        "requestParameters": _parameters(call.params) or None,
        "responseElements": None,
        "readOnly": call.operation.startswith(READ),
        "eventType": "AwsApiCall",
    }
    if error is not None:
        record |= {"errorCode": error.code, "errorMessage": error.message[:1024]}
    return record


def _parameters(params: Mapping[str, Any]) -> dict[str, str]:
    """The names among a request's parameters, spelled as CloudTrail does."""
    return {
        name[0].lower() + name[1:]: value[:LONGEST]
        for name, value in params.items()
        if isinstance(value, str) and (name[0].upper() + name[1:]).endswith(NAMES)
    }
