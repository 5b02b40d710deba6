"""Signature Version 4: presented signatures are checked, our own requests are signed. Time is an argument.

Canonicalisation as AWS documents it; S3 signs the path as it was sent, other services normalise and encode it once more.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from slipher.base.errors import AwsError

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
SKEW = timedelta(minutes=15)
EMPTY_HASH = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys to sign with."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """A signature as a request presents it, not yet checked."""

    access_key_id: str
    date: str  # yyyymmdd of the scope
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str  # yyyymmddThhmmssZ
    session_token: str | None
    payload_hash: str | None  # x-amz-content-sha256, if it was sent
    expires: int | None = None  # presigned: seconds

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def presented(query: Mapping[str, str], headers: Mapping[str, str]) -> Presented | None:
    """The signature in the Authorization header or in the query; None if there is none; AwsError if it is not whole."""
    if query.get("X-Amz-Algorithm") == ALGORITHM:
        return _from_query(query)
    header = headers.get("authorization")
    if header is None:
        return None
    scheme, _, rest = header.partition(" ")
    if scheme != ALGORITHM:
        raise AwsError("InvalidArgument", "Unsupported Authorization Type", 400)
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    for name in ("Credential", "Signature", "SignedHeaders"):
        if not fields.get(name):
            raise AwsError(
                "IncompleteSignature", f"Authorization header requires '{name}' parameter. Authorization={scheme}", 400
            )
    key, date, region, service = _credential(fields["Credential"])
    timestamp = headers.get("x-amz-date", "")
    if not timestamp:
        raise AwsError(
            "IncompleteSignature",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            400,
        )
    return Presented(
        key,
        date,
        region,
        service,
        tuple(fields["SignedHeaders"].split(";")),
        fields["Signature"],
        timestamp,
        headers.get("x-amz-security-token"),
        headers.get("x-amz-content-sha256"),
    )


def _from_query(query: Mapping[str, str]) -> Presented:
    for name in ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"):
        if not query.get(name):
            raise AwsError(
                "AuthorizationQueryParametersError",
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
                400,
            )
    key, date, region, service = _credential(query["X-Amz-Credential"])
    expires = query["X-Amz-Expires"]
    if not expires.isdigit() or not 0 < int(expires) <= 604800:
        raise AwsError(
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be less than a week (in seconds) that is 604800",
            400,
        )
    return Presented(
        key,
        date,
        region,
        service,
        tuple(query["X-Amz-SignedHeaders"].split(";")),
        query["X-Amz-Signature"],
        query["X-Amz-Date"],
        query.get("X-Amz-Security-Token"),
        None,
        int(expires),
    )


def _credential(text: str) -> tuple[str, str, str, str]:
    parts = text.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise AwsError(
            "IncompleteSignature",
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'",
            400,
        )
    return parts[0], parts[1], parts[2], parts[3]


def verify(
    found: Presented,
    secret: str,
    now: datetime,
    *,
    method: str,
    raw_path: str,
    query_string: str,
    headers: Mapping[str, str],
    payload_hash: str,
) -> None:
    """Check a presented signature: time, scope, then the signature itself, in constant time.

    `payload_hash` is the hash that the body has, or what x-amz-content-sha256 says where the body is checked as it is read.
    """
    s3 = found.service == "s3"
    try:
        moment = datetime.strptime(found.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError(
            "IncompleteSignature", f"Date must be in ISO-8601 'basic format'. Got '{found.timestamp}'."
        ) from None
    if not found.timestamp.startswith(found.date):
        raise AwsError(
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date",
            403,
        )
    if found.expires is not None:
        if now > moment + timedelta(seconds=found.expires):
            raise AwsError("AccessDenied", "Request has expired", 403)
        if moment > now + SKEW:
            raise AwsError("AccessDenied", "Request is not yet valid", 403)
    elif abs(now - moment) > SKEW:
        if s3:
            raise AwsError(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                403,
            )
        raise AwsError(
            "SignatureDoesNotMatch",
            f"Signature expired: {found.timestamp} is now earlier than {(now - SKEW).strftime('%Y%m%dT%H%M%SZ')} "
            f"({now.strftime('%Y%m%dT%H%M%SZ')} - 15 min.)",
            403,
        )
    if "host" not in found.signed_headers:
        raise AwsError("SignatureDoesNotMatch", "'Host' must be a 'SignedHeader' in the AWS Authorization.", 403)
    if "x-amz-target" in headers and "x-amz-target" not in found.signed_headers:
        raise AwsError("SignatureDoesNotMatch", "The header x-amz-target must be signed.", 403)
    unsigned = [name for name in headers if name.startswith("x-amz-") and name not in found.signed_headers]
    if unsigned and found.expires is None and s3:
        raise AwsError("AccessDenied", "There were headers present in the request which were not signed", 403)
    canonical = canonical_request(
        method,
        raw_path,
        query_string,
        {name: headers.get(name, "") for name in found.signed_headers},
        payload_hash,
        s3=s3,
    )
    expected = signature(secret, found, canonical)
    if not hmac.compare_digest(expected, found.signature):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
            if s3
            else "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            403,
        )


def canonical_request(
    method: str, raw_path: str, query_string: str, signed: Mapping[str, str], payload_hash: str, *, s3: bool
) -> str:
    """The canonical request of the signature."""
    path = quote(unquote(raw_path), safe="/-_.~") if s3 else quote(raw_path or "/", safe="/-_.~")
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query_string, keep_blank_values=True)
        if name != "X-Amz-Signature"
    ]
    query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    names = sorted(signed)
    lines = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in names)
    return "\n".join((method, path or "/", query, lines, ";".join(names), payload_hash))


@lru_cache(maxsize=512)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The derived key of a day, region and service."""
    key = b"AWS4" + secret.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(secret: str, found: Presented, canonical: str) -> str:
    """The signature of a canonical request."""
    to_sign = "\n".join((ALGORITHM, found.timestamp, found.scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = signing_key(secret, found.date, found.region, found.service)
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def sign(
    method: str,
    url: str,
    headers: Mapping[str, str],
    payload_hash: str,
    credentials: Credentials,
    service: str,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """The headers to send: those given and host, x-amz-date, x-amz-content-sha256, token, authorization."""
    parts = urlsplit(url)
    timestamp = now.strftime("%Y%m%dT%H%M%SZ")
    out = {name.lower(): value for name, value in headers.items()}
    out["host"] = parts.netloc
    out["x-amz-date"] = timestamp
    if service == "s3":
        out["x-amz-content-sha256"] = payload_hash
    if credentials.session_token:
        out["x-amz-security-token"] = credentials.session_token
    names = tuple(sorted(out))
    found = Presented(credentials.access_key_id, timestamp[:8], region, service, names, "", timestamp, None, None)
    canonical = canonical_request(method, parts.path or "/", parts.query, out, payload_hash, s3=service == "s3")
    out["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{found.scope}, SignedHeaders={';'.join(names)}, "
        f"Signature={signature(credentials.secret_access_key, found, canonical)}"
    )
    return out
