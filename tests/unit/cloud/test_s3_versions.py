"""S3 beyond plain objects: versions, tags, attributes, and what is recorded of buckets, through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import select

from slipher.cloud.state.s3 import bodies


@pytest.fixture
def s3(local: Any) -> Any:
    return local.client("s3")


@pytest.fixture
def bucket(s3: Any) -> Any:
    s3.create_bucket(Bucket="versions")
    yield "versions"
    found = s3.list_object_versions(Bucket="versions")
    for one in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]:
        s3.delete_object(Bucket="versions", Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket="versions")


def refused(method: Any, **given: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as found:
        method(**given)
    return found.value.response["Error"]["Code"], found.value.response["ResponseMetadata"]["HTTPStatusCode"]


def enable(s3: Any, bucket: str, status: str = "Enabled") -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def body(s3: Any, bucket: str, key: str, **more: Any) -> bytes:
    return bytes(s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read())


def test_versions(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"zero")
    enable(s3, bucket)
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    one, two = (s3.put_object(Bucket=bucket, Key="k", Body=text)["VersionId"] for text in (b"one", b"two"))
    assert body(s3, bucket, "k") == b"two"
    assert [body(s3, bucket, "k", VersionId=version) for version in ("null", one, two)] == [b"zero", b"one", b"two"]
    deleted = s3.delete_object(Bucket=bucket, Key="k")
    assert deleted["DeleteMarker"] is True
    with pytest.raises(ClientError) as gone:
        s3.get_object(Bucket=bucket, Key="k")
    headers = gone.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (gone.value.response["Error"]["Code"], headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == (
        "NoSuchKey", "true", deleted["VersionId"],
    )  # fmt: skip
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert refused(s3.get_object, Bucket=bucket, Key="k", VersionId=deleted["VersionId"]) == ("MethodNotAllowed", 405)
    assert refused(s3.get_object, Bucket=bucket, Key="k", VersionId="x" * 32) == ("NoSuchVersion", 404)
    assert refused(s3.get_object, Bucket=bucket, Key="k", VersionId="x") == ("InvalidArgument", 400)
    listed = s3.list_object_versions(Bucket=bucket)
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["Versions"]] == [
        (two, False),
        (one, False),
        ("null", False),
    ]
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["DeleteMarkers"]] == [(deleted["VersionId"], True)]
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
    undone = s3.delete_object(Bucket=bucket, Key="k", VersionId=deleted["VersionId"])
    assert undone["DeleteMarker"] is True and body(s3, bucket, "k") == b"two"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=two)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["VersionId"], got["Body"].read()) == (one, b"one")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k", "VersionId": "null"})
    assert body(s3, bucket, "copy") == b"zero"
    many = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k", "VersionId": one}, {"Key": "copy"}]})
    assert [bool(done.get("DeleteMarker")) for done in many["Deleted"]] == [False, True]
    assert body(s3, bucket, "k") == b"zero"


def test_suspended(s3: Any, bucket: str, local: Any) -> None:
    enable(s3, bucket)
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"first")["VersionId"]
    enable(s3, bucket, "Suspended")
    for text in (b"second", b"third"):
        s3.put_object(Bucket=bucket, Key="k", Body=text)
    assert [one["VersionId"] for one in s3.list_object_versions(Bucket=bucket)["Versions"]] == ["null", first]
    assert body(s3, bucket, "k") == b"third"
    assert s3.delete_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [one["VersionId"] for one in listed["DeleteMarkers"]] == ["null"]
    assert [one["VersionId"] for one in listed["Versions"]] == [first]
    with local.gateway.read() as db:
        kept = list(db.scalars(select(bodies.c.id)))
    assert len(kept) == 1, "bytes that no version has are gone"


def test_versions_in_pages(s3: Any, bucket: str) -> None:
    enable(s3, bucket)
    for key in ("a", "b/1", "b/2", "c"):
        for number in range(3):
            s3.put_object(Bucket=bucket, Key=key, Body=b"%d" % number)
    s3.delete_object(Bucket=bucket, Key="c")
    whole = s3.list_object_versions(Bucket=bucket)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    found = [(one["Key"], one["VersionId"], one["IsLatest"]) for page in pages for one in page.get("Versions", ())]
    assert found == [(one["Key"], one["VersionId"], one["IsLatest"]) for one in whole["Versions"]] and len(found) == 12
    cut = s3.list_object_versions(Bucket=bucket, Delimiter="/", Prefix="")
    assert [one["Prefix"] for one in cut["CommonPrefixes"]] == ["b/"] and len(cut["Versions"]) == 6
    assert len(s3.list_object_versions(Bucket=bucket, Prefix="b/")["Versions"]) == 6


def test_permissions_of_versions(s3: Any, bucket: str, local: Any) -> None:
    enable(s3, bucket)
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    plain = local.user("plain-reader", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    reader = local.client("s3", plain)
    assert body(reader, bucket, "k") == b"x"
    assert refused(reader.get_object, Bucket=bucket, Key="k", VersionId=version) == ("AccessDenied", 403)
    tagger = local.client("s3", local.user("no-tagger", {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}))
    tagger.put_object(Bucket=bucket, Key="k", Body=b"y")
    assert refused(tagger.put_object, Bucket=bucket, Key="k", Body=b"z", Tagging="a=b") == ("AccessDenied", 403)


def test_tags_of_objects(s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**where, Body=b"x", Tagging="a=1&b=two%20words")
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
    assert s3.get_object(**where)["TagCount"] == 2
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert len(s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"]) == 2
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", TaggingDirective="REPLACE", Tagging="n=1")
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "n", "Value": "1"}]
    s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "c", "Value": ""}]
    s3.delete_object_tagging(**where)
    assert s3.get_object_tagging(**where)["TagSet"] == [] and "TagCount" not in s3.get_object(**where)
    eleven = [{"Key": str(number), "Value": "v"} for number in range(11)]
    assert refused(s3.put_object_tagging, **where, Tagging={"TagSet": eleven}) == ("BadRequest", 400)
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    assert refused(s3.put_object_tagging, **where, Tagging={"TagSet": twice}) == ("InvalidTag", 400)
    assert refused(s3.get_object_tagging, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    upload = s3.create_multipart_upload(**where, Tagging="m=1")["UploadId"]
    etag = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object_tagging(**where)["TagSet"] == [{"Key": "m", "Value": "1"}]
    found = s3.get_object_attributes(**where, ObjectAttributes=["ETag", "ObjectSize", "ObjectParts", "StorageClass"])
    assert (found["ETag"], found["ObjectSize"], found["ObjectParts"]["TotalPartsCount"], found["StorageClass"]) == (
        etag and s3.head_object(**where)["ETag"].strip('"'), 4, 1, "STANDARD",
    )  # fmt: skip


CORS = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"], "MaxAgeSeconds": 5}]
RULES = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 7}}]
QUEUE = {"Id": "q", "QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]}


@pytest.mark.parametrize(
    ("name", "member", "value", "remove", "missing"),
    [
        ("bucket_tagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "b"}]}, "delete_bucket_tagging", "NoSuchTagSet"),
        ("bucket_cors", "CORSConfiguration", {"CORSRules": CORS}, "delete_bucket_cors", "NoSuchCORSConfiguration"),
        ("bucket_lifecycle_configuration", "LifecycleConfiguration", {"Rules": RULES}, "delete_bucket_lifecycle",
         "NoSuchLifecycleConfiguration"),
        ("bucket_notification_configuration", "NotificationConfiguration", {"QueueConfigurations": [QUEUE]}, None, None),
        ("public_access_block", "PublicAccessBlockConfiguration",
         {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False},
         "delete_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    ],
)  # fmt: skip
def test_records(
    s3: Any, bucket: str, name: str, member: str, value: Any, remove: str | None, missing: str | None
) -> None:
    put, get = getattr(s3, f"put_{name}"), getattr(s3, f"get_{name}")
    if name == "public_access_block":
        assert set(get(Bucket=bucket)[member].values()) == {True}, "a new bucket is closed"
        s3.delete_public_access_block(Bucket=bucket)
    if missing:
        assert refused(get, Bucket=bucket) == (missing, 404)
    put(Bucket=bucket, **{member: value})
    found = get(Bucket=bucket)
    found = found.get(member, found)
    assert {key: found[key] for key in value} == value
    if remove:
        getattr(s3, remove)(Bucket=bucket)
        assert refused(get, Bucket=bucket) == (missing, 404)


def test_records_that_cannot_be(s3: Any, bucket: str) -> None:
    bad = {"CORSRules": [{"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}]}
    assert refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=bad) == ("InvalidRequest", 400)
    rules = {"Rules": RULES + RULES}
    assert refused(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=rules) == (
        "InvalidArgument",
        400,
    )
    assert refused(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert refused(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "i"}}) == (
        "NotImplemented",
        501,
    )


def test_public_access(s3: Any, bucket: str, local: Any) -> None:
    import urllib.error
    import urllib.request

    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Statement": everyone})
    s3.put_object(Bucket=bucket, Key="k", Body=b"open")
    with pytest.raises(ClientError, match="because public policies are prevented by the BlockPublicPolicy setting"):
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    with urllib.request.urlopen(f"{local.url}/{bucket}/k") as answer:
        assert answer.read() == b"open"
    block = {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{local.url}/{bucket}/k")
    assert body(s3, bucket, "k") == b"open"
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy) == ("AccessDenied", 403)
    narrow = everyone | {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": narrow}))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False


def test_acls_are_off(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="bucket-owner-full-control")
    off = ("AccessControlListNotSupported", 400)
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ACL="public-read") == off
    assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == off
    assert refused(s3.put_object_acl, Bucket=bucket, Key="k", ACL="private") == off
    assert refused(s3.put_object_acl, Bucket=bucket, Key="missing", ACL="private") == ("NoSuchKey", 404)
    for found in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
        assert [one["Permission"] for one in found["Grants"]] == ["FULL_CONTROL"]
        assert found["Grants"][0]["Grantee"]["ID"] == found["Owner"]["ID"]
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_what_is_remembered_of_a_bucket_changes_with_it(s3: Any, bucket: str, local: Any) -> None:
    reader = local.client("s3", local.user("remembering"))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert refused(reader.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    allow = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/remembering"}, "Action": "s3:GetObject",
             "Resource": f"arn:aws:s3:::{bucket}/*"}  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": allow}))
    assert body(reader, bucket, "k") == b"x"
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(reader.get_object, Bucket=bucket, Key="k") == ("AccessDenied", 403)
    s3.create_bucket(Bucket="remembered")
    s3.put_object(Bucket="remembered", Key="k", Body=b"x")
    s3.delete_object(Bucket="remembered", Key="k")
    s3.delete_bucket(Bucket="remembered")
    assert refused(s3.put_object, Bucket="remembered", Key="k", Body=b"x") == ("NoSuchBucket", 404)
    assert refused(s3.get_object, Bucket="remembered", Key="k") == ("NoSuchBucket", 404)
