"""KMS: the table of operations. Permission is asked by the handlers: the key's own policy has the first word."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.kms import aliases, grants, keys, operations, policies

DATA_KEY = "KeyId EncryptionContext KeySpec NumberOfBytes GrantTokens"

OPERATIONS: dict[str, Operation] = {
    "CreateKey": Operation(
        keys.create,
        "Policy Description KeyUsage CustomerMasterKeySpec KeySpec Origin BypassPolicyLockoutSafetyCheck Tags",
    ),
    "DescribeKey": Operation(keys.describe, "KeyId GrantTokens"),
    "ListKeys": Operation(keys.list_, "Limit Marker"),
    "EnableKey": Operation(keys.enable, "KeyId"),
    "DisableKey": Operation(keys.disable, "KeyId"),
    "ScheduleKeyDeletion": Operation(keys.schedule_deletion, "KeyId PendingWindowInDays"),
    "CancelKeyDeletion": Operation(keys.cancel_deletion, "KeyId"),
    "UpdateKeyDescription": Operation(keys.update_description, "KeyId Description"),
    "TagResource": Operation(keys.tag, "KeyId Tags"),
    "UntagResource": Operation(keys.untag, "KeyId TagKeys"),
    "ListResourceTags": Operation(keys.list_tags, "KeyId Limit Marker"),
    "GetKeyPolicy": Operation(policies.get, "KeyId PolicyName"),
    "PutKeyPolicy": Operation(policies.put, "KeyId PolicyName Policy BypassPolicyLockoutSafetyCheck"),
    "ListKeyPolicies": Operation(policies.list_, "KeyId Limit Marker"),
    "CreateAlias": Operation(aliases.create, "AliasName TargetKeyId"),
    "UpdateAlias": Operation(aliases.update_, "AliasName TargetKeyId"),
    "DeleteAlias": Operation(aliases.delete_, "AliasName"),
    "ListAliases": Operation(aliases.list_, "KeyId Limit Marker"),
    "CreateGrant": Operation(
        grants.create, "KeyId GranteePrincipal RetiringPrincipal Operations Constraints GrantTokens Name"
    ),
    "ListGrants": Operation(grants.list_, "KeyId Limit Marker GrantId GranteePrincipal"),
    "RevokeGrant": Operation(grants.revoke, "KeyId GrantId"),
    "RetireGrant": Operation(grants.retire, "GrantToken KeyId GrantId"),
    "Encrypt": Operation(operations.encrypt, "KeyId Plaintext EncryptionContext GrantTokens EncryptionAlgorithm"),
    "Decrypt": Operation(operations.decrypt, "CiphertextBlob EncryptionContext GrantTokens KeyId EncryptionAlgorithm"),
    "ReEncrypt": Operation(
        operations.re_encrypt,
        """CiphertextBlob SourceEncryptionContext SourceKeyId DestinationKeyId DestinationEncryptionContext
        SourceEncryptionAlgorithm DestinationEncryptionAlgorithm GrantTokens""",
    ),
    "GenerateDataKey": Operation(operations.generate_data_key, DATA_KEY),
    "GenerateDataKeyWithoutPlaintext": Operation(operations.generate_data_key_without_plaintext, DATA_KEY),
}
