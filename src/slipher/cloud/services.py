"""The services of the gateway, in one list: signing name -> its table of operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slipher.cloud import (
    cloudtrail,
    data_api,
    dynamodb,
    iam,
    kms,
    redshift,
    s3,
    scheduler,
    secretsmanager,
    serverless,
    sts,
)
from slipher.cloud.call import Call, Handler, Operation
from slipher.cloud.dynamodb import mounted as dynamodb_mounted
from slipher.cloud.s3 import mounted as s3_mounted
from slipher.cloud.s3.policies import resource_policy as s3_resource_policy
from slipher.cloud.secretsmanager.common import resource_policy as secret_resource_policy

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "iam": iam.OPERATIONS,
    "sts": sts.OPERATIONS,
    "s3": s3.OPERATIONS,
    "dynamodb": dynamodb.OPERATIONS,
    "redshift": redshift.OPERATIONS,
    "redshift-serverless": serverless.OPERATIONS,
    "secretsmanager": secretsmanager.OPERATIONS,
    "kms": kms.OPERATIONS,
    "scheduler": scheduler.OPERATIONS,
    "redshift-data": data_api.OPERATIONS,
    "cloudtrail": cloudtrail.OPERATIONS,
}

# services whose resources have policies of their own: call -> (policy text, owner's account)
RESOURCE_POLICIES: Mapping[str, Callable[[Call], tuple[str | None, str | None]]] = {
    "s3": s3_resource_policy,
    "secretsmanager": secret_resource_policy,
}
# services with a part of their resources elsewhere: call -> what answers in place of the operation's handler, if anything
INSTEAD: Mapping[str, Callable[[Call], Handler | None]] = {
    "s3": s3_mounted.instead,
    "dynamodb": dynamodb_mounted.instead,
}
GLOBAL = {"iam", "sts", "s3"}  # services where the caller's account, not the region, decides
CHANGES_BUCKETS = (
    "CreateBucket", "DeleteBucket", "PutBucket", "DeletePublic", "PutPublic",
)  # fmt: skip
CHANGES_IAM = (
    "Create", "Delete", "Update", "Attach", "Detach", "Put", "Add", "Remove", "Set", "Tag", "Untag",
)  # fmt: skip


def changes_iam(service: str, operation: str) -> bool:
    """Whether an operation may change who may do what, or what is remembered of buckets."""
    return (service == "iam" and operation.startswith(CHANGES_IAM)) or (
        service == "s3" and operation.startswith(CHANGES_BUCKETS)
    )
