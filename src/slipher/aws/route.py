"""Which service and operation a request is for.

The service comes from the signature's credential scope, else from what the body or the target header says; a request with
neither is S3's. Keys of S3 are percent-decoded exactly: `+` stays a plus, empty and dotted segments stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from slipher.aws.models import SERVICES, http_routes, service
from slipher.base.errors import AwsError

# what the target header of the json services begins with
TARGETS = (
    ("DynamoDB", "dynamodb"),
    ("RedshiftData", "redshift-data"),
    ("RedshiftServerless", "redshift-serverless"),
    ("com.amazonaws.cloudtrail", "cloudtrail"),
    ("secretsmanager", "secretsmanager"),
    ("TrentService", "kms"),
)
# query parameters of S3 that name a sub-resource, with the operations that our models list without them
OLDER = {  # operations that botocore has twice: the older form's name -> the one that took its address over
    f"{verb}Bucket{what}": f"{verb}Bucket{what}Configuration"
    for verb in ("Put", "Get")
    for what in ("Lifecycle", "Notification")
}
S3_PLAIN = {"GET": "ListObjects", "PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}
S3_OBJECT = {"GET": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject", "HEAD": "HeadObject"}


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a request goes: `path` holds the parameters of its path, decoded."""

    service: str
    operation: str
    path: Mapping[str, str] = field(default_factory=dict)


def parse_query(query_string: str) -> dict[str, str]:
    """Query parameters by name, decoded; a name without value gives ''."""
    return dict(parse_qsl(query_string, keep_blank_values=True))


def repeated_query(query_string: str) -> dict[str, list[str]]:
    """Query parameters that come more than once, with all their values in order: a list."""
    if "&" not in query_string:
        return {}
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if len(values) > 1}


def service_of(scope_service: str | None, headers: Mapping[str, str], path: str) -> str:
    """The service's signing name: by credential scope, else X-Amz-Target or a form body, else S3."""
    if scope_service:
        if scope_service not in SERVICES:
            raise AwsError("NotImplemented", f"The service {scope_service} is not implemented by Slipher.", 501)
        return scope_service
    target = headers.get("x-amz-target", "")
    for prefix, name in TARGETS:
        if target.startswith(prefix):
            return name
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") and path == "/":
        return "sts"
    return "s3"


def route(
    service_name: str,
    method: str,
    raw_path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    form: Mapping[str, str],
    host_suffix: str = "localhost",
) -> Routed:
    """The operation; raises AwsError for an address that the service does not have."""
    protocol = service(service_name).metadata["protocol"]
    if protocol == "query":
        name = form.get("Action") or query.get("Action")
        if not name:
            raise AwsError("MissingAction", "The request is missing an action.", 400)
        return _known(service_name, name, "InvalidAction", f"Could not find operation {name}.")
    if protocol == "json":
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        return _known(service_name, name, "UnknownOperationException", "")
    if service_name == "s3":
        return _route_s3(method, raw_path, query, headers, host_suffix)
    for candidate in http_routes(service_name):
        match = candidate.path.fullmatch(raw_path) if candidate.method == method else None
        if match and all(key in query for key, _ in candidate.query):
            return Routed(service_name, candidate.operation, {k: unquote(v) for k, v in match.groupdict().items()})
    raise AwsError("UnknownOperationException", "Unknown operation.", 404)


def _known(service_name: str, name: str, code: str, message: str) -> Routed:
    if name not in service(service_name).operation_names:
        raise AwsError(code, message or f"Unknown operation {name}.", 400)
    return Routed(service_name, name)


def _bucket_and_key(raw_path: str, host: str, suffix: str) -> tuple[str, str]:
    """The bucket and the key (decoded) of a path-style or host-style address."""
    name = host.rsplit(":", 1)[0] if not host.startswith("[") else host
    for tail in (f".s3.{suffix}", f".{suffix}", ".amazonaws.com"):
        if name.endswith(tail) and (label := name.removesuffix(tail)):
            bucket = label.split(".s3", 1)[0] if tail == ".amazonaws.com" else label
            if bucket not in ("s3",) and not bucket.startswith("s3."):
                return bucket, unquote(raw_path[1:])
    bucket, _, key = raw_path[1:].partition("/")
    return unquote(bucket), unquote(key)


def _route_s3(method: str, raw_path: str, query: Mapping[str, str], headers: Mapping[str, str], suffix: str) -> Routed:
    bucket, key = _bucket_and_key(raw_path, headers.get("host", ""), suffix)
    if not bucket:
        if method == "GET":
            return Routed("s3", "ListBuckets")
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    path = {"Bucket": bucket, "Key": key} if key else {"Bucket": bucket}
    for candidate in http_routes("s3"):
        if candidate.method != method or not candidate.query:
            continue
        wants_key = "Key" in candidate.path.groupindex
        if wants_key != bool(key):
            continue
        if all(name in query and (value is None or query[name] == value) for name, value in candidate.query):
            named = candidate.operation
            if named == "UploadPart" and "x-amz-copy-source" in headers:
                named = "UploadPartCopy"
            if named == "GetObject":
                continue
            named = OLDER.get(named, named)
            return Routed("s3", named, path)
    if method == "PUT" and key and "x-amz-copy-source" in headers:
        return Routed("s3", "CopyObject", path)
    plain = (S3_OBJECT if key else S3_PLAIN).get(method)
    if plain is None:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    return Routed("s3", plain, path)
