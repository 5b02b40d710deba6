"""The credentials of a COPY or UNLOAD: a role's, asked of the gateway and renewed as needed, or the user's own keys."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import orjson
import urllib3

from slipher.aws.sigv4 import Credentials
from slipher.base.errors import SqlError, engine_error, not_supported
from slipher.sql.statements.authorization import Authorization

if TYPE_CHECKING:
    from slipher.warehouse.context import Warehouse
    from slipher.warehouse.statement import CancelToken

RENEW = timedelta(minutes=5)  # before they expire; of credentials that live shortly, a quarter of their life
LOCATION = "xen_aws_credentials_mgr.cpp:450"
FEDERATED = ("SESSION",)  # the roles of IAM_ROLE 'SESSION'
NOT_FEDERATED = "Current user is not authenticated with IAM credentials"
FEDERATED_HINT = (
    "IAM_ROLE 'SESSION' needs a login with what GetClusterCredentialsWithIAM gives, or the Data API without DbUser."
)


class Provider(Protocol):
    """Gives the credentials to sign a request with, from any thread."""

    def __call__(self, expired: Credentials | None = None) -> Credentials:
        """Those that are good now. `expired`: those that a service has just called expired; the same come back if there are no
        others."""
        ...


class _Own:
    """The user's own keys: when they expire, nobody can renew them."""

    def __init__(self, given: Credentials) -> None:
        self._given = given

    def __call__(self, expired: Credentials | None = None) -> Credentials:
        return self._given


def provider(
    warehouse: Warehouse,
    user: str,
    authorization: Authorization,
    cancel: CancelToken,
    identity: str | None = None,
    service: str = "s3",
) -> Provider:
    """What gives current credentials. A role is assumed now, so that its refusal is the statement's first error. `identity` is
    the ticket of the IAM identity that opened the session, whose rights IAM_ROLE 'SESSION' means; `service` is where they are
    used."""
    if authorization.master_symmetric_key:
        raise not_supported("client-side encryption (master_symmetric_key)")
    if not authorization.roles:
        token = authorization.session_token or None
        return _Own(Credentials(authorization.access_key_id, authorization.secret_access_key, token))
    if authorization.roles == FEDERATED and identity is None:
        raise engine_error(NOT_FEDERATED, context="IAM Role=SESSION", location=LOCATION, hint=FEDERATED_HINT)
    return _Role(warehouse, user, authorization.roles, cancel, identity, service)


class _Role:
    """A role chain's credentials, renewed before they expire; safe from several threads."""

    def __init__(
        self,
        warehouse: Warehouse,
        user: str,
        roles: tuple[str, ...],
        cancel: CancelToken,
        identity: str | None,
        service: str,
    ) -> None:
        self._service = service
        self._warehouse, self._user, self._roles, self._cancel = warehouse, user, roles, cancel
        self._identity = identity if roles == FEDERATED else None
        self._lock = threading.Lock()
        self._current, self._renew_at = self._assume()

    def __call__(self, expired: Credentials | None = None) -> Credentials:
        with self._lock:
            if self._current is expired or self._warehouse.clock.now() >= self._renew_at:
                self._current, self._renew_at = self._assume()
            return self._current

    def _assume(self) -> tuple[Credentials, datetime]:
        """New credentials, and when they should be replaced."""
        now = self._warehouse.clock.now()
        config = self._warehouse.config
        body = {
            "cluster_arn": config.cluster_arn,
            "secret": config.secret,
            "user": self._user,
            "roles": list(self._roles),
            "seconds": config.role_seconds,
            "identity": self._identity,
            "service": self._service,
        }
        response = self._post(orjson.dumps(body))
        answer = orjson.loads(response.data)
        if response.status != 200:
            raise self._refused(answer)
        made = Credentials(answer["access_key_id"], answer["secret_access_key"], answer["session_token"])
        expires = datetime.fromisoformat(answer["expiration"])
        return made, expires - min(RENEW, (expires - now) / 4)

    def _post(self, body: bytes) -> urllib3.BaseHTTPResponse:
        gateway = self._warehouse.config.gateway
        url = f"{gateway.url}/_slipher/assume-for-cluster"
        waits = (0.1, 0.5, 1.0, 2.0, 3.0)
        for wait in (*waits, None):
            self._cancel.check()
            try:
                response = gateway.request(
                    "POST", url, body=body, headers={"content-type": "application/json"}, timeout=30
                )
                if response.status < 500:
                    return response
            except urllib3.exceptions.HTTPError:
                pass
            if wait is None:
                break
            threading.Event().wait(wait)
        raise engine_error("Unable to reach the credentials service", code=30000, location=LOCATION)

    def _refused(self, answer: dict[str, object]) -> SqlError:
        """Redshift's text for a role that it may not use; the reason is the hint."""
        config = self._warehouse.config
        role = ",".join(self._roles)
        reasons = answer.get("reasons")
        hint = "; ".join(str(one) for one in reasons) if isinstance(reasons, list) else None
        who = f"arn:aws:redshift:{config.region}:{config.account}:dbuser:{config.cluster_id}/{self._user}"
        failed = str(answer.get("role") or role)
        shown = role if failed not in self._roles else failed
        text = f"User {who} is not authorized to assume IAM Role {shown}"
        return engine_error(text, context=f"IAM Role={shown}", location=LOCATION, hint=hint)
