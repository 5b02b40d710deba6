"""Secrets Manager: the table of operations. Values are sealed at rest; they leave by GetSecretValue alone."""

from __future__ import annotations

from slipher.cloud.call import Handler, Operation
from slipher.cloud.secretsmanager import listing, passwords, policies, rotation, secrets, values
from slipher.cloud.secretsmanager.common import condition_context, secret_arn

VALUE = "ClientRequestToken SecretBinary SecretString"


def _on_secret(handler: Handler, takes: str) -> Operation:
    return Operation(handler, takes, secret_arn, condition_context)


OPERATIONS: dict[str, Operation] = {
    "CreateSecret": _on_secret(secrets.create, f"Name Description KmsKeyId Tags {VALUE}"),
    "DescribeSecret": _on_secret(secrets.describe, "SecretId"),
    "UpdateSecret": _on_secret(secrets.update_, f"SecretId Description KmsKeyId {VALUE}"),
    "DeleteSecret": _on_secret(secrets.delete_, "SecretId RecoveryWindowInDays ForceDeleteWithoutRecovery"),
    "RestoreSecret": _on_secret(secrets.restore, "SecretId"),
    "TagResource": _on_secret(secrets.tag, "SecretId Tags"),
    "UntagResource": _on_secret(secrets.untag, "SecretId TagKeys"),
    "ListSecrets": Operation(listing.list_, "IncludePlannedDeletion MaxResults NextToken Filters SortOrder SortBy"),
    "BatchGetSecretValue": Operation(listing.batch_get, "SecretIdList Filters MaxResults NextToken"),
    "GetSecretValue": _on_secret(values.get, "SecretId VersionId VersionStage"),
    "PutSecretValue": _on_secret(values.put, f"SecretId VersionStages {VALUE}"),
    "ListSecretVersionIds": _on_secret(values.list_versions, "SecretId MaxResults NextToken IncludeDeprecated"),
    "UpdateSecretVersionStage": _on_secret(
        values.update_stage, "SecretId VersionStage RemoveFromVersionId MoveToVersionId"
    ),
    "RotateSecret": _on_secret(
        rotation.rotate, "SecretId RotateImmediately RotationRules.AutomaticallyAfterDays ClientRequestToken"
    ),
    "PutResourcePolicy": _on_secret(policies.put, "SecretId ResourcePolicy BlockPublicPolicy"),
    "GetResourcePolicy": _on_secret(policies.get, "SecretId"),
    "DeleteResourcePolicy": _on_secret(policies.delete, "SecretId"),
    "GetRandomPassword": Operation(
        passwords.random_password,
        """PasswordLength ExcludeCharacters ExcludeNumbers ExcludePunctuation ExcludeUppercase ExcludeLowercase
        IncludeSpace RequireEachIncludedType""",
    ),
}
