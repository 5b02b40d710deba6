"""A request that AWS itself makes under a role that trusts it: signed with credentials of the role, decided as anybody's is."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping

from slipher.aws.serialize import Response
from slipher.aws.sigv4 import Credentials, sign
from slipher.cloud.call import HttpFacts
from slipher.cloud.context import Gateway
from slipher.cloud.handle import Exchange
from slipher.cloud.sts.sessions import issue

SECONDS = 3600


async def ask(
    gateway: Gateway,
    account: str,
    region: str,
    role: str,
    session: str,
    service: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Response:
    """The answer to a POST to a service by a session of a role (its name)."""

    def signed() -> dict[str, str]:
        now = gateway.now()
        with gateway.transaction() as db:
            made = issue(db, now, SECONDS, account=account, kind="role", name=role, session_name=session)
        keys = Credentials(made.access_key_id, made.secret_access_key, made.session_token)
        hashed = hashlib.sha256(body).hexdigest()
        return sign("POST", gateway.url + "/", dict(headers), hashed, keys, service, region, gateway.clock.now())

    async def whole() -> AsyncIterator[bytes]:
        yield body

    http = HttpFacts("POST", "/", {}, await asyncio.to_thread(signed), "https", "127.0.0.1")
    response, _ = await Exchange(gateway, http, "", whole()).answer()
    return response
