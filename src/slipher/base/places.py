"""Where services are that can be elsewhere: here (`embedded`), at AWS (`aws`), or at what stands for AWS (`aws:URL`)."""

from __future__ import annotations

from urllib.parse import urlsplit

EMBEDDED, AWS = "embedded", "aws"
REGIONAL = {
    "s3": "https://{bucket}.s3.{region}.{suffix}",
    "dynamodb": "https://dynamodb.{region}.{suffix}",
    "sts": "https://sts.{region}.{suffix}",
}
SUFFIX, CHINA = "amazonaws.com", "amazonaws.com.cn"


def url_of(service: str, setting: str) -> str | None:
    """The URL that a setting means, with {region}, {suffix} and {bucket} to be filled in; None: embedded.

    ValueError, with words for people, for what is no setting.
    """
    if setting == EMBEDDED:
        return None
    if setting == AWS:
        return REGIONAL[service]
    kind, _, url = setting.partition(":")
    place = urlsplit(url)
    if kind != AWS or place.scheme not in ("http", "https") or not place.hostname:
        raise ValueError(f"{service} is {EMBEDDED}, {AWS} or {AWS}:URL, not {setting}")
    return url.rstrip("/")


def filled(url: str, region: str) -> str:
    """A URL in a region."""
    suffix = CHINA if region.startswith("cn-") else SUFFIX
    return url.replace("{region}", region).replace("{suffix}", suffix).rstrip("/")
