"""What is kept of an object beside its bytes: the members that describe it, its class, its checksums; and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.s3 import encryption
from slipher.cloud.s3.tags import of_header

TEXTS = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl")
CHECKSUMS = {
    f"x-amz-checksum-{name.lower()}": f"Checksum{name}"
    for name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5")
}
CLASSES = {
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
}  # fmt: skip
ARCHIVED = {"GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"}
MAX_METADATA = 2048
WRITES = " ".join((*TEXTS, "Metadata", "Expires", "StorageClass", encryption.MEMBERS, "ACL", "RequestPayer", "Tagging"))
SENT = " ".join((*CHECKSUMS.values(), "ChecksumAlgorithm", "ContentMD5", "ContentLength", "Body"))


def described(call: Call) -> dict[str, Any]:
    """The facts in a request that writes an object; refuses what cannot be had."""
    params = call.params
    if params.get("ACL") not in (None, "bucket-owner-full-control"):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    kind = params.get("StorageClass")
    if kind in ARCHIVED:
        raise AwsError("NotImplemented", f"The storage class {kind} is not implemented by Slipher yet.", 501)
    if kind is not None and kind not in CLASSES:
        raise AwsError("InvalidStorageClass", "The storage class you specified is not valid")
    facts = {name: params[name] for name in TEXTS if params.get(name)}
    encodings = [one.strip() for one in facts.pop("ContentEncoding", "").split(",")]
    if kept := ",".join(one for one in encodings if one and one != "aws-chunked"):  # the framing is not the object's
        facts["ContentEncoding"] = kept
    if params.get("Expires"):
        facts["Expires"] = call.http.headers.get("expires", "")
    if kind not in (None, "STANDARD"):
        facts["StorageClass"] = kind
    metadata = dict(params.get("Metadata") or {})
    if sum(len(name.encode()) + len(text.encode()) for name, text in metadata.items()) > MAX_METADATA:
        raise AwsError(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            extra={"MaxSizeAllowed": str(MAX_METADATA)},
        )
    if metadata:
        facts["Metadata"] = metadata
    if params.get("Tagging"):
        facts["Tags"] = of_header(str(params["Tagging"]))
    return facts


def checksums(call: Call) -> dict[str, str]:
    """The checksums of the body that was read, by member name."""
    return {CHECKSUMS[name]: value for name, value in call.checksums().items() if name in CHECKSUMS}


def shown(facts: dict[str, Any], size: int, etag: str, modified: float) -> dict[str, Any]:
    """An object's facts as GetObject and HeadObject show them."""
    found = {name: facts[name] for name in (*TEXTS, "Metadata", "Expires", "StorageClass") if name in facts}
    found.setdefault("ContentType", "binary/octet-stream")
    return found | {
        "ETag": f'"{etag}"',
        "LastModified": datetime.fromtimestamp(modified, UTC),
        "ContentLength": size,
        "AcceptRanges": "bytes",
        **encryption.shown(facts),
    }


def shown_checksums(facts: dict[str, Any]) -> dict[str, Any]:
    """The checksums that are kept, with their type."""
    found = {name: facts[name] for name in CHECKSUMS.values() if name in facts}
    return found | ({"ChecksumType": facts.get("ChecksumType", "FULL_OBJECT")} if found else {})
