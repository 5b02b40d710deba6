"""Which answer a request gets by the region that it was signed for and the region of the bucket.

Decided from S3's documentation ("Regions and endpoints", "Request redirection", "Troubleshooting") and observed errors: a
regional endpoint that does not hold the bucket answers 301 PermanentRedirect with the bucket's region in x-amz-bucket-region;
the global endpoint (signed for us-east-1) answers requests on buckets elsewhere with 400 AuthorizationHeaderMalformed when
signed for the wrong region. Here every request arrives at one address, so the region of the credential scope stands for
the endpoint: the SDKs follow both answers to the bucket's region by themselves.
"""

from __future__ import annotations

from slipher.base.errors import AwsError

# (operation, or * for all others) -> answer when the scope's region is not the bucket's
ANSWERS: dict[str, int] = {
    "GetBucketLocation": 200,  # answered anywhere: that is what it is for
    "HeadBucket": 301,  # no body: only the header tells the region
    "*": 301,
}
MESSAGE = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. "
    "Please send all future requests to this endpoint."
)


def check(operation: str, scope_region: str, bucket: str, bucket_region: str) -> None:
    """Raise the redirect if a request is signed for another region than the bucket's."""
    if scope_region == bucket_region or ANSWERS.get(operation, ANSWERS["*"]) == 200:
        return
    raise AwsError(
        "PermanentRedirect",
        MESSAGE,
        301,
        extra={"Endpoint": f"{bucket}.s3.{bucket_region}.amazonaws.com", "Bucket": bucket},
        headers={"x-amz-bucket-region": bucket_region},
    )
