"""Which answer a request gets by the region that it was signed for and the region of the bucket.

Decided in docs/decisions/0001-s3-regions.md. Every request arrives at one address, so the region of the credential scope
stands for the endpoint that a client would have used on AWS. There a bucket's own name in the host leads to the bucket's
region, whatever the signature says; a path leads to the endpoint's region. SDKs follow both answers by themselves.
"""

from __future__ import annotations

import re

from slipher.base.errors import AwsError

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
# (operation, or * for all others; address: path or host) -> answer when the scope's region is not the bucket's
ANSWERS: dict[tuple[str, str], int] = {
    ("GetBucketLocation", "path"): 200,  # answered anywhere: that is what it is for
    ("GetBucketLocation", "host"): 200,
    ("HeadBucket", "path"): 301,  # no body: the header tells the region
    ("HeadBucket", "host"): 400,
    ("*", "path"): 301,
    ("*", "host"): 400,
}
REDIRECT = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. "
    "Please send all future requests to this endpoint."
)


def answer(operation: str, address: str, scope_region: str | None, bucket_region: str) -> int:
    """200, 301 or 400. A request that is not signed (scope None) names no region: it is at the right place."""
    if scope_region is None or scope_region == bucket_region:
        return 200
    if not REGION.fullmatch(scope_region):
        return 400
    return ANSWERS.get((operation, address), ANSWERS["*", address])


def check(operation: str, address: str, scope_region: str | None, bucket: str, bucket_region: str) -> None:
    """Raise the redirect or the refusal, if that is the answer."""
    status = answer(operation, address, scope_region, bucket_region)
    headers = {"x-amz-bucket-region": bucket_region}
    if status == 301:
        endpoint = f"{bucket}.s3.{bucket_region}.amazonaws.com"
        raise AwsError(
            "PermanentRedirect", REDIRECT, 301, extra={"Endpoint": endpoint, "Bucket": bucket}, headers=headers
        )
    if status == 400:
        raise AwsError(
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; the region '{scope_region}' is wrong; expecting '{bucket_region}'",
            extra={"Region": bucket_region},
            headers=headers,
        )
