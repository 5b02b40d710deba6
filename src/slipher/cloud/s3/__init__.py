"""Embedded S3: an index in the gateway's database over immutable files. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Call, Operation
from slipher.cloud.s3 import buckets, listing, multipart, objects, policies
from slipher.cloud.s3.objects import object_arn


def _bucket(call: Call) -> str:
    return f"arn:aws:s3:::{call.params['Bucket']}"


def _list_context(call: Call) -> dict[str, str]:
    params = call.params
    context = {"s3:prefix": str(params.get("Prefix") or "")}
    if params.get("Delimiter"):
        context["s3:delimiter"] = str(params["Delimiter"])
    if params.get("MaxKeys") is not None:
        context["s3:max-keys"] = str(params["MaxKeys"])
    return context


OPERATIONS: dict[str, Operation] = {
    "ListBuckets": Operation(buckets.list_, "s3:ListAllMyBuckets", lambda call: "arn:aws:s3:::*"),
    "CreateBucket": Operation(buckets.create, "s3:CreateBucket", _bucket),
    "HeadBucket": Operation(buckets.head, "s3:ListBucket", _bucket),
    "DeleteBucket": Operation(buckets.delete_, "s3:DeleteBucket", _bucket),
    "GetBucketLocation": Operation(buckets.location, "s3:GetBucketLocation", _bucket),
    "PutBucketPolicy": Operation(policies.put, "s3:PutBucketPolicy", _bucket),
    "GetBucketPolicy": Operation(policies.get, "s3:GetBucketPolicy", _bucket),
    "DeleteBucketPolicy": Operation(policies.delete, "s3:DeleteBucketPolicy", _bucket),
    "ListObjects": Operation(listing.list_v1, "s3:ListBucket", _bucket, _list_context),
    "ListObjectsV2": Operation(listing.list_v2, "s3:ListBucket", _bucket, _list_context),
    "PutObject": Operation(objects.put, "s3:PutObject", object_arn),
    "GetObject": Operation(objects.get, "s3:GetObject", object_arn),
    "HeadObject": Operation(objects.head, "s3:GetObject", object_arn),
    "CopyObject": Operation(objects.copy, "s3:PutObject", object_arn),
    "DeleteObject": Operation(objects.delete_, "s3:DeleteObject", object_arn),
    "DeleteObjects": Operation(objects.delete_many, None),  # asked key by key
    "CreateMultipartUpload": Operation(multipart.create, "s3:PutObject", object_arn),
    "UploadPart": Operation(multipart.upload_part, "s3:PutObject", object_arn),
    "CompleteMultipartUpload": Operation(multipart.complete, "s3:PutObject", object_arn),
    "AbortMultipartUpload": Operation(multipart.abort, "s3:AbortMultipartUpload", object_arn),
    "ListParts": Operation(multipart.list_parts, "s3:ListMultipartUploadParts", object_arn),
    "ListMultipartUploads": Operation(multipart.list_uploads, "s3:ListBucketMultipartUploads", _bucket),
}
