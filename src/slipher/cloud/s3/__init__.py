"""Embedded S3: an index in the gateway's database over immutable files. The table of operations."""

from __future__ import annotations

from typing import Any

from slipher.cloud.call import Call, Handler, Operation
from slipher.cloud.s3 import (
    attributes,
    buckets,
    encryption,
    listing,
    multipart,
    objects,
    policies,
    records,
    settings,
    tagging,
    tags,
    uploads,
    version_lists,
    versions,
)
from slipher.cloud.s3.facts import CHECKSUMS, SENT, WRITES
from slipher.cloud.s3.objects import object_arn

BUCKET = "Bucket ExpectedBucketOwner"
OBJECT = f"{BUCKET} Key RequestPayer"  # no bucket here asks its requesters to pay, and so the header changes nothing
IF = "IfMatch IfNoneMatch IfModifiedSince IfUnmodifiedSince"
SOURCE = "CopySource CopySourceIfMatch CopySourceIfNoneMatch CopySourceIfModifiedSince CopySourceIfUnmodifiedSince"
READ = f"""{OBJECT} {IF} Range VersionId ChecksumMode ResponseCacheControl ResponseContentDisposition
    ResponseContentEncoding ResponseContentLanguage ResponseContentType ResponseExpires"""
LIST = f"{BUCKET} Delimiter EncodingType MaxKeys Prefix RequestPayer"
SUMS = " ".join(CHECKSUMS.values())


def _bucket(call: Call) -> str:
    return f"arn:aws:s3:::{call.params['Bucket']}"


def _all(call: Call) -> str:
    return "*"


def _list_context(call: Call) -> dict[str, str]:
    params = call.params
    context = {"s3:prefix": str(params.get("Prefix") or "")}
    if params.get("Delimiter"):
        context["s3:delimiter"] = str(params["Delimiter"])
    if params.get("MaxKeys") is not None:
        context["s3:max-keys"] = str(params["MaxKeys"])
    return context


WRITE_KEYS = {  # condition keys of a write: what the request's headers say
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:if-none-match": "IfNoneMatch",
    "s3:if-match": "IfMatch",
}


def _write_context(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {key: str(call.params[name]) for key, name in WRITE_KEYS.items() if call.params.get(name)}
    given = tags.of_header(str(call.params["Tagging"])) if call.params.get("Tagging") else None
    return found | tags.context(given, "s3:RequestObjectTag")


def _version_context(call: Call) -> dict[str, str]:
    return {"s3:VersionId": str(call.params["VersionId"])} if call.params.get("VersionId") else {}


def _tag_context(call: Call) -> dict[str, Any]:
    return tags.context((call.params.get("Tagging") or {}).get("TagSet"), "s3:RequestObjectTag")


CHECKED = "ContentMD5 ChecksumAlgorithm"
ACLS = f"{CHECKED} ACL AccessControlPolicy GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP"
RECORDS: dict[str, tuple[Handler, str]] = {  # documents of a bucket: handler, and the members beside the bucket
    "PutBucketTagging": (records.putter("tagging"), f"Tagging {CHECKED}"),
    "GetBucketTagging": (records.getter("tagging"), ""),
    "DeleteBucketTagging": (records.remover("tagging"), ""),
    "PutPublicAccessBlock": (records.putter("public"), f"PublicAccessBlockConfiguration {CHECKED}"),
    "GetPublicAccessBlock": (records.getter("public"), ""),
    "DeletePublicAccessBlock": (records.remover("public"), ""),
    "PutBucketCors": (records.putter("cors"), f"CORSConfiguration {CHECKED}"),
    "GetBucketCors": (records.getter("cors"), ""),
    "DeleteBucketCors": (records.remover("cors"), ""),
    "PutBucketLifecycleConfiguration": (
        records.putter("lifecycle"),
        "LifecycleConfiguration TransitionDefaultMinimumObjectSize ChecksumAlgorithm",
    ),
    "GetBucketLifecycleConfiguration": (records.getter("lifecycle"), ""),
    "DeleteBucketLifecycle": (records.remover("lifecycle"), ""),
    "PutBucketNotificationConfiguration": (
        records.putter("notification"),
        "NotificationConfiguration SkipDestinationValidation",
    ),
    "GetBucketNotificationConfiguration": (records.getter("notification", {}), ""),
    "PutBucketOwnershipControls": (records.putter("ownership"), f"OwnershipControls {CHECKED}"),
    "GetBucketOwnershipControls": (
        records.getter("ownership", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
        "",
    ),
    "GetBucketRequestPayment": (settings.answering({"Payer": "BucketOwner"}), ""),
    "GetBucketLogging": (settings.answering({}), ""),
    "GetBucketAccelerateConfiguration": (settings.answering({}), "RequestPayer"),
    "GetBucketWebsite": (
        settings.without("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
        "",
    ),
    "GetBucketReplication": (
        settings.without("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
        "",
    ),
    "GetObjectLockConfiguration": (
        settings.without(
            "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"
        ),
        "",
    ),
    "PutBucketVersioning": (versions.put_status, f"VersioningConfiguration {CHECKED}"),
    "GetBucketVersioning": (versions.get_status, ""),
}

OPERATIONS: dict[str, Operation] = {
    "ListBuckets": Operation(buckets.list_, "MaxBuckets ContinuationToken Prefix BucketRegion", _all),
    "CreateBucket": Operation(
        buckets.create, "Bucket ACL ObjectOwnership CreateBucketConfiguration.LocationConstraint", _bucket
    ),
    "HeadBucket": Operation(buckets.head, BUCKET, _bucket),
    "DeleteBucket": Operation(buckets.delete_, BUCKET, _bucket),
    "GetBucketLocation": Operation(buckets.location, BUCKET, _bucket),
    "PutBucketPolicy": Operation(policies.put, f"{BUCKET} Policy ContentMD5 ChecksumAlgorithm", _bucket),
    "GetBucketPolicy": Operation(policies.get, BUCKET, _bucket),
    "DeleteBucketPolicy": Operation(policies.delete, BUCKET, _bucket),
    **{name: Operation(handler, f"{BUCKET} {takes}", _bucket) for name, (handler, takes) in RECORDS.items()},
    "GetBucketPolicyStatus": Operation(policies.status, BUCKET, _bucket),
    "GetObjectAcl": Operation(settings.object_acl, f"{OBJECT} VersionId", object_arn),
    "GetBucketEncryption": Operation(encryption.get, BUCKET, _bucket),
    "PutBucketEncryption": Operation(
        encryption.put, f"{BUCKET} ServerSideEncryptionConfiguration ContentMD5 ChecksumAlgorithm", _bucket
    ),
    "DeleteBucketEncryption": Operation(encryption.delete_, BUCKET, _bucket),
    "GetBucketAcl": Operation(settings.bucket_acl, BUCKET, _bucket),
    "PutBucketAcl": Operation(settings.put_bucket_acl, f"{BUCKET} {ACLS}", _bucket),
    "PutObjectAcl": Operation(settings.put_object_acl, f"{OBJECT} VersionId {ACLS}", object_arn),
    "ListObjects": Operation(listing.list_v1, f"{LIST} Marker", _bucket, _list_context),
    "ListObjectsV2": Operation(
        listing.list_v2, f"{LIST} ContinuationToken FetchOwner StartAfter", _bucket, _list_context
    ),
    "PutObject": Operation(objects.put, f"{OBJECT} {WRITES} {SENT} IfMatch IfNoneMatch", object_arn, _write_context),
    "GetObject": Operation(objects.get, READ, object_arn, _version_context),
    "HeadObject": Operation(objects.head, READ, object_arn, _version_context),
    "CopyObject": Operation(
        objects.copy,
        f"{OBJECT} {WRITES} {SOURCE} MetadataDirective TaggingDirective ExpectedSourceBucketOwner IfMatch IfNoneMatch",
        object_arn,
        _write_context,
    ),
    "GetObjectAttributes": Operation(attributes.get, f"{OBJECT} VersionId ObjectAttributes", object_arn),
    "PutObjectTagging": Operation(tagging.put, f"{OBJECT} VersionId Tagging {CHECKED}", object_arn, _tag_context),
    "GetObjectTagging": Operation(attributes.tags, f"{OBJECT} VersionId", object_arn),
    "DeleteObjectTagging": Operation(tagging.delete_, f"{BUCKET} Key VersionId", object_arn),
    "ListObjectVersions": Operation(
        version_lists.list_versions, f"{LIST} KeyMarker VersionIdMarker", _bucket, _list_context
    ),
    "DeleteObject": Operation(objects.delete_, f"{OBJECT} VersionId IfMatch", object_arn, _version_context),
    "DeleteObjects": Operation(objects.delete_many, f"{BUCKET} Delete ChecksumAlgorithm RequestPayer", _bucket),
    "CreateMultipartUpload": Operation(
        multipart.create, f"{OBJECT} {WRITES} ChecksumAlgorithm ChecksumType", object_arn, _write_context
    ),
    "UploadPart": Operation(multipart.upload_part, f"{OBJECT} {SENT} PartNumber UploadId", object_arn),
    "UploadPartCopy": Operation(
        multipart.upload_part_copy,
        f"{OBJECT} {SOURCE} CopySourceRange PartNumber UploadId ExpectedSourceBucketOwner",
        object_arn,
        _write_context,
    ),
    "CompleteMultipartUpload": Operation(
        multipart.complete,
        f"{OBJECT} {SUMS} ChecksumType MpuObjectSize MultipartUpload UploadId IfMatch IfNoneMatch",
        object_arn,
    ),
    "AbortMultipartUpload": Operation(multipart.abort, f"{OBJECT} UploadId", object_arn),
    "ListParts": Operation(uploads.list_parts, f"{OBJECT} MaxParts PartNumberMarker UploadId", object_arn),
    "ListMultipartUploads": Operation(
        uploads.list_uploads,
        f"{BUCKET} Delimiter EncodingType KeyMarker MaxUploads Prefix UploadIdMarker RequestPayer",
        _bucket,
    ),
}
