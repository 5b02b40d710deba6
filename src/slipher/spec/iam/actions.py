# table
"""Which permission an operation needs, and how a service refuses who lacks it.

Sources: AWS's Service Authorization Reference ("Actions, resources, and condition keys for ..."), and the pages "Common
errors" of each service's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Needs:
    """`action` None: anybody who can sign. `by_handler`: asked where it is known for what (a key, a table, a trust policy).

    `also`: (member of the input, action): needed on the same resource if the request has that member.
    `of_version`: needed in the action's place if the request names a version.
    `beside`: what the handler asks besides, of other resources or on a condition: a role that is passed, a copy's source.
    """

    action: str | None
    also: tuple[tuple[str, str], ...] = ()
    by_handler: bool = False
    of_version: str | None = None
    beside: tuple[str, ...] = ()

    def asked(self, params: Mapping[str, Any]) -> str | None:
        """The action that a request with these members needs."""
        return self.of_version if self.of_version and params.get("VersionId") else self.action


@dataclass(frozen=True, slots=True)
class Denial:
    """How a service says no: code, HTTP status, and whether the text tells who may not do what."""

    code: str
    status: int
    tells: bool = True


DENIALS: dict[str, Denial] = {
    "iam": Denial("AccessDenied", 403),
    "sts": Denial("AccessDenied", 403),
    "redshift": Denial("AccessDenied", 403),
    "s3": Denial("AccessDenied", 403, tells=False),
    "dynamodb": Denial("AccessDeniedException", 400),
    "redshift-data": Denial("AccessDeniedException", 400),
    "redshift-serverless": Denial("AccessDeniedException", 400),
    "secretsmanager": Denial("AccessDeniedException", 400),
    "kms": Denial("AccessDeniedException", 400),
    "scheduler": Denial("AccessDeniedException", 403),
    "cloudtrail": Denial("AccessDeniedException", 400),
}


def _named(service: str, names: str) -> dict[str, Needs]:
    """Operations whose action has their own name, as most have."""
    return {name: Needs(f"{service}:{name}") for name in names.split()}


ACTIONS: dict[str, dict[str, Needs]] = {
    "cloudtrail": {"LookupEvents": Needs("cloudtrail:LookupEvents")},
    "iam": _named(
        "iam",
        """GetRole ListRoles DeleteRole UpdateRole UpdateAssumeRolePolicy TagRole UntagRole ListRoleTags
        GetUser ListUsers UpdateUser DeleteUser TagUser UntagUser ListUserTags ListGroupsForUser
        CreateAccessKey ListAccessKeys UpdateAccessKey DeleteAccessKey GetAccessKeyLastUsed
        GetPolicy GetPolicyVersion ListPolicyVersions ListPolicies DeletePolicy ListEntitiesForPolicy
        AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies
        AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies
        AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies PutGroupPolicy GetGroupPolicy DeleteGroupPolicy
        ListGroupPolicies CreateGroup GetGroup ListGroups UpdateGroup DeleteGroup AddUserToGroup RemoveUserFromGroup
        CreatePolicyVersion SetDefaultPolicyVersion DeletePolicyVersion TagPolicy UntagPolicy ListPolicyTags
        PutRolePermissionsBoundary DeleteRolePermissionsBoundary PutUserPermissionsBoundary DeleteUserPermissionsBoundary
        UpdateRoleDescription CreateServiceLinkedRole DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus
        GetInstanceProfile ListInstanceProfiles ListInstanceProfilesForRole
        RemoveRoleFromInstanceProfile DeleteInstanceProfile TagInstanceProfile UntagInstanceProfile ListInstanceProfileTags
        SimulateCustomPolicy SimulatePrincipalPolicy GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy
        GetAccountSummary GetAccountAuthorizationDetails""",
    )
    | {
        "CreateRole": Needs("iam:CreateRole", (("Tags", "iam:TagRole"),)),
        "CreateUser": Needs("iam:CreateUser", (("Tags", "iam:TagUser"),)),
        "CreatePolicy": Needs("iam:CreatePolicy", (("Tags", "iam:TagPolicy"),)),
        "AddRoleToInstanceProfile": Needs("iam:AddRoleToInstanceProfile", beside=("iam:PassRole",)),
        "CreateInstanceProfile": Needs("iam:CreateInstanceProfile", (("Tags", "iam:TagInstanceProfile"),)),
    },
    "sts": {
        "GetCallerIdentity": Needs(None),
        "GetSessionToken": Needs(None),
        "GetFederationToken": Needs("sts:GetFederationToken", (("Tags", "sts:TagSession"),)),
        "GetAccessKeyInfo": Needs("sts:GetAccessKeyInfo"),
        "DecodeAuthorizationMessage": Needs("sts:DecodeAuthorizationMessage"),
        "AssumeRole": Needs("sts:AssumeRole", by_handler=True, beside=("sts:TagSession", "sts:SetSourceIdentity")),
    },
    "s3": {
        "ListBuckets": Needs("s3:ListAllMyBuckets"),
        "CreateBucket": Needs("s3:CreateBucket"),
        "HeadBucket": Needs("s3:ListBucket"),
        "DeleteBucket": Needs("s3:DeleteBucket"),
        "GetBucketLocation": Needs("s3:GetBucketLocation"),
        "PutBucketPolicy": Needs("s3:PutBucketPolicy"),
        "GetBucketPolicy": Needs("s3:GetBucketPolicy"),
        "DeleteBucketPolicy": Needs("s3:DeleteBucketPolicy"),
        "GetBucketVersioning": Needs("s3:GetBucketVersioning"),
        "ListObjectVersions": Needs("s3:ListBucketVersions"),
        "GetObjectAttributes": Needs(
            "s3:GetObjectAttributes",
            (("ObjectAttributes", "s3:GetObject"),),
            of_version="s3:GetObjectVersionAttributes",
        ),
        "PutObjectTagging": Needs("s3:PutObjectTagging", of_version="s3:PutObjectVersionTagging"),
        "GetObjectTagging": Needs("s3:GetObjectTagging", of_version="s3:GetObjectVersionTagging"),
        "DeleteObjectTagging": Needs("s3:DeleteObjectTagging", of_version="s3:DeleteObjectVersionTagging"),
        "PutBucketVersioning": Needs("s3:PutBucketVersioning"),
        "GetBucketPolicyStatus": Needs("s3:GetBucketPolicyStatus"),
        "GetObjectAcl": Needs("s3:GetObjectAcl", of_version="s3:GetObjectVersionAcl"),
        "PutBucketTagging": Needs("s3:PutBucketTagging"),
        "GetBucketTagging": Needs("s3:GetBucketTagging"),
        "DeleteBucketTagging": Needs("s3:PutBucketTagging"),
        "PutPublicAccessBlock": Needs("s3:PutBucketPublicAccessBlock"),
        "GetPublicAccessBlock": Needs("s3:GetBucketPublicAccessBlock"),
        "DeletePublicAccessBlock": Needs("s3:PutBucketPublicAccessBlock"),
        "PutBucketCors": Needs("s3:PutBucketCORS"),
        "GetBucketCors": Needs("s3:GetBucketCORS"),
        "DeleteBucketCors": Needs("s3:PutBucketCORS"),
        "PutBucketLifecycleConfiguration": Needs("s3:PutLifecycleConfiguration"),
        "GetBucketLifecycleConfiguration": Needs("s3:GetLifecycleConfiguration"),
        "DeleteBucketLifecycle": Needs("s3:PutLifecycleConfiguration"),
        "PutBucketNotificationConfiguration": Needs("s3:PutBucketNotification"),
        "GetBucketNotificationConfiguration": Needs("s3:GetBucketNotification"),
        "PutBucketOwnershipControls": Needs("s3:PutBucketOwnershipControls"),
        "GetBucketRequestPayment": Needs("s3:GetBucketRequestPayment"),
        "GetBucketLogging": Needs("s3:GetBucketLogging"),
        "GetBucketAccelerateConfiguration": Needs("s3:GetAccelerateConfiguration"),
        "GetBucketWebsite": Needs("s3:GetBucketWebsite"),
        "GetBucketReplication": Needs("s3:GetReplicationConfiguration"),
        "GetObjectLockConfiguration": Needs("s3:GetBucketObjectLockConfiguration"),
        "GetBucketOwnershipControls": Needs("s3:GetBucketOwnershipControls"),
        "GetBucketEncryption": Needs("s3:GetEncryptionConfiguration"),
        "PutBucketEncryption": Needs("s3:PutEncryptionConfiguration"),
        "DeleteBucketEncryption": Needs("s3:PutEncryptionConfiguration"),
        "GetBucketAcl": Needs("s3:GetBucketAcl"),
        "PutBucketAcl": Needs("s3:PutBucketAcl"),
        "PutObjectAcl": Needs("s3:PutObjectAcl", of_version="s3:PutObjectVersionAcl"),
        "ListObjects": Needs("s3:ListBucket"),
        "ListObjectsV2": Needs("s3:ListBucket"),
        "PutObject": Needs("s3:PutObject", (("Tagging", "s3:PutObjectTagging"),)),
        "GetObject": Needs("s3:GetObject", of_version="s3:GetObjectVersion"),
        "HeadObject": Needs("s3:GetObject", of_version="s3:GetObjectVersion"),
        "CopyObject": Needs("s3:PutObject", (("Tagging", "s3:PutObjectTagging"),), beside=("s3:GetObject",)),
        "DeleteObject": Needs("s3:DeleteObject", of_version="s3:DeleteObjectVersion"),
        "DeleteObjects": Needs("s3:DeleteObject", by_handler=True),  # key by key; the answer is 200 with errors in it
        "CreateMultipartUpload": Needs("s3:PutObject", (("Tagging", "s3:PutObjectTagging"),)),
        "UploadPart": Needs("s3:PutObject"),
        "UploadPartCopy": Needs("s3:PutObject", beside=("s3:GetObject",)),
        "CompleteMultipartUpload": Needs("s3:PutObject"),
        "AbortMultipartUpload": Needs("s3:AbortMultipartUpload"),
        "ListParts": Needs("s3:ListMultipartUploadParts"),
        "ListMultipartUploads": Needs("s3:ListBucketMultipartUploads"),
    },
    "dynamodb": _named(
        "dynamodb",
        """DescribeTable ListTables UpdateTable DeleteTable PutItem GetItem UpdateItem DeleteItem Query Scan
        UpdateTimeToLive DescribeTimeToLive
        TagResource UntagResource ListTagsOfResource""",
    )
    | {
        "CreateTable": Needs("dynamodb:CreateTable", (("Tags", "dynamodb:TagResource"),)),
        "BatchWriteItem": Needs("dynamodb:BatchWriteItem", by_handler=True),  # table by table
        "BatchGetItem": Needs("dynamodb:BatchGetItem", by_handler=True),
        "TransactWriteItems": Needs(  # as the items of the transaction ask
            "dynamodb:PutItem",
            by_handler=True,
            beside=("dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),
        ),
        "TransactGetItems": Needs("dynamodb:GetItem", by_handler=True),
    },
    "redshift": _named(
        "redshift",
        """DescribeClusters ModifyCluster RebootCluster DeleteCluster DescribeLoggingStatus
        EnableLogging DisableLogging
        PauseCluster ResumeCluster ResizeCluster DescribeResize
        DescribeClusterParameterGroups ModifyClusterParameterGroup ResetClusterParameterGroup DeleteClusterParameterGroup
        DescribeClusterParameters DescribeDefaultClusterParameters DescribeEventCategories
        DescribeClusterSubnetGroups ModifyClusterSubnetGroup DeleteClusterSubnetGroup
        DescribeUsageLimits ModifyUsageLimit DeleteUsageLimit DescribeClusterVersions DescribeOrderableClusterOptions
        DescribeAccountAttributes DescribeClusterTracks DescribeStorage
        DescribeClusterSnapshots ModifyClusterSnapshot DeleteClusterSnapshot DescribeEvents
        CopyClusterSnapshot AuthorizeSnapshotAccess RevokeSnapshotAccess
        DescribeTableRestoreStatus DescribeSnapshotSchedules ModifySnapshotSchedule DeleteSnapshotSchedule
        ModifyClusterSnapshotSchedule DescribeScheduledActions DeleteScheduledAction
        EnableSnapshotCopy DisableSnapshotCopy ModifySnapshotCopyRetentionPeriod DescribeSnapshotCopyGrants
        DeleteSnapshotCopyGrant DescribeEventSubscriptions ModifyEventSubscription DeleteEventSubscription
        CreateAuthenticationProfile ModifyAuthenticationProfile DescribeAuthenticationProfiles DeleteAuthenticationProfile
        AddPartner DescribePartners UpdatePartnerStatus DeletePartner PutResourcePolicy GetResourcePolicy DeleteResourcePolicy
        ModifyClusterMaintenance DescribeClusterDbRevisions ModifyClusterDbRevision ModifyAquaConfiguration
        FailoverPrimaryCompute CancelResize
        DescribeCustomDomainAssociations DescribeDataShares DescribeDataSharesForConsumer DescribeDataSharesForProducer
        DescribeEndpointAccess DescribeEndpointAuthorization DescribeHsmClientCertificates DescribeHsmConfigurations
        DescribeInboundIntegrations DescribeIntegrations DescribeQev2IdcApplications DescribeRedshiftIdcApplications
        DescribeReservedNodeExchangeStatus DescribeReservedNodeOfferings DescribeReservedNodes
        GetReservedNodeExchangeConfigurationOptions ListRecommendations
        AcceptReservedNodeExchange GetReservedNodeExchangeOfferings PurchaseReservedNodeOffering
        AuthorizeDataShare DeauthorizeDataShare AssociateDataShareConsumer DisassociateDataShareConsumer RejectDataShare
        DeleteCustomDomainAssociation ModifyCustomDomainAssociation DeleteEndpointAccess ModifyEndpointAccess
        RevokeEndpointAccess DeleteHsmClientCertificate DeleteHsmConfiguration DeleteIntegration ModifyIntegration
        DeleteRedshiftIdcApplication ModifyRedshiftIdcApplication DeleteQev2IdcApplication ModifyQev2IdcApplication
        CreateClusterSecurityGroup DescribeClusterSecurityGroups DeleteClusterSecurityGroup
        AuthorizeClusterSecurityGroupIngress RevokeClusterSecurityGroupIngress
        CreateTags DeleteTags DescribeTags GetClusterCredentialsWithIAM""",
    )
    | {
        "CreateCluster": Needs("redshift:CreateCluster", (("Tags", "redshift:CreateTags"),), beside=("iam:PassRole",)),
        "GetClusterCredentials": Needs(  # and on dbname, if given
            "redshift:GetClusterCredentials",
            (("AutoCreate", "redshift:CreateClusterUser"),),
            beside=("redshift:JoinGroup",),
        ),
        "CreateClusterSnapshot": Needs("redshift:CreateClusterSnapshot", (("Tags", "redshift:CreateTags"),)),
        "BatchDeleteClusterSnapshots": Needs("redshift:BatchDeleteClusterSnapshots", by_handler=True),  # each
        "BatchModifyClusterSnapshots": Needs("redshift:BatchModifyClusterSnapshots", by_handler=True),  # each
        "CreateSnapshotCopyGrant": Needs("redshift:CreateSnapshotCopyGrant", (("Tags", "redshift:CreateTags"),)),
        "CreateEventSubscription": Needs("redshift:CreateEventSubscription", (("Tags", "redshift:CreateTags"),)),
        "CreateSnapshotSchedule": Needs("redshift:CreateSnapshotSchedule", (("Tags", "redshift:CreateTags"),)),
        "CreateClusterSubnetGroup": Needs("redshift:CreateClusterSubnetGroup", (("Tags", "redshift:CreateTags"),)),
        "CreateUsageLimit": Needs("redshift:CreateUsageLimit", (("Tags", "redshift:CreateTags"),)),
        "CreateClusterParameterGroup": Needs(
            "redshift:CreateClusterParameterGroup", (("Tags", "redshift:CreateTags"),)
        ),
        "ModifyClusterIamRoles": Needs("redshift:ModifyClusterIamRoles", beside=("iam:PassRole",)),
        "CreateScheduledAction": Needs("redshift:CreateScheduledAction", beside=("iam:PassRole",)),
        "ModifyScheduledAction": Needs("redshift:ModifyScheduledAction", beside=("iam:PassRole",)),
        "RestoreTableFromClusterSnapshot": Needs("redshift:RestoreTableFromClusterSnapshot"),  # on the snapshot, too
        "RestoreFromClusterSnapshot": Needs("redshift:RestoreFromClusterSnapshot", beside=("iam:PassRole",)),
    },
    "secretsmanager": _named(
        "secretsmanager",
        """DescribeSecret UpdateSecret DeleteSecret RestoreSecret TagResource UntagResource ListSecrets GetSecretValue
        PutSecretValue ListSecretVersionIds UpdateSecretVersionStage PutResourcePolicy GetResourcePolicy DeleteResourcePolicy
        RotateSecret GetRandomPassword""",
    )
    | {
        "CreateSecret": Needs("secretsmanager:CreateSecret", (("Tags", "secretsmanager:TagResource"),)),
        "BatchGetSecretValue": Needs(  # and secretsmanager:GetSecretValue on each: the answer is 200 with errors in it
            "secretsmanager:BatchGetSecretValue", (("Filters", "secretsmanager:ListSecrets"),)
        ),
    },
    "kms": {
        "CreateKey": Needs("kms:CreateKey", (("Tags", "kms:TagResource"),)),
        "ListKeys": Needs("kms:ListKeys"),
        "ListAliases": Needs("kms:ListAliases"),
        "ReEncrypt": Needs("kms:ReEncryptFrom", by_handler=True, beside=("kms:ReEncryptTo",)),
    }
    | {  # a key's own policy decides first: asked where the key is known
        name: Needs(f"kms:{name}", by_handler=True)
        for name in """DescribeKey EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion UpdateKeyDescription TagResource
        UntagResource ListResourceTags GetKeyPolicy PutKeyPolicy ListKeyPolicies CreateAlias UpdateAlias DeleteAlias CreateGrant
        ListGrants RevokeGrant RetireGrant Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext""".split()
    },
    "redshift-data": _named(
        "redshift-data", "DescribeStatement GetStatementResult ListStatements CancelStatement ListSessions"
    )
    | {"GetStatementResultV2": Needs("redshift-data:GetStatementResult")}
    | {  # those that connect to a database; with DbUser redshift:GetClusterCredentials, with SecretArn its GetSecretValue, with
        # WorkgroupName redshift-serverless:GetCredentials
        name: Needs(f"redshift-data:{name}", beside=("redshift:GetClusterCredentialsWithIAM",))
        for name in "ExecuteStatement BatchExecuteStatement ListDatabases ListSchemas ListTables DescribeTable".split()
    },
    "redshift-serverless": _named(
        "redshift-serverless",
        """GetNamespace ListNamespaces DeleteNamespace GetWorkgroup ListWorkgroups UpdateWorkgroup DeleteWorkgroup
        GetCredentials GetSnapshot ListSnapshots UpdateSnapshot DeleteSnapshot RestoreFromSnapshot CreateUsageLimit GetUsageLimit
        ListUsageLimits UpdateUsageLimit DeleteUsageLimit ListTagsForResource TagResource UntagResource""",
    )
    | {
        name: Needs(f"redshift-serverless:{name}", (("tags", "redshift-serverless:TagResource"),))
        for name in ("CreateWorkgroup", "CreateSnapshot")
    }
    | {
        "CreateNamespace": Needs(
            "redshift-serverless:CreateNamespace",
            (("tags", "redshift-serverless:TagResource"),),
            beside=("iam:PassRole",),  # on each of iamRoles
        ),
        "UpdateNamespace": Needs("redshift-serverless:UpdateNamespace", beside=("iam:PassRole",)),
    },
    "scheduler": _named(
        "scheduler",
        """GetSchedule DeleteSchedule ListSchedules GetScheduleGroup DeleteScheduleGroup ListScheduleGroups
        ListTagsForResource TagResource UntagResource""",
    )
    | {
        "CreateSchedule": Needs("scheduler:CreateSchedule", beside=("iam:PassRole",)),
        "UpdateSchedule": Needs("scheduler:UpdateSchedule", beside=("iam:PassRole",)),
        "CreateScheduleGroup": Needs("scheduler:CreateScheduleGroup", (("Tags", "scheduler:TagResource"),)),
    },
}
