"""Identifiers in the shapes that AWS gives them. Those of requests are no secrets, and need not be hard to guess."""

from __future__ import annotations

import base64
import random
import secrets
import uuid

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def request_id() -> str:
    """A request id as query and JSON services return it: a UUID."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def s3_request_id() -> str:
    """S3's x-amz-request-id: 16 upper-case characters."""
    return f"{random.getrandbits(64):016X}"


def s3_extended_id() -> str:
    """S3's x-amz-id-2: base64 of random bytes."""
    return base64.b64encode(random.randbytes(48)).decode()


def unique_id(prefix: str) -> str:
    """An IAM unique id: a 4-letter prefix (AROA, AIDA, AKIA, ASIA, ANPA) and 17 characters more."""
    return prefix + "".join(secrets.choice(_UPPER) for _ in range(17))


def secret_key() -> str:
    """A secret access key: 40 characters of AWS's alphabet."""
    return base64.b64encode(secrets.token_bytes(30)).decode()
