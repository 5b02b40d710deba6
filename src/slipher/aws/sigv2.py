"""S3's older signature in a URL (AWSAccessKeyId, Signature, Expires): what `aws s3 presign` still makes for us-east-1.

Source: S3 user guide, "Signing and authenticating REST requests" (Signature Version 2), query string authentication. Only URLs
are taken: nothing that is kept signs headers so.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from slipher.aws.sigv4 import Presented
from slipher.base.errors import AwsError

SUBRESOURCES = frozenset(
    """accelerate acl cors location logging partNumber policy requestPayment torrent versioning versionId versions
    website uploads uploadId response-content-type response-content-language response-expires response-cache-control
    response-content-disposition response-content-encoding delete lifecycle tagging restore storageClass notification
    replication analytics metrics inventory select select-type object-lock""".split()
)


def presented_v2(query: Mapping[str, str]) -> Presented | None:
    """The signature in a query; None if there is none. It names no region."""
    if "AWSAccessKeyId" not in query:
        return None
    if not query.get("Signature") or not query.get("Expires", "").isdigit():
        raise AwsError(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
            403,
        )
    return Presented(
        query["AWSAccessKeyId"], "", "", "s3", (), query["Signature"], "", query.get("x-amz-security-token"), None,
        min(int(query["Expires"]), 2**40),
    )  # fmt: skip


def verify_v2(
    found: Presented, secret: str, now: datetime, *, method: str, raw_path: str, query: Mapping[str, str],
    headers: Mapping[str, str], bucket: str | None,
) -> None:  # fmt: skip
    """Check a signature; `bucket` is the name that the host holds, if it does."""
    if now > datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=found.expires or 0):
        raise AwsError("AccessDenied", "Request has expired", 403)
    amazon = {name: value for name, value in headers.items() if name.startswith("x-amz-")}
    if found.session_token:
        amazon["x-amz-security-token"] = found.session_token
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in sorted(amazon.items()))
    named = sorted((name, value) for name, value in query.items() if name in SUBRESOURCES)
    resource = (f"/{bucket}" if bucket else "") + raw_path
    if named:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in named)
    text = "\n".join(
        (method, headers.get("content-md5", ""), headers.get("content-type", ""), str(found.expires), lines + resource)
    )
    expected = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    if not hmac.compare_digest(expected.encode(), found.signature.encode()):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            403,
        )
