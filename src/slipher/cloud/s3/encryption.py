"""Server-side encryption with KMS: who may, under which key, and the bytes themselves.

A write asks KMS for a data key in its caller's name and keeps it encrypted beside the object; a read has KMS open it. Bytes are
encrypted with AES-256 in counter mode, so that any range can be read: each part of an upload counts on its own, under its
number (0: an object that was written at once).
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from sqlalchemy import Connection, delete, insert, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms.operations import data_key_for, opened_for
from slipher.cloud.s3.buckets import find, known
from slipher.cloud.state.s3 import encryptions

KMS, PLAIN = "aws:kms", "AES256"
DEFAULT_KEY = "alias/aws/s3"
BLOCK = 16
NAME = "SSE"  # among an object's facts
MEMBERS = "ServerSideEncryption SSEKMSKeyId SSEKMSEncryptionContext BucketKeyEnabled"
Facts = dict[str, Any]
Parts = Sequence[Sequence[int]]


def rule_of(db: Connection, bucket: str) -> Facts | None:
    """A bucket's own default encryption."""
    found = db.scalar(select(encryptions.c.rule).where(encryptions.c.bucket == bucket))
    return dict(found) if found is not None else None


def begin(call: Call, bucket: str) -> tuple[Facts, bytes | None]:
    """How the object that a request writes is encrypted: facts to keep, and its data key. Nothing of both: as all are."""
    params = call.params
    kind, key, with_bucket = (
        params.get("ServerSideEncryption"),
        params.get("SSEKMSKeyId"),
        params.get("BucketKeyEnabled"),
    )
    if kind not in (None, KMS, PLAIN):
        raise AwsError(
            "NotImplemented",
            f"{call.operation} with ServerSideEncryption {kind} is not implemented by Slipher yet.",
            501,
        )
    if kind != KMS and (key or params.get("SSEKMSEncryptionContext")):
        raise AwsError(
            "InvalidArgument",
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        )
    if kind is None:
        found = known(call.gateway, bucket)
        rule = found.encryption if found is not None else None
        default = (rule or {}).get("ApplyServerSideEncryptionByDefault") or {}
        kind, key = default.get("SSEAlgorithm"), default.get("KMSMasterKeyID")
        with_bucket = (rule or {}).get("BucketKeyEnabled") if with_bucket is None else with_bucket
    if kind != KMS:
        return {}, None
    if call.caller.kind == "anonymous":
        raise AwsError("AccessDenied", "Access Denied", 403)
    context = _context(params.get("SSEKMSEncryptionContext"))
    context["aws:s3:arn"] = f"arn:aws:s3:::{bucket}" + ("" if with_bucket else f"/{params['Key']}")
    arn, data_key, wrapped = _in_s3s_words(lambda: data_key_for(call, key or DEFAULT_KEY, context, "s3"))
    facts = {"Key": arn, "DataKey": base64.b64encode(wrapped).decode(), "Context": context}
    return {NAME: facts | ({"BucketKey": True} if with_bucket else {})}, data_key


def _context(text: str | None) -> dict[str, str]:
    """The encryption context of a request's header: JSON in base64."""
    if text is None:
        return {}
    try:
        found = json.loads(base64.b64decode(text, validate=True))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise AwsError(
            "InvalidArgument",
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which "
            "represents a string-string map",
        )
    return found


def _in_s3s_words(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except AwsError as error:
        if error.code == "AccessDenied" or error.status >= 500:
            raise
        raise AwsError(f"KMS.{error.code}", error.message, 400) from None


def data_key_of(call: Call, facts: Facts) -> bytes | None:
    """The data key of what is encrypted, if the caller may have it decrypted now; None of what is not."""
    kept = facts.get(NAME)
    if kept is None:
        return None
    blob = base64.b64decode(kept["DataKey"])
    found: bytes = _in_s3s_words(lambda: opened_for(call, blob, kept["Context"], "s3"))
    return found


def parts_of(facts: Facts, size: int) -> Parts:
    """(number, size) of the parts that an object's bytes were encrypted in."""
    return facts[NAME].get("Parts") or [[0, size]]


def shown(facts: Facts) -> dict[str, Any]:
    """The members of a response that tell of encryption."""
    kept = facts.get(NAME)
    if kept is None:
        return {"ServerSideEncryption": PLAIN}
    found = {"ServerSideEncryption": KMS, "SSEKMSKeyId": kept["Key"]}
    return found | ({"BucketKeyEnabled": True} if kept.get("BucketKey") else {})


class Run:
    """Bytes through the cipher, from an offset on; the same way in and out."""

    def __init__(self, key: bytes, parts: Parts, start: int = 0) -> None:
        self._key = key
        self._rest = list(parts)
        while self._rest and start >= self._rest[0][1] > 0 and len(self._rest) > 1:
            start -= self._rest.pop(0)[1]
        self._open(start)

    def _open(self, offset: int) -> None:
        number, size = self._rest.pop(0)
        self._left = size - offset
        nonce = number.to_bytes(8, "big") + (offset // BLOCK).to_bytes(8, "big")
        self._cipher: CipherContext = Cipher(AES(self._key), CTR(nonce)).encryptor()
        self._cipher.update(bytes(offset % BLOCK))

    def update(self, data: bytes) -> bytes:
        """The next bytes."""
        if len(data) <= self._left or not self._rest:
            self._left -= len(data)
            return self._cipher.update(data)
        out = self._cipher.update(data[: self._left])
        data = data[self._left :]
        self._open(0)
        return out + self.update(data)


async def through(run: Run | None, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream, through the cipher if there is one."""
    async for piece in pieces:
        yield run.update(piece) if run is not None else piece


# The default of a bucket


def put(call: Call) -> None:
    """PutBucketEncryption: one rule."""
    rules = call.params["ServerSideEncryptionConfiguration"].get("Rules") or []
    if len(rules) != 1 or not rules[0].get("ApplyServerSideEncryptionByDefault"):
        raise AwsError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )
    rule = dict(rules[0])
    default = rule["ApplyServerSideEncryptionByDefault"]
    kind, key = default.get("SSEAlgorithm"), default.get("KMSMasterKeyID")
    if rule.get("BlockedEncryptionTypes") or kind not in (KMS, PLAIN):
        what = kind if kind not in (KMS, PLAIN) else "BlockedEncryptionTypes"
        raise AwsError("NotImplemented", f"PutBucketEncryption with {what} is not implemented by Slipher yet.", 501)
    if key and kind != KMS:
        raise AwsError(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        )
    rule["BucketKeyEnabled"] = bool(rule.get("BucketKeyEnabled"))
    with call.gateway.transaction() as db:
        name = find(db, call).name
        forget(db, name)
        db.execute(insert(encryptions).values(bucket=name, rule=rule))


def get(call: Call) -> dict[str, Any]:
    """GetBucketEncryption: a bucket without a rule of its own has AES256."""
    with call.gateway.read() as db:
        rule = rule_of(db, find(db, call).name)
    none = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": PLAIN}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule or none]}}


def delete_(call: Call) -> None:
    """DeleteBucketEncryption."""
    with call.gateway.transaction() as db:
        forget(db, find(db, call).name)


def forget(db: Connection, bucket: str) -> None:
    """A bucket has no rule of its own any more."""
    db.execute(delete(encryptions).where(encryptions.c.bucket == bucket))
