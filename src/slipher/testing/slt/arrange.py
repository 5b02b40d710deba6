"""The directives of the AWS side: what a file puts into S3, DynamoDB and IAM, and takes away again; what it looks at."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import botocore.exceptions
import jmespath
from botocore import xform_name

from slipher.testing.instance import Instance
from slipher.testing.slt.records import Record

IDS = re.compile(r"\b(AROA|AIDA|AKIA|ASIA|ANPA)[A-Z0-9]{12,}\b")
SERVICE_TRUST = "redshift.amazonaws.com"


class Arrangement:
    """What one file has arranged on an instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._undo: list[Callable[[], object]] = []
        self._known: set[str] = set()

    def client(self, service: str, region: str | None = None) -> Any:
        """The administrator's client of a service."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._instance.client(service, region)
        return self._clients[key]

    def undo(self) -> list[str]:
        """Take everything away again, last first; what could not be taken away."""
        failures = []
        for step in reversed(self._undo):
            try:
                step()
            except botocore.exceptions.ClientError as error:
                failures.append(f"cannot clean up: {error}")
        self._undo.clear()
        return failures

    def bucket(self, record: Record) -> list[str]:
        """bucket NAME [region=]"""
        self._bucket(record.words[1], record.option("region") or None)
        return []

    def _bucket(self, name: str, region: str | None = None) -> None:
        if f"s3:{name}" in self._known:
            return
        self._known.add(f"s3:{name}")
        region = region or self._instance.region
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = self.client("s3", region)
        s3.create_bucket(Bucket=name, **place)
        self._undo.append(lambda: s3.delete_bucket(Bucket=name))
        self._undo.append(lambda: self._empty(name, s3))

    def _empty(self, bucket: str, s3: Any) -> None:
        s3.delete_bucket_policy(Bucket=bucket)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for found in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=found["Key"])

    def file(self, record: Record) -> list[str]:
        """file s3://bucket/key [gzip] [hex] [eol=no]"""
        bucket, _, key = record.words[1].removeprefix("s3://").partition("/")
        if "hex" in record.words:
            content = bytes.fromhex("".join(record.input))
        else:
            end = "" if record.option("eol") == "no" or not record.input else "\n"
            content = ("\n".join(record.input) + end).encode()
        if "gzip" in record.words:
            content = gzip.compress(content, mtime=0)
        self._bucket(bucket)
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return []

    def objects(self, record: Record) -> list[str]:
        """objects s3://bucket/prefix [content=no]"""
        bucket, _, prefix = record.words[1].removeprefix("s3://").partition("/")
        s3 = self.client("s3")
        lines = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                content = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
                packed = content[:2] == b"\x1f\x8b"
                content = gzip.decompress(content) if packed else content
                lines.append(f"{found['Key']}: {len(content)} bytes{' unpacked' if packed else ''}")
                if record.option("content") != "no":
                    lines += _content(content)
        return lines

    def item(self, record: Record) -> list[str]:
        """item dynamodb://table key=ATTRIBUTE"""
        table = record.words[1].removeprefix("dynamodb://")
        items = [{name: _attribute(value) for name, value in json.loads(line).items()} for line in record.input]
        dynamodb = self.client("dynamodb")
        if f"dynamodb:{table}" not in self._known:
            self._known.add(f"dynamodb:{table}")
            key = record.option("key", "id")
            (kind,) = items[0][key]
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )
            self._undo.append(lambda: dynamodb.delete_table(TableName=table))
        for one in items:
            dynamodb.put_item(TableName=table, Item=one)
        return []

    def role(self, record: Record) -> list[str]:
        """role NAME [alone]: made with its policies, and associated with the cluster unless alone."""
        name = record.words[1]
        iam = self.client("iam")
        lines = [tuple(line.split(None, 1)) for line in record.input]
        trusts = [rest for word, rest in lines if word == "trust"] or [SERVICE_TRUST]
        statements = [
            json.loads(trust)
            if trust.startswith("{")
            else {"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"}
            for trust in trusts
        ]
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(statements))["Role"]["Arn"]
        self._undo.append(lambda: self._delete_role(name))
        for word, rest in lines:
            if word == "managed":
                iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{rest}")
        inline = [json.loads(rest) for word, rest in lines if word == "inline"]
        if inline:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=_document(inline))
        if "alone" not in record.words:
            self._associate(AddIamRoles=[arn])
            self._undo.append(lambda: self._associate(RemoveIamRoles=[arn]))
        return []

    def _associate(self, **change: list[str]) -> None:
        """Change the cluster's roles, and wait until it is available again."""
        redshift, cluster = self.client("redshift"), self._instance.cluster.id
        redshift.modify_cluster_iam_roles(ClusterIdentifier=cluster, **change)
        self._instance.wait_available(redshift, cluster)

    def _delete_role(self, name: str) -> None:
        iam = self.client("iam")
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
        iam.delete_role(RoleName=name)

    def api(self, record: Record) -> tuple[list[str], str | None]:
        """api SERVICE OPERATION: the answer's lines, and its error's code."""
        service, operation = record.words[1:3]
        asked = json.loads("\n".join(record.input) or "{}")
        client = self.client(service, record.option("region") or None)
        try:
            answer = getattr(client, xform_name(operation))(**asked)
        except botocore.exceptions.ClientError as error:
            facts = error.response["Error"]
            return [f"! {facts['Code']}: {_masked(facts.get('Message', ''))}"], facts["Code"]
        answer.pop("ResponseMetadata", None)
        chosen = jmespath.search(record.option("select"), answer) if record.option("select") else answer
        text = json.dumps(chosen, indent=2, sort_keys=True, default=_json)
        return _masked(text).splitlines(), None


def _masked(text: str) -> str:
    return IDS.sub(r"<\1>", text)


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _json(value: object) -> str:
    return "<time>" if isinstance(value, datetime) else str(value)


def _content(content: bytes) -> list[str]:
    text = content.decode("utf-8", "backslashreplace")
    lines = [f"  |{line}" for line in text.split("\n")]
    if text.endswith("\n") or not text:
        return lines[:-1]
    return [*lines[:-1], f"{lines[-1]}<no newline>"]


def _attribute(value: Any) -> dict[str, Any]:
    """A JSON value as an attribute of DynamoDB."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [_attribute(one) for one in value]}
    return {"M": {name: _attribute(one) for name, one in value.items()}}
