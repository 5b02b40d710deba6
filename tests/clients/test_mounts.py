"""Buckets and tables behind another endpoint: moto's server is the S3 and DynamoDB that has the content."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from slipher.testing.instance import Instance

SECRET = "a-secret-that-nobody-may-see"
ROLE = "mounted-loader"
PART = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    """The URL of a server of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def there(remote: str, service: str) -> Any:
    """A client of the other server."""
    return boto3.client(
        service, region_name="us-east-1", endpoint_url=remote, aws_access_key_id="AKIAREMOTE", aws_secret_access_key=SECRET,
        config=Config(proxies={}),
    )  # fmt: skip


def command(slipher: Instance, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "slipher", *arguments, "--data-dir", str(slipher.data_dir)]
    return subprocess.run(line, env=dict(os.environ, **variables), capture_output=True, text=True, timeout=60)


def mount(slipher: Instance, remote: str, service: str, name: str, far: str) -> subprocess.CompletedProcess[str]:
    options = ["--endpoint", remote, "--remote", far, "--access-key-id", "AKIAREMOTE"]
    return command(slipher, "mount", service, name, *options, SLIPHER_MOUNT_SECRET=SECRET)


@pytest.fixture(scope="module")
def bucket(slipher: Instance, remote: str) -> Iterator[str]:
    there(remote, "s3").create_bucket(Bucket="far-away")
    made = mount(slipher, remote, "s3", "near", "far-away")
    assert made.returncode == 0, made.stderr
    yield "near"
    assert command(slipher, "unmount", "s3", "near").returncode == 0
    assert "near" not in [one["Name"] for one in slipher.client("s3").list_buckets()["Buckets"]]


@pytest.fixture(scope="module")
def table(slipher: Instance, remote: str) -> Iterator[str]:
    there(remote, "dynamodb").create_table(
        TableName="far-items", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}, {"AttributeName": "id", "AttributeType": "N"}],
    )  # fmt: skip
    made = mount(slipher, remote, "dynamodb", "near-items", "far-items")
    assert made.returncode == 0, made.stderr
    yield "near-items"
    assert command(slipher, "unmount", "dynamodb", "near-items").returncode == 0


@pytest.fixture
def reader(slipher: Instance) -> Iterator[Any]:
    """Clients of a user who may do what the test says: reader(service, statements)."""
    iam = slipher.client("iam")
    iam.create_user(UserName="mount-reader")
    key = iam.create_access_key(UserName="mount-reader")["AccessKey"]

    def make(service: str, *statements: dict[str, Any]) -> Any:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName="mount-reader", PolicyName="p", PolicyDocument=document)
        return slipher.client(service, access_key_id=key["AccessKeyId"], secret_access_key=key["SecretAccessKey"])

    yield make
    iam.delete_access_key(UserName="mount-reader", AccessKeyId=key["AccessKeyId"])
    for name in iam.list_user_policies(UserName="mount-reader")["PolicyNames"]:
        iam.delete_user_policy(UserName="mount-reader", PolicyName=name)
    iam.delete_user(UserName="mount-reader")


def code(method: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as found:
        method(**given)
    return str(found.value.response["Error"]["Code"])


def test_objects_are_those_of_the_endpoint(slipher: Instance, remote: str, bucket: str) -> None:
    ours, theirs = slipher.client("s3"), there(remote, "s3")
    body = os.urandom(300_000)
    put = ours.put_object(Bucket=bucket, Key="a/b c+é", Body=body, ContentType="text/x", Metadata={"k": "v"})
    found = theirs.get_object(Bucket="far-away", Key="a/b c+é")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (body, "text/x", {"k": "v"})
    got = ours.get_object(Bucket=bucket, Key="a/b c+é")
    assert got["Body"].read() == body and got["ETag"] == put["ETag"] == found["ETag"]
    assert ours.get_object(Bucket=bucket, Key="a/b c+é", Range="bytes=5-9")["Body"].read() == body[5:10]
    assert ours.head_object(Bucket=bucket, Key="a/b c+é")["ContentLength"] == 300_000
    theirs.put_object(Bucket="far-away", Key="theirs", Body=b"x")
    listed = ours.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert listed["Name"] == bucket
    assert [one["Key"] for one in listed["Contents"]] == ["theirs"]
    assert [one["Prefix"] for one in listed["CommonPrefixes"]] == ["a/"]
    assert code(ours.get_object, Bucket=bucket, Key="missing") == "NoSuchKey"
    assert code(ours.head_object, Bucket=bucket, Key="missing") == "404"
    assert (
        code(ours.put_object, Bucket=bucket, Key="bad", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == "BadDigest"
    )
    ours.delete_object(Bucket=bucket, Key="a/b c+é")
    assert ours.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "theirs"}]})["Deleted"] == [{"Key": "theirs"}]
    assert theirs.list_objects_v2(Bucket="far-away")["KeyCount"] == 0, "what does not match its digest never gets there"


def test_an_upload_in_parts(slipher: Instance, remote: str, bucket: str) -> None:
    ours = slipher.client("s3")
    where = {"Bucket": bucket, "Key": "large"}
    upload = ours.create_multipart_upload(**where)
    assert upload["Bucket"] == bucket
    where["UploadId"] = upload["UploadId"]
    body = os.urandom(PART + 7)
    parts = [
        {"PartNumber": number, "ETag": ours.upload_part(**where, PartNumber=number, Body=piece)["ETag"]}
        for number, piece in ((1, body[:PART]), (2, body[PART:]))
    ]
    assert [one["PartNumber"] for one in ours.list_parts(**where)["Parts"]] == [1, 2]
    done = ours.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert done["Bucket"] == bucket and done["ETag"].endswith('-2"')
    assert there(remote, "s3").get_object(Bucket="far-away", Key="large")["Body"].read() == body
    given_up = ours.create_multipart_upload(Bucket=bucket, Key="given up")["UploadId"]
    ours.abort_multipart_upload(Bucket=bucket, Key="given up", UploadId=given_up)
    ours.delete_object(Bucket=bucket, Key="large")


def test_policies_decide_here(slipher: Instance, remote: str, bucket: str, reader: Any) -> None:
    admin, arn = slipher.client("s3"), f"arn:aws:s3:::{bucket}"
    there(remote, "s3").put_object(Bucket="far-away", Key="open/k", Body=b"open")
    there(remote, "s3").put_object(Bucket="far-away", Key="closed/k", Body=b"closed")
    s3 = reader("s3", {"Effect": "Allow", "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": f"{arn}/open/*"})
    assert s3.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"open"
    assert code(s3.get_object, Bucket=bucket, Key="closed/k") == "AccessDenied"
    assert code(s3.get_object, Bucket=bucket, Key="open/missing") == "AccessDenied", "who may not list learns nothing"
    assert code(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "open/k"}, {"Key": "closed/k"}]})
    assert [one["Key"] for one in gone["Deleted"]] == ["open/k"] and [one["Key"] for one in gone["Errors"]] == [
        "closed/k"
    ]
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{slipher.account}:user/mount-reader"},
             "Action": "s3:GetObject", "Resource": f"{arn}/*"}  # fmt: skip
    admin.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": allow}))
    assert s3.get_object(Bucket=bucket, Key="closed/k")["Body"].read() == b"closed"
    admin.delete_bucket_policy(Bucket=bucket)
    with pytest.raises(ClientError):
        there(remote, "s3").get_bucket_policy(Bucket="far-away")
    admin.delete_object(Bucket=bucket, Key="closed/k")


def test_what_a_mounted_bucket_has_not(slipher: Instance, bucket: str, slipher_bucket: str) -> None:
    s3 = slipher.client("s3")
    s3.put_object(Bucket=slipher_bucket, Key="k", Body=b"x")
    source = {"Bucket": slipher_bucket, "Key": "k"}
    assert code(s3.copy_object, Bucket=bucket, Key="k", CopySource=source) == "NotImplemented"
    assert (
        code(s3.copy_object, Bucket=slipher_bucket, Key="k", CopySource=source | {"Bucket": bucket}) == "NotImplemented"
    )
    assert code(s3.get_object_tagging, Bucket=bucket, Key="k") == "NotImplemented"
    assert code(s3.delete_bucket, Bucket=bucket) == "NotImplemented"
    assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms") == "NotImplemented"


def test_copy_and_unload(slipher: Instance, remote: str, bucket: str, table: str) -> None:
    iam, redshift = slipher.client("iam"), slipher.client("redshift")
    trust = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    allow = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]},
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"},
    ]
    iam.put_role_policy(RoleName=ROLE, PolicyName="p", PolicyDocument=json.dumps({"Statement": allow}))
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, AddIamRoles=[role])
    theirs = there(remote, "s3")
    theirs.put_object(Bucket="far-away", Key="in/1", Body=b"1|x\n2|y\n")
    theirs.put_object(Bucket="far-away", Key="in/2", Body=b"3|z\n")
    for number in range(30):
        item = {"owner": {"S": "o"}, "id": {"N": str(number)}}
        there(remote, "dynamodb").put_item(TableName="far-items", Item=item)
    try:
        with slipher.cluster.connect() as session:
            session.rows("create temp table t (a int, b varchar(9))")
            session.rows(f"copy t from 's3://{bucket}/in/' iam_role '{role}'")
            assert session.rows("select count(*), sum(a) from t") == [("3", "6")]
            session.rows(
                f"unload ('select * from t order by a') to 's3://{bucket}/out/' iam_role '{role}' parallel off"
            )
            session.rows("create temp table items (owner varchar(9), id int)")
            session.rows(f"copy items from 'dynamodb://{table}' iam_role '{role}' readratio 100")
            assert session.rows("select count(*), sum(id) from items") == [("30", "435")]
        assert theirs.get_object(Bucket="far-away", Key="out/000")["Body"].read() == b"1|x\n2|y\n3|z\n"
    finally:
        redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, RemoveIamRoles=[role])
        iam.delete_role_policy(RoleName=ROLE, PolicyName="p")
        iam.delete_role(RoleName=ROLE)


def test_items_are_those_of_the_endpoint(slipher: Instance, remote: str, table: str, reader: Any) -> None:
    ours, theirs = slipher.client("dynamodb"), there(remote, "dynamodb")
    item = {"owner": {"S": "ann"}, "id": {"N": "1"}, "raw": {"B": b"\x00\xff"}}
    used = ours.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL").get("ConsumedCapacity")
    assert used is None or used["TableName"] == table
    key = {name: item[name] for name in ("owner", "id")}
    assert theirs.get_item(TableName="far-items", Key=key)["Item"] == item
    assert ours.get_item(TableName=table, Key=key)["Item"] == item
    ours.update_item(
        TableName=table, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "5"}}
    )
    asked = {"KeyConditionExpression": "#o = :o", "ExpressionAttributeNames": {"#o": "owner"},
             "ExpressionAttributeValues": {":o": {"S": "ann"}}}  # fmt: skip
    (found,) = ours.query(TableName=table, **asked)["Items"]
    assert found["n"] == {"N": "5"}
    assert code(ours.put_item, TableName=table, Item=item, ConditionExpression="attribute_not_exists(id)") == (
        "ConditionalCheckFailedException"
    )
    described = ours.describe_table(TableName=table)["Table"]
    assert described["TableName"] == table
    assert described["TableArn"] == f"arn:aws:dynamodb:{slipher.region}:{slipher.account}:table/{table}"
    assert table in ours.list_tables()["TableNames"]
    assert code(ours.batch_get_item, RequestItems={table: {"Keys": [key]}}) == "NotImplemented"
    assert code(ours.delete_table, TableName=table) == "NotImplemented"
    leading = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["bob"]}}
    bob = reader("dynamodb", {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": leading})
    assert code(bob.get_item, TableName=table, Key=key) == "AccessDeniedException"
    assert "Item" not in bob.get_item(TableName=table, Key=key | {"owner": {"S": "bob"}})
    ours.delete_item(TableName=table, Key=key)
    assert "Item" not in theirs.get_item(TableName="far-items", Key=key)


def test_what_cannot_be_mounted(slipher: Instance, remote: str, bucket: str, slipher_bucket: str) -> None:
    for arguments, said in (
        (("s3", "new-one", "not-there"), "NoSuchBucket"),
        (("s3", bucket, "far-away"), f"there is a bucket {bucket} already"),
        (("s3", slipher_bucket, "far-away"), f"there is a bucket {slipher_bucket} already"),
        (("s3", "No Bucket", "far-away"), "is not a valid name"),
        (("dynamodb", "new-one", "not-there"), "ResourceNotFoundException"),
        (("sqs", "new-one", "queue"), "s3 or dynamodb"),
    ):
        found = mount(slipher, remote, *arguments)
        assert found.returncode == 1 and said in found.stderr, found.stderr
    found = mount(slipher, "ftp://127.0.0.1", "s3", "new-one", "x")
    assert found.returncode == 1 and "http or https" in found.stderr
    found = mount(slipher, "http://127.0.0.1:1", "s3", "new-one", "x")
    assert found.returncode == 1 and "does not answer" in found.stderr
    assert command(slipher, "unmount", "s3", slipher_bucket).returncode == 1


def test_the_secret_is_nowhere(slipher: Instance, bucket: str) -> None:
    for form in ("text", "json"):
        found = command(slipher, "mounts", "--format", form)
        assert bucket in found.stdout and "AKIAREMOTE" in found.stdout and SECRET not in found.stdout + found.stderr
    for path in slipher.data_dir.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_nobody_mounts_by_the_port(slipher: Instance) -> None:
    import urllib.error
    import urllib.request

    for method in ("GET", "PUT", "DELETE"):
        request = urllib.request.Request(f"{slipher.endpoint}/_slipher/mounts", b"{}", method=method)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(request, timeout=10)
