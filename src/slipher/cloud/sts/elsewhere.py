"""A cluster's role where S3 or DynamoDB are AWS's own: it is assumed at STS there, with the operator's credentials.

Those come as for any of AWS's tools: the environment of `slipher up`, or a profile. A host cannot be the service
redshift.amazonaws.com, so the role must trust the operator's principal besides; the ExternalId is what Redshift sends.
"""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import urllib3

from slipher.aws.sigv4 import Credentials, sign
from slipher.base.places import filled
from slipher.cloud.context import Gateway

POOL = urllib3.PoolManager(maxsize=4, retries=False, timeout=urllib3.Timeout(connect=10, read=30))
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SHORTEST = 900  # seconds that STS gives credentials for
_LOCK = threading.Lock()


class NotAssumed(Exception):
    """Why there are no credentials: `role` is the one that was refused."""

    def __init__(self, role: str, reason: str) -> None:
        super().__init__(reason)
        self.role, self.reason = role, reason


def operator(gateway: Gateway) -> Credentials | None:
    """The operator's credentials, renewed where they are temporary."""
    import botocore.exceptions
    import botocore.session

    with _LOCK:
        if "operator" not in gateway.running:
            profile = gateway.settings.aws_profile
            try:
                gateway.running["operator"] = botocore.session.Session(profile=profile).get_credentials()
            except botocore.exceptions.BotoCoreError:
                return None
        found = gateway.running["operator"]
        if found is None:
            del gateway.running["operator"]  # they may be there next time
            return None
        try:
            frozen = found.get_frozen_credentials()
        except botocore.exceptions.BotoCoreError:
            return None
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def assume(
    gateway: Gateway, region: str, chain: list[str], session: str, external: str, seconds: int
) -> dict[str, Any]:
    """The credentials of the last role of a chain, each assumed with those of the one before."""
    credentials = operator(gateway)
    if credentials is None:
        raise NotAssumed(
            chain[0],
            "there are no AWS credentials to assume the role with: give them to `slipher up` in its environment, or by "
            "--aws-profile",
        )
    found: dict[str, Any] = {}
    for number, role in enumerate(chain):
        asked = {"RoleArn": role, "RoleSessionName": session, "DurationSeconds": str(max(seconds, SHORTEST))}
        if number == 0:
            asked["ExternalId"] = external
        found = _assume(gateway, region, role, asked, credentials, external if number == 0 else "")
        credentials = Credentials(found["access_key_id"], found["secret_access_key"], found["session_token"])
    return found | {"role": chain[-1]}


def _assume(
    gateway: Gateway, region: str, role: str, asked: dict[str, str], credentials: Credentials, external: str
) -> dict[str, Any]:
    url = filled(gateway.settings.sts_url, region) + "/"
    body = urlencode({"Action": "AssumeRole", "Version": "2011-06-15", **asked}).encode()
    headers = {"content-type": FORM}
    signed = sign("POST", url, headers, sha256(body).hexdigest(), credentials, "sts", region, datetime.now(UTC))
    try:
        response = POOL.request("POST", url, body=body, headers=signed, redirect=False)
        answer = {one.tag.rpartition("}")[2]: one.text or "" for one in ET.fromstring(response.data).iter()}
    except (urllib3.exceptions.HTTPError, ET.ParseError) as error:
        raise NotAssumed(role, f"STS at {url} does not answer ({type(error).__name__})") from None
    if response.status != 200:
        reason = f"STS says {answer.get('Code')}: {answer.get('Message')}"
        if answer.get("Code") == "AccessDenied" and external:
            reason += (
                "; only AWS's own machines are redshift.amazonaws.com: let the role's trust policy also allow "
                f"sts:AssumeRole to that principal, with sts:ExternalId {external}"
            )
        raise NotAssumed(role, reason)
    return {
        "access_key_id": answer["AccessKeyId"],
        "secret_access_key": answer["SecretAccessKey"],
        "session_token": answer["SessionToken"],
        "expiration": answer["Expiration"].replace("Z", "+00:00"),
    }
