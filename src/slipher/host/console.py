"""`slipher console`: a link that signs a browser in, made as AWS's own federation scripts make one.

Temporary credentials (GetFederationToken for the administrator, AssumeRole for a role), then a token for them from the
federation endpoint, then a link with the token. Secrets travel in request bodies only; the link works once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import botocore.config
import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from slipher.aws.clients import plain_session
from slipher.host.datadir import StartError

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SESSION_NAME = "console"


def link(values: Mapping[str, str], role: str | None = None, region: str | None = None, page: str = "/") -> str:
    """A link into the console of the instance whose environment `values` is. `role` is a role's name or ARN.

    Raises StartError with the reason where the instance refuses.
    """
    endpoint = values["AWS_ENDPOINT_URL"]
    try:
        session = _temporary(_sts(values), values["SLIPHER_ACCOUNT_ID"], role)
    except (ClientError, BotoCoreError) as error:
        raise StartError(f"no credentials for the console: {error}") from None
    form = {"Action": "getSigninToken", "Session": json.dumps(session)}
    pool = urllib3.PoolManager(retries=False)
    answer = pool.request("POST", f"{endpoint}/federation", fields=form, encode_multipart=False)
    if answer.status != 200:
        raise StartError(f"no link to the console: {answer.data.decode('utf-8', 'replace').strip()}")
    destination = f"{endpoint}/console{page}"
    if region:
        destination += ("&" if "?" in page else "?") + urlencode({"region": region})
    query = {
        "Action": "login",
        "Issuer": "slipher",
        "Destination": destination,
        "SigninToken": answer.json()["SigninToken"],
    }
    return f"{endpoint}/federation?{urlencode(query)}"


def _sts(values: Mapping[str, str]) -> Any:
    return plain_session().create_client(
        "sts",
        region_name=values["AWS_DEFAULT_REGION"],
        endpoint_url=values["AWS_ENDPOINT_URL"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(proxies={}),
    )


def _temporary(sts: Any, account: str, role: str | None) -> dict[str, str]:
    """Temporary credentials, as the federation endpoint takes them."""
    if role is not None:
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
        made = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION_NAME)
    else:
        name = sts.get_caller_identity()["Arn"].rpartition("/")[2][:32]
        made = sts.get_federation_token(Name=name, Policy=json.dumps(EVERYTHING))
    keys = made["Credentials"]
    return {
        "sessionId": keys["AccessKeyId"],
        "sessionKey": keys["SecretAccessKey"],
        "sessionToken": keys["SessionToken"],
    }
