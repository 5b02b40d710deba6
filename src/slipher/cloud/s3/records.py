"""What is recorded of a bucket: tags, CORS and lifecycle rules, notifications, the public access block, and others.

Each is one document that a Put checks and keeps, a Get shows and a Delete takes away. Public access block takes effect in
policies.py and versioning in versions.py. CORS, lifecycle and notifications are records only: no browser is answered by them,
nothing is expired or moved, nobody is told.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3.buckets import BLOCKS, find
from slipher.cloud.s3.tags import checked as checked_tags
from slipher.cloud.state.s3 import settings

MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
ACTIONS = (
    "Expiration", "Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)  # fmt: skip
TARGETS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
NONE = {  # what a Get says of a bucket that has none
    "tagging": ("NoSuchTagSet", "The TagSet does not exist"),
    "cors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "lifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "public": ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
}


def setting(db: Connection, bucket: str, name: str) -> Any:
    """A bucket's document of that name, None if there is none."""
    return db.scalar(select(settings.c.value).where(settings.c.bucket == bucket, settings.c.name == name))


def keep(db: Connection, bucket: str, name: str, value: Any) -> None:
    """Put a document in place of the one before."""
    statement = insert(settings).values(bucket=bucket, name=name, value=value)
    db.execute(
        statement.on_conflict_do_update(index_elements=["bucket", "name"], set_={"value": statement.excluded.value})
    )


def _malformed() -> AwsError:
    return AwsError("MalformedXML", MALFORMED)


def _tagging(call: Call) -> Any:
    return {"TagSet": checked_tags(call.params["Tagging"].get("TagSet") or [], most=50)}


def _public(call: Call) -> Any:
    given = call.params["PublicAccessBlockConfiguration"]
    return {"PublicAccessBlockConfiguration": {name: bool(given.get(name)) for name in BLOCKS}}


def _cors(call: Call) -> Any:
    rules = call.params["CORSConfiguration"].get("CORSRules") or []
    if not 1 <= len(rules) <= 100:
        raise _malformed()
    for rule in rules:
        if not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):
            raise _malformed()
        for method in rule["AllowedMethods"]:
            if method not in METHODS:
                raise AwsError(
                    "InvalidRequest",
                    f"Found unsupported HTTP method in CORS config. Unsupported method is {method}",
                )
        for origin in (*rule["AllowedOrigins"], *(rule.get("AllowedHeaders") or ())):
            if origin.count("*") > 1:
                raise AwsError("InvalidRequest", f'AllowedOrigin "{origin}" can not have more than one wildcard.')
    return {"CORSRules": rules}


def _lifecycle(call: Call) -> Any:
    rules = (call.params.get("LifecycleConfiguration") or {}).get("Rules") or []
    if not 1 <= len(rules) <= 1000:
        raise _malformed()
    kept = []
    for rule in rules:
        if rule.get("Status") not in ("Enabled", "Disabled") or (rule.get("Filter") is None and "Prefix" not in rule):
            raise _malformed()
        if not any(rule.get(action) for action in ACTIONS):
            raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule.")
        if len(rule.get("ID") or "") > 255:
            raise AwsError("InvalidArgument", "ID length should not exceed allowed limit of 255")
        days = (rule.get("Expiration") or {}).get("Days")
        if days is not None and days < 1:
            raise AwsError("InvalidArgument", "'Days' for Expiration action must be a positive integer")
        kept.append({"ID": rule.get("ID") or secrets.token_urlsafe(16)} | {k: v for k, v in rule.items() if k != "ID"})
    names = [rule["ID"] for rule in kept]
    if len(set(names)) != len(names):
        raise AwsError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    least = call.params.get("TransitionDefaultMinimumObjectSize") or "all_storage_classes_128K"
    return _plain({"Rules": kept, "TransitionDefaultMinimumObjectSize": least})


def _notification(call: Call) -> Any:
    given = call.params["NotificationConfiguration"]
    kept: dict[str, Any] = {}
    for member, target in TARGETS.items():
        for one in given.get(member) or ():
            if not one.get(target) or not one.get("Events"):
                raise _malformed()
            for event in one["Events"]:
                if not event.startswith("s3:"):
                    raise AwsError("InvalidArgument", f"The event '{event}' is not supported for notifications")
            kept.setdefault(member, []).append({"Id": one.get("Id") or secrets.token_urlsafe(16)} | dict(one))
    if given.get("EventBridgeConfiguration") is not None:
        kept["EventBridgeConfiguration"] = {}
    return kept


def _ownership(call: Call) -> Any:
    rules = call.params["OwnershipControls"].get("Rules") or []
    if len(rules) != 1:
        raise _malformed()
    if rules[0].get("ObjectOwnership") != "BucketOwnerEnforced":
        raise AwsError(
            "NotImplemented",
            f"PutBucketOwnershipControls with {rules[0].get('ObjectOwnership')} is not implemented by Slipher yet.",
            501,
        )
    return {"OwnershipControls": {"Rules": rules}}


def _plain(value: Any) -> Any:
    """A document that JSON can hold: moments as S3 writes them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.strftime("%Y-%m-%dT%H:%M:%S.000Z") if hasattr(value, "strftime") else value


CHECKS: dict[str, Callable[[Call], Any]] = {
    "tagging": _tagging, "public": _public, "cors": _cors, "lifecycle": _lifecycle, "notification": _notification,
    "ownership": _ownership,
}  # fmt: skip


def putter(name: str) -> Callable[[Call], dict[str, Any]]:
    """The Put of a document."""

    def put(call: Call) -> dict[str, Any]:
        value = CHECKS[name](call)
        with call.gateway.transaction() as db:
            keep(db, find(db, call).name, name, value)
        shown = value.get("TransitionDefaultMinimumObjectSize") if name == "lifecycle" else None
        return {"TransitionDefaultMinimumObjectSize": shown} if shown else {}

    return put


def getter(name: str, default: dict[str, Any] | None = None) -> Callable[[Call], dict[str, Any]]:
    """The Get of a document; S3's error if there is none, or the default."""

    def get(call: Call) -> dict[str, Any]:
        with call.gateway.read() as db:
            bucket = find(db, call).name
            found = setting(db, bucket, name)
        if found is None and default is None:
            code, text = NONE[name]
            raise AwsError(code, text, 404, extra={"BucketName": bucket})
        return dict(found if found is not None else default or {})

    return get


def remover(name: str) -> Callable[[Call], None]:
    """The Delete of a document, which may not be there."""

    def remove(call: Call) -> None:
        with call.gateway.transaction() as db:
            bucket = find(db, call).name
            db.execute(delete(settings).where(settings.c.bucket == bucket, settings.c.name == name))

    return remove
