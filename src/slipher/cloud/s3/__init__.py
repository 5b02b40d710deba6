"""Embedded S3: an index in the gateway's database over immutable files. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.s3 import buckets, encryption, listing, multipart, objects, policies, settings, uploads
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


def _write_context(call: Call) -> dict[str, str]:
    return {key: str(call.params[name]) for key, name in WRITE_KEYS.items() if call.params.get(name)}


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
    "GetBucketVersioning": Operation(settings.versioning, BUCKET, _bucket),
    "GetBucketOwnershipControls": Operation(settings.ownership, BUCKET, _bucket),
    "GetBucketEncryption": Operation(encryption.get, BUCKET, _bucket),
    "PutBucketEncryption": Operation(
        encryption.put, f"{BUCKET} ServerSideEncryptionConfiguration ContentMD5 ChecksumAlgorithm", _bucket
    ),
    "DeleteBucketEncryption": Operation(encryption.delete_, BUCKET, _bucket),
    "GetBucketAcl": Operation(settings.bucket_acl, BUCKET, _bucket),
    "ListObjects": Operation(listing.list_v1, f"{LIST} Marker", _bucket, _list_context),
    "ListObjectsV2": Operation(
        listing.list_v2, f"{LIST} ContinuationToken FetchOwner StartAfter", _bucket, _list_context
    ),
    "PutObject": Operation(objects.put, f"{OBJECT} {WRITES} {SENT} IfMatch IfNoneMatch", object_arn, _write_context),
    "GetObject": Operation(objects.get, READ, object_arn),
    "HeadObject": Operation(objects.head, READ, object_arn),
    "CopyObject": Operation(
        objects.copy,
        f"{OBJECT} {WRITES} {SOURCE} MetadataDirective TaggingDirective ExpectedSourceBucketOwner IfMatch IfNoneMatch",
        object_arn,
        _write_context,
    ),
    "DeleteObject": Operation(objects.delete_, f"{OBJECT} VersionId IfMatch", object_arn),
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
